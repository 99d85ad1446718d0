"""Categories as learned vectors."""

from typing import Any

import numpy as np

from gatecast.errors import DtypeError, InputError
from gatecast.kernels.contract import Array
from gatecast.nn.init import Normal
from gatecast.nn.module import Module
from gatecast.nn.validation import check_size


class Embedding(Module):
    """One learned vector a category: y = W[x], for whole numbers x in [0, categories).

    Parameters
    ----------
    categories, size : int
    dtype : float32 or float64
    seed : int or numpy.random.Generator

    Examples
    --------
    >>> import numpy as np
    >>> from gatecast import nn
    >>> nn.Embedding(7, 3)(np.array([0, 6, 6])).shape
    (3, 3)
    """

    def __init__(
        self,
        categories: int,
        size: int,
        *,
        dtype: Any = np.float32,
        seed: int | np.random.Generator = 0,
    ) -> None:
        super().__init__(dtype, seed)
        self.categories = check_size("categories", categories)
        self.size = check_size("size", size)
        self.add_parameter("weight", (self.categories, self.size), Normal(1.0))
        self._sealed()

    def forward(
        self,
        x: Array,
        state: Any = None,
        lengths: Array | None = None,
        training: bool = False,
        rng: np.random.Generator | None = None,
    ) -> tuple[Array, None, Array]:
        """x (...) of whole numbers -> y (..., size); saves x."""
        self._check(x)
        return self._parameters["weight"].value[x], None, x

    def _check(self, x: Any) -> None:
        if not isinstance(x, np.ndarray) or x.dtype.kind not in "iu":
            found = x.dtype if isinstance(x, np.ndarray) else type(x).__name__
            raise DtypeError(f"x must be an array of whole numbers (the categories), it is {found}")
        if x.size and not 0 <= int(x.min()) <= int(x.max()) < self.categories:
            raise InputError(
                f"x must lie in 0 … {self.categories - 1}, the categories; "
                f"it reaches from {x.min()} to {x.max()}"
            )

    def backward(
        self, saved: Array, dy: Array | None, dstate: Any = None, *, need_dx: bool = True
    ) -> tuple[None, None]:
        """Each vector's gradient is the sum over the places where it stood; there is no dx."""
        if dy is not None:
            rows = dy.reshape(-1, self.size)
            np.add.at(self._parameters["weight"].grad, saved.reshape(-1), rows)
        return None, None

    def describe(self) -> str:
        """Sizes."""
        return f"{self.categories}, {self.size}"
