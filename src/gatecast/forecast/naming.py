"""Arrays of several owners in one file: each name begins with its owner's."""

from collections.abc import Mapping

from gatecast.forecast.history import Array


def prefixed(owner: object, arrays: Mapping[str, Array]) -> dict[str, Array]:
    """The arrays of one owner, by names that no other's have.

    Examples
    --------
    >>> import numpy as np
    >>> list(prefixed(0, {"weight": np.ones(2)}))
    ['0.weight']
    """
    return {f"{owner}.{name}": array for name, array in arrays.items()}


def owned(owner: object, arrays: Mapping[str, Array]) -> dict[str, Array]:
    """Of the arrays of all, those of one owner, by its own names.

    Examples
    --------
    >>> import numpy as np
    >>> list(owned(1, {"1.weight": np.ones(2), "10.bias": np.ones(2)}))
    ['weight']
    """
    start = f"{owner}."
    return {name[len(start) :]: array for name, array in arrays.items() if name.startswith(start)}
