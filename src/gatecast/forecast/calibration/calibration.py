"""Intervals around the forecasts of any model, calibrated on origins held out of its training."""

from collections.abc import Sequence
from typing import Any, Self

import numpy as np

from gatecast.errors import InputError
from gatecast.forecast.calibration.adaptive import ROUNDS, Adaptive
from gatecast.forecast.calibration.bank import Bank, moved
from gatecast.forecast.calibration.coverage import CoverageReport, crossed, measured
from gatecast.forecast.calibration.holdout import ENOUGH, PARTIAL, newest_origins
from gatecast.forecast.calibration.movement import usual_share
from gatecast.forecast.calibration.offsets import Errors, is_pooled, offsets
from gatecast.forecast.calibration.paths import draw_paths
from gatecast.forecast.calibration.scales import Yardstick, believed, extended, tempered
from gatecast.forecast.history import Array, History, Origins
from gatecast.forecast.intervals import Interval, check_level
from gatecast.forecast.model import Draws, Model
from gatecast.nn.init import make_generator
from gatecast.nn.validation import check_choice

METHODS = ("conformal", "adaptive", "quantiles", "dropout", "paths")
#: joint paths of errors that bounds are told from
PATHS = 2_000


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
          much each series moves (``movement.volatility``), in one series they are taken as they
          are;
        - ``adaptive``: the same, of the newest two hundred origins and at a level that follows
          what was missed (for drift); :meth:`update` goes on with new rows;
        - ``quantiles``: as far as the model's own quantiles, tempered by how much the series moves
          (``scales.tempered``), times the conformal factor (after CQR-m; Kivaranovic 2020);
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

    yardstick_: Yardstick
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
        pooled = len(np.unique(origins.series)) > 1
        few = origins.take(slice(1))
        draws = model.sample(history, 2, make_generator(self.seed), few) is not None
        usual = usual_share(history, origins)
        self.yardstick_ = Yardstick(self.method, self.levels, pooled, draws, self.seed, usual)
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
        scales = self.yardstick_.scales(model, history, origins, points[:, : bank.horizon])
        scales = extended(scales, points.shape[1])
        asked = self.levels if levels is None else tuple(check_level(one) for one in levels)
        # those of the calibration among them: a bound is the same whatever is asked for beside it
        every = sorted({*asked, *self.levels})
        low, high = np.full(points.shape, np.inf), np.full(points.shape, -np.inf)
        found: dict[float, Interval] = {}
        for level, offer in zip(every, self._present(every, points.shape[1]), strict=True):
            lower, upper = moved(points, scales[self.yardstick_.of(level)], offer)
            low, high = np.minimum(low, lower), np.maximum(high, upper)
            below, above = (history.floored(bound, origins) for bound in (low, high))
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
        origins = history.ends() if origins is None else origins
        asked = Draws(history, count, make_generator(self.seed if rng is None else rng), origins)
        points = model.predict(history, origins) if points is None else points
        if self.method == "paths" and self.yardstick_.draws and points.shape[1] <= bank.horizon:
            found = self._own_paths(model, asked, points)
        else:
            found = self._error_paths(model, asked, points)
        return history.floored(found, origins)

    def _own_paths(self, model: Model, asked: Draws, points: Array) -> Array:
        """The model's, stretched about the forecasts by the conformal factor of each step."""
        steps, history, origins = points.shape[1], asked.history, asked.origins
        drawn = asked.by(model, asked.count)
        assert drawn is not None  # it gave some in fit
        away = drawn[..., :steps] - points[:, None]
        (factor,) = self._offers(self.bank_, self.levels[:1], steps)
        moves = self.yardstick_.moves(model, history, origins)
        own = believed(self.yardstick_.bounds(model, history, origins), points, moves)
        stretch = (tempered(own, moves) / own)[0] * np.maximum(factor * [-1, 1], 0)
        low, high = np.moveaxis(stretch, -1, 0)[:, :, None]
        found: Array = points[:, None] + away * np.where(away < 0, low, high)
        return found

    def _error_paths(self, model: Model, asked: Draws, points: Array) -> Array:
        """The forecasts plus whole held-out error paths."""
        bank, steps = self.bank_, points.shape[1]
        near = points[:, : bank.horizon]
        scales = self.yardstick_.scales(model, asked.history, asked.origins, near)
        drawn = draw_paths(bank.scaled(), asked.count, steps, asked.rng)
        (full, *_) = extended(scales, steps)
        full = np.broadcast_to(full, (*points.shape, full.shape[-1]))[:, None]
        found: Array = points[:, None] + drawn * np.where(drawn < 0, full[..., 0], full[..., -1])
        return found

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
                rows=measured(found, self.levels, self.yardstick_.of),
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
            scales=self.yardstick_.scales(model, history, origins, points),
            times=origins.rows - history.offsets[1:][origins.series],
            series=origins.series,
        )
        return bank.take(np.isfinite(bank.errors).any(axis=1))  # no truth at all teaches nothing

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
            here = self._offsets(bank.scaled(self.yardstick_.of(level)), level, horizon)
            if not self.yardstick_.believes:  # then each level has scales of its own
                here[:, 0] = np.minimum(here[:, 0], inner[..., 0])
                here[:, 1] = np.maximum(here[:, 1], inner[..., 1])
                inner = here
            found[level] = here
        return [found[level] for level in levels]

    def _offsets(self, errors: Errors, level: float, horizon: int) -> Array:
        if self.method != "paths" or self.yardstick_.draws:
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
            "pooled": self.yardstick_.pooled,
            "own": self.yardstick_.draws,
            "usual": self.yardstick_.usual,
            "end": self.end_,
            "report": self.report().to_config(),
        }
        followed = {"followed": self.adaptive_.times, "adapted": self.adaptive_.adapted}
        return config, bank.to_arrays() | followed

    @classmethod
    def from_state(cls, config: dict[str, Any], arrays: dict[str, Array]) -> Self:
        """Take it back."""
        made = cls(config["method"], config["levels"], config["seed"])
        made.yardstick_ = Yardstick(
            made.method,
            made.levels,
            config["pooled"],
            config["own"],
            made.seed,
            config.get("usual"),
        )
        made.end_ = config["end"]
        names = ("errors", "scales", "times", "series")
        made.bank_ = Bank(**{name: arrays[name] for name in names})
        made.adaptive_ = Adaptive(made.levels)
        made.adaptive_.times, made.adaptive_.adapted = arrays["followed"], arrays["adapted"]
        made._offered, made._report = [], CoverageReport.from_config(config["report"])
        return made
