"""How good a forecaster is: backtests from origins in the past."""

import logging
from collections.abc import Sequence
from typing import Any

import numpy as np

from gatecast.forecast.backtest import Backtest, run_backtest
from gatecast.forecast.fitting import Make
from gatecast.forecast.reading import Known
from gatecast.forecast.results import Evaluation
from gatecast.forecast.settings import check_steps, levels_of
from gatecast.forecast.writing import write_backtest
from gatecast.nn.validation import check_size

logger = logging.getLogger(__name__)


class Measuring:
    """The half of a :class:`~gatecast.forecast.forecaster.Forecaster` that measures."""

    horizon: int
    level: float | Sequence[float] | None
    interval: str | None
    seed: int

    def cross_validation(
        self,
        h: int | None = None,
        n_windows: int = 3,
        step_size: int | None = None,
        refit: bool | int = False,
        *,
        df: Any = None,
        level: float | Sequence[float] | None = None,
    ) -> Any:
        """Forecast from origins in the past, beside what came.

        Parameters
        ----------
        h : int, optional
            Steps ahead; the horizon by default.
        n_windows : int
            Origins of each series; fewer where it is too short for all.
        step_size : int, optional
            Rows between them; h by default, so that no row is forecast twice.
        refit : bool or int
            Whether to learn anew at every origin, or every so many; else once, before the first.
        df : table, optional
            The table, where ``fit`` was not called.

        Returns
        -------
        table
            As ``predict`` gives, with ``cutoff`` (the last time that was known) and the truth.
        """
        known, done = self.backtest(h, n_windows, step_size, refit, df=df, level=level)
        return write_backtest(known, self.name, done)

    def evaluate(
        self,
        h: int | None = None,
        n_windows: int = 3,
        step_size: int | None = None,
        refit: bool | int = False,
        *,
        df: Any = None,
    ) -> Evaluation:
        """Scores of :meth:`cross_validation`, beside those of seasonal naive."""
        _, done = self.backtest(h, n_windows, step_size, refit, df=df)
        return done.evaluate(self.name)

    def backtest(
        self,
        h: int | None = None,
        n_windows: int = 3,
        step_size: int | None = None,
        refit: bool | int = False,
        *,
        df: Any = None,
        level: float | Sequence[float] | None = None,
    ) -> tuple[Known, Backtest]:
        """What :meth:`cross_validation` tells as a table, as arrays."""
        self._check()
        known = self._fitted() if df is None else self._read(df)
        steps = self.horizon if h is None else check_steps("h", h)
        done = run_backtest(
            self._make(known), known.history, steps, self.horizon, self._period(known),
            windows=check_size("n_windows", n_windows),
            step=steps if step_size is None else check_size("step_size", step_size),
            refit=refit, method=self.interval, seed=self.seed,
            levels=levels_of(self.level if level is None else level),
        )  # fmt: skip
        self._say_left_out(known, done, steps)
        return known, done

    def _say_left_out(self, known: Known, done: Backtest, steps: int) -> None:
        """A series that is too short for one origin is in no score."""
        short = np.setdiff1d(np.arange(len(known.ids)), done.origins.series)
        if short.size:
            others = f" and {len(short) - 1} more" if len(short) > 1 else ""
            logger.warning(
                "%s%s left out of the backtest: it needs more than %d rows",
                f"{known.name_of(int(short[0]))}{others}",
                " were" if others else " was",
                steps,
            )

    # -- what the forecaster gives --------------------------------------------------------------

    @property
    def name(self) -> str:
        """The name of the forecasts' column."""
        raise NotImplementedError

    def _check(self) -> None:
        raise NotImplementedError

    def _fitted(self) -> Known:
        raise NotImplementedError

    def _read(self, df: Any) -> Known:
        raise NotImplementedError

    def _make(self, known: Known) -> Make:
        raise NotImplementedError

    def _period(self, known: Known) -> int:
        raise NotImplementedError
