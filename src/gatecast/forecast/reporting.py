"""A forecaster as a result that ``report`` draws: what lies ahead, and how it did before."""

from typing import TYPE_CHECKING, Any

import numpy as np

from gatecast.forecast.advancing import reaching
from gatecast.forecast.backtest import Backtest
from gatecast.forecast.breakdown import breakdowns_of, reliability_of, reliability_said
from gatecast.forecast.classical import CLASSICAL, SeasonalNaive
from gatecast.forecast.explanation import ImportanceRow, permutation_importance
from gatecast.forecast.history import Array, Origins, Rows, rows_of
from gatecast.forecast.reading import Known
from gatecast.forecast.results import Statement, count_of, rival_of
from gatecast.forecast.trainings import trainings_of
from gatecast.results import (
    Breakdown,
    Fan,
    Importance,
    Outlook,
    Predictions,
    Reliability,
    Result,
    Row,
    Summary,
    Truth,
)
from gatecast.versions import collect

if TYPE_CHECKING:
    from gatecast.forecast.forecaster import Forecaster

#: horizons, and at least so many rows, of the past that are drawn beside a forecast
PAST_HORIZONS, LEAST_PAST, MOST_PAST = 3, 30, 400
#: windows of a backtest that are drawn and written; their scores are of all
MOST_WINDOWS = 2_000
#: origins on which inputs are mixed up, and how often
MOST_ORIGINS, REPEATS = 100, 3
#: what the calendar's inputs are called
CYCLES = {
    "hour": "hour of the day",
    "weekday": "day of the week",
    "monthday": "day of the month",
    "yearday": "day of the year",
}
WAVES = {"sin": "sine", "cos": "cosine"}
#: series that are named because their forecasts are worst
WORST = 3
HEADLINE = ("mase", "mae", "rmse", "smape")


def make_report(
    forecaster: "Forecaster",
    *,
    fans: list[Fan] | None = None,
    backtest: Backtest | None = None,
    command: str = "",
) -> Result:
    """What a page shows of a fitted forecaster; ``gatecast.report.write`` makes the page.

    Parameters
    ----------
    forecaster : Forecaster
    fans : list of Fan, optional
        What lies ahead; :func:`fans_in` makes them.
    backtest : Backtest, optional
        Of the series that the forecaster knows.
    command : str
        What was typed to get there.

    Examples
    --------
    >>> from gatecast.forecast import Forecaster
    >>> forecaster = Forecaster("naive", horizon=2).fit(np.arange(40.0) % 7)
    >>> make_report(forecaster).title
    'y, 2 steps ahead'
    """
    statement = forecaster.statement_
    steps = forecaster.horizon if backtest is None else backtest.points.shape[1]
    result = Result(
        experiment="forecast",
        preset=forecaster.name,
        title=f"{forecaster.target}, {count_of(steps, 'step')} ahead",
        task="forecast",
        target=forecaster.target,
        headline=HEADLINE,
        notes=list(forecaster.notes_),
        meta=_meta(forecaster, command),
    )
    reliability: Reliability | None = None
    breakdowns: list[Breakdown] = []
    importance: list[Importance] = []
    if forecaster.calibration_ is not None:
        reliability = reliability_said(forecaster.calibration_.report(), forecaster.horizon)
    if backtest is not None:
        models = {forecaster.name: backtest.points, **_rival(forecaster.name, backtest)}
        moments = _moments(forecaster.known_, backtest)
        breakdowns = breakdowns_of(backtest, models, moments)
        reliability = reliability_of(backtest) or reliability
        _add_scores(result, forecaster, backtest, models)
        _add_windows(result, forecaster, backtest, models, moments)
        importance = _importance(forecaster, backtest)
    words = "Its skill is unknown: there were no rows to try it on."
    if statement is not None:
        words = statement.sentence
        if backtest is not None:
            words = _both(forecaster.name, backtest, result, statement)
        result.alarms = list(statement.alarms)
        result.notes = [note for note in result.notes if note != statement.words]
    result.outlook = Outlook(
        words, fans or [], breakdowns, reliability, importance, trainings_of(forecaster.model_)
    )
    return result


