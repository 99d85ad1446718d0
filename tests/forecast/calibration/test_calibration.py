"""Intervals of every method: coverage of new rows, of series never seen, states, refusals."""

import json

import numpy as np
import pytest

from gatecast import metrics
from gatecast.errors import InputError
from gatecast.forecast.calibration import METHODS, Calibration, hold_out
from gatecast.forecast.classical import Naive
from gatecast.forecast.history import Origins, make_history
from tests.forecast.calibration.models import Walker, Zero, panel

SPREADS = np.geomspace(1, 1000, 150)


def calibrated(method, history, horizon=3, levels=(80, 95), model=Zero):
    split = hold_out(history, horizon)
    fitted = model().fit(split.head, horizon)
    return fitted, Calibration(method, levels).fit(fitted, history, split.origins)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("series", [1, 150])
def test_new_rows_are_covered_and_the_report_said_so(method, series):
    whole = panel(series, 640 if series == 1 else 60, spread=1.0)
    known = whole.until(whole.offsets[1:] - (200 if series == 1 else 3))
    model, calibration = calibrated(method, known)
    origins = whole.rolling(3, windows=190 if series == 1 else 1)
    truth = whole.truth(origins, 3)
    for level, interval in calibration.apply(model, whole, origins).items():
        assert interval.coverage(truth) == pytest.approx(level / 100, abs=0.06)
        row = calibration.report().overall(level)
        assert row.coverage == pytest.approx(level, abs=5)
        assert row.score == pytest.approx(interval.score(truth), rel=0.2)


@pytest.mark.parametrize("method", ["conformal", "adaptive", "paths"])
def test_large_and_small_series_are_covered_alike_also_those_never_seen(method):
    model, calibration = calibrated(method, panel(150, 60, spread=SPREADS))
    new = panel(150, 60, seed=5, spread=SPREADS)
    origins = new.rolling(3, windows=8, step=3)
    truth, interval = new.truth(origins, 3), calibration.apply(model, new, origins)[80]
    for half in (origins.series < 75, origins.series >= 75):
        covered = metrics.coverage(truth[half], interval.lower[half], interval.upper[half])
        assert covered == pytest.approx(0.8, abs=0.06)
    widths = (interval.upper - interval.lower)[:, 0]
    assert np.median(widths[-200:]) > 20 * np.median(widths[:200])


def test_a_hundred_rows_have_a_95_per_cent_interval_and_it_is_said_what_it_rests_on():
    history = make_history(np.cumsum(np.random.default_rng(0).normal(size=100)))
    model, calibration = calibrated("conformal", history, horizon=12, model=Naive)
    interval = calibration.apply(model, history)[95]
    widths = (interval.upper - interval.lower)[0]
    assert np.isfinite(widths).all()
    assert widths[-1] > 2 * widths[0]
    (note,) = calibration.notes_
    assert "rest on 25 held-out origins" in note
    assert "pooled" in note


@pytest.mark.parametrize("method", ["conformal", "adaptive", "paths"])
def test_short_random_walks_are_covered_from_the_table_to_the_bounds(method):
    rng = np.random.default_rng(0)
    covered: dict[float, list[float]] = {80: [], 95: []}
    for _ in range(120):
        walk = np.cumsum(rng.normal(size=112))
        history = make_history(walk[:100])
        model, calibration = calibrated(method, history, horizon=12, model=Naive)
        for level, interval in calibration.apply(model, history).items():
            covered[level].append(interval.coverage(walk[None, 100:]))
    assert 0.75 < np.mean(covered[80]) < 0.9
    assert np.mean(covered[95]) > 0.92


def test_adaptive_intervals_say_when_there_is_nothing_to_adapt_to_yet():
    _, calibration = calibrated("adaptive", panel(1100, 40))
    (note,) = calibration.notes_
    assert "too few held-out origins in time" in note
    _, calibration = calibrated("adaptive", panel(1, 300))
    assert not any("in time" in note for note in calibration.notes_)


def test_many_rows_need_no_note():
    _, calibration = calibrated("conformal", panel(150, 60))
    assert calibration.notes_ == ()


def test_levels_lie_within_one_another_and_others_can_be_asked_for():
    model, calibration = calibrated("conformal", panel(40, 60))
    found = calibration.apply(model, panel(40, 60), levels=[50, 95, 80, 99])
    for inner, outer in ((50, 80), (80, 95), (95, 99)):
        assert (found[outer].lower <= found[inner].lower).all()
        assert (found[outer].upper >= found[inner].upper).all()


@pytest.mark.parametrize("method", ["conformal", "adaptive", "paths"])
@pytest.mark.parametrize("future", [-1e6, 0.0, np.nan])
def test_nothing_from_an_origin_on_moves_its_bounds(method, future):
    draws = np.abs(panel(12, 60).target).reshape(12, 60)
    model, calibration = calibrated(method, make_history(list(draws[:, :50])), model=Naive)
    changed = draws.copy()
    changed[:, 55:] = future
    before, after = make_history(list(draws)), make_history(list(changed))
    origins = Origins(np.arange(12), before.offsets[:-1] + 55)
    expected = calibration.apply(model, before, origins)
    for level, interval in calibration.apply(model, after, origins).items():
        np.testing.assert_array_equal(interval.lower, expected[level].lower)
        np.testing.assert_array_equal(interval.upper, expected[level].upper)
    paths = (calibration.paths(model, one, origins, count=5) for one in (before, after))
    np.testing.assert_array_equal(*paths)


