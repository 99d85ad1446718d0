"""No window of an experiment sees what comes after it: the future is spoiled, and nothing moves.

Experiments come to the comparison as finished windows, so that the proof which ``compare`` makes of
a table is made here: the data are read again with other values in all rows from a row on.
"""

from dataclasses import replace

import numpy as np
import pytest

from gatecast import datasets
from gatecast.forecast.samples import Samples
from gatecast.lab.registry import EXPERIMENTS
from gatecast.lab.settings import Settings

LOADERS = {
    "steel-usage": "load_steel_industry",
    "steel-load": "load_steel_industry",
    "electric": "load_electric_production",
}
FIELDS = ("x", "y", "past", "base", "scale")


def spoiled(frame, row):
    """Other numbers and categories in all rows from ``row`` on; time stamps stay."""
    rng = np.random.default_rng(0)
    changed = frame.copy()
    for name in changed:
        column = changed[name]
        if column.dtype.kind == "f":
            noise = rng.normal(5, 3, len(frame) - row) * column.std()
            changed[name] = np.concatenate([column[:row], column[row:] + noise])
        elif column.dtype == "category":
            codes = column.cat.codes.to_numpy().copy()
            codes[row:] = (codes[row:] + 1) % len(column.cat.categories)
            changed[name] = type(column.array).from_codes(codes, dtype=column.dtype)
    return changed


def compared(before: Samples, after: Samples, classes: bool) -> int:
    """Windows whose targets did not move: nothing else of them may have moved."""
    same = before.y == after.y
    kept = same if classes else same.all(axis=1)
    first_moved = len(kept) if kept.all() else int(np.flatnonzero(~kept)[0])
    rows = slice(first_moved)
    for field in FIELDS:
        one, other = (np.asarray(getattr(s.take(rows), field)) for s in (before, after))
        np.testing.assert_array_equal(one, other, err_msg=field)
    return first_moved


@pytest.mark.parametrize("preset", ["best", "published"])
@pytest.mark.parametrize("name", LOADERS)
def test_no_window_moves_when_what_comes_after_it_is_spoiled(
    name, preset, monkeypatch, reference_data
):
    load = getattr(datasets, LOADERS[name])
    frame = load()
    settings = Settings(preset, quick=True)
    before = EXPERIMENTS[name].describe(settings)
    # from the middle of the last quarter: all training and many test windows lie before it
    row = len(frame) * 7 // 8
    monkeypatch.setattr(datasets, LOADERS[name], lambda: spoiled(frame, row))
    after = EXPERIMENTS[name].describe(settings)
    for one, other in zip(before.variants, after.variants, strict=True):
        for part in ("train", "validation", "test"):
            samples, again = getattr(one, part), getattr(other, part)
            if samples is None:
                continue
            moved = compared(samples, again, samples.classes)
            assert (moved < len(samples)) == (part == "test"), (one.name, part)
            assert moved > 0


def test_the_spoiling_would_show_a_leak():
    series = np.arange(20.0)
    honest = Samples(np.ones((20, 3, 1)), series[:, None])
    later = series + np.where(np.arange(20) >= 15, 100, 0)
    leaking = replace(honest, y=later[:, None], base=float(later.mean()))
    assert compared(honest, replace(honest, y=later[:, None]), classes=False) == 15
    with pytest.raises(AssertionError, match="base"):
        compared(honest, leaking, classes=False)