def _both(name: str, backtest: Backtest, result: Result, statement: Statement) -> str:
    """What the backtest found, and what the fit had found on rows of its own."""
    skill = result.summary[0].skill
    if skill is None or len(result.summary) < 2:
        return statement.sentence
    steps = count_of(backtest.points.shape[1], "step")
    how = "less" if skill >= 0 else "MORE"
    rival = result.summary[1].model.replace("_", " ")
    own = (
        f"{name}: in the backtest its forecasts of {steps} from "
        f"{count_of(len(backtest.origins), 'origin')} err {100 * abs(skill):.1f} % {how} than "
        f"{rival} (MASE)."
    )
    trial = count_of(statement.origins, "held-out origin")
    return f"{own} When it was fitted, from {trial}, they erred {statement.verdict}."


def fans_in(frame: Any, known: Known, name: str) -> list[Fan]:
    """The last known rows of each series, and what ``predict`` says of those after them.

    Parameters
    ----------
    frame : pandas table
        As ``predict`` gave it.
    known : Known
        The series that were forecast.
    name : str
        Of the forecaster.
    """
    count, lengths = len(known.ids), known.history.lengths
    columns = {c: frame[c].to_numpy(np.float64).reshape(count, -1) for c in _of(frame, name)}
    start = f"{name}-lo-"
    levels = [c.removeprefix(start) for c in columns if c.startswith(start)]
    points = columns[name]
    steps = points.shape[1]
    past = np.minimum(lengths, min(MOST_PAST, max(LEAST_PAST, PAST_HORIZONS * steps)))
    stamps = _stamps(known, lengths - past, past + steps)
    found = []
    for i, series in enumerate(known.ids):
        bands = {
            float(level): (columns[f"{name}-lo-{level}"][i], columns[f"{name}-hi-{level}"][i])
            for level in levels
        }
        values = known.history.series(i)[-past[i] :]
        called = series if known.schema.style.named else ""
        found.append(Fan(called, stamps[i], values, points[i], bands))
    return found


def _stamps(known: Known, first: Rows, counts: Rows) -> list[Array]:
    """The times of so many rows of each series, from a row on; all made at once."""
    series = np.repeat(np.arange(len(counts)), counts)
    moments = known.grid.local(series, rows_of(first, counts))
    return np.split(moments, np.cumsum(counts)[:-1])


def _of(frame: Any, name: str) -> list[str]:
    """The forecaster's own columns."""
    parts = (f"{name}-lo-", f"{name}-hi-")
    return [c for c in map(str, frame.columns) if c == name or c.startswith(parts)]


def _rival(name: str, backtest: Backtest) -> dict[str, Array]:
    """Seasonal naive from the same origins; nothing where that is the forecaster itself."""
    rival = rival_of(backtest.period)
    if name in (rival, SeasonalNaive.name):
        return {}
    model = SeasonalNaive().fit(backtest.history, backtest.points.shape[1], backtest.period)
    return {rival: model.predict(backtest.history, backtest.origins)}


def _moments(known: Known, backtest: Backtest) -> Array:
    """(n,): the time of the first step ahead of each origin."""
    origins = backtest.origins
    first = origins.rows - backtest.history.offsets[origins.series]
    return known.grid.local(origins.series, first)


def _kind(name: str) -> str:
    return "baseline" if name in CLASSICAL else "network"


def _add_scores(
    result: Result, forecaster: "Forecaster", backtest: Backtest, models: dict[str, Array]
) -> None:
    """One row of the table a model."""
    evaluation = backtest.evaluate(forecaster.name)
    scores = dict(zip(models, (evaluation.metrics, evaluation.naive), strict=False))
    for name, metrics in scores.items():
        own = name == forecaster.name
        seed = forecaster.seed if own and _kind(name) == "network" else None
        skill = evaluation.skill if own and len(models) > 1 else 0.0
        result.rows.append(Row(name, "", _kind(name), seed, metrics))
        result.summary.append(
            Summary(name, "", _kind(name), 1, metrics, dict.fromkeys(metrics, 0.0), skill)
        )
    steps = backtest.points.shape[1]
    result.notes.append(
        f"The backtest: {count_of(len(backtest.origins), 'origin')} of {evaluation.series:,} "
        f"series, {count_of(steps, 'step')} each; nothing after an origin was learned from or "
        "looked at. MASE is the error in units of that of seasonal naive on the rows before the "
        "origin."
    )
    if len(models) > 1 and evaluation.series > 1:
        result.notes.append(_by_series(forecaster.known_, backtest, models))


