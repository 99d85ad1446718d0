"""How the networks learned, as a report draws it."""

import numpy as np

from gatecast.forecast import Forecaster
from gatecast.forecast.classical import Naive
from gatecast.forecast.history import make_history
from gatecast.forecast.mixture import Mixture
from gatecast.forecast.networks import NetworkModel
from gatecast.forecast.recipe import Recipe
from gatecast.forecast.trainings import trainings_of

HISTORY = make_history([10 + np.sin(np.arange(60.0) / k) for k in (1, 2, 3)])
SMALL = Recipe(hidden_size=4, updates=12, ensemble=2, windows=(8, 16))


def test_one_line_a_network_of_a_mixture():
    parts = [
        (0.4, NetworkModel(SMALL)),
        (
            0.4,
            NetworkModel(
                SMALL.changed(form="sequence", loss="mse", weight_decay=5.0, windows=(), ensemble=1)
            ),
        ),
        (0.2, Naive()),
    ]
    model = Mixture(parts).fit(HISTORY, 3)
    found = trainings_of(model)
    assert [(one.network, one.seed) for one in found] == [
        ("gru, 8 rows back", 0),
        ("gru, 8 rows back", 1),
        ("gru, 16 rows back", 0),
        ("gru, 16 rows back", 1),
        ("gru over whole series, 6 changes a step, loss mse, weight decay 5", 0),
    ]
    for one in found:
        assert one.updates.tolist() == list(range(1, 13))
        assert np.isfinite(one.losses).all()


def test_they_are_kept_in_the_file(tmp_path):
    forecaster = Forecaster("gru-direct", horizon=3, level=None, updates=9).fit(HISTORY.series(0))
    forecaster.save(tmp_path / "m.gatecast")
    (own,), (kept,) = (
        trainings_of(one.model_) for one in (forecaster, Forecaster.load(tmp_path / "m.gatecast"))
    )
    assert own.network == kept.network == "gru, 8 rows back"
    np.testing.assert_array_equal(own.losses, kept.losses)
