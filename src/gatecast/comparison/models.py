"""The trained networks of a comparison, written one file each."""

from pathlib import Path

import numpy as np

from gatecast import files
from gatecast.nn.module import Module
from gatecast.results import Result

FOLDER = "models"


def write_models(result: Result, folder: Path) -> None:
    """Write the weights of every network below ``folder``, in files that ``files.read`` reads.

    Their configuration says what the network was and what it was given; ``load_state_dict`` takes
    the arrays into a network built alike.

    Parameters
    ----------
    result : Result
    folder : path

    Examples
    --------
    >>> import tempfile
    >>> from gatecast import nn
    >>> net = nn.Sequential(nn.GRU(1, 4), nn.Last(), nn.Linear(4, 1))
    >>> result = Result("mine", "best", "Mine", "forecast", "y", models={"gru/window7/0": net})
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_models(result, Path(folder))
    ...     [path.name for path in Path(folder, "models").iterdir()]
    ['gru-window7-0.gatecast']
    """
    for name, model in result.models.items():
        if not isinstance(model, Module):  # a baseline
            continue
        place = folder / FOLDER
        place.mkdir(exist_ok=True)
        path = place / f"{_file_name(name)}.gatecast"
        config = {
            "experiment": result.experiment,
            "preset": result.preset,
            "model": name,
            "network": repr(model),
            "dtype": np.dtype(model.dtype).name,
            "task": result.task,
            "target": result.target,
            "notes": list(result.notes),
        }
        files.write(path, model.state_dict(), config)


def _file_name(name: str) -> str:
    """Letters, digits and hyphens of a model's name."""
    kept = "".join(c if c.isascii() and (c.isalnum() or c == "_") else " " for c in name)
    return "-".join(kept.split())
