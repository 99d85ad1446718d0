"""Leaks: those that are planted are found, and none of our own forecasters has one."""

from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

from gatecast import Forecaster
from gatecast.errors import InputError, LeakError
from gatecast.forecast import check_no_leakage, presets

NETWORKS = [name for name in presets() if name.split("-")[0] in ("rnn", "gru", "lstm")]


def table(rows=48, series=2, seed=0):
    rng = np.random.default_rng(seed)
    wave = 10 + 2 * np.sin(np.arange(rows) / 12 * 2 * np.pi)
    return pd.DataFrame(
        {
            "unique_id": np.repeat([f"s{i}" for i in range(series)], rows),
            "ds": np.tile(pd.date_range("2020-01-01", periods=rows, freq="MS"), series),
            "y": np.concatenate([wave * (i + 1) + rng.normal(0, 0.3, rows) for i in range(series)]),
        }
    )


# -- forecasters of others, honest and not -------------------------------------------------------


class LastValue:
    """Honest."""

    def fit(self, df):
        self.last = df.groupby("unique_id")["y"].last()
        self.after = df.groupby("unique_id")["ds"].max()
        return self

    def predict(self, h):
        rows = [
            {"unique_id": name, "ds": self.after[name] + pd.DateOffset(months=k + 1), "last": value}
            for name, value in self.last.items()
            for k in range(h)
        ]
        return pd.DataFrame(rows)

    def cross_validation(self, df, h, n_windows, step_size):
        parts = []
        for window in range(n_windows, 0, -1):
            cutoff = sorted(df["ds"].unique())[-1 - window * step_size]
            prepared = self.prepare(df)
            known = prepared[prepared["ds"] <= cutoff]
            parts.append(self.fit(known).predict(h).assign(cutoff=cutoff))
        return pd.concat(parts)

    def prepare(self, df):
        return df


class ScaledByAllRows(LastValue):
    """A global scaler, fitted before the rows are split."""

    def prepare(self, df):
        return df.assign(y=(df["y"] - df["y"].mean()) / df["y"].std())


class CentredMean(LastValue):
    """A rolling mean that looks three rows ahead."""

    def prepare(self, df):
        rolled = df.groupby("unique_id")["y"].rolling(7, center=True, min_periods=1).mean()
        return df.assign(y=rolled.to_numpy())


class FilledBackward(LastValue):
    """Missing values take the next one."""

    def prepare(self, df):
        return df.assign(y=df.groupby("unique_id")["y"].bfill())


def test_an_honest_forecaster_passes():
    found = check_no_leakage(LastValue(), table(), h=3)
    assert found.forecasts > 0
    assert "cross_validation with refit=False" in str(found)


@pytest.mark.parametrize("leaky", [ScaledByAllRows, CentredMean])
def test_a_leak_before_the_split_is_found(leaky):
    with pytest.raises(LeakError, match=r"forecast 'last' of series 's0' from the cutoff .* moved"):
        check_no_leakage(leaky(), table(), h=3)


def test_values_filled_from_the_future_are_found():
    holes = table()
    cutoff = np.sort(holes["ds"].unique())[-4]
    holes.loc[holes["ds"] == cutoff, "y"] = np.nan
    with pytest.raises(LeakError, match="the future leaks into it"):
        check_no_leakage(FilledBackward(), holes, h=3, n_windows=1)


def test_a_scaler_that_outlives_a_fit_is_found():
    class Keeps(LastValue):
        mean = None

        def fit(self, df):
            if self.mean is None:
                self.mean = df["y"].mean()
            return super().fit(df.assign(y=df["y"] - self.mean))

    def fresh_each_time(df, cutoff, h):
        keeping = Keeps().fit(df)
        return keeping.fit(df[df["ds"] <= cutoff]).predict(h)

    with pytest.raises(LeakError, match="all rows and a cutoff"):
        check_no_leakage(fresh_each_time, table(), h=3)


