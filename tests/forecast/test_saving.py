"""A forecaster in a file: everything it needs, and the same bits when it comes back."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from gatecast import Forecaster, files
from gatecast.errors import FileFormatError, InputError
from gatecast.forecast import NetworkModel, Recipe, presets
from gatecast.forecast.classical import CLASSICAL, Naive
from tests.forecast.tables import panel, priced


@pytest.mark.parametrize("name", [*presets()])
def test_what_was_saved_forecasts_the_same_bits(name, tmp_path):
    options: dict[str, Any] = {} if name in CLASSICAL else {"updates": 2, "window": 6}
    forecaster = Forecaster(name, horizon=2, season=4, **options).fit(panel(30, ("a",)))
    path = tmp_path / "m.gatecast"
    forecaster.save(path)
    loaded = Forecaster.load(path)
    pd.testing.assert_frame_equal(loaded.predict(), forecaster.predict(), check_exact=True)
    assert loaded.notes_ == forecaster.notes_
    assert loaded.statement_ == forecaster.statement_
    assert repr(loaded) == repr(forecaster)


def test_a_model_of_ones_own_name_keeps_it(tmp_path):
    recipe = Recipe(updates=2, windows=(6,))
    forecaster = Forecaster(NetworkModel(recipe, "mine"), horizon=2, level=None).fit(panel(30))
    forecaster.save(tmp_path / "m.gatecast")
    assert "mine" in Forecaster.load(tmp_path / "m.gatecast").predict()


def test_a_model_that_nobody_knows_cannot_be_saved(tmp_path):
    class Own(Naive):
        name = "own"

    forecaster = Forecaster(Own(), horizon=2, level=None).fit(panel(30))
    with pytest.raises(InputError, match="a Own cannot be saved"):
        forecaster.save(tmp_path / "m.gatecast")


def test_everything_that_was_learned_of_tables_is_kept(tmp_path):
    data = priced(100).assign(zone="n")
    forecaster = Forecaster(
        "linear", horizon=3, past=["kind"], future=["price"], static=["zone"], timezone="UTC"
    ).fit(data.head(90))
    forecaster.save(tmp_path / "m.gatecast")
    loaded = Forecaster.load(tmp_path / "m.gatecast")
    late, ahead = data.iloc[90:95], data.iloc[95:98]
    for each in (forecaster, loaded):
        each.update(late)
    expected = forecaster.predict(future=ahead)
    pd.testing.assert_frame_equal(loaded.predict(future=ahead), expected, check_exact=True)
    assert str(expected["ds"].iloc[0]) == "2024-04-05 00:00:00+00:00"


def test_a_file_of_another_kind_is_refused(tmp_path):
    files.write(tmp_path / "m.gatecast", {"w": np.zeros(1)}, {"kind": "network"})
    with pytest.raises(FileFormatError, match="holds no forecaster"):
        Forecaster.load(tmp_path / "m.gatecast")
