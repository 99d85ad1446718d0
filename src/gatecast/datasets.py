"""The reference data."""

import numpy as np
import numpy.typing as npt

from gatecast.errors import InputError

#: how the ten thousand waves are split: the first rows train, the next validate, the last test
WAVES_SPLIT = (7000, 2000, 1000)


def make_waves(
    seed: int = 0, *, horizon: int = 1, steps: int = 50, series: int = 10_000
) -> npt.NDArray[np.float64]:
    """Noisy sums of two sine waves, each row a series with its own frequencies and offsets.

    0.5·sin((t - o1)(10·f1 + 10)) + 0.2·sin((t - o2)(20·f2 + 20)) + 0.1·(u - 0.5), where t is
    evenly spaced in [0, 1] over the row and f1, f2, o1, o2 (one a series) and u (one a point)
    are uniform in [0, 1], drawn in that order.

    Parameters
    ----------
    seed : int
    horizon : int
        Values to forecast, after the first ``steps``.
    steps : int
    series : int

    Returns
    -------
    (series, steps + horizon) array

    Examples
    --------
    >>> waves = make_waves(seed=0)
    >>> waves.shape
    (10000, 51)
    >>> test = waves[9000:]
    >>> print(f"naive forecast: {((test[:, 50] - test[:, 49]) ** 2).mean():.4f}")
    naive forecast: 0.0226
    """
    for name, value in (("horizon", horizon), ("steps", steps), ("series", series)):
        if isinstance(value, bool) or not isinstance(value, int) or value < 1:
            raise InputError(f"{name} must be a whole number >= 1, it is {value!r}")
    rng = np.random.default_rng(seed)
    f1, f2, o1, o2 = rng.random((4, series, 1))
    t = np.linspace(0, 1, steps + horizon)
    waves: npt.NDArray[np.float64] = 0.5 * np.sin((t - o1) * (f1 * 10 + 10)) + 0.2 * np.sin(
        (t - o2) * (f2 * 20 + 20)
    )
    waves += 0.1 * (rng.random(waves.shape) - 0.5)
    return waves
