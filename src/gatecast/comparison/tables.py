"""``compare``: a table in, a finished comparison out."""

import hashlib
import os
from collections.abc import Sequence
from functools import partial
from numbers import Real
from typing import Any

import numpy as np

from gatecast import kernels, nn
from gatecast.comparison.leakage import check_no_leak
from gatecast.comparison.preparing import Plan, Prepared, prepare
from gatecast.comparison.reading import Columns, read_columns
from gatecast.comparison.recipe import Recipe
from gatecast.comparison.running import run
from gatecast.comparison.study import TASKS, Network, Study, Variant
from gatecast.errors import InputError
from gatecast.estimators.networks import CELLS, build_network
from gatecast.forecast.baselines import Baseline, make_baseline
from gatecast.nn.losses import Loss
from gatecast.nn.validation import check_choice, check_size
from gatecast.results import Grid, Result
from gatecast.versions import version_of

UPDATES = 2000  # of a training, about
BASELINES = {
    "forecast": (
        "last_value", "seasonal_naive", "drift", "mean", "linear_regression", "gradient_boosting",
    ),
    "regress": ("last_value", "mean", "linear_regression", "gradient_boosting"),
    "classify": ("same_as_last", "most_frequent", "logistic_regression", "gradient_boosting"),
}  # fmt: skip


def compare(
    table: Any,
    *,
    target: str,
    time: str | None = None,
    features: Sequence[str] | None = None,
    task: str = "forecast",
    window: int = 24,
    horizon: int = 1,
    cells: Sequence[str] = ("rnn", "gru", "lstm"),
    baselines: Sequence[str] | None = None,
    seeds: int = 3,
    epochs: int | None = None,
    hidden: int = 32,
    layers: int = 1,
    dropout: float = 0.0,
    lr: float = 0.01,
    batch_size: int = 32,
    test: float = 0.2,
    validation: float = 0.1,
    season: int | None = None,
    level: float | None = 90.0,
    freq: str | int | None = None,
    gaps: str = "error",
    duplicates: str = "error",
    unsorted: str = "error",
    missing: str = "error",
    missing_texts: Sequence[str] = (),
    categorical: Sequence[str] = (),
    decimal: str | None = None,
    date_format: str | None = None,
    dayfirst: bool | None = None,
    timezone: str | None = None,
    delimiter: str | None = None,
    encoding: str | None = None,
    torch: bool = False,
    jobs: int = -1,
    progress: bool | None = None,
    command: str = "",
) -> Result:
    """Compare RNN, GRU and LSTM with each other and with simple baselines on a table.

    The last rows test, those before them choose the epoch, the first ones train; scalers and
    encoders see the training rows alone, and that nothing leaks is proven on every run.

    Parameters
    ----------
    table : path or table
        CSV, Parquet, or a pandas, polars or pyarrow table; one series.
    target : str
        The column to predict.
    time : str, optional
        The column of time stamps.  Without it the one column of dates is taken; ``"row"`` takes
        the rows in their order.
    features : sequence of str, optional
        Input columns.  By default the target's own past to forecast, and all other columns to
        regress or classify, where the target's past counts if it is named among the features.
    task : {"forecast", "regress", "classify"}
        Forecast the next ``horizon`` values, or predict the next row's value or class.
    window, horizon : int
        Rows looked back on, and rows to forecast.
    cells : sequence of {"rnn", "gru", "lstm", "linear"}
    baselines : sequence of str, optional
        By name, see ``forecast.make_baseline``; those that fit the task by default.
    seeds : int
        Trainings of each network.
    epochs : int, optional
        By default as many as make about 2,000 updates, 10 to 200.
    hidden, layers, dropout, lr, batch_size
        Of the networks; Adam with a one-cycle schedule, gradients clipped at 1.
    test, validation : float or int
        Share or number of rows.
    season : int, optional
        Rows in a season; by the frequency of the time stamps by default.
    level : float or None
        Per cent of the intervals around forecasts.
    freq : str or int, optional
        Of the time stamps ("15min", "D", "MS", …); found out by default.
    gaps : {"error", "insert"}
        ``insert`` puts in rows without values, to be filled by ``missing``.
    duplicates : {"error", "mean", "last"}
    unsorted : {"error", "sort", "next_day"}
        ``next_day``: rows are in order but for a 00:00 that closes its day; it is the next day's.
    missing : {"error", "last"}
        ``last`` fills with the last value known.
    missing_texts : sequence of str
        Texts that mean "no value", besides the empty one, NA, NaN, null and the like.
    categorical : sequence of str
        Columns that hold categories although they look like numbers.
    decimal, date_format, dayfirst, timezone, delimiter, encoding
        As in ``data.tables.read_table``.
    torch : bool
        PyTorch's twin of each network as well.
    jobs : int
        Trainings at once; -1 is one a core.
    progress : bool, optional
    command : str
        What was typed, for the report.

    Returns
    -------
    Result

    Examples
    --------
    >>> import pandas as pd
    >>> days = pd.date_range("2024-01-01", periods=200, freq="D")
    >>> table = pd.DataFrame({"ds": days, "y": np.sin(np.arange(200) / 3)})
    >>> result = compare(table, target="y", window=8, cells=["gru"], seeds=1, epochs=5, jobs=1,
    ...                  baselines=["last_value"])
    >>> [row.model for row in result.rows]
    ['last_value', 'gru']
    """
    check_choice("task", task, TASKS)
    check_size("window", window)
    check_size("horizon", horizon)
    check_size("seeds", seeds)
    check_size("hidden", hidden)
    _check_share("test", test)
    _check_share("validation", validation)
    if task != "forecast" and horizon != 1:
        raise InputError(f'horizon is for task="forecast"; task={task!r} predicts the next row')
    for cell in _names("cells", cells):
        check_choice("cells", cell, CELLS)
    columns = read_columns(
        table, target=target, time=time, features=features, task=task, freq=freq, gaps=gaps,
        duplicates=duplicates, unsorted=unsorted, missing=missing, missing_texts=missing_texts,
        categorical=categorical, decimal=decimal, date_format=date_format, dayfirst=dayfirst,
        timezone=timezone, delimiter=delimiter, encoding=encoding,
    )  # fmt: skip
    season = columns.season if season is None else check_size("season", season)
    plan = Plan(task, target, columns.inputs, window, horizon, test, validation, season)
    prepared = prepare(columns.values, plan, columns.stamps)
    recipe = _recipe(epochs, batch_size, lr, len(prepared.samples["train"]))
    variant = Variant(
        name="",
        train=prepared.samples["train"],
        validation=prepared.samples["validation"],
        test=prepared.samples["test"],
        networks=tuple(
            _network(cell, prepared, plan, recipe, hidden, layers, dropout) for cell in cells
        ),
        baselines=_baselines(baselines, task, season),
        classes=prepared.classes,
        series=None if task == "classify" else prepared.series,
        period=season or 1,
    )
    _check_baselines(variant)
    study = Study(
        experiment="compare",
        title=f"{target}: {', '.join(cells)} compared",
        task=task,
        target=target,
        variants=(variant,),
        seeds=tuple(range(seeds)),
        level=None if task == "classify" else level,
        notes=_notes(columns, plan, prepared, recipe, hidden, layers),
        proof=partial(check_leaks, columns, plan, prepared),
        grids=_heat_map(columns),
        meta=_meta(columns, seeds, command),
    )
    return run(study, jobs=jobs, torch=torch, progress=progress)


