"""How networks over whole series learn: their losses, and the parts that an epoch has."""

from typing import Any

import numpy as np
import pytest

from gatecast.forecast.history import make_history
from gatecast.forecast.making import Choices, make_model
from gatecast.forecast.networks import NetworkModel
from gatecast.forecast.recipe import Recipe
from gatecast.forecast.sequence.inputs import assemble, make_view, targets
from gatecast.forecast.sequence.network import SequenceNetwork
from gatecast.forecast.sequence.rows import look_at
from gatecast.forecast.sequence.training import Training


def training(transform: str, loss: str) -> tuple[Training, Any, Any, Any]:
    """A training of one series with a season, its steps, and what is asked for."""
    rng = np.random.default_rng(0)
    history = make_history(np.resize([10.0, 14.0, 9.0], 30) + rng.normal(size=30))
    recipe = Recipe(form="sequence", transform=transform, loss=loss)
    view = make_view(history, recipe, 2, 3)
    rows = look_at(history, view.adjustment)
    net = SequenceNetwork(view.features, 2, recipe)
    made = Training(net, history, rows, view, recipe, rng)
    part = np.array([0]), np.array([0]), np.array([30])
    steps = assemble(history, rows, view, *part)
    return made, steps, *targets(history, rows, view, *part[:2], steps)


@pytest.mark.parametrize("loss", ["smape", "mape"])
@pytest.mark.parametrize("transform", ["log", "none"])
def test_percentages_are_of_the_values(transform: str, loss: str) -> None:
    made, steps, wanted, known = training(transform, loss)
    y = np.random.default_rng(1).normal(size=(*known.shape, 1)).astype(np.float32)
    value, slope = made._measure(y, wanted, known, steps)
    reached = steps.level[..., None] + steps.pattern
    forecast = (reached + y[..., 0] * steps.scale[..., None])[known]
    truth = (reached + wanted)[known]
    if transform == "log":
        forecast, truth = np.exp(forecast), np.exp(truth)
    error = np.abs(forecast - truth)
    shares = error / (truth if loss == "mape" else (np.abs(forecast) + np.abs(truth)) / 2)
    assert value == pytest.approx(100 * shares.mean(), rel=1e-5)
    moved = y.copy()
    moved[0, 20, 1] += 0.01
    above = made._measure(moved, wanted, known, steps)[0]
    place = int(np.flatnonzero(np.flatnonzero(known.ravel()) == 41)[0])
    assert slope[place, 0] == pytest.approx((above - value) / 0.01, rel=0.02)


@pytest.mark.parametrize(
    ("series", "rows", "batches"),
    [(100, 60, 2), (10, 4000, 2), (1, 64, 1), (1, 64 * 130, 3)],
    ids=str,
)
def test_an_epoch_shows_every_row_about_once(series: int, rows: int, batches: int) -> None:
    history = make_history([np.arange(1.0, rows + 1)] * series)
    recipe = Recipe(form="sequence", hidden_size=2)
    model = make_model(recipe, history, 2, 1, Choices(epochs=5))
    assert isinstance(model, NetworkModel)
    assert model.recipe.updates == 5 * batches
