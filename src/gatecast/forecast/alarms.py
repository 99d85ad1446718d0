"""When forecasts are flat, or the last value with a lag: what a reader must not overlook."""

from collections.abc import Sequence

import numpy as np

from gatecast.forecast.history import Array

FLAT = 0.01  # of the truth's variance
SAME_SKILL = 0.05  # skill against the last value that counts as none


def flat_words(truth: Array, forecasts: Sequence[Array]) -> str | None:
    """What to say where forecasts hardly move and the truth does.

    Parameters
    ----------
    truth : (n, horizon) array
    forecasts : sequence of (n, horizon) arrays
        Of several trainings: half of them must be flat.

    Examples
    --------
    >>> truth = np.array([[1.0], [3.0], [2.0]])
    >>> print(flat_words(truth, [np.full((3, 1), 2.0)]))
    its forecasts hardly move: their variance is 0.00 % of the truth's, so it has learned little
    more than a mean
    """
    of_truth = float(truth.var(axis=0).mean())
    share = float(np.median([f.var(axis=0).mean() for f in forecasts])) / (of_truth or 1.0)
    if of_truth == 0 or share >= FLAT:
        return None
    return (
        f"its forecasts hardly move: their variance is {100 * share:.2f} % of the truth's, so it "
        "has learned little more than a mean"
    )


def lag_words(truth: Array, last: Array, forecasts: Sequence[Array]) -> str | None:
    """What to say where forecasts one step ahead are the last value again.

    Parameters
    ----------
    truth, last : (n,) arrays
        The values one step ahead, and those before them.
    forecasts : sequence of (n,) arrays
        Of several trainings: their mean is looked at.

    Examples
    --------
    >>> last = np.array([1.0, 2.0, 4.0, 3.0])
    >>> lag_words(np.array([2.0, 4.0, 3.0, 5.0]), last, [last]) is None
    False
    """
    error = float(np.mean((truth - last) ** 2))
    if error == 0:
        return None
    skill = 1 - float(np.mean([np.mean((truth - f) ** 2) for f in forecasts])) / error
    forecast = np.mean(forecasts, axis=0)
    with_last, with_truth = _correlation(forecast, last), _correlation(forecast, truth)
    if with_last <= with_truth or abs(skill) >= SAME_SKILL:
        return None
    return (
        f"it repeats the last value with a lag: one step ahead its forecasts correlate "
        f"{with_last:.3f} with the value before and {with_truth:.3f} with the truth, and their "
        f"skill against the last value is {100 * skill:+.1f} %"
    )


def _correlation(first: Array, second: Array) -> float:
    if first.std() == 0 or second.std() == 0:
        return 0.0
    return float(np.corrcoef(first, second)[0, 1])
