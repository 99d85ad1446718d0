"""Who listens is told of every update, by all engines of forecasting networks."""

import numpy as np
import pytest

from gatecast.forecast.history import make_history
from gatecast.forecast.networks import NetworkModel
from gatecast.forecast.recipe import Recipe
from gatecast.train.ticks import bar, listening, tick


@pytest.mark.parametrize("form", ["sequence", "direct", "recursive", "encoder_decoder"])
def test_every_update_is_told(form):
    heard = []
    history = make_history([np.sin(np.arange(40.0)) + 3, np.cos(np.arange(40.0)) + 3])
    recipe = Recipe(form=form, updates=3, hidden_size=4, ensemble=2)
    with listening(lambda done, total: heard.append((done, total))):
        NetworkModel(recipe).fit(history, 2)
    assert heard == [(1, 3), (2, 3), (3, 3)] * 2


def test_nobody_listens_outside():
    heard = []
    with listening(lambda *said: heard.append(said)):
        with listening(lambda *said: None):
            tick(1, 2)
        tick(2, 2)
    tick(3, 3)
    assert heard == [(2, 2)]


@pytest.mark.parametrize("show", [True, False, None])
def test_a_bar_is_shown_where_asked_for(show, capsys, monkeypatch):
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("FORCE_COLOR", "1")
    with bar("gru learns", show):
        tick(1, 2)
    assert ("gru learns" in capsys.readouterr().err) == bool(show)


def test_processes_tell_of_each_network():
    heard = []
    history = make_history([np.sin(np.arange(40.0)) + 3])
    recipe = Recipe(updates=3, hidden_size=4, ensemble=2, windows=(5,))
    with listening(lambda done, total: heard.append((done, total))):
        NetworkModel(recipe, n_jobs=2).fit(history, 2)
    assert heard == [(1, 2), (2, 2)]
