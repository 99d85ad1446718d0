"""The folder of a run: the page, the pictures, and the tables for programs."""

import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd

from gatecast.errors import InputError
from gatecast.report.figures import draw_all
from gatecast.report.outlook import ahead_table, outlook_json, training_table
from gatecast.report.page import render
from gatecast.report.plots import save
from gatecast.report.tables import (
    harmless,
    history_table,
    metrics_json,
    metrics_table,
    predictions_table,
    table_names,
)
from gatecast.results import Result

PAGE = "report.html"
#: names what a run wrote, so that the next one replaces that and nothing else
MARKER = ".gatecast-report"


def write(
    result: Result,
    folder: str | os.PathLike[str],
    *,
    force: bool = False,
    extra: Callable[[Path], None] | None = None,
    every_seed: bool = False,
) -> Path:
    """Write the folder of a run and return the path of its page.

    Everything is made in a temporary folder and moved into place when it is complete, so that
    what was there before survives a failure.  Files that no run wrote are never removed.

    Parameters
    ----------
    result : Result
    folder : path
        Made where it is missing.  One that holds other content than an earlier run's is refused.
    force : bool
        Write into such a folder all the same, over files of the same names.
    extra : function of a path, optional
        Writes further files of the run (models, spreadsheets) into the folder that it is given.
    every_seed : bool
        Every seed's forecasts in ``predictions.csv``, not those of one of them.

    Examples
    --------
    >>> import tempfile
    >>> from gatecast.results import Result, Row
    >>> result = Result("mine", "best", "Mine", "forecast", "y", [Row("gru", "", "network", 0, {})])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write(result, folder).name
    'report.html'
    """
    target = Path(folder)
    check_folder(target, force=force)
    with _building(target) as building:
        _fill(building, result, every_seed)
        if extra is not None:
            extra(building)
        made = sorted(entry.name for entry in building.iterdir())
        _check_collisions(target, made, force)
        (building / MARKER).write_text(json.dumps({"files": made}), encoding="utf-8")
        _move(building, target, made)
    return target / PAGE


def check_folder(folder: str | os.PathLike[str], *, force: bool = False) -> None:
    """Refuse a folder that ``write`` would refuse: to be asked before a long run begins.

    Examples
    --------
    >>> check_folder("a-folder-that-is-not-there")
    """
    target = Path(folder)
    if target.exists() and not target.is_dir():
        raise InputError(f"folder is {str(target)!r}, a file; it must be a folder, or a new name")
    _refuse_unwritable(target)
    if force or not target.is_dir() or not any(target.iterdir()):
        return
    if _written_before(target) is None:
        raise InputError(
            f"folder {str(target)!r} holds other content than a report; choose another, or "
            "pass force=True to write into it"
        )


def _refuse_unwritable(target: Path) -> None:
    """What is there of a path to be made must be a folder, and one that may be written into."""
    whole = target.absolute()
    there = next(path for path in (whole, *whole.parents) if path.exists())
    if not there.is_dir():
        raise InputError(
            f"folder is {str(target)!r}, and {str(there)!r} on the way to it is a file; choose "
            "another"
        )
    if not os.access(there, os.W_OK | os.X_OK):
        raise InputError(
            f"folder is {str(target)!r}, and {str(there)!r} may not be written into; choose "
            "another, or change its permissions"
        )


def _written_before(target: Path) -> list[str] | None:
    """The names that an earlier run wrote here; None where no run did."""
    try:
        described = json.loads((target / "metrics.json").read_text(encoding="utf-8"))
        marked = json.loads((target / MARKER).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    if not isinstance(described, dict) or described.get("written_by") != "gatecast":
        return None
    names = marked.get("files") if isinstance(marked, dict) else None
    if not isinstance(names, list):
        return None
    # A name with a folder in it would let a forged marker reach outside.
    return [n for n in names if isinstance(n, str) and n == Path(n).name and n not in (".", "..")]


def _check_collisions(target: Path, made: list[str], force: bool) -> None:
    if force or not target.is_dir():
        return
    ours = _written_before(target) or []
    foreign = [name for name in made if name not in ours and (target / name).exists()]
    if foreign:
        raise InputError(
            f"folder {str(target)!r} holds {', '.join(foreign)}, which no run of gatecast wrote; "
            "choose another folder, or pass force=True to replace it"
        )


@contextmanager
def _building(target: Path) -> Iterator[Path]:
    """A temporary folder on the target's own disk, gone again whatever happens."""
    parent = target if target.is_dir() else target.parent
    parent.mkdir(parents=True, exist_ok=True)
    building = Path(tempfile.mkdtemp(prefix=".gatecast-building-", dir=parent))
    try:
        yield building
    finally:
        shutil.rmtree(building, ignore_errors=True)


def _fill(folder: Path, result: Result, every_seed: bool) -> None:
    described: dict[str, Any] = metrics_json(result)
    if result.outlook is not None:
        described["outlook"] = outlook_json(result.outlook)
    text = json.dumps(described, indent=1, allow_nan=False, ensure_ascii=False)
    (folder / "metrics.json").write_text(text + "\n", encoding="utf-8")
    outlook = result.outlook
    makers: dict[str, Callable[[], pd.DataFrame]] = {
        "metrics": lambda: metrics_table(result),
        "predictions": lambda: predictions_table(result, every_seed=every_seed),
        "history": lambda: history_table(result),
    }
    if outlook is not None:
        makers["ahead"] = lambda: ahead_table(outlook)
        if outlook.trainings:
            makers["history"] = lambda: training_table(outlook)
    for name in table_names(result):
        harmless(makers[name]()).to_csv(folder / f"{name}.csv", index=False, lineterminator="\n")
    for name, figure in draw_all(result):
        save(figure, folder / "figures" / f"{name}.png")
    (folder / PAGE).write_text(render(result), encoding="utf-8")


def _move(building: Path, target: Path, made: list[str]) -> None:
    """Replace what an earlier run wrote; the marker first, so that a crash can be written over."""
    if not target.exists():
        os.chmod(building, 0o777 & ~_umask())
        os.rename(building, target)
        return
    stale = set(_written_before(target) or ()) - set(made)
    for name in [MARKER, *made]:
        there = target / name
        if there.is_dir() and not there.is_symlink():
            shutil.rmtree(there)
        os.replace(building / name, there)
    for name in stale:
        there = target / name
        shutil.rmtree(there) if there.is_dir() else there.unlink(missing_ok=True)


def _umask() -> int:
    """The process's file mode mask; a temporary folder is closed to others."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
