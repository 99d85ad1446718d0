"""Recipes: plain choices, checked when they are made, each alone and together."""

import json
from typing import Any

import numpy as np
import pytest

from gatecast.errors import InputError
from gatecast.forecast.history import make_history
from gatecast.forecast.networks import NetworkModel
from gatecast.forecast.recipe import Recipe


@pytest.mark.parametrize(
    ("choices", "words"),
    [
        ({"form": "seq2seq"}, "form must be one of 'sequence', 'direct'"),
        ({"loss": "rmse"}, "loss must be one of 'mae', 'mse'"),
        ({"residual": "no"}, "residual must be True or False"),
        ({"hidden_size": 0}, "hidden_size must be a whole number >= 1"),
        ({"updates": -1}, "updates must be a whole number >= 0"),
        ({"segment": 2.5}, "segment must be a whole number >= 0"),
        ({"dropout": 1.0}, r"dropout must lie in \[0, 1\)"),
        ({"averaging": 1}, r"averaging must lie in \[0, 1\)"),
        ({"rate": 0.0}, "rate must be a finite number > 0"),
        ({"weight_decay": -1.0}, "weight_decay must be a finite number >= 0"),
        ({"clip_norm": float("nan")}, "clip_norm must be a finite number >= 0"),
        ({"windows": 12}, r"windows must be a tuple of numbers, such as \(12,\)"),
        ({"windows": (12, 0)}, "windows must be a whole number >= 1, it is 0"),
        ({"quantiles": (0.9, 0.1)}, "quantiles must rise and lie between 0 and 1"),
        ({"horizon_weights": (1.0, -1.0)}, "horizon_weights must be a finite number >= 0"),
        ({"horizon_weights": (0.0, 0.0)}, "horizon_weights are all 0"),
    ],
    ids=str,
)
def test_wrong_choices_are_refused(choices, words):
    with pytest.raises(InputError, match=words):
        Recipe(**choices)


@pytest.mark.parametrize(
    ("choices", "words"),
    [
        ({"form": "sequence", "front": "conv"}, 'no front; leave it out, or choose form="direct"'),
        ({"form": "sequence", "level": "mean", "scaled": False}, "no level, scaled; leave them"),
        ({"form": "sequence", "reference": "season"}, 'choose "level" or "smoothing"'),
        ({"reference": "smoothing"}, 'needs form="sequence" and not "direct"'),
        ({"segment": 12}, 'segment=12 is of front="patch" and decoder="segments"'),
        ({"form": "recursive", "horizon_weights": (1.0, 2.0)}, "horizon_weights mean nothing"),
        ({"form": "encoder_decoder", "pooling": "attention"}, 'use pooling="last"'),
        ({"front": "patch", "decoder": "segments", "pooling": "attention"}, 'use pooling="last"'),
    ],
    ids=str,
)
def test_choices_that_would_count_for_nothing_are_refused(choices, words):
    with pytest.raises(InputError, match=words):
        Recipe(**choices)


def test_any_sequence_of_numbers_becomes_a_plain_tuple():
    some: dict[str, Any] = {
        "windows": np.array([12, 24]),
        "quantiles": [0.1, 0.5],
        "horizon_weights": [1, np.float32(0.5)],
    }
    given = Recipe(**some)
    assert given == Recipe(windows=(12, 24), horizon_weights=(1.0, 0.5), quantiles=(0.1, 0.5))
    assert Recipe.from_config(json.loads(json.dumps(given.to_config()))) == given
    assert hash(given)  # plans count equal recipes once


@pytest.mark.parametrize("form", ["direct", "encoder_decoder", "sequence"])
def test_a_weight_for_each_step_ahead(form):
    history = make_history(10 + np.sin(np.arange(40.0)))
    recipe = Recipe(form=form, updates=1, hidden_size=2, horizon_weights=(1.0, 1.0, 2.0))
    assert NetworkModel(recipe).fit(history, 3).predict(history).shape == (1, 3)
    with pytest.raises(InputError, match="horizon_weights must be 4 numbers.*there are 3"):
        NetworkModel(recipe).fit(history, 4)


@pytest.mark.parametrize("form", ["direct", "sequence"])
def test_gradients_are_left_as_they_are_without_a_norm(form):
    history = make_history(10 + np.sin(np.arange(40.0)))
    recipe = Recipe(form=form, updates=20, hidden_size=2, clip_norm=0.0)
    free, far = (
        NetworkModel(recipe.changed(clip_norm=norm)).fit(history, 2).predict(history)
        for norm in (0.0, 1e9)
    )
    np.testing.assert_array_equal(free, far)
