"""Files that may be compressed, as their bytes."""

import gzip
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from gatecast.errors import MissingDependencyError, TableError

COMPRESSIONS = (".gz", ".bz2", ".xz", ".zip", ".zst")


@contextmanager
def open_bytes(path: Path) -> Iterator[IO[bytes]]:
    """The bytes of a file, decompressed by what its name ends in.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder, "sales.csv.gz")
    ...     _ = path.write_bytes(gzip.compress(b"ds,y"))
    ...     with open_bytes(path) as file:
    ...         file.read()
    b'ds,y'
    """
    import bz2
    import lzma
    import zipfile
    import zlib

    openers: dict[str, Any] = {".gz": gzip.open, ".bz2": bz2.open, ".xz": lzma.open}
    damages: tuple[type[Exception], ...] = (
        *(EOFError, lzma.LZMAError, zlib.error, zipfile.BadZipFile),
        *_zstandard_errors(),
    )
    suffix = path.suffix.lower()
    try:
        if suffix == ".zip":
            with (
                zipfile.ZipFile(path) as archive,
                archive.open(_only_member(archive, path)) as file,
            ):
                yield file
        else:
            opener = _open_zstandard if suffix == ".zst" else openers.get(suffix, Path.open)
            with opener(path, "rb") as file:
                yield file
    except damages as error:
        raise TableError(f"{path.name} is damaged or no {suffix} file: {error}") from error
    except OSError as error:
        reason = error.strerror or str(error)
        raise TableError(f"{path} cannot be read: {reason}") from error


def _only_member(archive: Any, path: Path) -> str:
    own = (".", "__MACOSX/")  # what a Mac puts beside the files
    names = [n for n in archive.namelist() if not n.endswith("/") and not n.startswith(own)]
    if len(names) != 1:
        raise TableError(
            f"{path.name} must hold one file, it holds {len(names)}"
            + (f" ({', '.join(names[:5])})" if names else "")
            + "; extract the one that is meant"
        )
    return str(names[0])


def _open_zstandard(path: Path, mode: str) -> Any:
    """Python reads Zstandard from 3.14 on; pyarrow does before."""
    try:
        from compression import zstd  # type: ignore[import-not-found, unused-ignore]
    except ImportError:
        pass
    else:
        return zstd.open(path, mode)
    try:
        import pyarrow as pa
    except ImportError as error:
        raise MissingDependencyError(
            f"{path.name} is compressed by Zstandard, which needs Python 3.14 or pyarrow: "
            "pip install 'gatecast[parquet]', or decompress it"
        ) from error
    return pa.input_stream(str(path), compression="zstd")


def _zstandard_errors() -> tuple[type[Exception], ...]:
    """What Python's own Zstandard raises of a damaged file; pyarrow raises an OSError."""
    try:
        from compression import zstd  # type: ignore[import-not-found, unused-ignore]
    except ImportError:
        return ()
    return (zstd.ZstdError,)
