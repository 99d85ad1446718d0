"""What is drawn for a series: the same in whatever company it is asked for."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatecast import Forecaster
from gatecast.forecast import Calibration, NetworkModel, Origins, Recipe, hold_out, make_history
from gatecast.forecast.chance import TOGETHER, Chance
from tests.forecast.tables import panel

SIZES: dict[str, Any] = {"hidden_size": 6, "updates": 12, "batch_size": 16, "windows": (10,)}
DROPPING = [
    {"form": "direct", "dropout": 0.3},
    {"form": "direct", "dropout": 0.3, "num_layers": 2},  # between layers: another order of axes
    {"form": "direct", "dropout": 0.3, "decoder": "segments", "front": "patch", "segment": 2},
    {"form": "recursive", "dropout": 0.3},
    {"form": "encoder_decoder", "dropout": 0.3},
    {"form": "encoder_decoder", "dropout": 0.3, "num_layers": 2},
    {"form": "sequence", "dropout": 0.3},
]
LENGTHS = (60, 45, 9, 33, 70)


def history(lengths=LENGTHS, seed=0):
    rng = np.random.default_rng(seed)
    return make_history([50 + rng.normal(size=n).cumsum() for n in lengths])


def draws(model, known, count=30, origins=None, *, paths=False):
    draw = model.sample if paths else model.draw_dropout
    found = draw(known, count, np.random.default_rng(7), origins)
    assert found is not None
    return found


@pytest.mark.parametrize("choices", DROPPING)
def test_draws_with_dropout_do_not_depend_on_the_company(choices, monkeypatch):
    known = history()
    model = NetworkModel(Recipe(**(SIZES | choices))).fit(known, 4)
    together = draws(model, known)
    assert together.std(axis=1).min() > 0
    for some in ([4], [3, 1], [2, 4, 0]):
        alone = draws(model, known.take(some))
        np.testing.assert_allclose(alone, together[some], rtol=1e-6)
    few = known.rolling(4, windows=3)
    monkeypatch.setattr("gatecast.forecast.windowed.member._BLOCK", 9_000)  # and on no block
    monkeypatch.setattr("gatecast.forecast.sequence.engine._CELLS_AT_ONCE", 80)
    again = draws(model, known, origins=Origins(*map(np.concatenate, _pairs(few, known.ends()))))
    np.testing.assert_allclose(again[len(few) :], together, rtol=1e-6)


def _pairs(one, other):
    return (one.series, other.series), (one.rows, other.rows)


@pytest.mark.parametrize("loss", ["gaussian", "student_t", "quantiles"])
def test_sampled_paths_do_not_depend_on_the_company(loss):
    known = history()
    recipe = Recipe(form="recursive", loss=loss, ensemble=2, **SIZES)
    model = NetworkModel(recipe).fit(known, 4)
    together = draws(model, known, 31, paths=True)
    assert together.shape == (5, 31, 4)
    assert np.unique(together[0, :, 0]).size > 25  # quantiles are drawn of a hundred
    for some in ([4], [3, 1]):
        alone = draws(model, known.take(some), 31, paths=True)
        np.testing.assert_allclose(alone, together[some], rtol=1e-6)


def test_the_same_seed_gives_the_same_bits_and_another_others():
    known = history()
    model = NetworkModel(Recipe(form="direct", dropout=0.3, **SIZES)).fit(known, 4)
    assert np.array_equal(draws(model, known), draws(model, known))
    other = model.draw_dropout(known, 30, np.random.default_rng(8))
    assert (other != draws(model, known)).any()


def test_a_draw_is_one_thinned_network_for_all():
    twice = make_history([np.sin(np.arange(40.0))] * 2)
    model = NetworkModel(Recipe(form="direct", dropout=0.5, **SIZES)).fit(history(), 4)
    first, second = draws(model, twice)
    np.testing.assert_allclose(first, second, rtol=1e-6)


def test_the_spread_is_that_of_masks_drawn_by_hand():
    known = history((60,))
    model = NetworkModel(Recipe(form="direct", dropout=0.3, **SIZES)).fit(known, 2)
    member: Any = model.members_[0]
    batch = member.inputs(known, known.ends())
    rng = np.random.default_rng(3)
    by_hand = [
        batch.frame.values(
            member.distribution.point(
                member.net.forward(batch.x, None, batch.lengths, True, rng)[0].reshape(1, 2, -1)
            ),
            member.facts.logs,
        )
        for _ in range(3000)
    ]
    found = draws(model, known, 3000)[0].std(axis=0)
    np.testing.assert_allclose(found, np.std(by_hand, axis=0)[0], rtol=0.08)


@given(
    count=st.integers(1, 700), origins=st.integers(1, 5), seed=st.integers(0, 99),
)  # fmt: skip
def test_every_origin_gets_the_same_numbers_and_every_draw_others(count, origins, seed):
    parts = list(Chance.parts(count, np.random.default_rng(seed)))
    assert sum(part.count for part in parts) == count
    assert max(part.count for part in parts) <= TOGETHER
    every = []
    for part in parts:
        rng = part.over(origins * part.count)
        for shape in ((3, origins * part.count, 2), (2 * origins * part.count, 1)):
            found = rng.random(shape).swapaxes(0, -2).reshape(origins, -1)
            assert (found == found[0]).all()
            assert ((found >= 0) & (found < 1)).all()
            every.append(found[0])
    assert np.unique(np.concatenate(every)).size == sum(map(len, every))


@pytest.mark.parametrize("interval", ["dropout", "paths"])
def test_the_interval_of_a_series_does_not_depend_on_its_company(interval):
    table = panel(60, ("a", "b", "c"))
    recipe = (
        Recipe(form="direct", dropout=0.3, **SIZES)
        if interval == "dropout"
        else Recipe(form="recursive", loss="gaussian", **SIZES)
    )
    model = Forecaster(recipe, horizon=3, interval=interval, calendar=False).fit(table)
    together = model.predict()
    alone = model.predict(new=table[table["unique_id"] == "c"])
    expected = together[together["unique_id"] == "c"].reset_index(drop=True)
    pd.testing.assert_frame_equal(alone.reset_index(drop=True), expected, rtol=1e-6)


def test_calibration_is_as_honest_as_ever():
    rng = np.random.default_rng(1)
    known = make_history([rng.normal(10, 1, size=90) for _ in range(30)])
    split = hold_out(known, 2)
    recipe = Recipe(form="direct", dropout=0.3, hidden_size=8, updates=60, windows=(6,))
    model = NetworkModel(recipe).fit(split.head, 2)
    calibration = Calibration("dropout", levels=(80,)).fit(model, known, split.origins)
    (row,) = [row for row in calibration.report().rows if row.step == 0]
    assert abs(row.coverage - 80) < 3
