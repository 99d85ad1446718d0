"""Networks over windows: what they may look at, what they learn, what they keep."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from gatecast import errors, kernels
from gatecast.forecast.history import Origins, make_history
from gatecast.forecast.windowed.member import Member
from tests.forecast.windowed.panels import changed_after, quick, rich, waves

FORMS: list[dict[str, Any]] = [
    {},
    {"form": "recursive"},
    {"form": "encoder_decoder", "cell": "lstm"},
    {"front": "conv", "pooling": "attention", "level": "mean"},
    {"front": "patch", "decoder": "segments", "level": "season", "reference": "season"},
    {"transform": "none", "scaled": False, "level": "robust", "residual": True},
    {"loss": "smape", "seasonal_adjustment": "none"},
    {"loss": "mape", "transform": "none"},
    {"loss": "quantiles", "cell": "rnn"},
    {"loss": "gaussian"},
    {"loss": "student_t", "form": "recursive"},
]


def fitted(history: Any, horizon: int = 4, **choices: Any) -> Member:
    return Member(quick(**choices), 10, seed=1).fit(history, horizon, 6)


@pytest.mark.parametrize("choices", FORMS)
def test_a_forecast_looks_at_nothing_after_its_origin(choices):
    history = rich()
    member = fitted(history, **choices)
    origins = Origins(np.arange(3), history.offsets[1:] - np.array([9, 4, 20]))
    forecast = member.predict(history, origins)
    assert forecast.shape == (3, 4)
    assert np.isfinite(forecast).all()
    np.testing.assert_array_equal(
        member.predict(changed_after(history, origins), origins), forecast
    )


@pytest.mark.parametrize("choices", FORMS)
def test_the_same_seed_gives_the_same_bits_and_files_keep_them(choices):
    history = rich()
    one, other = fitted(history, **choices), fitted(history, **choices)
    wanted = one.predict(history, history.ends())
    np.testing.assert_array_equal(other.predict(history, history.ends()), wanted)
    config, arrays = one.get_state()
    again = Member.from_state(one.recipe, config, arrays)
    np.testing.assert_array_equal(again.predict(history, history.ends()), wanted)
    np.testing.assert_array_equal(again.losses_, one.losses_)


def test_its_losses_are_kept_and_fall():
    history = waves()
    member = fitted(history, updates=400)
    updates, losses = member.losses_.T
    assert len(updates) == 50
    assert updates[-1] == 400
    assert losses[-10:].mean() < 0.8 * losses[:10].mean()
    member.refit(history)
    assert member.losses_[-1, 0] < 400


@pytest.mark.parametrize("choices", [{}, {"form": "recursive"}, {"front": "patch"}])
@pytest.mark.parametrize(("transform", "factor", "shift"), [("log", 1e3, 0.0), ("none", 1e3, -4e4)])
def test_units_do_not_matter(choices, transform, factor, shift):
    history = waves()
    moved = replace(history, target=history.target * factor + shift)
    forecasts = [
        fitted(h, transform=transform, **choices).predict(h, h.ends()) for h in (history, moved)
    ]
    np.testing.assert_allclose(forecasts[0] * factor + shift, forecasts[1], rtol=1e-3)


def test_an_untrained_network_forecasts_the_reference():
    history = waves((60,))
    member = fitted(history, level="season", reference="season", seasonal_adjustment="none")
    member.net.flat[:] = 0
    forecast = member.predict(history, history.ends())
    np.testing.assert_allclose(forecast[0], history.target[-6:-2], rtol=1e-6)
    member = fitted(history, seasonal_adjustment="none")
    member.net.flat[:] = 0
    np.testing.assert_allclose(
        member.predict(history, history.ends())[0], history.target[-1], rtol=1e-6
    )


def test_the_seasonal_pattern_is_put_back():
    history = make_history([np.tile([10.0, 20.0, 15.0, 40.0], 12)])
    member = Member(quick(), 8, seed=0).fit(history, 4, 4)
    member.net.flat[:] = 0
    np.testing.assert_allclose(
        member.predict(history, history.ends())[0], [10, 20, 15, 40], rtol=1e-6
    )


def test_recursion_is_one_step_after_the_other():
    history = waves()
    member = fitted(history, form="recursive", seasonal_adjustment="none")
    whole = member.predict(history, history.ends())
    series = [history.series(i) for i in range(3)]
    for step in range(4):
        grown = make_history(series)
        one = member.predict(grown, grown.ends())[:, 0]
        np.testing.assert_allclose(one, whole[:, step], rtol=1e-6)
        series = [np.append(values, value) for values, value in zip(series, one, strict=True)]


@pytest.mark.parametrize("choices", [{}, {"form": "recursive"}, {"form": "encoder_decoder"}])
def test_it_learns_what_a_covariate_known_in_advance_does(choices):
    rng = np.random.default_rng(0)
    known = rng.normal(size=(412, 1))
    y = 100 + 5 * known[:, 0] + 0.1 * rng.normal(size=412)
    history = make_history([y[:400]], future=[known[:400]], ahead=known[None, 400:])
    member = Member(
        quick(updates=300, hidden_size=8, rate=1e-2, level="mean", **choices), 10, 0
    ).fit(history, 6, 1)
    error = np.abs(member.predict(history, history.ends())[0] - y[400:406]).mean()
    assert error < 1.0  # 4 without it


def test_it_learns_what_a_category_says():
    rng = np.random.default_rng(0)
    slopes = np.array([1.0, -1.0] * 10)
    series = [100 + s * np.arange(30) + rng.normal(size=30) for s in slopes]
    history = make_history(series, codes=np.arange(20)[:, None] % 2, code_sizes=(2,))
    member = Member(quick(updates=150, skip=False, windows=()), 3, 0).fit(history, 4, 1)
    forecast = member.predict(history, history.ends())
    moves = forecast[:, -1] - np.array([values[-3:].mean() for values in series])
    assert (np.sign(moves) == slopes).mean() > 0.8


def test_missing_values_and_short_series():
    history = waves((60, 45, 7, 2, 1))
    target = history.target.copy()
    target[[3, 4, 20, 59, 100]] = np.nan  # the last row of the first series among them
    history = replace(history, target=target)
    for choices in FORMS:
        member = fitted(history, **choices)
        forecast = member.predict(history, history.ends())
        assert np.isfinite(forecast).all(), choices
        assert member.facts.masked
    seen = member.inputs(history, history.ends())
    assert seen.lengths is not None
    assert seen.lengths.tolist() == [10, 10, 7, 2, 1]


def test_the_inputs_have_names():
    history = rich()
    member = fitted(history)
    names = member.names(history)
    batch = member.inputs(history, history.ends())
    assert len(names) == batch.x.shape[1]
    place = names.index(("future 1", 3))
    wanted = (history.ahead[:, 2, 1] - history.future[:, 1].mean()) / history.future[:, 1].std()
    np.testing.assert_allclose(batch.x[:, place], wanted, rtol=1e-5)
    level = batch.x[:, names.index(("y", -1))]
    np.testing.assert_array_equal(level, 0)  # the last value is what is taken off
    assert ("volatility", 0) in names
    assert ("code 0", 0) in names


def test_gradients_by_inputs_lead_to_forecasts():
    history = rich()
    member = fitted(history)
    batch = member.inputs(history, history.ends())
    y, _, saved = member.net.forward(batch.x, None, batch.lengths)
    by_inputs, _ = member.net.backward(saved, np.ones_like(y))
    assert by_inputs is not None
    assert by_inputs.shape == batch.x.shape
    values = batch.frame.values(y.reshape(3, 4), member.facts.logs)
    np.testing.assert_allclose(values, member.predict(history, history.ends()), rtol=1e-12)


def test_quantiles_rise_and_cover():
    history = waves((300,))
    levels = np.array([0.05, 0.1, 0.5, 0.9, 0.99])
    for loss in ("quantiles", "gaussian", "student_t"):
        member = Member(quick(updates=150, loss=loss), 10, 0).fit(history, 4, 6)
        origins = history.rolling(4, 100)
        found = member.quantiles(history, levels, origins)
        assert found is not None
        assert (np.diff(found, axis=2) > 0).all()
        np.testing.assert_allclose(found[..., 2], member.predict(history, origins), rtol=1e-9)
        truth = history.truth(origins, 4)
        covered = ((truth > found[..., 1]) & (truth < found[..., 3])).mean()
        assert 0.6 < covered < 0.97, loss  # 0.8, of a short training


def test_paths_follow_their_own_steps():
    history = waves((200,))
    member = Member(quick(updates=100, form="recursive", loss="gaussian"), 10, 0)
    member.fit(history, 6, 6)
    paths = member.sample(history, 400, np.random.default_rng(0), history.ends())
    assert paths is not None
    assert paths.shape == (1, 400, 6)
    again = member.sample(history, 400, np.random.default_rng(0), history.ends())
    np.testing.assert_array_equal(paths, again)
    middle = np.median(paths[0], axis=0)
    np.testing.assert_allclose(middle, member.predict(history, history.ends())[0], rtol=0.05)
    assert np.log(paths[0]).std(axis=0).min() > 0


@pytest.mark.parametrize("loss", ["mae", "quantiles"])
def test_what_it_does_not_give_is_none(loss):
    history = waves()
    member = fitted(history, loss=loss)
    assert member.sample(history, 2, np.random.default_rng(0), history.ends()) is None
    if loss == "mae":
        assert member.quantiles(history, np.array([0.5]), history.ends()) is None


def test_a_refit_goes_on_from_the_weights():
    history = waves()
    member = fitted(history)
    before = member.net.flat.copy()
    member.refit(waves((80, 80), seed=3))
    moved = np.abs(member.net.flat - before).max()
    assert 0 < moved < 0.1


def test_the_reference_kernels_agree():
    if "native" not in kernels.info()["available"]:
        pytest.skip("the native kernels are not installed")
    history = rich()
    member = fitted(history)
    native = member.predict(history, history.ends())
    with kernels.use("reference"):
        np.testing.assert_allclose(member.predict(history, history.ends()), native, rtol=1e-5)


def test_other_data_than_that_of_the_fit_is_refused():
    history = rich()
    member = fitted(history)
    with pytest.raises(errors.InputError, match="fitted with 1 past covariates, here are 0"):
        member.predict(waves(), waves().ends())
    stranger = replace(history, codes=history.codes + 5)
    with pytest.raises(errors.InputError, match="category column 0 holds 6.* 0 … 1"):
        member.predict(stranger, stranger.ends())


def test_what_cannot_be_learned_from_is_refused():
    with pytest.raises(errors.InputError, match="y has no values"):
        fitted(make_history([np.full(20, np.nan)]))
    for lonely in (np.ones(1), np.array([1.0, np.nan]), np.zeros(0)):
        with pytest.raises(errors.InputError, match="no series has two known values"):
            fitted(make_history([lonely, np.ones(1)]))
    with pytest.raises(errors.InputError, match='transform="log" needs positive values'):
        fitted(make_history([np.arange(20.0)]), transform="log")


def test_a_flat_series_is_forecast_flat():
    history = make_history([np.full(40, 5.0), np.zeros(40)])
    forecast = fitted(history).predict(history, history.ends())
    np.testing.assert_allclose(forecast, [[5.0] * 4, [0.0] * 4], atol=0.2)
