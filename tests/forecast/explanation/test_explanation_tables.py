"""Explanations of a user's table: they sum to what predict says, in the table's own library."""

from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

from gatecast import Forecaster
from gatecast.errors import InputError

H = 2


def table(series: int = 3, rows: int = 60) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    price = rng.normal(size=(series, rows))
    return pd.DataFrame(
        {
            "unique_id": np.repeat([f"s{i}" for i in range(series)], rows),
            "ds": np.tile(pd.date_range("2020-01-01", periods=rows, freq="MS"), series),
            "y": (20 + price + rng.normal(size=(series, rows))).ravel(),
            "price": price.ravel(),
        }
    )


@pytest.mark.parametrize("model", ["gru-direct", "linear", "theta"])
def test_contributions_sum_to_the_forecast(model):
    frame = table()
    updates = 20 if model == "gru-direct" else None
    forecaster = Forecaster(model, horizon=H, level=None, updates=updates)
    forecaster.fit(frame.drop(columns="price"))
    told = forecaster.explain()
    total = told.groupby(["unique_id", "ds"])["contribution"].sum()
    forecast = forecaster.predict().set_index(["unique_id", "ds"])[model]
    assert total.to_numpy() == pytest.approx(forecast.loc[total.index].to_numpy(), rel=1e-6)
    assert {"y", "baseline", "remainder"} <= set(told["input"])


def test_some_series_and_covariates_of_a_polars_table():
    frame = table()
    stamps = pd.date_range("2025-01-01", periods=H, freq="MS")
    ahead = pd.DataFrame({"unique_id": np.repeat(["s0", "s1", "s2"], H),
                          "ds": np.tile(stamps, 3), "price": 0.5})  # fmt: skip
    forecaster = Forecaster("gru-direct", horizon=H, level=None, updates=20, future=["price"])
    forecaster.fit(pl.from_pandas(frame))
    told = forecaster.explain(["s2", "s0"], future=pl.from_pandas(ahead))
    assert isinstance(told, pl.DataFrame)
    assert told["unique_id"].unique(maintain_order=True).to_list() == ["s2", "s0"]
    assert "price" in told["input"].to_list()


def test_what_cannot_be_explained_is_refused():
    frame = table(21).drop(columns="price")
    forecaster = Forecaster("naive", horizon=H, level=None).fit(frame)
    for ids, message in ((None, "there are 21 series"), (["x"], "no series"), ([], "is empty")):
        with pytest.raises(InputError, match=message):
            forecaster.explain(ids)
    anything: Any = 5
    with pytest.raises(InputError, match="ids must be names of series in a list, it is 5"):
        forecaster.explain(anything)
    assert len(forecaster.explain("s20", method="walks"))
    assert len(forecaster.explain(["s20"], method="walks"))
