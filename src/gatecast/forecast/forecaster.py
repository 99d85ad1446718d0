"""The forecaster: tables in, forecasts with intervals out."""

import logging
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Self

import numpy as np

from gatecast import files
from gatecast.errors import InputError
from gatecast.forecast.advancing import forecast_far, reaching
from gatecast.forecast.ahead import look_ahead
from gatecast.forecast.calibration import Calibration
from gatecast.forecast.explanation.tables import explained_table
from gatecast.forecast.fitting import fit_history
from gatecast.forecast.history import Array, History
from gatecast.forecast.measuring import Measuring
from gatecast.forecast.model import Model
from gatecast.forecast.plans import Plan
from gatecast.forecast.positives import LOW_WORDS, is_low
from gatecast.forecast.reading import Known, read_again
from gatecast.forecast.recipe import Recipe
from gatecast.forecast.saving import load_forecaster, save_forecaster
from gatecast.forecast.settings import check_far, check_steps, levels_of
from gatecast.forecast.streaming import Stream, forecast_next
from gatecast.forecast.updating import followed, with_value
from gatecast.forecast.writing import write_forecast, write_paths
from gatecast.results import sentence
from gatecast.train.ticks import bar

logger = logging.getLogger(__name__)


class Forecaster(Measuring):
    """Forecasts of one series or many, with intervals, from a table with a time column.

    Parameters
    ----------
    model : str, Recipe, Plan or Model
        A preset (:func:`gatecast.forecast.presets` lists them), the recipe of a network, a plan of
        several with statistical methods beside them, or an unfitted model.
    horizon : int
        Steps ahead that are learned and forecast.
    window : int, optional
        Rows that a network looks back on; chosen from the data by default.
    level : float, sequence of float or None
        Per cent of the truth that the intervals are to hold; None makes none.
    freq : str or int, optional
        How often rows come ("h", "D", "MS"; a number for numbered steps); inferred by default.
    season : int, optional
        Rows in a season; from the frequency by default (24 for hours, 12 for months, ...).
    interval : {"conformal", "adaptive", "quantiles", "dropout", "paths"} or None
        How intervals are made; see :class:`gatecast.forecast.Calibration`.
    past, future, static : sequence of str
        Covariates: known up to now, known in advance, and of a whole series.
    categorical : sequence of str
        Those covariates that hold categories although they look like numbers.
    calendar : "auto", bool or sequence of {"hour", "weekday", "monthday", "yearday"}
        Cycles of the calendar that are told to the model; True: those that vary at this frequency
        and were seen twice (the day of the month: twelve times); "auto": of these the ones longer
        than a season, which the model sees by itself.
    missing : {"error", "mask", "interpolate", "last"}
        What to do where the target, or a covariate, has no value.  ``mask`` learns nothing from a
        missing target; covariates keep their last known value, and a column says where.
    gaps : {"error", "insert"}
        What to do where rows lack; ``insert`` puts in rows without values for ``missing``.
    duplicates, unsorted : {"error", "mean", "last"}, {"error", "sort", "next_day"}
        What to do where a time comes twice in a series, or rows are out of order (``next_day``:
        but for a 00:00 that closes its day, and is the next day's).
    id, time, target : str or None
        Names of the columns.  Without a column ``unique_id`` there is one series; ``time=None``
        says that rows are in order.
    epochs, updates : int, optional
        How long a network learns: passes over the data, or steps of the optimiser.
    ensemble : int, optional
        Networks of different seeds whose median is the forecast.
    decimal, date_format, dayfirst, timezone, missing_texts, delimiter, encoding
        How to read the table; as :func:`gatecast.data.read_table` has them.
    n_jobs : int, optional
        Processes that train an ensemble's networks side by side; -1 is one a core.
    seed : int
        The same seed gives the same bits.

    Attributes
    ----------
    statement_ : Statement or None
        Skill against seasonal naive on rows held out, and alarms.
    calibration_ : Calibration or None
    notes_ : tuple of str
        What was found out and repaired, and the statement's words.
    model_, known_ : Model, Known

    Examples
    --------
    >>> sales = 100 + 10 * np.sin(np.arange(120) / 12 * 2 * np.pi)
    >>> forecaster = Forecaster("seasonal_naive", horizon=3, season=12).fit(sales)
    >>> forecaster.predict()["seasonal_naive"].round(1).tolist()
    [100.0, 105.0, 108.7]
    """

    def __init__(
        self,
        model: str | Recipe | Plan | Model = "gru",
        horizon: int = 14,
        window: int | None = None,
        level: float | Sequence[float] | None = (80, 95),
        freq: str | int | None = None,
        season: int | None = None,
        *,
        interval: str | None = "conformal",
        past: Sequence[str] = (),
        future: Sequence[str] = (),
        static: Sequence[str] = (),
        categorical: Sequence[str] = (),
        calendar: bool | str | Sequence[str] = "auto",
        missing: str = "error",
        gaps: str = "error",
        duplicates: str = "error",
        unsorted: str = "error",
        id: str | None = "unique_id",  # noqa: A002 (the word that users know)
        time: str | None = "ds",
        target: str = "y",
        epochs: int | None = None,
        updates: int | None = None,
        ensemble: int | None = None,
        decimal: str | None = None,
        date_format: str | None = None,
        dayfirst: bool | None = None,
        timezone: str | None = None,
        missing_texts: Sequence[str] = (),
        delimiter: str | None = None,
        encoding: str | None = None,
        n_jobs: int | None = None,
        seed: int = 0,
    ) -> None:
        self.model, self.horizon, self.window, self.level = model, horizon, window, level
        self.freq, self.season, self.interval = freq, season, interval
        self.past, self.future, self.static, self.categorical = past, future, static, categorical
        self.calendar, self.missing, self.gaps = calendar, missing, gaps
        self.duplicates, self.unsorted = duplicates, unsorted
        self.id, self.time, self.target = id, time, target
        self.epochs, self.updates, self.ensemble = epochs, updates, ensemble
        self.decimal, self.date_format, self.dayfirst = decimal, date_format, dayfirst
        self.timezone, self.missing_texts = timezone, missing_texts
        self.delimiter, self.encoding, self.n_jobs, self.seed = delimiter, encoding, n_jobs, seed

    _stream: Stream | None = None  # of step, where networks carry their states

    # -- learning -------------------------------------------------------------------------------

    def fit(self, df: Any, *, progress: bool | None = None) -> Self:
        """Learn from a long table, the path of one, a Series or an array; say how good it is.

        With ``progress`` a bar on stderr; by default where that is a terminal.
        """
        self._check()
        known = self._read(df)
        terms = self._terms(known)
        with bar(f"{self.name} learns", progress):
            fitted = fit_history(known.history, terms)
        self.known_, self.period_, self.model_ = known, terms.period, fitted.model
        self._stream = None
        self.calibration_, self.statement_ = fitted.calibration, fitted.statement
        said = () if fitted.statement is None else (fitted.statement.words,)
        self.notes_ = tuple(map(sentence, (*known.notes, *fitted.notes, *said)))
        if known.schema.layout.covariates and not self.model_.sees_covariates:
            self._say(f"{self.name} sees no covariates: those of the table are not used")
        logger.info("%s", " ".join((*fitted.notes, *said)))
        return self

    def update(self, df: Any) -> Self:
        """Take in rows that follow those known, and series that are new, learning nothing."""
        known = self._fitted()
        newer = read_again(df, known.schema, after=known)
        grown, fewest = followed(known, newer)
        self._advance(grown, fewest)
        self.notes_ = (*self.notes_, *map(sentence, newer.notes))
        for name in grown.ids[len(known.ids) :]:
            self._say(f"series {name!r} is new: it is forecast, and nothing was learned from it")
        if self.calibration_ is not None and not fewest:
            self._say("The intervals learn from new rows only where every series has some.")
        return self

    def refit(self) -> Self:
        """Learn on from the present weights, from all rows known now; intervals stay."""
        known, before = self._fitted(), self.model_.notes_
        self.model_.refit(known.history)
        old, new = (tuple(map(sentence, notes)) for notes in (before, self.model_.notes_))
        kept = tuple(note for note in self.notes_ if note not in old or note in new)
        self.notes_ = (*kept, *(note for note in new if note not in kept))
        self._stream = None
        return self

    # -- forecasting ----------------------------------------------------------------------------

    def predict(
        self,
        h: int | None = None,
        level: float | Sequence[float] | None = None,
        *,
        new: Any = None,
        future: Any = None,
    ) -> Any:
        """Forecast from the end of each series.

        Parameters
        ----------
        h : int, optional
            Steps ahead, the horizon by default; more are iterated, and that is noted.
        level : float or sequence of float, optional
            Of the intervals; those of the forecaster by default, () for none.
        new : table, optional
            Other series instead of the known ones, also such as were never learned from.
        future : table, optional
            The covariates known in advance, for h steps after the end of each series.

        Returns
        -------
        table
            Of the library of the table of ``fit``, a row for each series and step:
            ``unique_id, ds, gru, gru-lo-80, gru-hi-80, ...``.
        """
        known, history, points = self._forecast(h, new, future)
        if level is not None and levels_of(level):
            self._calibrated()
        intervals = {}
        if self.calibration_ is not None:
            wanted = levels_of(self.level if level is None else level)
            intervals = self.calibration_.apply(self.model_, history, points=points, levels=wanted)
        return write_forecast(known, self.name, points, intervals)

    def paths(
        self, count: int = 100, h: int | None = None, *, new: Any = None, future: Any = None
    ) -> Any:
        """Draw futures that may come, each a joint path over all steps: for sums and extremes.

        Parameters
        ----------
        count : int
            Paths of each series.
        h, new, future
            As in :meth:`predict`.

        Returns
        -------
        table
            ``unique_id, ds, path, gru``; the paths of a series are numbered from 0, and those of
            one number have one chance in all series: their sums take them to move together.

        Examples
        --------
        >>> forecaster = Forecaster("naive", horizon=2).fit(np.arange(60.0) % 7)
        >>> forecaster.paths(count=3).shape
        (6, 3)
        """
        check_steps("count", count)
        known, history, points = self._forecast(h, new, future)
        drawn = self._calibrated().paths(self.model_, history, points=points, count=count)
        return write_paths(known, self.name, drawn)

    def explain(
        self, ids: Sequence[Any] | None = None, *, future: Any = None, method: str = "auto"
    ) -> Any:
        """What each lag and covariate adds to the forecasts, as a table.

        Parameters
        ----------
        ids : sequence, optional
            Which series; all of them where they are few.
        future
            As in :meth:`predict`.
        method : {"auto", "gradients", "walks"}
            As :func:`gatecast.forecast.explain_model` takes it.

        Returns
        -------
        table
            ``unique_id, ds, input, place, contribution``.  The contributions of a step sum to its
            forecast: the inputs ``baseline`` and ``remainder`` are lines too.

        Examples
        --------
        >>> forecaster = Forecaster("drift", horizon=1).fit(np.array([1.0, 2.0, 4.0, 8.0] * 3))
        >>> forecaster.explain().groupby("ds")["contribution"].sum().round(3).tolist()
        [8.636]
        """
        known = self._fitted()
        history = look_ahead(known, self.horizon, future)
        return explained_table(self.model_, known, history, ids, method=method, seed=self.seed)

    def step(self, y: float) -> Array:
        """Take in the next value of the only series, and forecast again: (horizon,).

        Examples
        --------
        >>> forecaster = Forecaster("naive", horizon=2, level=None).fit(np.arange(9.0))
        >>> forecaster.step(5.0)
        array([5., 5.])
        """
        known = self._fitted()
        grown = with_value(known, y)
        if self._stream is None or self._stream.rows != len(known.history.target):
            self._stream = Stream.of(self.model_, known)
        self._advance(grown, 1 if self.interval == "adaptive" else 0)
        return forecast_next(self._stream, self.model_, self.known_, float(y))

    # -- files ----------------------------------------------------------------------------------

    def save(self, path: files.PathLike, *, overwrite: bool = False) -> None:
        """Write everything to one file, without pickle; ``load`` reads it.

        A file that gatecast did not write is replaced with ``overwrite`` alone.
        """
        save_forecaster(self, path, overwrite=overwrite)

    @classmethod
    def load(cls, path: files.PathLike) -> Self:
        """Read what ``save`` wrote; its forecasts are the same bits."""
        return load_forecaster(cls, path)

    # -- within ---------------------------------------------------------------------------------

    def _calibrated(self) -> Calibration:
        """What is known of its errors."""
        if self.calibration_ is None:
            raise InputError(
                "the Forecaster was fitted without intervals; fit it anew with level= and interval="
            )
        return self.calibration_

    def _forecast(self, h: int | None, new: Any, future: Any) -> tuple[Known, History, Array]:
        """The series, with what is known of the steps ahead, and the forecasts of those."""
        known = self._fitted()
        if new is not None:
            known = read_again(new, known.schema)
            self._look_at(known.history)
        steps = self.horizon if h is None else check_far(h, self.horizon)
        if steps > self.horizon:
            self._say(
                f"h={steps} is beyond the horizon of {self.horizon} that was learned: further "
                "steps were forecast from the forecasts before them."
            )
        history = look_ahead(known, steps, future, block=self.horizon)
        points = forecast_far(self.model_, history, steps)
        return known, history, points

    def _say(self, note: str) -> None:
        if note not in self.notes_:
            self.notes_ = (*self.notes_, note)
            logger.warning("%s", note)

    def _look_at(self, history: History) -> None:
        """Say what zeros count as for networks that learned from logarithms."""
        if self.model_.logs and is_low(history):
            self._say(LOW_WORDS)

    def _advance(self, known: Known, new_rows: int) -> None:
        """Go on to longer series; so many rows of each teach the intervals."""
        history = known.history
        self._look_at(history)
        if self.calibration_ is not None and new_rows:
            self.calibration_.update(self.model_, reaching(history, self.horizon), new_rows)
        empty = np.zeros((len(history), 0, history.future.shape[1]))
        self.known_ = replace(known, history=replace(history, ahead=empty))
