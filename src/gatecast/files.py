r"""The model file: named arrays and a plain configuration in one safetensors file.

A file of format version 1 is a safetensors file whose metadata has one entry, ``gatecast``,
with the JSON text ``{"version":1,"sha256":"…","config":{…}}``.  The digest covers every byte
of the file, its own 64 characters counted as zeros: safetensors itself has no checksum, and a
flipped bit of its data loads silently.  One entry, because several would come in random order
and the same model would not give the same bytes.

Writing goes to a temporary file in the same folder, which is synced and renamed; then the
folder is synced.  A crash leaves the old file or the new one.  Nothing is ever unpickled.
"""

import hashlib
import json
import math
import os
import re
import secrets
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from gatecast.errors import DtypeError, FileFormatError, InputError

FORMAT_VERSION = 1

PathLike: TypeAlias = "str | os.PathLike[str]"
Arrays: TypeAlias = dict[str, npt.NDArray[Any]]

_NO_DIGEST = "0" * 64
_KINDS = ("bool", "int8 int16 int32 int64", "uint8 uint16 uint32 uint64", "float16 float32 float64")
_DTYPES = frozenset(name for kind in _KINDS for name in kind.split())
# The first bytes after the 8 of the header's length; safetensors puts the metadata first.
_OPENING = re.compile(
    rb'\{"__metadata__":\{"gatecast":"\{\\"version\\":(\d+),\\"sha256\\":\\"([0-9a-f]{64})\\",'
)


def write(
    path: PathLike,
    arrays: Mapping[str, npt.NDArray[Any]],
    config: dict[str, Any],
    *,
    overwrite: bool = False,
) -> None:
    """Write arrays and their configuration; a file that gatecast wrote before is replaced.

    Parameters
    ----------
    path : str or path
        In a folder that exists.
    arrays : mapping of name to array
        Booleans, integers or floats of any shape and memory order.
    config : dict
        Plain JSON: dicts with text keys, lists, text, finite numbers, booleans and None.
    overwrite : bool
        Also replace a file that gatecast did not write.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write(f"{folder}/m.gatecast", {"bias": np.zeros(2)}, {"hidden_size": 2})
    ...     read(f"{folder}/m.gatecast")
    ({'bias': array([0., 0.])}, {'hidden_size': 2})
    """
    check_target(path, overwrite=overwrite)
    write_bytes(path, _pack(arrays, config))


def check_target(path: PathLike, *, overwrite: bool = False) -> None:
    """Refuse a path that ``write`` would refuse: to be asked before long work begins.

    Examples
    --------
    >>> check_target("no-such-folder/m.gatecast")
    Traceback (most recent call last):
    gatecast.errors.InputError: path must lie in a folder that exists, ...no-such-folder does not
    """
    target = _target(path)
    if not overwrite:
        _check_replaceable(target)


def is_ours(path: PathLike) -> bool:
    """Whether gatecast wrote the file, as far as its beginning tells.

    Examples
    --------
    >>> is_ours("no-such-file")
    False
    """
    try:
        with Path(path).open("rb") as file:
            return _OPENING.match(file.read(256), 8) is not None
    except OSError:
        return False


def read(path: PathLike) -> tuple[Arrays, dict[str, Any]]:
    """Read the arrays and the configuration, after checking every byte.

    Raises
    ------
    FileFormatError
        When gatecast did not write the file, or a newer one did, or it is truncated or damaged.
    """
    from safetensors.numpy import load

    source = _as_path(path)
    try:
        content = source.read_bytes()
    except OSError as error:
        raise InputError(f"{source} cannot be read: {_reason(error)}") from error
    opening = _OPENING.match(content, 8)
    if opening is None:
        raise FileFormatError(
            f"{source} is not a file that gatecast wrote"
            + (", it is empty" if not content else "; a file saved by gatecast is needed")
        )
    if int(opening[1]) != FORMAT_VERSION:
        raise FileFormatError(
            f"{source} has the format version {int(opening[1])} and this gatecast reads version "
            f"{FORMAT_VERSION}; update gatecast (pip install --upgrade gatecast)"
        )
    _check_intact(source, content, opening)
    header = json.loads(content[8 : 8 + _header_size(content)])
    config: dict[str, Any] = json.loads(header["__metadata__"]["gatecast"])["config"]
    return load(content), config


def write_bytes(path: PathLike, content: bytes) -> None:
    """Replace a file in one step, so that a crash leaves the old one or the new one.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_bytes(f"{folder}/note.txt", b"all or nothing")
    ...     Path(f"{folder}/note.txt").read_text()
    'all or nothing'
    """
    target = _target(path)
    # Opened by hand, not by tempfile: a new file then has the permissions that the user's
    # umask gives, and the temporary one lies where a rename is atomic.
    temporary = target.with_name(f".{target.name}.{secrets.token_hex(8)}.tmp")
    try:
        with temporary.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if target.exists():
            temporary.chmod(target.stat().st_mode & 0o777)
        temporary.replace(target)
    except BaseException as error:
        with suppress(OSError):
            temporary.unlink()
        if isinstance(error, OSError):
            raise InputError(f"{target} cannot be written: {_reason(error)}") from error
        raise
    _sync_folder(target.parent)


