"""How good a forecaster is: backtests from origins in the past."""

import logging
from collections.abc import Sequence
from typing import Any

import numpy as np

from gatecast.errors import InputError
from gatecast.forecast.backtest import Backtest, run_backtest
from gatecast.forecast.model import Model
from gatecast.forecast.reading import Known
from gatecast.forecast.results import Evaluation
from gatecast.forecast.settings import Settled, check_far, name_of
from gatecast.forecast.writing import write_backtest
from gatecast.nn.validation import check_size

logger = logging.getLogger(__name__)


class Measuring(Settled):
    """The half of a :class:`~gatecast.forecast.forecaster.Forecaster` that measures."""

    known_: Known
    model_: Model

    @property
    def name(self) -> str:
        """The name of the forecasts' column."""
        return self.model_.name if hasattr(self, "model_") else name_of(self.model)

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
        steps = self.horizon if h is None else check_far(h, self.horizon)
        windows = check_size("n_windows", n_windows)
        step = steps if step_size is None else check_size("step_size", step_size)
        terms = self._terms(known, level)
        done = run_backtest(known.history, terms, steps, windows=windows, step=step, refit=refit)
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

    def _fitted(self) -> Known:
        if not hasattr(self, "known_"):
            raise InputError("the Forecaster is not fitted; call fit with a table first")
        return self.known_