def _check_share(name: str, value: Any) -> None:
    """None at all would leave nothing to test on; what else is wrong, the split says."""
    if not isinstance(value, Real) or isinstance(value, bool) or not float(value) > 0:
        raise InputError(
            f"{name} must be a share of the rows between 0 and 1 or a number of rows, it is "
            f"{value!r}"
        )


def _names(name: str, values: Sequence[str]) -> list[str]:
    """A list of different names; a single text would be taken letter by letter."""
    if isinstance(values, str) or not values:
        raise InputError(f"{name} must be a list of at least one name, it is {values!r}")
    found = list(values)
    twice = [value for value in found if found.count(value) > 1]
    if twice:
        raise InputError(f"{name} names {twice[0]!r} twice")
    return found


def _recipe(epochs: int | None, batch_size: int, lr: float, windows: int) -> Recipe:
    """The settings of the trainings; refused here where they make none."""
    check_size("batch_size", batch_size)
    if epochs is None:
        epochs = min(200, max(10, -(-UPDATES * batch_size // windows)))
    recipe = Recipe(epochs=check_size("epochs", epochs), batch_size=batch_size, lr=lr)
    recipe.make_optimiser()
    return recipe


def _network(
    cell: str,
    prepared: Prepared,
    plan: Plan,
    recipe: Recipe,
    hidden: int,
    layers: int,
    dropout: float,
) -> Network:
    classes = plan.task == "classify"
    build = partial(
        _build, cell, len(prepared.input_names), len(prepared.classes) or plan.horizon, hidden,
        layers, dropout, plan.window,
    )  # fmt: skip
    build(0)  # what is wrong with the sizes is said before any work
    loss: Loss = nn.CrossEntropy() if classes else nn.MSE()
    return Network(cell, build, loss, recipe)


def _build(
    cell: str,
    features: int,
    outputs: int,
    hidden: int,
    layers: int,
    dropout: float,
    steps: int,
    seed: int,
) -> nn.Sequential:
    return build_network(
        cell, features, outputs, hidden_size=hidden, num_layers=layers, dropout=dropout,
        steps=steps, seed=seed,
    )  # fmt: skip


def _baselines(names: Sequence[str] | None, task: str, season: int | None) -> tuple[Baseline, ...]:
    """Those that were named, or those that fit the task."""
    if names is None:
        names = [n for n in BASELINES[task] if n != "seasonal_naive" or (season or 1) > 1]
    elif names:
        _names("baselines", names)
    return tuple(make_baseline(n, classes=task == "classify", period=season) for n in names)


def _check_baselines(variant: Variant) -> None:
    """Ask the naive ones for a row now: a window too short for a season is said before training."""
    for baseline in variant.baselines:
        if baseline.naive:
            baseline.fit(variant.train).predict(variant.test.take(slice(0, 1)))


def _notes(
    columns: Columns, plan: Plan, prepared: Prepared, recipe: Recipe, hidden: int, layers: int
) -> tuple[str, ...]:
    """The protocol in sentences."""
    counts = {part: len(samples) for part, samples in prepared.samples.items()}
    split = prepared.split
    asked = {
        "forecast": f"the next {plan.horizon} values of {plan.target}"
        if plan.horizon > 1
        else f"the next value of {plan.target}",
        "regress": f"{plan.target} of the next row",
        "classify": f"the class {plan.target} of the next row",
    }[plan.task]
    names = ", ".join(prepared.input_names)
    inputs = f"Asked for: {asked}, from the {plan.window} rows before, inputs {names}."
    borders = (
        f"Split in time: rows 0 to {split.train[0, 1] - 1} train, to {split.validation[0, 1] - 1} "
        f"choose the epoch and calibrate intervals, the last {split.count('test')} test; "
        f"{counts['train']:,}, {counts['validation']:,} and {counts['test']:,} windows."
    )
    leaks = (
        "Scalers and encoders were fitted on the training rows alone. Before training, all rows "
        "after the training rows, and then all after the middle of the test rows, were replaced "
        "by noise, to see that nothing moves in the windows before them."
    )
    networks = (
        f"Networks: {layers} layer{'s' * (layers > 1)} of {hidden} units; {recipe.describe()}; the "
        "weights of the epoch with the lowest validation loss were kept."
    )
    speed = (
        "Seconds and windows per second are of trainings that ran side by side on the cores, one "
        "thread each."
    )
    found = [*columns.notes, inputs, borders, leaks, networks, speed]
    if plan.task == "forecast":
        relative = (
            "Inputs and targets are relative to the last value of each window, so that a level "
            "that the training rows do not have is no obstacle; the scores are in the units of "
            f"{plan.target}."
        )
        found.append(relative)
    return tuple(found)


def check_leaks(columns: Columns, plan: Plan, prepared: Prepared) -> int:
    """Prove on this table that nothing leaks; how many windows were compared."""
    split = prepared.split
    middle = int(split.test[0].sum()) // 2
    return sum(
        check_no_leak(lambda values: prepare(values, plan), columns.values, row)
        for row in (int(split.train[0, 1]), middle)
    )


def _heat_map(columns: Columns) -> tuple[Grid, ...]:
    """Correlations of the columns that hold numbers."""
    numbers = {n: v for n, v in columns.values.items() if v.dtype.kind == "f" and np.ptp(v) > 0}
    if len(numbers) < 2:
        return ()
    names = tuple(numbers)
    return (Grid("Correlation of the columns", names, names, np.corrcoef(list(numbers.values()))),)


def _meta(columns: Columns, seeds: int, command: str) -> dict[str, str]:
    digest = hashlib.sha256()
    for name, values in columns.values.items():
        digest.update(name.encode())
        texts = "\0".join(map(str, values)) if values.dtype.kind != "f" else ""
        digest.update(texts.encode() or np.ascontiguousarray(values).tobytes())
    return {
        "command": command,
        "table": columns.source,
        "rows": str(len(next(iter(columns.values.values())))),
        "fingerprint": f"sha256 {digest.hexdigest()[:16]} of the columns in use",
        "seeds": ", ".join(map(str, range(seeds))),
        "gatecast": version_of("gatecast"),
        "numpy": np.__version__,
        "kernels": kernels.active().name,
        "cores": str(os.cpu_count()),
    }