class Crossing(Zero):
    """Its own bounds of 95 per cent lie within those of 80."""

    def quantiles(self, history, levels, origins=None):
        return -4 * super().quantiles(history, levels, origins) ** 3


@pytest.mark.parametrize(("method", "own"), [("conformal", Zero), ("quantiles", Crossing)])
def test_a_bound_is_the_same_whatever_is_asked_for_beside_it(method, own):
    history = panel(1, 90)
    model, calibration = calibrated(method, history, model=own)
    every = calibration.apply(model, history)
    assert (every[95].upper >= every[80].upper).all()
    assert (every[95].lower <= every[80].lower).all()
    for level in (80, 95):
        (alone,) = calibration.apply(model, history, levels=[level]).values()
        np.testing.assert_array_equal(alone.upper, every[level].upper)


def test_more_steps_than_the_horizon_get_wider_intervals():
    history = panel(1, 200)
    for method in METHODS:
        model, calibration = calibrated(method, history)
        interval = calibration.apply(model, history, points=np.zeros((1, 9)))[80]
        widths = (interval.upper - interval.lower)[0]
        assert widths.shape == (9,)
        assert (widths[3:] >= 0.8 * widths[2]).all()


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("series", [1, 150])
def test_fewer_steps_get_the_same_intervals_as_they_had(method, series):
    history = panel(series, 60)
    model, calibration = calibrated(method, history)
    whole = calibration.apply(model, history)[80]
    part = calibration.apply(model, history, points=np.zeros((series, 2)))[80]
    assert part.upper == pytest.approx(whole.upper[:, :2])
    assert calibration.paths(model, history, points=np.zeros((series, 2)), count=4).shape[2] == 2


def test_a_target_that_is_never_negative_has_no_negative_bounds():
    draws = np.abs(panel(30, 60).target).reshape(30, 60)
    history = make_history(list(draws))
    model, calibration = calibrated("conformal", history)
    assert calibration.apply(model, history)[95].lower.min() == 0
    assert calibration.paths(model, history, count=20).min() >= 0
    below = calibration.apply(model, panel(30, 60))[95].lower.min()
    assert below < 0  # of other series, which may be
    points = np.full((30, 3), -2.0)
    assert (calibration.apply(model, history, points=points)[95].lower <= points).all()


@pytest.mark.parametrize("method", ["conformal", "paths"])
def test_whether_bounds_may_be_negative_is_each_series_own_matter_and_of_the_past(method):
    draws = np.abs(panel(30, 60).target).reshape(30, 60)
    model, calibration = calibrated(method, make_history(list(draws)), model=Naive)
    fell = np.append(draws[0, :50], np.full(10, -3.0))
    history = make_history([draws[0], fell, draws[1]])
    origins = history.rolling(3, windows=9)
    alone = make_history([draws[0, :50]])
    for level, interval in calibration.apply(model, history, origins).items():
        expected = calibration.apply(model, alone)[level]
        for series in (0, 1):  # the same up to row 50, whatever came and stands beside it
            here = (origins.series == series) & (origins.rows == history.offsets[series] + 50)
            np.testing.assert_array_equal(interval.lower[here], expected.lower)
        assert (interval.lower[origins.series == 2] >= 0).all()
        assert (interval.lower[origins.series == 1][-1] < 0).all()
    paths = calibration.paths(model, history, origins, count=50)
    assert (paths[origins.series != 1] >= 0).all()
    assert paths[origins.series == 1][-1].min() < 0


def test_joint_paths_have_the_bounds_as_their_quantiles():
    history = panel(150, 60)
    model, calibration = calibrated("conformal", history)
    paths = calibration.paths(model, history, count=3000, rng=0)
    assert paths.shape == (150, 3000, 3)
    interval = calibration.apply(model, history)[80]
    assert np.quantile(paths, 0.9, axis=1) == pytest.approx(interval.upper, rel=0.1)
    again = calibration.paths(model, history, count=3000, rng=0)
    assert (paths == again).all()


def test_a_models_own_paths_are_stretched_until_they_cover():
    history = panel(150, 60)
    model, calibration = calibrated("paths", history, model=Walker)
    new = panel(150, 60, seed=7)
    origins = new.rolling(3)
    truth = new.truth(origins, 3)
    for level, interval in calibration.apply(model, new, origins).items():
        assert interval.coverage(truth) == pytest.approx(level / 100, abs=0.04)
    paths = calibration.paths(model, new, origins, count=500)
    covered = metrics.coverage(truth, *np.quantile(paths, [0.1, 0.9], axis=1))
    assert covered == pytest.approx(0.8, abs=0.06)  # bounds of a hundred draws are noisy: wide
    assert calibration.paths(model, new, points=np.zeros((150, 5)), count=3).shape == (150, 3, 5)


