"""Intervals around the forecasts of any model, calibrated on origins held out of its training."""

from collections.abc import Sequence
from typing import Any, Self

import numpy as np

from gatecast.errors import InputError
from gatecast.forecast.calibration.adaptive import ROUNDS, Adaptive
from gatecast.forecast.calibration.bank import Bank, moved
from gatecast.forecast.calibration.coverage import CoverageReport, crossed, measured
from gatecast.forecast.calibration.holdout import ENOUGH, PARTIAL, newest_origins
from gatecast.forecast.calibration.offsets import Errors, is_pooled, offsets
from gatecast.forecast.calibration.paths import draw_paths
from gatecast.forecast.calibration.scales import (
    believed,
    extended,
    shares_of,
    spread,
    tempered,
    volatility,
)
from gatecast.forecast.history import Array, History, Origins
from gatecast.forecast.intervals import Interval, check_level
from gatecast.forecast.model import Model
from gatecast.nn.init import make_generator
from gatecast.nn.validation import check_choice

METHODS = ("conformal", "adaptive", "quantiles", "dropout", "paths")
#: joint paths that bounds are told from: of errors, and of a model's own
PATHS, OWN = 2_000, 100


class Calibration:
    """Intervals around the forecasts of a model, from its errors on origins held out.

    The errors must be of a model that had not seen the rows: fit it on the head of
    :func:`hold_out`, calibrate on the origins, and only then let it learn from all rows.  The
    model that forecasts has then seen a little more than the one that was measured, and errs a
    little less: the intervals are honest on the wide side.

    Parameters
    ----------
    method : {"conformal", "adaptive", "quantiles", "dropout", "paths"}
        What an error is measured in, and how a bound is made of errors:

        - ``conformal``: split conformal, per step ahead; in a panel errors are divided by how
          much each series moves (:func:`volatility`), in one series they are taken as they are;
        - ``adaptive``: the same, of the newest two hundred origins and at a level that follows
          what was missed (for drift); :meth:`update` goes on with new rows;
        - ``quantiles``: as far as the model's own quantiles, tempered by how much the series moves
          (:func:`tempered`), times the conformal factor (after CQR-m; Kivaranovic 2020);
        - ``dropout``: the same of the spread of forecasts with dropout left on;
        - ``paths``: quantiles of joint paths: the same of those that the model draws itself, or
          else of forecasts plus whole held-out error paths.
    levels : sequence of float
        Per cent, in (0, 100): the levels that coverage is measured for.  Others can be asked for.
    seed : int

    Examples
    --------
    >>> from gatecast.forecast.calibration import hold_out
    >>> from gatecast.forecast.classical import Naive
    >>> from gatecast.forecast.history import make_history
    >>> walk = np.cumsum(np.random.default_rng(0).normal(size=120))
    >>> history = make_history(walk)
    >>> split = hold_out(history, horizon=4)
    >>> model = Naive().fit(split.head, horizon=4)
    >>> calibration = Calibration().fit(model, history, split.origins)
    >>> interval = calibration.apply(model, history)[80]
    >>> (interval.upper - interval.lower).round(1)
    array([[2.6, 3.5, 4.1, 4.6]])
    """

    bank_: Bank
    adaptive_: Adaptive
    _report: CoverageReport | None = None

    def __init__(
        self, method: str = "conformal", levels: Sequence[float] = (80, 95), seed: int = 0
    ) -> None:
        self.method = check_choice("method", method, METHODS)
        self.levels = tuple(check_level(level) for level in levels)
        if not self.levels:
            raise InputError("levels is empty; give one level at least, 80 say")
        self.seed = seed

    def fit(self, model: Model, history: History, origins: Origins) -> Self:
        """Learn the errors from origins of a history whose rows the model has not seen.

        Parameters
        ----------
        model : Model
            Fitted to what comes before the origins.
        history : History
            With the truth after them.
        origins : Origins
        """
        self.pooled_ = len(np.unique(origins.series)) > 1
        self.positive_ = bool(never_negative(history, history.ends()).all())
        few = origins.take(slice(1))
        self.own_ = model.sample(history, 2, make_generator(self.seed), few) is not None
        self.bank_ = self._collect(model, history, origins)
        if not len(self.bank_):
            raise InputError(
                "no held-out origin has a known value after it, so that there are no errors to "
                "make intervals of; give a longer series, or fewer missing values at its end"
            )
        self.end_ = 0
        self.adaptive_, self._offered = Adaptive(self.levels), []
        if self.method == "adaptive":
            self._offered = self.adaptive_.follow(self.bank_, self.end_)
        self._report = None
        return self

    def apply(
        self,
        model: Model,
        history: History,
        origins: Origins | None = None,
        *,
        points: Array | None = None,
        levels: Sequence[float] | None = None,
    ) -> dict[float, Interval]:
        """Intervals around forecasts.

        Parameters
        ----------
        model : Model
        history : History
        origins : Origins, optional
            The end of each series by default.
        points : (n, steps) array, optional
            The forecasts, where they are at hand, of fewer steps than the horizon or of more:
            those get wider intervals by the law of growth of the errors.
        levels : sequence of float, optional
            Those of the calibration by default.
        """
        bank = self._fitted()
        origins = history.ends() if origins is None else origins
        points = model.predict(history, origins) if points is None else points
        scales = self._scales(model, history, origins, points[:, : bank.horizon])
        scales = extended(scales, points.shape[1])
        asked = self.levels if levels is None else tuple(check_level(one) for one in levels)
        # those of the calibration among them: a bound is the same whatever is asked for beside it
        every = sorted({*asked, *self.levels})
        low, high = np.full(points.shape, np.inf), np.full(points.shape, -np.inf)
        found: dict[float, Interval] = {}
        for level, offer in zip(every, self._present(every, points.shape[1]), strict=True):
            lower, upper = moved(points, scales[self._scale_of(level)], offer)
            low, high = np.minimum(low, lower), np.maximum(high, upper)
            below, above = (self._limited(bound, history, origins) for bound in (low, high))
            # a forecast below zero, which a trend may bring, still lies in its own interval
            below = np.minimum(below, np.maximum(low, points))
            found[level] = Interval(below, above, level)
        return {level: found[level] for level in asked}

    def paths(
        self,
        model: Model,
        history: History,
        origins: Origins | None = None,
        *,
        points: Array | None = None,
        count: int = 100,
        rng: np.random.Generator | int | None = None,
    ) -> Array:
        """(n, count, steps): joint paths.

        With ``method="paths"`` those that the model draws itself, if it does, stretched about the
        forecasts by the conformal factor of each step; else the forecasts plus whole held-out
        error paths, the same for all series of a panel.
        """
        bank = self._fitted()
        rng = make_generator(self.seed if rng is None else rng)
        origins = history.ends() if origins is None else origins
        points = model.predict(history, origins) if points is None else points
        steps = points.shape[1]
        if self.method == "paths" and self.own_ and steps <= bank.horizon:
            drawn = model.sample(history, count, rng, origins)
            assert drawn is not None  # it gave some in fit
            away = drawn[..., :steps] - points[:, None]
            (factor,) = self._offers(bank, self.levels[:1], steps)
            moves = volatility(history, origins, model.period_)
            own = believed(self._bounds(model, history, origins), points, moves)
            stretch = (tempered(own, moves) / own)[0] * np.maximum(factor * [-1, 1], 0)
            low, high = np.moveaxis(stretch, -1, 0)[:, :, None]
            found: Array = points[:, None] + away * np.where(away < 0, low, high)
        else:
            scales = self._scales(model, history, origins, points[:, : bank.horizon])
            scales = extended(scales, steps)
            drawn = draw_paths(bank.scaled(), count, steps, rng)
            full = np.broadcast_to(scales[0], (*points.shape, scales.shape[-1]))[:, None]
            found = points[:, None] + drawn * np.where(drawn < 0, full[..., 0], full[..., -1])
        return self._limited(found, history, origins)

    def update(self, model: Model, history: History, new_rows: int) -> Self:
        """Add the errors of the forecasts whose truth came with the last rows of each series.

        Parameters
        ----------
        model : Model
            Before it learned from those rows.
        history : History
            With them.
        new_rows : int
            How many came since ``fit``, or since the last update.
        """
        bank = self._fitted()
        tails = np.minimum(bank.horizon - 1 + new_rows, history.lengths - 1)
        chosen = np.flatnonzero(tails > 0)
        if bank.series.max() < len(history):  # those that were drawn from a large panel
            chosen = np.intersect1d(chosen, bank.series)
        self.end_ += new_rows
        if not len(chosen):
            return self
        origins = newest_origins(
            history, chosen, tails[chosen], bank.horizon, max(len(bank) // len(chosen), PARTIAL)
        )
        newer = self._collect(model, history, origins)
        known = bank.whole(self.end_ - new_rows)  # what was known in part is known better now
        self.bank_ = known.joined(newer.later(self.end_), most=max(len(bank), ENOUGH))
        if self.method == "adaptive":
            offered = [*self._offered, *self.adaptive_.follow(self.bank_, self.end_)]
            self._offered = offered[-ROUNDS:]
        self._report = None
        return self

    def report(self) -> CoverageReport:
        """Coverage on held-out origins, each measured without its own error."""
        bank = self._fitted()
        if self._report is None:
            if self._offered:
                found, how = self._offered, "as time went on, each with the errors known before it"
            else:
                found, how = crossed(
                    bank, lambda part: self._offers(part, self.levels, bank.horizon)
                )
            self._report = CoverageReport(
                self.method,
                origins=len(bank),
                series=len(np.unique(bank.series)),
                how=how,
                rows=measured(found, self.levels, self._scale_of),
            )
        return self._report

    @property
    def notes_(self) -> tuple[str, ...]:
        """What must be said of the intervals."""
        bank, said = self._fitted(), []
        if self.method == "adaptive" and not len(self.adaptive_.times):
            said.append(
                "there are too few held-out origins in time to adapt to yet: the intervals are "
                "those of interval='conformal' until update brings new rows"
            )
        pooled = [level for level in self.levels if is_pooled(bank.scaled(), level)]
        if pooled and self.method != "paths":
            named = " and ".join(f"{level:g} %" for level in pooled)
            effective = bank.scaled().independent
            said.append(
                f"the intervals of {named} rest on {len(bank):,} held-out origins, which count as "
                f"{effective:,.0f} independent ones: their errors are pooled over the steps ahead, "
                "and the bounds widened for being few"
            )
        return tuple(said)

    def _collect(self, model: Model, history: History, origins: Origins) -> Bank:
        points = model.predict(history, origins)
        bank = Bank(
            errors=history.truth(origins, points.shape[1]) - points,
            scales=self._scales(model, history, origins, points),
            times=origins.rows - history.offsets[1:][origins.series],
            series=origins.series,
        )
        return bank.take(np.isfinite(bank.errors).any(axis=1))  # no truth at all teaches nothing

    def _limited(self, values: Array, history: History, origins: Origins) -> Array:
        """What lies around forecasts (n, ...), not below zero where the series never was."""
        if not self.positive_:
            return values
        least = np.where(never_negative(history, origins), 0.0, -np.inf)
        limited: Array = np.maximum(values, least.reshape(-1, *[1] * (values.ndim - 1)))
        return limited

    def _scales(self, model: Model, history: History, origins: Origins, points: Array) -> Array:
        """What errors are measured in: a bank's ``scales``."""
        moves = volatility(history, origins, model.period_)
        if self.method == "dropout":
            own = spread(model, history, origins, make_generator(self.seed), moves)
            return tempered(own, moves)
        if self._believes:
            return tempered(believed(self._bounds(model, history, origins), points, moves), moves)
        return (moves if self.pooled_ else np.ones_like(moves))[None, :, None, None]

    def _bounds(self, model: Model, history: History, origins: Origins) -> Array:
        """(n, horizon, 2·levels): the model's own bounds, or those of its own paths."""
        shares = shares_of(self.levels)
        if self.method == "paths":
            drawn = model.sample(history, OWN, make_generator(self.seed), origins)
            assert drawn is not None  # it gave some in fit
            return np.moveaxis(np.quantile(drawn, shares, axis=1), 0, -1)
        bounds = model.quantiles(history, shares, origins)
        if bounds is None:
            raise InputError(
                f"{model.name} gives no quantiles; train it with the loss 'quantiles' or that of a "
                "distribution, or use method='conformal'"
            )
        return bounds

    @property
    def _believes(self) -> bool:
        """Whether errors are measured in the model's own bounds, level by level."""
        return self.method == "quantiles" or (self.method == "paths" and self.own_)

    def _scale_of(self, level: float) -> int:
        """Which of the scales serves a level."""
        if not self._believes:
            return 0
        return int(np.argmin(np.abs(np.array(self.levels) - level)))

    def _present(self, levels: Sequence[float], horizon: int) -> list[Array]:
        """The offsets of forecasts made now."""
        if self.method != "adaptive":
            return self._offers(self.bank_, levels, horizon)
        return self._offers(
            self.adaptive_.newest(self.bank_), [self.adaptive_.of(one) for one in levels], horizon
        )

    def _offers(self, bank: Bank, levels: Sequence[float], horizon: int) -> list[Array]:
        """The offsets of each level; those of a higher level never inside those of a lower."""
        found: dict[float, Array] = {}
        inner = np.array([np.inf, -np.inf])
        for level in sorted(levels):
            here = self._offsets(bank.scaled(self._scale_of(level)), level, horizon)
            if not self._believes:  # scales of their own for each level
                here[:, 0] = np.minimum(here[:, 0], inner[..., 0])
                here[:, 1] = np.maximum(here[:, 1], inner[..., 1])
                inner = here
            found[level] = here
        return [found[level] for level in levels]

    def _offsets(self, errors: Errors, level: float, horizon: int) -> Array:
        if self.method != "paths" or self.own_:
            return offsets(errors, level, horizon)
        drawn = draw_paths(errors, PATHS, horizon, make_generator(self.seed))
        found: Array = np.quantile(drawn, [0.5 - level / 200, 0.5 + level / 200], axis=0).T
        return found

    def _fitted(self) -> Bank:
        if not hasattr(self, "bank_"):
            raise InputError("Calibration is not fitted; call fit with held-out origins first")
        return self.bank_

    def get_state(self) -> tuple[dict[str, Any], dict[str, Array]]:
        """Plain configuration, and arrays by name."""
        bank = self._fitted()
        config = {
            "method": self.method,
            "levels": list(self.levels),
            "seed": self.seed,
            "pooled": self.pooled_,
            "positive": self.positive_,
            "own": self.own_,
            "end": self.end_,
            "report": self.report().to_config(),
        }
        followed = {"followed": self.adaptive_.times, "adapted": self.adaptive_.adapted}
        return config, bank.to_arrays() | followed

    @classmethod
    def from_state(cls, config: dict[str, Any], arrays: dict[str, Array]) -> Self:
        """Take it back."""
        made = cls(config["method"], config["levels"], config["seed"])
        made.pooled_, made.positive_ = config["pooled"], config["positive"]
        made.own_, made.end_ = config["own"], config["end"]
        names = ("errors", "scales", "times", "series")
        made.bank_ = Bank(**{name: arrays[name] for name in names})
        made.adaptive_ = Adaptive(made.levels)
        made.adaptive_.times, made.adaptive_.adapted = arrays["followed"], arrays["adapted"]
        made._offered, made._report = [], CoverageReport.from_config(config["report"])
        return made


def never_negative(history: History, origins: Origins) -> Array:
    """(n,): whether no value known of a series before its origin is below zero.

    Then neither are bounds.
    """
    rows = len(history.target)
    below = np.where(history.target < 0, np.arange(rows), rows)
    following = np.append(np.minimum.accumulate(below[::-1])[::-1], rows)
    never: Array = following[history.offsets[:-1][origins.series]] >= origins.rows
    return never
