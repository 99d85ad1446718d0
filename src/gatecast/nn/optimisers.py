"""Optimisers: SGD, Adam, AdamW and RMSprop, each by PyTorch's formula.

Their arithmetic is the kernels' (``kernels/reference/vector.py``), what they share is in
``optimiser_base.py``.
"""

from typing import Any, ClassVar

from gatecast.errors import InputError
from gatecast.kernels import select
from gatecast.kernels.contract import Array
from gatecast.nn.optimiser_base import Optimiser, check_number
from gatecast.nn.validation import check_rate


class SGD(Optimiser):
    """Gradient descent with momentum: v ← μv + g, θ ← θ - lr·v.

    Parameters
    ----------
    lr : float
    momentum : float
        In [0, 1).
    nesterov : bool
        Look ahead; needs momentum.
    weight_decay : float

    Examples
    --------
    >>> from gatecast import nn
    >>> net, optimiser = nn.Linear(1, 1), SGD(lr=0.1)
    >>> net.flat[:], net.flat_grad[:] = 1.0, 2.0
    >>> optimiser.step(net)
    >>> net.flat.round(4)
    array([0.8, 0.8], dtype=float32)
    """

    _options = ("momentum", "nesterov", "weight_decay")
    _all_vectors = ("velocity",)

    def __init__(
        self,
        lr: float = 1e-3,
        momentum: float = 0.0,
        nesterov: bool = False,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(lr)
        self.momentum = check_rate("momentum", momentum)
        self.nesterov = bool(nesterov)
        self.weight_decay = check_number("weight_decay", weight_decay)
        if self.nesterov and not self.momentum:
            raise InputError("nesterov=True needs momentum > 0, it is 0; 0.9 is usual")

    def _names(self) -> tuple[str, ...]:
        return self._all_vectors if self.momentum else ()

    def _update(self, values: Array, grads: Array, vectors: tuple[Any, ...], step: int) -> None:
        select.active().sgd_step(
            values, grads, *vectors, learning_rate=self._lr, momentum=self.momentum,
            nesterov=self.nesterov, weight_decay=self.weight_decay,
        )  # fmt: skip


class Adam(Optimiser):
    """Adam (Kingma, Ba 2015); weight decay acts through the gradient.

    m ← β₁m + (1-β₁)g,  v ← β₂v + (1-β₂)g²,  θ ← θ - lr · m̂ / (√v̂ + ε), where m̂ and v̂ are
    m / (1-β₁ᵗ) and v / (1-β₂ᵗ) at the step t.

    Parameters
    ----------
    lr : float
    betas : (float, float)
        Of the running means of the gradient and of its square, each in [0, 1).
    eps : float
    weight_decay : float

    Examples
    --------
    >>> from gatecast import nn
    >>> net, optimiser = nn.Linear(1, 1), Adam(lr=0.1)
    >>> net.flat[:], net.flat_grad[:] = 1.0, 2.0
    >>> optimiser.step(net)
    >>> net.flat.round(4)
    array([0.9, 0.9], dtype=float32)
    """

    _options = ("betas", "eps", "weight_decay")
    _all_vectors = ("m", "v")
    _decoupled: ClassVar[bool] = False

    def __init__(
        self,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(lr)
        if not isinstance(betas, tuple | list) or len(betas) != 2:
            raise InputError(f"betas must be two numbers in [0, 1), it is {betas!r}")
        self.betas = (check_rate("betas[0]", betas[0]), check_rate("betas[1]", betas[1]))
        self.eps = check_number("eps", eps, positive=True)
        self.weight_decay = check_number("weight_decay", weight_decay)

    def _update(self, values: Array, grads: Array, vectors: tuple[Any, ...], step: int) -> None:
        beta1, beta2 = self.betas
        select.active().adam_step(
            values, grads, *vectors, learning_rate=self._lr, beta1=beta1, beta2=beta2,
            epsilon=self.eps, correction1=1 - beta1**step, correction2=1 - beta2**step,
            weight_decay=self.weight_decay, decoupled=self._decoupled,
        )  # fmt: skip


class AdamW(Adam):
    """Adam whose weight decay shrinks the parameters directly (Loshchilov, Hutter 2019).

    Parameters
    ----------
    lr, betas, eps
        As in :class:`Adam`.
    weight_decay : float

    Examples
    --------
    >>> AdamW()
    AdamW(lr=0.001, betas=(0.9, 0.999), eps=1e-08, weight_decay=0.01)
    """

    _decoupled = True

    def __init__(
        self,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 1e-2,
    ) -> None:
        super().__init__(lr, betas, eps, weight_decay)


class RMSprop(Optimiser):
    """RMSprop (Tieleman, Hinton 2012): s ← αs + (1-α)g², θ ← θ - lr · g / (√s + ε).

    Parameters
    ----------
    lr : float
    alpha : float
        Of the running mean of the squared gradient, in [0, 1).
    eps : float
    momentum : float
        In [0, 1).
    weight_decay : float
    centered : bool
        Divide by the standard deviation of the gradient instead of its root mean square.

    Examples
    --------
    >>> RMSprop(momentum=0.9)
    RMSprop(lr=0.01, alpha=0.99, eps=1e-08, momentum=0.9, weight_decay=0.0, centered=False)
    """

    _options = ("alpha", "eps", "momentum", "weight_decay", "centered")
    _all_vectors = ("square", "mean", "velocity")

    def __init__(
        self,
        lr: float = 1e-2,
        alpha: float = 0.99,
        eps: float = 1e-8,
        momentum: float = 0.0,
        weight_decay: float = 0.0,
        centered: bool = False,
    ) -> None:
        super().__init__(lr)
        self.alpha = check_rate("alpha", alpha)
        self.eps = check_number("eps", eps, positive=True)
        self.momentum = check_rate("momentum", momentum)
        self.weight_decay = check_number("weight_decay", weight_decay)
        self.centered = bool(centered)

    def _names(self) -> tuple[str, ...]:
        mean = ("mean",) if self.centered else ()
        return ("square", *mean, *(("velocity",) if self.momentum else ()))

    def _update(self, values: Array, grads: Array, vectors: tuple[Any, ...], step: int) -> None:
        select.active().rmsprop_step(
            values, grads, *vectors, learning_rate=self._lr, alpha=self.alpha, epsilon=self.eps,
            momentum=self.momentum, weight_decay=self.weight_decay,
        )  # fmt: skip