def _by_series(known: Known, backtest: Backtest, models: dict[str, Array]) -> str:
    """In how many series the forecasts are better than naive, and where they are worst beside it.

    Errors of a series are compared with each other, so that its scale does not matter.
    """
    series, place = np.unique(backtest.origins.series, return_inverse=True)
    own, rival = (
        np.bincount(place, np.nansum(np.abs(points - backtest.truth), axis=1))
        for points in models.values()
    )
    times = own / np.where(rival > 0, rival, np.nan)
    better = int((own < rival).sum())
    name = list(models)[1].replace("_", " ")
    said = f"In {better:,} of {len(series):,} series they err less than {name}"
    worst = [i for i in np.argsort(-np.nan_to_num(times))[:WORST] if times[i] > 1]
    if not worst:
        return f"{said}."
    named = [f"{known.ids[series[i]]} ({times[i]:.2g} times its error)" for i in worst]
    return f"{said}; worst beside it: {', '.join(named)}."


def _add_windows(
    result: Result,
    forecaster: "Forecaster",
    backtest: Backtest,
    models: dict[str, Array],
    moments: Array,
) -> None:
    """The forecasts from each origin beside what came."""
    count = len(backtest.origins)
    chosen = np.arange(count)
    if count > MOST_WINDOWS:
        chosen = np.linspace(0, count - 1, MOST_WINDOWS).astype(np.intp)
        result.notes.append(
            f"{MOST_WINDOWS:,} of the backtest's {count:,} windows are drawn and written."
        )
    known = forecaster.known_
    index = moments[chosen]
    if known.schema.style.named:
        names = np.array(known.ids, dtype=object)[backtest.origins.series[chosen]]
        times = np.datetime_as_string(index, "auto") if index.dtype.kind == "M" else index
        index = np.array([f"{n}, {t}" for n, t in zip(names, times, strict=True)], dtype=object)
    result.truths.append(Truth("", backtest.truth[chosen], index, _past(backtest, chosen)))
    level = max(backtest.intervals, default=None)
    for name, points in models.items():
        bounds = {}
        if name == forecaster.name and level is not None:
            one = backtest.intervals[level]
            bounds = {"lower": one.lower[chosen], "upper": one.upper[chosen]}
        seed = forecaster.seed if _kind(name) == "network" else None
        result.predictions.append(
            Predictions(name, "", seed, points[chosen], level=level if bounds else None, **bounds)
        )


def _past(backtest: Backtest, chosen: Rows) -> Array:
    """(n, rows): the values before each origin, NaN before a series begins."""
    history, origins = backtest.history, backtest.origins.take(chosen)
    wide = min(LEAST_PAST, int(history.lengths.max()))
    rows = origins.rows[:, None] + np.arange(-wide, 0)
    inside = rows >= history.offsets[origins.series][:, None]
    return np.where(inside, history.target[np.maximum(rows, 0)], np.nan)


def _importance(forecaster: "Forecaster", backtest: Backtest) -> list[Importance]:
    """What each input is worth to the backtest's model, on a part of its origins."""
    model, origins = backtest.model, backtest.origins
    steps = backtest.points.shape[1]
    if model is None or steps > model.horizon_ or not np.nanmax(np.abs(_errors(backtest))) > 0:
        return []
    if len(origins) > MOST_ORIGINS:
        origins = origins.take(np.linspace(0, len(origins) - 1, MOST_ORIGINS).astype(np.intp))
    # Of a large panel only the series that are looked at: inputs are mixed up many times.
    series, place = np.unique(origins.series, return_inverse=True)
    part = reaching(backtest.history.take(series), model.horizon_ - steps)
    within = origins.rows - backtest.history.offsets[origins.series]
    origins = Origins(place, part.offsets[place] + within)
    found = permutation_importance(model, part, origins, repeats=REPEATS, seed=forecaster.seed)
    return [Importance(_input(row, forecaster.target), row.worse) for row in found.rows]


def _input(row: ImportanceRow, target: str) -> str:
    """An input as the page calls it."""
    if row.place >= 0:
        cycle, _, wave = row.name.rpartition("-")
        return f"{CYCLES[cycle]}, {WAVES[wave]}" if cycle in CYCLES and wave in WAVES else row.name
    return f"{target}, {-row.place} row{'s' if row.place < -1 else ''} before"


def _errors(backtest: Backtest) -> Array:
    errors: Array = backtest.points - backtest.truth
    return errors


def _meta(forecaster: "Forecaster", command: str) -> dict[str, str]:
    facts = {"command": command} if command else {}
    facts["forecaster"] = repr(forecaster)
    history = forecaster.known_.history
    rows = count_of(int(history.lengths.sum()), "row")
    facts["series"] = f"{len(history):,} of {rows}" + (" in all" if len(history) > 1 else "")
    facts["season"] = f"{forecaster.period_} rows"
    return facts | collect()
