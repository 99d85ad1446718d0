"""The proof that a forecaster does not look ahead: the future is changed, and nothing may move.

It works on anybody's forecaster that speaks the long format.  What is handed over after a cutoff
is replaced by far-off noise; a forecast made at that cutoff, or before it, must stay the same to
the last digit.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from inspect import signature
from typing import TYPE_CHECKING, Any

import numpy as np

from gatecast.data.frames import Frame
from gatecast.errors import InputError, LeakError
from gatecast.forecast.history import Array
from gatecast.forecast.writing import to_library
from gatecast.nn.validation import check_size

if TYPE_CHECKING:
    import pandas as pd

#: from a table with another future to the forecasts made from it, by (series, time, cutoff)
Run = Callable[["pd.DataFrame"], "pd.DataFrame"]


@dataclass(frozen=True)
class Leakage:
    """What was compared, and did not move.

    Attributes
    ----------
    forecasts : int
        Numbers that were compared.
    ways : tuple of str
        How the forecaster was run.
    """

    forecasts: int
    ways: tuple[str, ...]

    def __str__(self) -> str:
        return (
            f"no leak: {self.forecasts} forecasts stayed the same whatever the future held "
            f"({', '.join(self.ways)})"
        )


def check_no_leakage(
    forecaster: Any,
    df: Any,
    h: int | None = None,
    *,
    n_windows: int = 2,
    id: str = "unique_id",  # noqa: A002 (the word that users know)
    time: str = "ds",
    target: str = "y",
    past: tuple[str, ...] = (),
    future: tuple[str, ...] = (),
    seed: int = 0,
) -> Leakage:
    """Prove that forecasts do not depend on what comes after their cutoff.

    Parameters
    ----------
    forecaster : object or function
        A :class:`Forecaster` or anybody's: an object with ``fit(df)`` and ``predict(h)``, and
        perhaps ``cross_validation(df=, h=, n_windows=, ...)``, all in the long format; or a
        function ``(train, h)`` of the rows before a cutoff, or ``(df, cutoff, h)`` of all rows and
        the last time that is known, which gives a table of forecasts.
    df : pandas, polars or pyarrow table
        With the columns ``id`` (may be absent), ``time`` and ``target``.
    h : int, optional
        Steps ahead; the forecaster's ``horizon`` by default.
    n_windows : int
        Cutoffs, h rows apart, the last h rows before the end.
    past, future : tuple of str
        Covariates known up to the present only, which are changed with the target, and those known
        in advance, which are not.
    seed : int
        Of the noise.

    Returns
    -------
    Leakage
        What was compared.

    Raises
    ------
    LeakError
        With the first forecast that moved.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"ds": pd.date_range("2024-01-01", periods=40), "y": np.arange(40.0)})
    >>> def honest(train, h):
    ...     last = train["y"].iloc[-1]
    ...     return pd.DataFrame({"ds": range(h), "last": [last] * h})
    >>> print(check_no_leakage(honest, table, h=3))
    no leak: 9 forecasts stayed the same whatever the future held (rows before the cutoff alone)
    >>> def scaled(df, cutoff, h):
    ...     mean = df["y"].mean()  # of all rows
    ...     return pd.DataFrame({"ds": range(h), "mean": [mean] * h})
    >>> check_no_leakage(scaled, table, h=3)
    Traceback (most recent call last):
    gatecast.errors.LeakError: ...
    """
    frame = _Table(df, id, time, target, past, future, seed)
    steps = check_size("h", getattr(forecaster, "horizon", None) if h is None else h)
    cutoffs = frame.cutoffs(steps, check_size("n_windows", n_windows))
    compared, ways = 0, []
    for way, run in _ways(forecaster, frame, steps, cutoffs).items():
        compared += _compare(way, run, frame, cutoffs)
        ways.append(way)
    return Leakage(compared, tuple(ways))


class _Table:
    """The user's table: cut at a time, or with another future."""

    def __init__(
        self,
        df: Any,
        id: str,  # noqa: A002
        time: str,
        target: str,
        past: tuple[str, ...],
        future: tuple[str, ...],
        seed: int,
    ) -> None:
        import narwhals as nw

        names = Frame(df, "df").names
        for name in (time, target, *past, *future):
            if name not in names:
                raise InputError(f"df has no column {name!r}; it has {', '.join(map(repr, names))}")
        self.frame: pd.DataFrame = nw.from_native(df, eager_only=True).to_pandas()
        module = type(df).__module__.partition(".")[0]
        self.library = module if module in ("polars", "pyarrow") else "pandas"
        self.id = id if id in names else None
        self.time, self.changing, self.future = time, (target, *past), future
        self.known = {name for name in (self.id, time, target) if name is not None}
        self.seed = seed

    def cutoffs(self, steps: int, count: int) -> list[Any]:
        """The last known times, the earliest first."""
        times = self.frame[self.time].drop_duplicates().sort_values()
        if len(times) <= steps * count:
            raise InputError(
                f"df has {len(times)} times, too few for {count} cutoffs {steps} rows apart; give "
                "more rows, or a smaller h or n_windows"
            )
        return [times.iloc[-1 - steps * back] for back in range(count, 0, -1)]

    def until(self, cutoff: Any, frame: "pd.DataFrame") -> "pd.DataFrame":
        """What is known at a cutoff."""
        known: pd.DataFrame = frame.loc[frame[self.time] <= cutoff].reset_index(drop=True)
        return known

    def after(self, cutoff: Any, frame: "pd.DataFrame") -> "pd.DataFrame":
        """Covariates known in advance, of the rows after a cutoff."""
        columns = [name for name in (self.id, self.time, *self.future) if name is not None]
        rest: pd.DataFrame = frame.loc[frame[self.time] > cutoff, columns].reset_index(drop=True)
        return rest

    def spoiled(self, cutoff: Any) -> "pd.DataFrame":
        """Another future: numbers far away from those that came, categories in another order."""
        rng = np.random.default_rng(self.seed)
        rows = (self.frame[self.time] > cutoff).to_numpy()
        changed = self.frame.copy()
        for name in self.changing:
            values = changed[name].to_numpy()
            if values.dtype.kind in "fiu":
                size = 10 * float(np.nanstd(values.astype(float))) + 1
                noise = values.astype(float)
                noise[rows] = np.abs(noise[rows]) + size * (1 + rng.random(int(rows.sum())))
                changed[name] = noise
            else:
                mixed = changed[name].to_numpy(dtype=object).copy()
                mixed[rows] = rng.permutation(mixed[rows])
                changed[name] = mixed
        return changed

    def native(self, frame: "pd.DataFrame") -> Any:
        """As a table of the user's library."""
        if self.library == "pandas":
            return frame
        import pandas as pd

        columns = {}
        for name in frame:
            values = frame[name]
            dates = values.dtype.kind == "M"
            columns[str(name)] = pd.DatetimeIndex(values) if dates else values.to_numpy()
        return to_library(columns, self.library)


