"""The losses by themselves: gradients, weights and masks, extremes, refusals."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatecast.kernels.contract import Array
from gatecast.nn.cross_entropy import CrossEntropy
from gatecast.nn.distribution_losses import GaussianNLL, Pinball, StudentTNLL
from gatecast.nn.losses import MAE, MSE, Huber, Loss
from tests.nn.loss_cases import LOSSES, SHAPES, WEIGHTINGS, Example, example, weighted

every_loss = pytest.mark.parametrize("loss", LOSSES, ids=repr)
every_shape = pytest.mark.parametrize("shape", SHAPES, ids=str)
EPSILON = 1e-6


def gradient(loss: Loss, case: Example) -> Array:
    return loss.backward(loss.forward(*case.arguments)[1])


@every_loss
@every_shape
@pytest.mark.parametrize("weighting", WEIGHTINGS)
def test_gradient_is_the_finite_difference(
    loss: Loss, shape: tuple[int, ...], weighting: str
) -> None:
    case = weighted(example(loss, shape), weighting)
    found = gradient(loss, case)
    difference = np.zeros_like(case.prediction)
    for place in np.ndindex(case.prediction.shape):
        centre = case.prediction[place]
        case.prediction[place] = centre + EPSILON
        above = loss(*case.arguments)
        case.prediction[place] = centre - EPSILON
        difference[place] = (above - loss(*case.arguments)) / (2 * EPSILON)
        case.prediction[place] = centre
    assert np.abs(difference).max() > 1e-3
    rounding = 2e-9 * max(1.0, abs(loss(*case.arguments)))
    np.testing.assert_allclose(found, difference, rtol=0, atol=rounding)


@every_loss
@pytest.mark.parametrize("weighting", WEIGHTINGS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_dtype_stays(loss: Loss, weighting: str, dtype: Any) -> None:
    case = weighted(example(loss, (5, 4, 2), dtype), weighting)
    value, saved = loss.forward(*case.arguments)
    assert type(value) is float
    assert loss.backward(saved).dtype == dtype
    assert loss.backward(saved).shape == case.prediction.shape
    assert all(array.dtype == dtype for array in saved.local)
    wide = example(loss, (5, 4, 2))  # the same numbers, not rounded to float32
    expected = loss(wide.prediction, wide.target, case.sample_weight, case.mask)
    assert value == pytest.approx(expected, rel=1e-5 if dtype == np.float32 else 1e-15)


@every_loss
def test_nothing_is_changed_and_nothing_is_kept(loss: Loss) -> None:
    case, other = example(loss, (5, 2)), example(loss, (5, 2), seed=9)
    before = case.prediction.copy(), case.target.copy()
    value, saved = loss.forward(*case.arguments)
    loss.forward(*other.arguments)
    first, second = loss.backward(saved), loss.backward(saved)
    assert np.array_equal(first, second)
    assert np.array_equal(case.prediction, before[0])
    assert np.array_equal(case.target, before[1])
    assert loss(*case.arguments) == value


# -- weights and masks -------------------------------------------------------------------------


@every_loss
@given(data=st.data())
def test_whole_weights_are_repeated_rows(loss: Loss, data: st.DataObject) -> None:
    rows = data.draw(st.integers(1, 5))
    counts = data.draw(
        st.lists(st.integers(0, 3), min_size=rows, max_size=rows).filter(lambda found: any(found))
    )
    case = example(loss, (rows, 2), seed=data.draw(st.integers(0, 99)))
    repeated = [np.repeat(array, counts, axis=0) for array in (case.prediction, case.target)]
    value = loss(case.prediction, case.target, np.array(counts))
    assert value == pytest.approx(loss(*repeated), rel=1e-12)


@every_loss
@every_shape
def test_a_mask_leaves_out(loss: Loss, shape: tuple[int, ...]) -> None:
    case = example(loss, shape)
    case.mask = np.arange(shape[0]) % 2 == 0
    value, saved = loss.forward(*case.arguments)
    dprediction = loss.backward(saved)
    kept = case.mask
    expected, saved = loss.forward(case.prediction[kept], case.target[kept])
    assert value == pytest.approx(expected, rel=1e-14)
    np.testing.assert_allclose(dprediction[kept], loss.backward(saved), rtol=1e-13, atol=1e-17)
    assert not dprediction[~kept].any()


@every_loss
@pytest.mark.parametrize("by", ["mask", "weight"])
@pytest.mark.parametrize("garbage", [np.nan, np.inf, -np.inf])
def test_what_does_not_count_may_hold_anything(loss: Loss, by: str, garbage: float) -> None:
    case = weighted(example(loss, (5, 4, 2)), "mask")
    assert case.mask is not None
    away = ~case.mask
    if by == "weight":
        case.sample_weight, case.mask = case.mask.astype(np.float64), None
    value, before = loss(*case.arguments), gradient(loss, case)
    case.prediction[away] = garbage
    if by == "mask":
        case.target[away] = -100 if isinstance(loss, CrossEntropy) else garbage
    assert loss(*case.arguments) == value
    assert np.array_equal(gradient(loss, case), before)


@every_loss
def test_equal_weights_change_nothing(loss: Loss) -> None:
    case = example(loss, (5, 4, 2))
    value, before = loss(*case.arguments), gradient(loss, case)
    case.sample_weight, case.mask = np.full((5, 4), 7.0), np.ones(5, bool)
    assert loss(*case.arguments) == pytest.approx(value, rel=1e-13)
    np.testing.assert_allclose(gradient(loss, case), before, rtol=1e-12, atol=1e-17)


@every_loss
@given(order=st.permutations(range(5)))
def test_the_order_of_the_batch_does_not_matter(loss: Loss, order: list[int]) -> None:
    case = example(loss, (5, 2))
    value, before = loss(*case.arguments), gradient(loss, case)
    shuffled = Example(case.prediction[order], case.target[order])
    assert loss(*shuffled.arguments) == pytest.approx(value, rel=1e-13)
    np.testing.assert_allclose(gradient(loss, shuffled), before[order], rtol=1e-12)


# -- values ------------------------------------------------------------------------------------


def test_the_mean_is_summed_in_float64() -> None:
    prediction = np.full((2**24 + 10, 1), 1, np.float32)  # a float32 sum of ones stops at 2²⁴
    assert MAE()(prediction, np.zeros_like(prediction)) == 1.0


def test_one_dimension_is_enough() -> None:
    assert MSE()(np.array([1.0, 3.0]), np.array([1.0, 1.0])) == 2.0


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_huge_logits(dtype: Any) -> None:
    logits = np.array([[1e4, -1e4], [-1e30, 1e30]], dtype)
    loss = CrossEntropy()
    assert loss(logits, np.array([0, 1])) == 0.0
    value, saved = loss.forward(logits[:1], np.array([1]))
    assert value == 2e4
    assert np.array_equal(loss.backward(saved), [[1.0, -1.0]])


def test_a_class_ruled_out_by_its_logit() -> None:
    logits = np.array([[0.0, -np.inf, 0.0]])
    value, saved = CrossEntropy().forward(logits, np.array([0]))
    assert value == pytest.approx(np.log(2))
    np.testing.assert_allclose(CrossEntropy().backward(saved), [[-0.5, 0.0, 0.5]], atol=1e-15)


@pytest.mark.parametrize("loss", [GaussianNLL(), StudentTNLL(), StudentTNLL(df=3)], ids=repr)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("raw", [-200.0, -30.0, 30.0, 1e4])
def test_extreme_scales_stay_finite(loss: Loss, dtype: Any, raw: float) -> None:
    outputs = loss.outputs_per_target or 1
    prediction = np.full((2, outputs), raw, dtype)
    prediction[:, 0] = 0.0
    value, saved = loss.forward(prediction, np.array([[0.0], [1.0]], dtype))
    assert np.isfinite(value)
    assert np.isfinite(loss.backward(saved)).all()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_many_degrees_of_freedom_are_the_gaussian(dtype: Any) -> None:
    prediction = np.array([[0.3, 0.1], [-1.0, 2.0]], dtype)
    target = np.array([[1.0], [0.5]], dtype)
    gaussian, student = GaussianNLL(), StudentTNLL(df=1e7)
    value, saved = student.forward(prediction, target)
    limit, limit_saved = gaussian.forward(prediction, target)
    tolerance = 1e-5 if dtype == np.float32 else 1e-6
    assert value == pytest.approx(limit, rel=tolerance)
    np.testing.assert_allclose(
        student.backward(saved), gaussian.backward(limit_saved), rtol=tolerance
    )


def test_a_perfect_prediction_costs_no_more_than_the_smallest_scale() -> None:
    prediction = np.array([[1.0, -1e6]])
    value = GaussianNLL(min_scale=1e-3)(prediction, np.array([[1.0]]))
    assert value == pytest.approx(0.5 * math.log(2 * math.pi) + math.log(1e-3))


# -- point forecasts ---------------------------------------------------------------------------


@every_loss
@every_shape
def test_a_point_has_the_shape_of_the_target(loss: Loss, shape: tuple[int, ...]) -> None:
    case = example(loss, shape, np.float32)
    point = loss.point(case.prediction)
    assert point.shape == case.target.shape
    assert point.dtype == case.target.dtype


def test_points() -> None:
    assert CrossEntropy().point(np.array([[0.0, 2.0, 1.0]])) == 1
    prediction = np.array([[1.0, 2.0, 4.0, 10.0, 20.0, 40.0]])
    assert np.array_equal(Pinball().point(prediction), [[2.0, 20.0]])
    assert np.array_equal(Pinball((0.7, 0.8, 0.9)).point(prediction), [[1.0, 10.0]])
    np.testing.assert_allclose(Pinball((0.2, 0.4, 0.6)).point(prediction), [[3.0, 30.0]])
    assert np.array_equal(GaussianNLL().point(prediction), [[1.0, 4.0, 20.0]])
    assert np.array_equal(StudentTNLL().point(prediction), [[1.0, 10.0]])


def test_parameters_of_the_distributions() -> None:
    prediction = np.array([[1.0, 0.0, 0.0, 2.0, 0.0, 0.0]])
    location, scale, df = StudentTNLL().parameters(prediction)
    assert np.array_equal(location, [[1.0, 2.0]])
    np.testing.assert_allclose(scale, np.log(2) + 1e-6)
    np.testing.assert_allclose(df, 2 + np.log(2))
    assert np.array_equal(StudentTNLL(df=4).parameters(prediction)[2], [[4.0, 4.0, 4.0]])


def test_quantiles_of_a_sample_minimise_pinball() -> None:
    sample = np.random.default_rng(0).normal(size=(1001, 1))
    loss = Pinball((0.1, 0.5, 0.9))
    best = np.quantile(sample, loss.quantiles, method="inverted_cdf")
    lowest = loss(np.tile(best, (1001, 1)), sample)
    for column in range(3):
        for shift in (-0.1, 0.1):
            moved = best.copy()
            moved[column] += shift
            assert loss(np.tile(moved, (1001, 1)), sample) > lowest


def test_reprs() -> None:
    assert repr(MSE()) == "MSE()"
    assert repr(Huber()) == "Huber(delta=1.0)"
    assert (
        repr(CrossEntropy([1, 2])) == "CrossEntropy(class_weights=(1.0, 2.0), label_smoothing=0.0)"
    )
    assert repr(StudentTNLL()) == "StudentTNLL(df=None, min_scale=1e-06)"
