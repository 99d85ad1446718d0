"""The catalogue: every model that there is, and a word for those that there are not."""

import pytest

from gatecast import errors
from gatecast.forecast.catalogue import PRESETS, find_preset, presets
from gatecast.forecast.classical import CLASSICAL


def test_every_classical_model_is_in_it_and_nothing_that_there_is_not():
    assert {name for name, preset in PRESETS.items() if preset.choose is None} == set(CLASSICAL)


def test_words_are_told_once():
    described = list(presets().values())
    assert len(described) == len(set(described))


@pytest.mark.parametrize(
    ("given", "meant"), [("Theta", "theta"), ("seasonal naive", "seasonal_naive"), ("GRU ", "gru")]
)
def test_a_name_that_is_nearly_one_is_told(given, meant):
    with pytest.raises(errors.InputError, match=f"did you mean '{meant}'"):
        find_preset(given)
