"""How parameters are drawn: PyTorch's defaults, and Keras's (Glorot, orthogonal, forget bias 1)."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from gatecast.errors import InputError
from gatecast.kernels.contract import Array

SCHEMES = ("pytorch", "keras")


class Initialiser(Protocol):
    """Draws one array; small, immutable and picklable."""

    def __call__(self, rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
        """Draw in float64; the parameter's dtype is set by its module."""
        ...


@dataclass(frozen=True)
class Constant:
    """Every entry is ``value``."""

    value: float

    def __call__(self, rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
        return np.full(shape, self.value)


@dataclass(frozen=True)
class Uniform:
    """Uniform in [-bound, bound]: PyTorch's default, with bound = 1/√hidden or 1/√inputs."""

    bound: float

    def __call__(self, rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
        return rng.uniform(-self.bound, self.bound, shape)


@dataclass(frozen=True)
class Normal:
    """Normal with mean 0."""

    deviation: float

    def __call__(self, rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
        return rng.normal(0.0, self.deviation, shape)


@dataclass(frozen=True)
class Glorot:
    """Uniform with the bound √(6 / (fan in + fan out)) (Glorot, Bengio 2010).

    The array is (outputs, inputs, ...): further axes, a convolution's taps, count to both fans.
    """

    def __call__(self, rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
        taps = int(np.prod(shape[2:]))
        bound = np.sqrt(6.0 / max(1, (shape[0] + shape[1]) * taps))
        return rng.uniform(-bound, bound, shape)


@dataclass(frozen=True)
class Orthogonal:
    """Orthonormal columns of an (outputs, inputs) array (rows, where it is wider than tall)."""

    def __call__(self, rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
        tall = (max(shape), min(shape))
        q, r = np.linalg.qr(rng.normal(size=tall))
        q *= np.where(np.diag(r) < 0, -1.0, 1.0)  # without this, qr's signs are not uniform
        return q if shape == tall else np.ascontiguousarray(q.T)


@dataclass(frozen=True)
class ForgetBias:
    """Zeros, and ``value`` at the LSTM's forget gate, the second of its four (Gers 2000)."""

    value: float = 1.0

    def __call__(self, rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
        bias = np.zeros(shape)
        hidden = shape[0] // 4
        bias[hidden : 2 * hidden] = self.value
        return bias


def check_scheme(name: str) -> str:
    """Refuse an initialisation that does not exist."""
    if name not in SCHEMES:
        raise InputError(f"init must be one of {', '.join(map(repr, SCHEMES))}, it is {name!r}")
    return name


def make_generator(seed: int | np.random.Generator, name: str = "seed") -> np.random.Generator:
    """The one generator of a run: made from a seed, or passed on as it is.

    Examples
    --------
    >>> bool(make_generator(3).random() == make_generator(3).random())
    True
    """
    if isinstance(seed, np.random.Generator):
        return seed
    if isinstance(seed, bool) or not isinstance(seed, int | np.integer) or seed < 0:
        raise InputError(f"{name} must be a whole number >= 0 or a Generator, it is {seed!r}")
    return np.random.default_rng(int(seed))
