"""Running the command line within a test, and tables for it."""

import numpy as np
import pandas as pd
import pytest

from gatecast.cli import main as cli


def exit_code(*arguments: object) -> object:
    with pytest.raises(SystemExit) as end:
        cli.main([str(argument) for argument in arguments])
    return end.value.code


def refusal(capsys, *arguments: object) -> str:
    """The one line that a command is refused with, nothing being printed."""
    assert exit_code(*arguments) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith("gatecast: ")
    assert shown.err.count("\n") == 1
    return shown.err


def sales(series=("north", "south"), rows=120, seed=0):
    """Daily sales of some stores, with a week and a promotion known in advance."""
    rng = np.random.default_rng(seed)
    t = np.arange(rows)
    frames = []
    for place, name in enumerate(series):
        promotion = (rng.random(rows) < 0.2).astype(int)
        y = 100 * (place + 1) + 10 * np.sin(2 * np.pi * t / 7) + 20 * promotion
        frames.append(
            pd.DataFrame(
                {
                    "store": name,
                    "day": pd.date_range("2024-01-01", periods=rows, freq="D"),
                    "sales": (y + rng.normal(size=rows)).round(2),
                    "promotion": promotion,
                    "region": f"r{place}",
                }
            )
        )
    return pd.concat(frames, ignore_index=True)
