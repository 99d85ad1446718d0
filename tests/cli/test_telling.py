"""Progress on a terminal, silence elsewhere, and what a fit says at its end."""

import io
import logging
import sys

import numpy as np
import pytest
from rich.console import Console

from gatecast.cli.telling import tell_fit, working
from gatecast.forecast import Forecaster
from gatecast.train.ticks import tick


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("kind", [Terminal, io.StringIO])
def test_progress_is_shown_on_a_terminal_alone(monkeypatch, kind):
    stderr = kind()
    monkeypatch.setattr(sys, "stderr", stderr)
    monkeypatch.setenv("TERM", "xterm")
    with working("gru learns from table.csv"):
        tick(1, 2)
    assert ("gru learns from table.csv" in stderr.getvalue()) == stderr.isatty()


def test_what_is_logged_meanwhile_is_kept_from_the_screen(capsys):
    handlers = logging.getLogger("gatecast").handlers.copy()
    with working("reading"):
        logging.getLogger("gatecast.forecast.reading").warning("gaps were filled")
    assert capsys.readouterr().err == ""
    assert logging.getLogger("gatecast").handlers == handlers


def told(forecaster):
    text = io.StringIO()
    tell_fit(forecaster, Console(file=text, width=200))
    return text.getvalue()


def test_skill_coverage_and_alarms_are_told():
    walk = np.cumsum(np.random.default_rng(3).normal(size=200))
    text = told(Forecaster("mean", horizon=3, level=80).fit(walk))
    assert "- The 80 % interval held" in text
    assert "Use 'naive' as the model, or try 'best'" in text
    assert text.count("! worse than naive: mean: its forecasts of 3 steps from") == 1
    assert "Alarm (" not in text


def test_without_held_out_rows_that_is_told():
    text = told(Forecaster("naive", horizon=3, level=None).fit(np.arange(1.0)))
    assert "skill is unknown" in text