def _as_path(path: Any) -> Path:
    if not isinstance(path, str | os.PathLike):
        raise InputError(f"path must be the name of a file, it is {path!r}")
    return Path(path)


def _target(path: PathLike) -> Path:
    """Where to write: through links, so that they stay, into a folder that exists."""
    try:
        target = _as_path(path).resolve()
        folder = target.is_dir()
    except (OSError, ValueError) as error:  # too long, or with a zero byte
        raise InputError(f"path cannot be the name of a file ({error}); shorten it") from error
    if folder:
        raise InputError(f"path must name a file, {target} is a folder")
    if not target.parent.is_dir():
        raise InputError(f"path must lie in a folder that exists, {target.parent} does not")
    return target


def _check_replaceable(target: Path) -> None:
    """Refuse to replace what somebody else wrote; an empty file is nobody's loss."""
    if not target.exists():
        return
    try:
        with target.open("rb") as file:
            start = file.read(256)
    except OSError as error:
        raise InputError(f"{target} cannot be written: {_reason(error)}") from error
    if start and _OPENING.match(start, 8) is None:
        raise InputError(
            f"{target} exists and gatecast did not write it; "
            "choose another name, or pass overwrite=True"
        )


def _pack(arrays: Mapping[str, npt.NDArray[Any]], config: dict[str, Any]) -> bytes:
    """The bytes of the file, with its digest in place."""
    from safetensors.numpy import save

    if not isinstance(config, dict):
        raise InputError(f"config must be a dict, it is a {type(config).__name__}")
    _check_plain("config", config)
    header = {"version": FORMAT_VERSION, "sha256": _NO_DIGEST, "config": config}
    text = json.dumps(header, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    plain = {name: _plain_array(name, array) for name, array in arrays.items()}
    content = save(plain, metadata={"gatecast": text})
    opening = _OPENING.match(content, 8)
    assert opening is not None, "safetensors writes its metadata first and with one entry"
    start, stop = opening.span(2)
    return b"".join((content[:start], _digest(content, opening).encode(), content[stop:]))


def _plain_array(name: str, array: Any) -> npt.NDArray[Any]:
    """Contiguous and little-endian, as the format has it."""
    if not isinstance(name, str) or name == "__metadata__":
        raise InputError(f"arrays must be named by text other than '__metadata__', not {name!r}")
    if not isinstance(array, np.ndarray):
        raise DtypeError(f"arrays[{name!r}] must be a NumPy array, it is a {type(array).__name__}")
    if array.dtype.name not in _DTYPES:
        raise DtypeError(
            f"arrays[{name!r}] must hold booleans, integers or floats, its dtype is {array.dtype}"
        )
    plain: npt.NDArray[Any] = np.asarray(array, dtype=array.dtype.newbyteorder("<"), order="C")
    return plain


def _check_plain(place: str, value: Any) -> None:
    """Refuse what JSON would change or lose, and say where it stands."""
    if isinstance(value, dict):
        for key, part in value.items():
            if not isinstance(key, str):
                raise InputError(f"{place} must have text as keys, it has {key!r}")
            _check_plain(f"{place}[{key!r}]", part)
    elif isinstance(value, list):
        for index, part in enumerate(value):
            _check_plain(f"{place}[{index}]", part)
    elif isinstance(value, float) and not math.isfinite(value):
        raise InputError(f"{place} must be finite, it is {value}")
    elif type(value) not in (str, int, float, bool, type(None)):
        raise InputError(
            f"{place} must be plain JSON (dict, list, text, number, bool or None), "
            f"it is a {type(value).__name__}"
        )


def _digest(content: bytes, opening: "re.Match[bytes]") -> str:
    """SHA-256 of all bytes, with zeros where the digest itself stands."""
    view = memoryview(content)
    start, stop = opening.span(2)
    digest = hashlib.sha256(view[:start])
    digest.update(_NO_DIGEST.encode())
    digest.update(view[stop:])
    return digest.hexdigest()


def _check_intact(source: Path, content: bytes, opening: "re.Match[bytes]") -> None:
    """Compare the digest; when it is wrong, find out whether the end is missing."""
    if _digest(content, opening) == opening[2].decode():
        return
    end = 8 + _header_size(content)
    with suppress(ValueError, KeyError, TypeError, AttributeError, IndexError):
        header = json.loads(content[8:end])
        ends = [part["data_offsets"][1] for name, part in header.items() if name[:2] != "__"]
        end += max(ends, default=0)
    if len(content) < end:
        raise FileFormatError(
            f"{source} is truncated: it has {len(content)} bytes of {end}; copy or save it again"
        )
    raise FileFormatError(
        f"{source} is damaged: its SHA-256 is not the one it was saved with; copy or save it again"
    )


def _header_size(content: bytes) -> int:
    return int.from_bytes(content[:8], "little")


def _reason(error: OSError) -> str:
    return error.strerror or str(error)


def _sync_folder(folder: Path) -> None:
    """Make the rename itself durable, where the system lets folders be opened."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
