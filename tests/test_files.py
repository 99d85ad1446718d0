"""The model file: what goes in comes out, and nothing damaged is ever loaded."""

import json
import os
import stat
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from safetensors.numpy import load_file, save_file

from gatecast import files
from gatecast.errors import DtypeError, FileFormatError, InputError

CONFIG = {"kind": "lstm", "sizes": [3, 4], "scale": 0.1, "names": {"ü": None, "on": True}}
ARRAYS = {
    "weight": np.arange(12, dtype=np.float32).reshape(3, 4),
    "count": np.array(7),
    "none": np.zeros((0, 3)),
}


@pytest.fixture
def saved(tmp_path):
    path = tmp_path / "model.gatecast"
    files.write(path, ARRAYS, CONFIG)
    return path


def same(one, other):
    return sorted(one) == sorted(other) and all(
        one[k].dtype == other[k].dtype and np.array_equal(one[k], other[k], equal_nan=True)
        for k in one
    )


def test_what_is_written_is_read(saved):
    arrays, config = files.read(saved)
    assert same(arrays, ARRAYS)
    assert config == CONFIG


plain = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text()
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda parts: st.lists(parts, max_size=3) | st.dictionaries(st.text(), parts, max_size=3),
    max_leaves=8,
)
numbers = hnp.arrays(
    st.sampled_from([np.float16, np.float32, np.float64, np.int64, np.uint8, np.bool_]),
    hnp.array_shapes(min_dims=0, max_dims=3, min_side=0),
)


@settings(max_examples=40)
@given(
    arrays=st.dictionaries(st.text().filter(lambda n: n != "__metadata__"), numbers, max_size=3),
    config=st.dictionaries(st.text(), plain, max_size=3),
)
def test_any_arrays_and_any_plain_configuration(tmp_path_factory, arrays, config):
    path = tmp_path_factory.mktemp("files") / "model"
    files.write(path, arrays, config)
    found, found_config = files.read(path)
    assert same(found, arrays)
    assert found_config == config


def test_any_memory_order_and_byte_order(tmp_path):
    arrays = {
        "fortran": np.asfortranarray(np.arange(6.0).reshape(2, 3)),
        "strided": np.arange(10.0)[::3],
        "big": np.arange(3, dtype=">f4"),
    }
    files.write(tmp_path / "m", arrays, {})
    found, _ = files.read(tmp_path / "m")
    for name, array in arrays.items():
        np.testing.assert_array_equal(found[name], array)
    assert arrays["big"].dtype == ">f4"


def test_it_is_a_safetensors_file_and_the_same_model_gives_the_same_bytes(saved, tmp_path):
    assert same(load_file(saved), ARRAYS)
    code = (
        "import sys, numpy as np; from gatecast import files\n"
        "a = {'none': np.zeros((0, 3)), 'count': np.array(7),"
        " 'weight': np.arange(12, dtype=np.float32).reshape(3, 4)}\n"
        f"files.write(sys.argv[1], a, {CONFIG!r})"
    )
    subprocess.run([sys.executable, "-c", code, tmp_path / "again"], check=True)
    assert (tmp_path / "again").read_bytes() == saved.read_bytes()


@settings(max_examples=300)
@given(data=st.data())
def test_a_flipped_byte_anywhere_is_found(tmp_path_factory, data):
    folder = tmp_path_factory.mktemp("files")
    files.write(folder / "m", ARRAYS, CONFIG)
    content = bytearray((folder / "m").read_bytes())
    place = data.draw(st.integers(0, len(content) - 1))
    content[place] ^= data.draw(st.integers(1, 255))
    (folder / "m").write_bytes(content)
    with pytest.raises(FileFormatError):
        files.read(folder / "m")


def test_every_byte_and_every_length_of_a_small_file(tmp_path):
    path = tmp_path / "m"
    files.write(path, {"a": np.ones(2, np.float32)}, {"b": 1})
    content = path.read_bytes()
    for place in range(len(content)):
        # 0x29 turns the padding's spaces into tabs, which JSON does not notice
        for flip in (0x01, 0x29, 0x80):
            broken = bytearray(content)
            broken[place] ^= flip
            path.write_bytes(broken)
            with pytest.raises(FileFormatError):
                files.read(path)
        path.write_bytes(content[:place])
        with pytest.raises(FileFormatError):
            files.read(path)
    path.write_bytes(content + b"\0")
    with pytest.raises(FileFormatError, match="damaged"):
        files.read(path)


def test_a_truncated_file_is_called_truncated(saved):
    content = saved.read_bytes()
    saved.write_bytes(content[:-5])
    with pytest.raises(
        FileFormatError, match=rf"truncated: it has {len(content) - 5} bytes of {len(content)}"
    ):
        files.read(saved)
    saved.write_bytes(content[:200])
    with pytest.raises(FileFormatError, match="truncated"):
        files.read(saved)


