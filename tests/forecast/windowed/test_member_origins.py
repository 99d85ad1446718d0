"""Networks over windows asked for many origins, one or none: each is forecast by itself."""

import numpy as np
import pytest

from gatecast.forecast.history import Origins
from gatecast.forecast.windowed.member import Member
from tests.forecast.windowed.panels import quick, rich, waves
from tests.forecast.windowed.test_member import FORMS


def fitted(history, **choices):
    return Member(quick(**choices), 10, seed=1).fit(history, 4, 6)


@pytest.mark.parametrize("choices", FORMS)
def test_a_forecast_does_not_depend_on_which_others_are_asked_for(choices, monkeypatch):
    history = rich()
    member = fitted(history, **choices)
    origins = history.rolling(4, windows=3)
    together = member.predict(history, origins)
    for i in (0, 4, 8):
        alone = history.take([origins.series[i]])
        row = origins.rows[i] - history.offsets[origins.series[i]]
        found = member.predict(alone, Origins(np.zeros(1, np.intp), np.array([row])))
        np.testing.assert_allclose(found[0], together[i], rtol=1e-6)
    monkeypatch.setattr("gatecast.forecast.windowed.member._BLOCK", 1)  # one origin at a time
    np.testing.assert_allclose(member.predict(history, origins), together, rtol=1e-6)
    nobody = origins.take(np.zeros(0, np.intp))
    assert member.predict(history, nobody).shape == (0, 4)


def test_one_quantile_says_nothing_of_others():
    history = waves()
    member = fitted(history, loss="quantiles", quantiles=(0.5,))
    assert member.quantiles(history, np.array([0.1, 0.9]), history.ends()) is None
    member = fitted(history, loss="quantiles", quantiles=(0.5,), form="recursive")
    assert member.sample(history, 2, np.random.default_rng(0), history.ends()) is None
