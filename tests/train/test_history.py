import json
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from gatecast.errors import FileFormatError, InputError
from gatecast.nn.losses import MSE
from gatecast.nn.optimisers import Adam
from gatecast.train import (
    Divergence,
    EarlyStop,
    Epoch,
    History,
    Interrupted,
    RateDrop,
    Stopped,
    VanishingGradient,
    fit,
)
from tests.train.networks import small, windows

EVENTS = [
    VanishingGradient(1, "0_l0", "depth", 1e-9),
    VanishingGradient(1, "0_l0", "time", 1e-30),
    VanishingGradient(1, "0_l0", "depth", 0.0),
    RateDrop(1, 0.1, 0.01),
    EarlyStop(2, 1, 1),
    Stopped(2, 3, "enough"),
    Interrupted(2, 4),
    Divergence(2, 5, "the loss is nan", math.nan, "0.weight_hh_l0", math.inf, "lr=0.001"),
]


def made(events=()):
    return History(
        [
            Epoch(1, 0.5, 0.25, 0.1, 1.0, 2.0, 0.5, {"mae": 0.125}),
            Epoch(2, math.nan, None, 0.01, 3.0, math.inf, 0.25, complete=False),
        ],
        list(events),
        "diverged",
        1,
        None,
    )


def test_table_of_a_real_training():
    x, y = windows()
    metrics = {"mae": lambda truth, point: np.abs(truth - point).mean()}
    history = fit(small(), MSE(), Adam(), x, y, epochs=3, validation=0.25, metrics=metrics)
    lines = str(history).splitlines()
    assert lines[0].split() == history.columns
    assert history.columns == [
        "epoch", "loss", "val_loss", "mae", "lr", "gradient_norm", "gradient_norm_max", "seconds",
    ]  # fmt: skip
    assert len({len(line) for line in lines[:4]}) == 1
    assert lines[4].startswith("finished after 3 epochs; best was epoch")
    assert [len(history), len(list(history)), history.stopped] == [3, 3, "finished"]
    assert all(epoch.seconds > 0 for epoch in history)


def test_events_are_told_in_words():
    text = str(made(EVENTS))
    for words in (
        "what reaches 0_l0 is 1e-09 of the last layer's gradient",
        "at the first step of the sequence 1e-30 of 0_l0's gradient is left",
        "nothing at all reaches 0_l0",
        "the learning rate went from 0.1 to 0.01 after epoch 1",
        "stopped early after epoch 2: no improvement for 1 epoch, best was epoch 1",
        "stopped by a callback in epoch 2, batch 3: enough",
        "interrupted in epoch 2, batch 4",
        "training diverged in epoch 2, batch 5: the loss is nan; the gradient norm was inf",
        "diverged after 1 epoch; best was epoch 1",
    ):
        assert words in text


def test_frame():
    frame = made().to_frame()
    assert frame["epoch"].tolist() == [1, 2]
    assert frame["complete"].tolist() == [True, False]
    assert frame["mae"].isna().tolist() == [False, True]
    assert History().to_frame().empty


def test_json_brings_everything_back(tmp_path):
    history = made(EVENTS)
    history.save(tmp_path / "history.json")
    text = (tmp_path / "history.json").read_text()
    json.loads(text, parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))
    loaded = History.load(tmp_path / "history.json")
    assert repr(loaded) == repr(history)  # NaN is not equal to itself
    assert str(loaded) == str(history)


def test_csv_is_the_frame(tmp_path):
    history = made()
    history.save(str(tmp_path / "history.csv"))
    read = pd.read_csv(tmp_path / "history.csv")
    pd.testing.assert_frame_equal(
        read, made().to_frame().drop(columns="complete"), check_dtype=False
    )


def test_a_failed_save_leaves_the_old_file_alone(tmp_path, monkeypatch):
    path = tmp_path / "history.json"
    made().save(path)
    before = path.read_bytes()

    def fail(self, target):
        raise OSError("disk full")

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(InputError, match="cannot be written: disk full"):
        made(EVENTS).save(path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    ("name", "message"),
    [("history.txt", "must end in .json or .csv"), ("no/history.json", "a folder that exists")],
)
def test_paths_that_cannot_be_are_refused(tmp_path, name, message):
    with pytest.raises(InputError, match=message):
        made().save(tmp_path / name)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "is not a history that gatecast saved"),
        ("{}", "is not a history that gatecast saved"),
        ("[]", "is not a history that gatecast saved"),
        ('{"format": "gatecast history 9"}', "has the format 'gatecast history 9'"),
    ],
)
def test_foreign_files_are_refused(tmp_path, content, message):
    path = tmp_path / "history.json"
    path.write_text(content)
    with pytest.raises(FileFormatError, match=message):
        History.load(path)


def test_csv_cannot_be_loaded():
    with pytest.raises(InputError, match=r"path must end in \.json"):
        History.load("history.csv")


def test_a_column_that_is_not_there_is_named():
    with pytest.raises(InputError, match="no column 'accuracy'; there are epoch, loss"):
        made()["accuracy"]
    assert made()["mae"] == [0.125, None]