def _ways(forecaster: Any, table: _Table, h: int, cutoffs: list[Any]) -> dict[str, Run]:
    """Every way in which this forecaster can be run on a table whose future may be another."""
    ways: dict[str, Run] = {}
    if not hasattr(forecaster, "fit"):
        if not callable(forecaster):
            raise InputError(
                "forecaster must have fit and predict, or be a function (train, h) or "
                f"(df, cutoff, h); it is a {type(forecaster).__name__}"
            )
        if len(signature(forecaster).parameters) >= 3:
            ways["all rows and a cutoff"] = lambda frame: _at_each(
                table, cutoffs, lambda cutoff: forecaster(table.native(frame), cutoff, h)
            )
        else:
            ways["rows before the cutoff alone"] = lambda frame: _at_each(
                table, cutoffs, lambda c: forecaster(table.native(table.until(c, frame)), h)
            )
        return ways
    ways["fit and predict, after a fit to all rows"] = lambda frame: _at_each(
        table, cutoffs, lambda cutoff: _fit_predict(forecaster, table, frame, cutoff, h)
    )
    if hasattr(forecaster, "cross_validation"):
        for refit in (False, True):
            ways[f"cross_validation with refit={refit}"] = partial(
                _validated, forecaster, table, h, len(cutoffs), refit
            )
    return ways


