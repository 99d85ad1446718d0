"""What a recipe leaves open, chosen from the data: look-back, segment, number of updates."""

import numpy as np

from gatecast.forecast.history import Array
from gatecast.forecast.recipe import Recipe

SEASONS = 3  # that a look-back holds where seasons are short
LEAST_WINDOW, LONGEST_WINDOW = 8, 400


def choose_window(lengths: Array, horizon: int, period: int) -> int:
    """The look-back: some seasons or twice the horizon, and no more than the series give.

    Examples
    --------
    >>> choose_window(np.array([400]), horizon=12, period=12)
    36
    >>> choose_window(np.array([30, 30]), horizon=6, period=1)
    12
    """
    wanted = max(SEASONS * period if period > 1 else 0, 2 * horizon, LEAST_WINDOW)
    if period > 30:  # three of a long season would be more than a small network remembers
        wanted = max(period + horizon, 2 * horizon)
    given = int(np.median(lengths)) - horizon
    return max(1, min(wanted, LONGEST_WINDOW, max(given - given // 4, 2)))


def choose_segment(window: int, period: int) -> int:
    """Rows of a segment: a season, or what cuts the look-back in about a dozen.

    Examples
    --------
    >>> choose_segment(336, 24), choose_segment(104, 1)
    (24, 8)
    """
    if 1 < period <= window // 2:
        return period
    return max(1, window // 12)


def choose_updates(recipe: Recipe, origins: int) -> int:
    """Updates: enough for some thirty passes over the origins, between 250 and 1500.

    Examples
    --------
    >>> choose_updates(Recipe(), 400), choose_updates(Recipe(), 10**6)
    (250, 1500)
    """
    if recipe.updates:
        return recipe.updates
    return int(np.clip(30 * origins / recipe.batch_size, 250, 1500))
