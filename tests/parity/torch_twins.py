"""Running one of our networks and its PyTorch twin on the same numbers."""

from typing import Any

import numpy as np
import torch
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from gatecast.kernels.contract import Array
from gatecast.nn.module import Module


def tensor(array: Array, *, learned: bool = False) -> torch.Tensor:
    """A tensor with a memory of its own; ``learned`` ones get a gradient."""
    return torch.tensor(np.ascontiguousarray(array), requires_grad=learned)


def load_into(twin: torch.nn.Module, net: Module) -> None:
    """Our parameters into the twin, by name and without a permutation."""
    twin.load_state_dict({name: tensor(value) for name, value in net.state_dict().items()})


def as_list(state: Any) -> list[Any]:
    """States as a list: [h] or [h, c]."""
    return list(state) if isinstance(state, tuple) else [state]


def as_state(parts: list[Any]) -> Any:
    """The inverse of :func:`as_list`; None where there is nothing."""
    if not parts:
        return None
    return parts[0] if len(parts) == 1 else tuple(parts)


def run_ours(
    net: Module,
    x: Array,
    initial: list[Array],
    lengths: Array | None,
    weighting: list[Array],
) -> dict[str, Array]:
    """Outputs, final states, and all gradients of Σ weighting · (outputs and final states)."""
    net.zero_grad()
    y, final, saved = net.forward(x, as_state(initial), lengths)
    dy, *dfinal = weighting
    dx, dinitial = net.backward(saved, dy, as_state(dfinal))
    assert dx is not None
    found = {"y": y, "dx": dx}
    found |= {f"final {i}": part for i, part in enumerate(as_list(final))}
    if initial:
        found |= {f"dinitial {i}": part for i, part in enumerate(as_list(dinitial))}
    return found | net.gradients()


def run_twin(
    twin: torch.nn.Module,
    x: Array,
    initial: list[Array],
    lengths: Array | None,
    weighting: list[Array],
) -> dict[str, Array]:
    """The same of PyTorch, ragged batches packed."""
    inputs = tensor(x, learned=True)
    states = [tensor(part, learned=True) for part in initial]
    flow = inputs
    if lengths is not None:
        flow = pack_padded_sequence(inputs, lengths, batch_first=True, enforce_sorted=False)
    y, final = twin(flow, as_state(states))
    if lengths is not None:
        y, _ = pad_packed_sequence(y, batch_first=True, total_length=x.shape[1])
    ends = as_list(final)
    total = sum(
        ((tensor(w) * part).sum() for w, part in zip(weighting, [y, *ends], strict=True)),
        start=torch.zeros((), dtype=inputs.dtype),
    )
    total.backward()
    found = {"y": y.detach(), "dx": inputs.grad}
    found |= {f"final {i}": part.detach() for i, part in enumerate(ends)}
    found |= {f"dinitial {i}": part.grad for i, part in enumerate(states)}
    found |= {name: parameter.grad for name, parameter in twin.named_parameters()}
    return {name: value.numpy() for name, value in found.items()}
