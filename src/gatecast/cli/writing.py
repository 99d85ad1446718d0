"""Forecasts into files: CSV, also compressed, or Parquet, with a picture beside it."""

import io
import sys
from io import BytesIO
from pathlib import Path
from typing import Any

from gatecast import files
from gatecast.errors import InputError, MissingDependencyError

COMPRESSIONS = {".gz": "gzip", ".bz2": "bz2", ".xz": "xz", ".zip": "zip"}
PARQUET = (".parquet", ".pq")


def check_output(path: Path, *, force: bool) -> None:
    """Refuse what cannot be written, or must not be, before any work begins."""
    _kind_of(path)
    check_new(path, force=force)


def check_new(path: Path, *, force: bool) -> None:
    """Refuse a folder, a file in a folder that is not there, and one that is there already."""
    files.check_target(path, overwrite=True)
    if path.exists() and not force:
        raise InputError(f"{path} exists; choose another name, or pass --force to replace it")


def write_frame(frame: Any, path: Path) -> None:
    """Write a pandas frame in the format that the name's ending says."""
    from gatecast.report.tables import harmless

    content = BytesIO()
    kind = _kind_of(path)
    if kind == "parquet":
        try:
            frame.to_parquet(content, index=False)
        except ImportError as error:
            raise MissingDependencyError(
                f"{path.name} is to be a Parquet file, which needs pyarrow: pip install "
                "'gatecast[parquet]', or write a .csv"
            ) from error
    else:
        # mtime: the same forecast is the same file.
        options: Any = {"method": kind, "mtime": 0} if kind == "gzip" else kind
        harmless(frame).to_csv(content, index=False, lineterminator="\n", compression=options)
    files.write_bytes(path, content.getvalue())


def print_frame(frame: Any) -> None:
    """Print a pandas frame as CSV; into a pipe or a file in UTF-8, as all our files are."""
    if isinstance(sys.stdout, io.TextIOWrapper) and not sys.stdout.isatty():
        sys.stdout.reconfigure(encoding="utf-8")
    frame.to_csv(sys.stdout, index=False, lineterminator="\n")


def picture_beside(path: Path) -> Path:
    """The name of the picture that belongs to a table.

    Examples
    --------
    >>> picture_beside(Path("out/forecast.csv.gz")).as_posix()
    'out/forecast.png'
    """
    name = path.name or "forecast"  # a folder is refused when it is checked
    return path.parent / (name.removesuffix("".join(_endings(path))) + ".png")


def _endings(path: Path) -> list[str]:
    """The endings of the name that tell the format: ``.csv``, ``.csv.gz``, ``.parquet``."""
    suffixes = path.suffixes[-2:]
    return suffixes if path.suffix.lower() in COMPRESSIONS else suffixes[-1:]


def _kind_of(path: Path) -> str | None:
    """``parquet``, or the compression of a CSV file: None, ``gzip``, ...."""
    *before, last = ["", *(ending.lower() for ending in _endings(path))]
    if last in PARQUET:
        return "parquet"
    if last == ".csv" or (before[-1:] == [".csv"] and last in COMPRESSIONS):
        return COMPRESSIONS.get(last)
    raise InputError(
        f"{path.name or path} must end in .csv (also with {', '.join(COMPRESSIONS)} after it) or "
        ".parquet"
    )