class Overfitted(Walker):
    """Believes to be all but certain at every third forecast."""

    def quantiles(self, history, levels, origins=None):
        found = super().quantiles(history, levels, origins)
        found[::3] *= 1e-9
        return found

    def draw_dropout(self, history, count, rng, origins=None):
        found = super().draw_dropout(history, count, rng, origins)
        found[::3] *= 1e-9
        return found


@pytest.mark.parametrize("method", ["quantiles", "dropout", "paths"])
@pytest.mark.parametrize("rows", [60, 400])
def test_a_network_that_is_too_sure_at_times_does_not_blow_up_its_bounds(method, rows):
    history = panel(1, rows)
    _, plain = calibrated("conformal", history)
    model, own = calibrated(method, history, model=Overfitted)
    origins = history.rolling(3, windows=9)
    for level, interval in own.apply(model, history, origins).items():
        usual = plain.apply(Zero().fit(history, 3), history, origins)[level]
        width = np.mean(interval.upper - interval.lower)
        assert width < 3 * np.mean(usual.upper - usual.lower)


def test_missing_truth_and_missing_forecasts_are_left_out():
    values = panel(1, 300).target.copy()
    values[::7] = np.nan
    history = make_history(values)
    model, calibration = calibrated("conformal", history)
    interval = calibration.apply(model, history)[80]
    assert np.isfinite(interval.lower).all()
    assert calibration.report().overall(80).count < 73 * 3


@pytest.mark.parametrize("method", METHODS)
def test_one_known_value_in_the_tail_is_enough_for_intervals(method):
    values = panel(1, 60).target.copy()
    values[40:] = np.nan
    values[58] = 3.0
    model, calibration = calibrated(method, make_history(values), horizon=1)
    interval = calibration.apply(model, make_history(values))[80]
    assert np.isfinite(interval.upper).all()
    assert np.isnan(calibration.report().overall(80).coverage)


def test_rows_without_values_teach_nothing():
    values = panel(1, 300).target
    history = make_history(values)
    for method in ("conformal", "adaptive"):
        model, calibration = calibrated(method, history, horizon=1)
        before = calibration.apply(model, history)[80]
        silent = make_history(np.append(values, np.full(250, np.nan)))
        calibration.update(model, silent, 250)
        after = calibration.apply(model, silent)[80]
        np.testing.assert_array_equal(after.upper, before.upper)


@pytest.mark.parametrize("method", METHODS)
def test_states_go_to_files_and_back(method):
    history = panel(1, 120)
    model, calibration = calibrated(method, history)
    config, arrays = calibration.get_state()
    copy = Calibration.from_state(json.loads(json.dumps(config)), arrays)
    assert copy.report() == calibration.report()
    longer = panel(1, 130)
    for each in (calibration, copy):
        each.update(model, longer, 10)
    first, second = (each.apply(model, longer)[95] for each in (calibration, copy))
    assert (first.lower == second.lower).all()
    assert (first.upper == second.upper).all()


def test_updates_bring_the_newest_errors_and_forget_the_oldest():
    quiet, loud = np.ones(200) * 0.0, panel(1, 300).target * 10
    values = np.concatenate([quiet, loud])
    history = make_history(values[:200])
    model, calibration = calibrated("conformal", history)
    before = calibration.apply(model, history)[80].upper
    calibration.update(model, make_history(values), 300)
    after = calibration.apply(model, make_history(values))[80].upper
    assert (after > before + 5).all()
    assert (np.diff(np.unique(calibration.bank_.times)) == 1).all()


def test_two_rows_have_intervals_but_no_measured_coverage():
    history = make_history(np.array([1.0, 3.0]))
    model, calibration = calibrated("conformal", history, horizon=4, model=Naive)
    interval = calibration.apply(model, history)[80]
    assert np.isfinite(interval.upper).all()
    report = calibration.report()
    assert np.isnan(report.overall(80).coverage)
    assert "too few origins" in report.how
    config, arrays = calibration.get_state()
    again = Calibration.from_state(json.loads(json.dumps(config)), arrays)
    assert np.isnan(again.report().overall(80).coverage)


class Mute(Zero):
    """A model without quantiles or draws of its own."""

    def quantiles(self, history, levels, origins=None):
        return None

    def draw_dropout(self, history, count, rng, origins=None):
        return None


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: Calibration("magic"), "method must be one of"),
        (lambda: Calibration(levels=[]), "levels is empty"),
        (lambda: Calibration(levels=[0.8, 100]), "level must lie between 0 and 100"),
        (lambda: Calibration().apply(Zero(), panel(1, 20)), "is not fitted"),
        (lambda: Calibration().report(), "is not fitted"),
        (lambda: calibrated("quantiles", panel(1, 60), model=Mute), "gives no quantiles"),
        (lambda: calibrated("dropout", panel(1, 60), model=Mute), "has no dropout"),
        (
            lambda: calibrated("conformal", make_history(np.append(np.ones(9), [np.nan] * 9))),
            "no held-out origin has a known value",
        ),
    ],
)
def test_wrong_input_is_refused(call, message):
    with pytest.raises(InputError, match=message):
        call()
