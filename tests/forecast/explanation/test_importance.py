"""Permutation importance: what matters is found, what does not is worth nothing."""

import numpy as np
import pytest

from gatecast.errors import InputError
from gatecast.forecast.classical import Naive, SeasonalNaive
from gatecast.forecast.explanation import importance, permutation_importance
from gatecast.forecast.history import make_history
from gatecast.forecast.model import Model
from tests.forecast.explanation.test_explaining import H, Lags, waves


def test_inputs_that_matter_are_found_and_others_are_worth_nothing():
    history = waves(6)
    model = Lags().fit(history, H)
    # what the model forecasts becomes the truth, but for a little noise
    target = np.random.default_rng(0).normal(size=len(history.target)) * 0.1
    for row in range(4, len(target)):
        target[row] += 3 * history.future[row, 0] + 2 * history.past[row - 1, 0]
    history = make_history(
        list(target.reshape(6, 70)),
        past=list(history.past.reshape(6, 70, 1)),
        future=list(history.future.reshape(6, 70, 1)),
        static=history.static,
        codes=history.codes,
        code_sizes=(2,),
    )
    found = permutation_importance(model, history, history.rolling(H, windows=5), lags=6, repeats=3)
    worth = {(row.name, row.place): row.worse for row in found.rows}
    assert worth["future 0", 0] > 0.2
    assert worth["static 0", 0] == worth["code 0", 0] == 0
    assert worth["y", -5] == worth["y", -6] == 0
    assert worth["y", -4] != 0
    assert [row.worse for row in found.rows] == sorted(worth.values(), reverse=True)
    assert found.origins == 30
    assert found.to_rows()[0].keys() == {"name", "place", "worse", "deviation"}


def test_seasonal_naive_lives_on_the_season_before():
    rng = np.random.default_rng(1)
    values = 50 + np.tile(rng.normal(size=12) * 9, 10) + rng.normal(size=120)
    history = make_history(values)
    model = SeasonalNaive().fit(history, 1, 12)
    found = permutation_importance(model, history, history.rolling(1, windows=24), seed=3)
    assert (found.rows[0].name, found.rows[0].place) == ("y", -12)
    assert all(row.worse == 0 for row in found.rows[1:])


def test_the_same_seed_finds_the_same_and_many_origins_are_drawn_from():
    history = waves(5, covariates=False)
    model = Naive().fit(history, 1)
    origins = history.rolling(1, windows=60)
    first, second = (permutation_importance(model, history, origins, seed=1) for _ in range(2))
    assert first == second
    assert first.origins == 200


def test_of_long_series_the_last_rows_are_copied(monkeypatch):
    history = waves(3, positive=False)  # else the least value is the least that is given
    model, origins = Lags().fit(history, H), history.rolling(H, windows=9)
    whole = permutation_importance(model, history, origins, lags=4, repeats=2)
    monkeypatch.setattr(importance, "RECENT", 5)  # the model looks at four
    assert permutation_importance(model, history, origins, lags=4, repeats=2) == whole
    history.target[50:69] = np.nan
    late = Naive().fit(history, 1)
    found = permutation_importance(late, history, history.rolling(1), lags=12, repeats=1)
    assert (
        sum(row.name == "y" for row in found.rows) == 12
    )  # of the first series the last twelve rows are unknown


class Seer(Model):
    """Knows everything."""

    def predict(self, history, origins=None):
        return history.truth(history.ends() if origins is None else origins, self.horizon_)


@pytest.mark.parametrize(
    ("make", "ends", "message"),
    [(Naive, True, "no origin has a known value"), (Seer, False, "no error at all")],
)
def test_wrong_input_is_refused(make, ends, message):
    history = waves(2, covariates=False)
    origins = history.ends() if ends else history.rolling(1)
    with pytest.raises(InputError, match=message):
        permutation_importance(make().fit(history, 1), history, origins)
