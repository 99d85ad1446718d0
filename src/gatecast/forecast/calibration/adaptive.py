"""Adaptive conformal intervals: the level that is asked for follows what has been missed.

After each origin the level moves, L ← L + γ·(missed - α), by the share of its steps that lay
outside: a series that grows wilder gets wider intervals, a calmer one narrower, and over the long
run a share α is missed whatever the series does (Gibbs and Candès 2021).
"""

from collections.abc import Sequence

import numpy as np

from gatecast.forecast.calibration.bank import Bank
from gatecast.forecast.calibration.offsets import offsets
from gatecast.forecast.history import Array

#: γ: how far one origin that was missed altogether moves the level
RATE = 0.05
#: origins of each series that intervals are made of, the newest
MEMORY = 200
#: rounds that are gone through at a fit, and remembered later, the newest
ROUNDS = 400
#: origins in time before the first interval
FIRST = 5
LOWEST, HIGHEST = 1.0, 99.8


class Adaptive:
    """The adapted levels after each round of origins, a round being those of one time.

    Parameters
    ----------
    levels : sequence of float
        The levels that are promised, per cent.

    Attributes
    ----------
    times, adapted : (rounds,) and (rounds, levels) arrays
        The adapted levels as they are after each round.
    """

    def __init__(self, levels: Sequence[float]) -> None:
        self.levels = tuple(levels)
        self.times: Array = np.zeros(0, np.intp)
        self.adapted: Array = np.zeros((0, len(self.levels)))

    def of(self, level: float) -> float:
        """What to ask for now to get a level: the nearest that was followed tells the others."""
        place = int(np.argmin(np.abs(np.array(self.levels) - level)))
        if not len(self.adapted):
            return level
        ratio = (100 - float(self.adapted[-1, place])) / (100 - self.levels[place])
        return float(np.clip(100 - (100 - level) * ratio, LOWEST, HIGHEST))

    def newest(self, bank: Bank) -> Bank:
        """The origins that intervals are made of now."""
        return bank.take(bank.times > bank.times.max() - MEMORY)

    def follow(self, bank: Bank, end: int) -> list[tuple[Bank, list[Array]]]:
        """Go through the rounds that are new and known to their last step, before a time.

        Returns
        -------
        offered : list of (Bank, list of (horizon, 2) arrays)
            The origins of each round, and the offsets that they were given at each level: of
            what was known at that time, level included.
        """
        seen = self.times[-1] if len(self.times) else -np.inf
        bank = bank.whole(end)
        new = [int(time) for time in np.unique(bank.times) if time > seen][-ROUNDS:]
        offered = []
        for time in new:
            known = bank.take(_known(bank, time))
            if len(np.unique(known.times)) < FIRST:
                continue
            scaled, here = known.scaled(), bank.take(bank.times == time)
            latest = self._level_at(time - 1)
            offers = [offsets(scaled, level, bank.horizon) for level in latest]
            missed = np.array([_missed(here, offer) for offer in offers])
            before = self._level_at(time - bank.horizon)
            offered.append((here, [offsets(scaled, level, bank.horizon) for level in before]))
            promised = 1 - np.array(self.levels) / 100
            adapted = np.clip(latest + 100 * RATE * (missed - promised), LOWEST, HIGHEST)
            self.times = np.append(self.times, time)[-ROUNDS - bank.horizon :]
            self.adapted = np.append(self.adapted, adapted[None], 0)[-ROUNDS - bank.horizon :]
        return offered

    def _level_at(self, time: int) -> Array:
        """(levels,): the adapted levels once the round of a time was gone through."""
        place = int(np.searchsorted(self.times, time, side="right")) - 1
        found: Array = self.adapted[place] if place >= 0 else np.array(self.levels)
        return found


def _known(bank: Bank, time: int) -> Array:
    """Which origins were known to their last step at a time, the newest of them."""
    ends = bank.times + bank.horizon
    known: Array = (ends <= time) & (ends > time - MEMORY)
    return known


def _missed(here: Bank, offer: Array) -> float:
    """Share of the truth outside the offsets."""
    values = here.scaled().values
    known = ~np.isnan(values)
    outside = ((values < offer[:, 0]) | (values > offer[:, 1])) & known
    return float(outside.sum() / max(known.sum(), 1))
