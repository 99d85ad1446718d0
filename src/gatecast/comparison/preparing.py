"""From columns to windows: split in time, scaled and encoded by the training rows alone."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from gatecast.data.encoding import LabelEncoder, OneHotEncoder
from gatecast.data.scaling import StandardScaler
from gatecast.data.splits import Split, split_in_time
from gatecast.data.windows import Windows
from gatecast.errors import InputError, TableError
from gatecast.forecast.samples import Array, Samples

PARTS = ("train", "validation", "test")
LEAST_TRAINING = 10  # windows: of fewer nothing can be learned
MOST_BYTES = 4e9  # of windows laid out for the baselines, in float64


@dataclass(frozen=True)
class Plan:
    """What is asked of the columns.

    Attributes
    ----------
    task : {"forecast", "regress", "classify"}
    target : str
    inputs : tuple of str
        Columns that the models see; the target is among them where its own past may be used.
    window, horizon : int
    test, validation : float or int
        Share or number of the last rows, and of those before them.
    season : int or None
        Rows that the past of a test window must reach back for the seasonal naive forecast.
    """

    task: str
    target: str
    inputs: tuple[str, ...]
    window: int
    horizon: int
    test: float
    validation: float
    season: int | None = None


@dataclass(frozen=True)
class Prepared:
    """The windows of a table, and from which rows they come.

    Attributes
    ----------
    samples : dict of Samples
        ``train``, ``validation`` and ``test``.
    first_target : dict of (n,) integers
        Row of each window's first target.
    split : Split
    classes : tuple of str
    series : (rows,) array
        The target's training rows.
    input_names : tuple of str
        One for each feature of the windows.
    """

    samples: dict[str, Samples]
    first_target: dict[str, Array]
    split: Split
    classes: tuple[str, ...]
    series: Array
    input_names: tuple[str, ...]


def prepare(columns: Mapping[str, Array], plan: Plan, stamps: Array | None = None) -> Prepared:
    """Windows of the three parts; look-backs may reach into the part before, targets never.

    Parameters
    ----------
    columns : dict of (rows,) arrays
        Numbers, or objects (text) for categories.
    plan : Plan
    stamps : (rows,) array, optional
        Time stamps; row numbers by default.
    """
    rows = len(columns[plan.target])
    _check_rows(rows, plan)
    split = split_in_time(rows, validation=plan.validation, test=plan.test)
    training = split.rows("train")
    target, classes = _target(columns, plan, training)
    features, names = _features(columns, plan, training)
    _check_size(rows, len(names), plan)
    stamps = np.arange(rows) if stamps is None else stamps
    samples, first = {}, {}
    for part in PARTS:
        windows = Windows(
            features, target, plan.window, plan.horizon, targets=getattr(split, part)[0]
        )
        _check_windows(part, len(windows), split.count(part), rows, plan)
        samples[part] = _samples(windows, plan, target, stamps, training)
        first[part] = windows.first_target
    series = target[training]
    return Prepared(samples, first, split, classes, series, names)


def _check_rows(rows: int, plan: Plan) -> None:
    needed = plan.window + 2 * plan.horizon + 1
    if rows < needed:
        raise InputError(
            f"the table has {rows} rows; a window of {plan.window} and a horizon of {plan.horizon} "
            f"need at least {needed}, and many more to learn from: use a shorter window"
        )


def _check_windows(part: str, found: int, used: int, rows: int, plan: Plan) -> None:
    least = LEAST_TRAINING if part == "train" else 1
    if found < least:
        raise InputError(
            f"the {part} rows hold {found} windows, at least {least} are needed: {used} of the "
            f"{rows} rows are for {part}, and a window takes {plan.window} rows before and "
            f"{plan.horizon} after; use a shorter window or horizon, or a longer table"
        )


def _check_size(rows: int, features: int, plan: Plan) -> None:
    size = 8.0 * rows * plan.window * features
    if size > MOST_BYTES:
        raise InputError(
            f"windows of {plan.window} rows of {features} columns would take {size / 1e9:.0f} GB "
            f"for {rows:,} rows; compare on the latest rows, with a shorter window or fewer "
            "features"
        )


def _features(
    columns: Mapping[str, Array], plan: Plan, training: Array
) -> tuple[Array, tuple[str, ...]]:
    """(rows, F) float32: numbers standardised, categories one-hot, by the training rows."""
    blocks, names = [], []
    for name in plan.inputs:
        values = columns[name]
        if values.dtype.kind == "f":
            scaler = StandardScaler().fit(values[training])
            blocks.append(scaler.transform(values)[:, None].astype(np.float32))
            names.append(name)
            continue
        encoder = OneHotEncoder().fit(values[training])
        try:
            blocks.append(encoder.transform(values))
        except InputError as error:
            raise TableError(
                f"column {name!r}: {error}; leave it out of the features, or let the training rows "
                "have every category"
            ) from None
        names += [f"{name}={category}" for category in encoder.categories_]
    return np.concatenate(blocks, axis=1), tuple(names)


def _target(
    columns: Mapping[str, Array], plan: Plan, training: Array
) -> tuple[Array, tuple[str, ...]]:
    """Numbers as they are, classes as their numbers with their names."""
    values = columns[plan.target]
    if plan.task != "classify":
        if np.ptp(values[training]) == 0:
            raise TableError(
                f"column {plan.target!r} is {values[training][0]:g} in every training row; a "
                "constant target leaves nothing to predict"
            )
        return values, ()
    encoder = LabelEncoder().fit(values[training])
    if len(encoder.categories_) < 2:
        raise TableError(
            f"column {plan.target!r} is {encoder.categories_[0]!r} in every training row; a "
            "constant target leaves nothing to predict"
        )
    try:
        codes = encoder.transform(values)
    except InputError as error:
        raise TableError(
            f"column {plan.target!r}: {error}; a class that was never seen cannot be predicted"
        ) from None
    return codes.astype(np.int64), tuple(map(str, encoder.categories_))


def _samples(
    windows: Windows, plan: Plan, target: Array, stamps: Array, training: Array
) -> Samples:
    """The windows of one part, as models take them."""
    first = windows.first_target
    past = _past(target, first, plan)
    index = stamps[first]
    if plan.task == "classify":
        return Samples(windows.x, windows.y[:, 0], past, index=index)
    scale = float(target[training].std())
    if plan.task == "regress":
        return Samples(windows.x, windows.y, past, float(target[training].mean()), scale, index)
    # relative to each window's last value, so that a level never seen before is no obstacle
    x = np.array(windows.x)
    own = plan.inputs.index(plan.target)
    x[..., own] -= x[:, -1:, own]
    return Samples(x, windows.y, past, target[first - 1][:, None], scale, index)


def _past(target: Array, first: Array, plan: Plan) -> Array:
    """(n, W): the target's rows before each window, a season of them where there are so many."""
    width = max(plan.window, plan.season or 0)
    if len(first) and first.min() < width:
        width = plan.window
    return target[first[:, None] + np.arange(-width, 0)]