def test_a_newer_version_is_named(saved):
    content = saved.read_bytes().replace(rb"\"version\":1,", rb"\"version\":2,")
    saved.write_bytes(content)
    with pytest.raises(FileFormatError, match="version 2 and this gatecast reads version 1"):
        files.read(saved)


@pytest.mark.parametrize("content", [b"", b"y\n1\n", b"\x80\x04pickle" * 30])
def test_a_foreign_file_is_refused(tmp_path, content):
    (tmp_path / "x").write_bytes(content)
    with pytest.raises(FileFormatError, match="not a file that gatecast wrote"):
        files.read(tmp_path / "x")


def test_a_foreign_safetensors_file_is_refused(tmp_path):
    save_file({"a": np.ones(3)}, tmp_path / "x", metadata={"format": "pt"})
    with pytest.raises(FileFormatError, match="not a file that gatecast wrote"):
        files.read(tmp_path / "x")


def test_a_missing_file_or_folder_is_named(tmp_path):
    with pytest.raises(InputError, match="nowhere cannot be read: No such file"):
        files.read(tmp_path / "nowhere")
    with pytest.raises(InputError, match="cannot be read: Is a directory"):
        files.read(tmp_path)
    with pytest.raises(InputError, match="is a folder"):
        files.write(tmp_path, {}, {})
    with pytest.raises(InputError, match="folder that exists"):
        files.write(tmp_path / "no" / "m", {}, {})
    for name in ("m" * 5000, "m\0n"):
        with pytest.raises(InputError, match="path cannot be the name of a file"):
            files.write(tmp_path / name, {}, {})


def test_its_own_file_is_replaced_and_a_foreign_one_is_not(saved, tmp_path):
    files.write(saved, {"new": np.ones(1)}, {})
    assert list(files.read(saved)[0]) == ["new"]
    other = tmp_path / "notes.txt"
    other.write_text("mine")
    with pytest.raises(InputError, match="gatecast did not write it"):
        files.write(other, ARRAYS, CONFIG)
    assert other.read_text() == "mine"
    files.write(other, ARRAYS, CONFIG, overwrite=True)
    assert same(files.read(other)[0], ARRAYS)
    (tmp_path / "empty").touch()
    files.write(tmp_path / "empty", ARRAYS, CONFIG)


def test_a_failed_write_leaves_the_old_file_and_nothing_else(saved, monkeypatch):
    before = saved.read_bytes()

    def full(_handle):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(InputError, match="cannot be written: No space left"):
        files.write(saved, {"new": np.ones(1)}, {})
    monkeypatch.setattr(os, "fsync", lambda _handle: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        files.write(saved, {"new": np.ones(1)}, {})
    assert saved.read_bytes() == before
    assert os.listdir(saved.parent) == [saved.name]


def test_permissions_and_links_are_kept(saved, tmp_path):
    os.umask(old := os.umask(0o022))
    assert stat.S_IMODE(saved.stat().st_mode) == 0o666 & ~old
    saved.chmod(0o640)
    (tmp_path / "link").symlink_to(saved)
    files.write(tmp_path / "link", {}, {})
    assert (tmp_path / "link").is_symlink()
    assert stat.S_IMODE(saved.stat().st_mode) == 0o640
    assert files.read(saved) == ({}, {})


@pytest.mark.parametrize(
    ("config", "place"),
    [
        ({"a": (1, 2)}, r"config\['a'\] must be plain JSON .* tuple"),
        ({"a": [1, {"b": np.float32(1)}]}, r"config\['a'\]\[1\]\['b'\] .* float32"),
        ({"a": {1: 2}}, r"config\['a'\] must have text as keys"),
        ({"a": float("nan")}, r"config\['a'\] must be finite"),
        ([1], "config must be a dict"),
    ],
)
def test_a_configuration_that_json_would_change_is_refused(tmp_path, config, place):
    with pytest.raises(InputError, match=place):
        files.write(tmp_path / "m", {}, config)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"a": [1.0]}, r"arrays\['a'\] must be a NumPy array, it is a list"),
        ({"a": np.array(["x"])}, r"arrays\['a'\] must hold booleans"),
        ({"a": np.array([object()])}, r"arrays\['a'\] must hold booleans"),
        ({"a": np.array([1j])}, r"arrays\['a'\] must hold booleans"),
    ],
)
def test_arrays_that_the_format_lacks_are_refused(tmp_path, arrays, message):
    with pytest.raises(DtypeError, match=message):
        files.write(tmp_path / "m", arrays, {})


def test_the_reserved_name_is_refused(tmp_path):
    with pytest.raises(InputError, match="__metadata__"):
        files.write(tmp_path / "m", {"__metadata__": np.ones(1)}, {})


def test_the_header_is_readable_json(saved):
    content = saved.read_bytes()
    header = json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")])
    assert json.loads(header["__metadata__"]["gatecast"])["config"] == CONFIG
