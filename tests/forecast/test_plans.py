"""Plans: what is chosen for which data."""

from dataclasses import replace

import numpy as np
import pytest

from gatecast.errors import InputError
from gatecast.forecast.history import make_history
from gatecast.forecast.plans import Facts, Plan, choose_best, choose_network
from gatecast.forecast.recipe import Recipe


@pytest.mark.parametrize(
    ("facts", "form"),
    [
        (Facts(645, 20, horizon=6, period=1), "sequence"),
        (Facts(1428, 110, horizon=18, period=12), "sequence"),
        (Facts(414, 960, horizon=48, period=24), "direct"),
        (Facts(359, 930, horizon=13, period=1), "direct"),
        (Facts(111, 735, horizon=56, period=7, positive=False), "direct"),
        (Facts(7, 8640, horizon=96, period=24, positive=False), "direct"),
        (Facts(40, 100, horizon=12, period=12), "sequence"),
        (Facts(366, 306, horizon=24, period=12), "direct"),
        (Facts(366, 306, horizon=48, period=12), "sequence"),  # few horizons to learn from
        (Facts(12, 306, horizon=24, period=12), "sequence"),
    ],
)
def test_there_is_a_best_plan_for_all_data(facts, form):
    plan = choose_best(facts)
    for recipe in plan.networks:
        assert recipe.form == form
        if form == "direct":
            assert all(window + facts.horizon < facts.length for window in recipe.windows)
        assert facts.positive or recipe.loss != "smape"


def test_what_each_series_says_by_itself_counts_two_fifths():
    for facts in (Facts(359, 930, 13, 1), Facts(1428, 110, horizon=18, period=12)):
        assert choose_best(facts).companions == (("statistics", 0.4),)
    channels = choose_best(Facts(7, 8640, 96, 24, positive=False))
    assert channels.companions == (("shared_autoregression", 0.4),)


def test_windows_are_learned_from_a_few_times_at_most():
    updates = {
        rows: {recipe.updates for recipe in choose_best(Facts(40, rows, 13, 1)).networks}
        for rows in (147, 1000, 10_000)
    }
    assert updates == {147: {30 * 40 * 147 // 128}, 1000: {4000}, 10_000: {4000}}


@pytest.mark.parametrize("period", [1, 12])
def test_short_series_get_different_networks_and_statistical_methods(period):
    plan = choose_best(Facts(645, 60, horizon=6, period=period))
    assert plan.companions_share == pytest.approx(0.4)
    references = {recipe.reference: recipe.weight_decay for recipe in plan.networks}
    assert references["level"] == 0
    assert references["smoothing"] > 0
    assert len({window for recipe in plan.networks for window in recipe.windows}) > 1


def test_covariates_leave_no_room_for_methods_that_cannot_see_them():
    facts = Facts(1428, 110, horizon=18, period=12)
    assert choose_best(facts).companions
    assert not choose_best(Facts(1428, 110, 18, 12, covariates=True)).companions


def test_the_form_of_one_network_follows_from_the_data():
    def of(**facts):
        (recipe,) = choose_network("gru", Facts(**facts)).networks
        return recipe

    assert of(series=100, length=60, horizon=6, period=12).form == "sequence"
    assert of(series=1, length=400, horizon=12, period=12).form == "direct"
    assert of(series=400, length=900, horizon=48, period=24).front == "patch"
    assert of(series=100, length=300, horizon=12, period=12).front == "patch"
    assert of(series=100, length=300, horizon=12, period=1).form == "sequence"


@pytest.mark.parametrize(("rows", "covariates", "helped"), [(100, False, True), (100, True, False),
                                                            (1200, False, False)])  # fmt: skip
def test_little_data_without_covariates_gives_half_to_statistics(rows, covariates, helped):
    facts = Facts(series=1, length=rows, horizon=12, period=12, covariates=covariates)
    companions = choose_network("gru", facts).companions
    assert companions == ((("log_theta", 0.25), ("damped", 0.25)) if helped else ())


def test_the_calendar_is_no_covariate():
    history = make_history(np.arange(500.0), future=[np.zeros((500, 3))])
    plain = replace(history, future=history.future[:, :2], future_names=("yearday-sin", "hour-cos"))
    assert not Facts.of(plain, 7, 7).covariates
    told = replace(history, future_names=("yearday-sin", "price", "hour-cos"))
    assert Facts.of(told, 7, 7).covariates
    assert Facts.of(history, 7, 7).covariates  # bare arrays have no names
    past = make_history(np.arange(500.0), past=[np.zeros((500, 1))])
    assert Facts.of(past, 7, 7).covariates


def test_the_best_of_little_data_is_small_networks_and_mostly_statistics():
    plan = choose_best(Facts(series=1, length=100, horizon=12, period=12))
    assert {recipe.hidden_size for recipe in plan.networks} == {16}
    assert plan.companions_share == pytest.approx(2 / 3)


def test_every_look_back_counts_alike():
    plan = Plan((Recipe(windows=(2, 13)), Recipe(windows=(25,))), (("theta", 0.4),))
    assert plan.shares() == pytest.approx((0.4, 0.2, 0.4))


def test_recipes_that_become_the_same_count_once():
    plan = Plan((Recipe(windows=(2,)), Recipe(windows=(13,))), (("theta", 0.4),))
    assert plan.changed(windows=(6,)) == Plan((Recipe(windows=(6,)),), (("theta", 0.4),))


def test_a_plan_comes_back_from_its_configuration():
    plan = choose_best(Facts(1428, 110, horizon=18, period=12))
    assert Plan.from_config(plan.to_config()) == plan


@pytest.mark.parametrize(
    ("networks", "companions", "words"),
    [
        ((), (), "needs at least one Recipe"),
        ((Recipe(),), (("theta", 1.5),), r"the share of theta must lie in 0 to 1, it is 1\.5"),
        ((Recipe(),), (("theta", 0.6), ("damped", 0.6)), r"shares come to 1\.2"),
    ],
)
def test_wrong_plans_are_refused(networks, companions, words):
    with pytest.raises(InputError, match=words):
        Plan(networks, companions)
