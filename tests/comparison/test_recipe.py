"""Recipes: what they refuse, and windows that count less the older they are."""

import numpy as np
import pytest

from gatecast import nn, train
from gatecast.comparison.recipe import Recipe
from gatecast.comparison.running import run
from gatecast.errors import InputError
from tests.comparison.studies import network, sine_variant, study


@pytest.mark.parametrize("half_life", [0, -1.0, np.inf, True])
def test_a_half_life_is_a_number_above_zero(half_life):
    with pytest.raises(InputError, match="half_life must be a finite number > 0"):
        Recipe(half_life=half_life)


def test_it_is_told_in_words():
    assert Recipe().describe().count("counts") == 0
    assert Recipe(half_life=96).describe().endswith("half of one 96 windows later")


def test_windows_count_less_the_older_they_are():
    weights = Recipe(half_life=10).weights(31)
    assert weights is not None
    assert np.allclose(weights[::10], [1 / 8, 1 / 4, 1 / 2, 1])
    assert Recipe().weights(31) is None


def test_a_training_weighs_its_windows_so():
    recipe = Recipe(epochs=2, batch_size=16, half_life=20)
    weighed = network("gru", 2, recipe=recipe)
    variant = sine_variant(2)
    held = variant.validation
    assert held is not None
    result = run(study(sine_variant(2, networks=(weighed,))), jobs=1, progress=False)
    net = weighed.build(0)
    rows = len(variant.train)
    train.fit(
        net, nn.MSE(), recipe.make_optimiser(), variant.train.x, variant.train.targets,
        epochs=2, batch_size=16, schedule=recipe.make_schedule(), clip_norm=1.0,
        sample_weight=0.5 ** ((rows - 1 - np.arange(rows)) / 20),
        validation=(held.x, held.targets), seed=np.random.default_rng([0, 1]),
    )  # fmt: skip
    found = next(p for p in result.predictions if (p.model, p.seed) == ("gru", 0))
    assert np.array_equal(found.forecast, variant.test.restore(net.predict(variant.test.x)))