def test_a_past_covariate_that_is_read_ahead_is_found():
    def reads_ahead(df, cutoff, h):
        ahead = df[(df["ds"] > cutoff) & (df["unique_id"] == "s0")].head(h)
        return ahead[["unique_id", "ds"]].assign(peeked=ahead["sold"])

    one = table(series=1).assign(sold=np.arange(48.0))
    with pytest.raises(LeakError, match="'peeked'"):
        check_no_leakage(reads_ahead, one, h=3, past=("sold",))
    check_no_leakage(reads_ahead, one, h=3, future=("sold",))  # known in advance: no leak


def test_categories_are_mixed_too():
    def counts(df, cutoff, h):
        last = df[df["ds"] > cutoff]["kind"].iloc[0]
        return pd.DataFrame({"ds": range(h), "found": [float(last == "a")] * h})

    one = table(series=1).assign(kind=list("ab") * 24)
    with pytest.raises(LeakError):
        check_no_leakage(counts, one, h=6, past=("kind",), seed=1)


def test_a_forecaster_without_a_seed_is_not_called_leaky():
    rng = np.random.default_rng()

    def dice(train, h):
        return pd.DataFrame({"ds": range(h), "dice": rng.normal(size=h)})

    with pytest.raises(InputError, match="two runs on the same table differ"):
        check_no_leakage(dice, table(), h=3)


def test_tables_of_polars_are_handed_over_as_such():
    def last(train, h):
        assert isinstance(train, pl.DataFrame)
        return pl.DataFrame({"ds": range(h), "last": [train["y"][-1]] * h})

    assert check_no_leakage(last, pl.from_pandas(table()), h=3).forecasts == 9


@pytest.mark.parametrize(
    ("forecaster", "options", "words"),
    [
        (3, {}, "must have fit and predict, or be a function"),
        (lambda train, h: None, {"target": "z"}, "df has no column 'z'"),
        (lambda train, h: None, {"n_windows": 30}, "too few for 30 cutoffs 3 rows apart"),
        (lambda train, h: None, {"n_windows": 0}, "n_windows must be a whole number >= 1"),
    ],
)
def test_what_cannot_be_checked_is_refused(forecaster, options, words):
    with pytest.raises(InputError, match=words):
        check_no_leakage(forecaster, table(), h=3, **options)


# -- our own -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", list(presets()))
def test_no_preset_leaks(name):
    network = name in NETWORKS or name in (
        "encoder-decoder", "patch", "conv", "attention", "quantiles", "gaussian", "student-t",
        "dropout",
    )  # fmt: skip
    options: dict[str, Any] = {"updates": 2, "window": 6} if network else {}
    forecaster = Forecaster(name, horizon=2, level=None, season=4, **options)

    def backtested(df, cutoff, h):
        return forecaster.cross_validation(h, n_windows=1, df=df)

    assert check_no_leakage(backtested, table(30, series=1), h=2, n_windows=1).forecasts == 2


@pytest.mark.parametrize("name", ["seasonal_naive", "gru", "linear"])
def test_no_way_of_using_them_leaks(name):
    options: dict[str, Any] = {"updates": 2, "window": 6} if name == "gru" else {}
    forecaster = Forecaster(name, horizon=2, level=None, season=4, **options)
    assert len(check_no_leakage(forecaster, table(24)).ways) == 3


@pytest.mark.parametrize("interval", ["conformal", "adaptive", "paths"])
def test_intervals_do_not_leak(interval):
    forecaster = Forecaster("seasonal_naive", horizon=2, interval=interval)
    check_no_leakage(forecaster, table(), n_windows=2)


def test_covariates_do_not_leak():
    rng = np.random.default_rng(1)
    with_more = table(30).assign(
        sold=rng.normal(size=60), price=rng.normal(size=60), kind=np.repeat(["a", "b"], 30)
    )
    forecaster = Forecaster(
        "gru", horizon=2, updates=2, window=6, level=None,
        past=("sold",), future=("price",), static=("kind",),
    )  # fmt: skip
    check_no_leakage(forecaster, with_more, n_windows=1, past=("sold",), future=("price",))
