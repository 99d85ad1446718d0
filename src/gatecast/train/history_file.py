"""Histories on disk: JSON holds everything, CSV the table of epochs."""

import csv
import io
import json
import math
import os
from dataclasses import asdict
from pathlib import Path
from typing import Any

from gatecast.errors import FileFormatError, InputError
from gatecast.files import write_bytes
from gatecast.train.events import KINDS
from gatecast.train.history import Epoch, History

FORMAT = "gatecast history 1"


def save(history: History, path: "str | os.PathLike[str]") -> None:
    """Write a history; the ending of the name chooses the format."""
    target = Path(path)
    if target.suffix == ".json":
        text = to_json(history)
    elif target.suffix == ".csv":
        text = to_csv(history)
    else:
        raise InputError(f"path must end in .json or .csv, it is {str(target)!r}")
    write_bytes(target, text.encode())


def load(path: "str | os.PathLike[str]") -> History:
    """Read a history from JSON."""
    source = Path(path)
    if source.suffix != ".json":
        raise InputError(f"path must end in .json, it is {str(source)!r}; CSV holds no events")
    try:
        content = json.loads(source.read_text(encoding="utf-8"))
        if content["format"] != FORMAT:
            raise FileFormatError(f"{source} has the format {content['format']!r}, not {FORMAT!r}")
        return History(
            [Epoch(**_numbers(epoch)) for epoch in content["epochs"]],
            [KINDS[event.pop("kind")](**_numbers(event)) for event in content["events"]],
            *(content[name] for name in ("stopped", "best_epoch", "weights_epoch")),
        )
    except (KeyError, TypeError, json.JSONDecodeError, UnicodeDecodeError) as error:
        raise FileFormatError(
            f"{source} is not a history that gatecast saved ({error!r})"
        ) from error


def to_json(history: History) -> str:
    """Everything as JSON; numbers that are not finite, which JSON lacks, as strings."""
    content = {
        "format": FORMAT,
        "stopped": history.stopped,
        "best_epoch": history.best_epoch,
        "weights_epoch": history.weights_epoch,
        "epochs": [_plain(asdict(epoch)) for epoch in history.epochs],
        "events": [{"kind": type(e).__name__, **_plain(asdict(e))} for e in history.events],
    }
    return json.dumps(content, indent=1, allow_nan=False) + "\n"


def to_csv(history: History) -> str:
    """The epochs as CSV; what is missing is empty."""
    text = io.StringIO()
    writer = csv.DictWriter(text, history.columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(epoch.row() for epoch in history.epochs)
    return text.getvalue()


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    """Non-finite floats as the strings nan, inf and -inf, at every depth."""
    return {
        key: _plain(value)
        if isinstance(value, dict)
        else str(value)
        if isinstance(value, float) and not math.isfinite(value)
        else value
        for key, value in values.items()
    }


def _numbers(values: dict[str, Any]) -> dict[str, Any]:
    """The reverse of :func:`_plain`."""
    return {
        key: _numbers(value)
        if isinstance(value, dict)
        else float(value)
        if value in ("nan", "inf", "-inf")
        else value
        for key, value in values.items()
    }