def _at_each(table: _Table, cutoffs: list[Any], forecast: Callable[[Any], Any]) -> "pd.DataFrame":
    """The forecasts from each cutoff, one under the other."""
    import narwhals as nw
    import pandas as pd

    parts = []
    for cutoff in cutoffs:
        found = nw.from_native(forecast(cutoff), eager_only=True).to_pandas().copy()
        parts.append(_with_names(found, table).assign(cutoff=cutoff))
    return pd.concat(parts, ignore_index=True)


def _fit_predict(forecaster: Any, table: _Table, frame: "pd.DataFrame", cutoff: Any, h: int) -> Any:
    """Forecasts of an object that saw all rows before it was fitted to those it may know."""
    forecaster.fit(table.native(frame))
    forecaster.fit(table.native(table.until(cutoff, frame)))
    takes = signature(forecaster.predict).parameters
    options: dict[str, Any] = {"h": h} if "h" in takes else {}
    if table.future:
        name = next((n for n in ("future", "X_df", "futr_df") if n in takes), None)
        if name is None:
            raise InputError("the forecaster's predict takes no covariates known in advance")
        options[name] = table.native(_first(table.after(cutoff, frame), table, h))
    return forecaster.predict(**options)


def _first(frame: "pd.DataFrame", table: _Table, h: int) -> "pd.DataFrame":
    groups = frame.groupby(table.id, sort=False) if table.id is not None else frame
    return groups.head(h)


def _validated(
    forecaster: Any, table: _Table, h: int, windows: int, refit: bool, frame: "pd.DataFrame"
) -> "pd.DataFrame":
    """The forecaster's own backtest."""
    import narwhals as nw

    takes = signature(forecaster.cross_validation).parameters
    options = {"df": table.native(frame), "h": h, "n_windows": windows, "step_size": h,
               "refit": refit}  # fmt: skip
    found = forecaster.cross_validation(**{n: v for n, v in options.items() if n in takes})
    plain: pd.DataFrame = nw.from_native(found, eager_only=True).to_pandas()
    return _with_names(plain, table)


def _with_names(found: "pd.DataFrame", table: _Table) -> "pd.DataFrame":
    """The series' names as a column, where a forecaster has them as the index."""
    return found.reset_index() if table.id is not None and found.index.name == table.id else found


def _compare(way: str, run: Run, table: _Table, cutoffs: list[Any]) -> int:
    """Run with the future as it was, and with others; what may not move is compared."""
    as_it_was = run(table.frame)
    compared = 0
    for cutoff in dict.fromkeys((cutoffs[0], cutoffs[-1])):
        changed = run(table.spoiled(cutoff))
        for name in _numbers(as_it_was, table):
            rows = (as_it_was["cutoff"] <= cutoff).to_numpy()
            before, after = (np.asarray(f[name], float) for f in (as_it_was, changed))
            if len(before) != len(after):
                raise LeakError(f"{way}: another future gives another number of forecasts")
            moved = rows & ~((before == after) | (np.isnan(before) & np.isnan(after)))
            if moved.any():
                _tell(way, run, table, as_it_was, name, int(moved.argmax()), after, cutoff)
            compared += int(rows.sum())
    return compared


def _numbers(found: "pd.DataFrame", table: _Table) -> list[str]:
    """The columns that hold forecasts."""
    from pandas.api.types import is_numeric_dtype

    left_out = {*table.known, "cutoff", "index", "ds", "unique_id"}
    return [str(n) for n in found if n not in left_out and is_numeric_dtype(found[n])]


def _tell(
    way: str,
    run: Run,
    table: _Table,
    found: "pd.DataFrame",
    name: str,
    row: int,
    after: Array,
    cutoff: Any,
) -> None:
    """Say what moved; or that the forecaster never gives the same numbers twice."""
    again = np.asarray(run(table.frame)[name], float)
    if not np.array_equal(again, np.asarray(found[name], float), equal_nan=True):
        raise InputError(
            f"{way}: two runs on the same table differ, so that nothing can be compared; give the "
            "forecaster a seed"
        )
    line = found.iloc[row]
    named = table.id is not None and table.id in found
    of = f" of series {line[str(table.id)]!r}" if named else ""
    raise LeakError(
        f"{way}: the forecast {name!r}{of} from the cutoff {line['cutoff']} moved from "
        f"{float(line[name]):.6g} to {after[row]:.6g} when only rows after {cutoff} changed: the "
        "future leaks into it"
    )
