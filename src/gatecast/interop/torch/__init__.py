"""The peer: a PyTorch network with our initial weights, trained on our batches.

``Twin(net)`` copies a network; ``twin.fit`` takes what ``train.fit`` takes and draws the same
numbers from the same seed, so both see the same batches, in the same order, with the same dropout
masks.  What differs after that is the arithmetic alone.
"""

from gatecast.errors import MissingDependencyError

try:
    import torch as _torch  # noqa: F401  (asked for first, so that its absence is told well)
except ImportError as error:
    raise MissingDependencyError(
        "PyTorch is not installed, and the peer runs on it; pip install 'gatecast[torch]'"
    ) from error

from gatecast.interop.torch.twin import Twin

__all__ = ["Twin"]
