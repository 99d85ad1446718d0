"""Fitting: what is tried on held-out rows is what forecasts."""

import numpy as np
import pytest

from gatecast.forecast.fitting import Terms, fit_history
from gatecast.forecast.history import History, make_history
from gatecast.forecast.making import Choices, make_model
from gatecast.forecast.model import Model
from gatecast.forecast.networks import NetworkModel


@pytest.mark.parametrize("rows", [450, 1100], ids=["windows or segments", "alone or with Theta"])
def test_the_model_that_is_tried_is_of_the_form_of_the_one_that_forecasts(
    rows: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    period = 24 if rows == 450 else 7  # the head of the rows alone would be given another plan
    history = make_history(10 + np.sin(np.arange(rows) * 2 * np.pi / period))
    fitted = []
    fit = NetworkModel.fit

    def noted(self: NetworkModel, given: History, horizon: int, period: int = 1) -> NetworkModel:
        fitted.append((self.recipe, len(given.target)))
        return fit(self, given, horizon, period)

    def make(history: History, horizon: int, period: int) -> Model:
        return make_model("gru", history, horizon, period, Choices(updates=1))

    monkeypatch.setattr(NetworkModel, "fit", noted)
    found = fit_history(history, Terms(make, 7, period, method="conformal", levels=(80,)))
    (tried, head), (forecasts, whole) = fitted
    assert tried == forecasts
    assert head < whole == rows
    assert isinstance(found.model, NetworkModel) == (rows > 1000)  # else with Theta's help
