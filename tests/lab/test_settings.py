"""What may be asked of an experiment."""

import pytest

from gatecast import nn
from gatecast.comparison.recipe import Recipe
from gatecast.comparison.study import Network
from gatecast.errors import InputError
from gatecast.lab.settings import Settings


def network(model: str, epochs: int = 40) -> Network:
    return Network(
        model, lambda seed: nn.Sequential(nn.Last(), seed=seed), nn.MSE(), Recipe(epochs)
    )


NETWORKS = tuple(map(network, ("linear", "simple_rnn", "rnn", "conv_gru", "lstm")))


@pytest.mark.parametrize(
    ("cells", "kept"),
    [
        (None, ["linear", "simple_rnn", "rnn", "conv_gru", "lstm"]),
        (("rnn",), ["linear", "simple_rnn", "rnn"]),
        (("gru", "lstm"), ["linear", "conv_gru", "lstm"]),
    ],
)
def test_cells_choose_the_networks_that_are_built_of_them(cells, kept):
    assert [n.model for n in Settings(cells=cells).kept(*NETWORKS)] == kept


def test_epochs_replace_those_of_the_recipe_and_quick_cuts_them():
    def epochs(settings: Settings) -> int:
        return settings.kept(network("gru"))[0].recipe.epochs

    assert epochs(Settings()) == 40
    assert epochs(Settings(epochs=70)) == 70
    assert epochs(Settings(quick=True)) == 3
    assert epochs(Settings(quick=True, epochs=1)) == 1


def test_seeds_are_numbered_and_quick_takes_one():
    assert Settings(seeds=3).numbers == (0, 1, 2)
    assert Settings(seeds=3, quick=True).numbers == (0,)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"preset": "worst"}, "preset.*published.*best.*'worst'"),
        ({"seeds": 0}, "seeds"),
        ({"epochs": 0}, "epochs"),
        ({"cells": ("tcn",)}, "cells.*rnn.*'tcn'"),
        ({"cells": ()}, "cells must be a list"),
        ({"cells": "rnn"}, "cells must be a list"),
    ],
)
def test_what_is_none_of_these_is_refused(options, message):
    with pytest.raises(InputError, match=message):
        Settings(**options)
