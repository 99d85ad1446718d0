"""Which differences are told apart, by the test that fits, and what is concluded."""

import numpy as np
import pytest

from gatecast.comparison.conclusions import conclude
from gatecast.comparison.judging import holm, judge
from gatecast.comparison.scoring import make_row, score, summaries
from gatecast.comparison.study import Variant
from gatecast.forecast.baselines import make_baseline
from gatecast.forecast.samples import Samples
from gatecast.significance import diebold_mariano, mcnemar, paired_bootstrap
from tests.comparison.studies import outcome, study

rng = np.random.default_rng(0)
TRUTH = rng.normal(size=(200, 1)).cumsum(axis=0)
PAST = np.concatenate([[[0.0]], TRUTH[:-1]])


def noisy(size):
    return TRUTH + size * rng.normal(size=TRUTH.shape)


def variant_of(truth=TRUTH, past=PAST, **options):
    samples = Samples(np.zeros((len(truth), 1, 1)), truth, past)
    classes = options.get("classes", ())
    name = "same_as_last" if classes else "last_value"
    baselines = (make_baseline(name, classes=bool(classes)),)
    return Variant("", samples, samples, (), baselines, **options)


def concluded(trained, metric="mse", **options):
    variant = variant_of(**options)
    one = study(variant, task="classify" if variant.classes else "forecast")
    rows = [make_row(t, score(t, variant)) for t in trained]
    lines = summaries(one, rows, metric)
    best = min((s for s in lines if s.kind == "network"), key=lambda s: s.mean["mse"]).model
    judged = judge(one, trained, {"": best})
    return conclude(one, rows, lines, [], judged, metric)


def test_forecasts_are_judged_by_diebold_mariano_on_the_mean_over_the_seeds():
    seeds = [outcome("gru", noisy(0.3), seed=s) for s in range(2)]
    other = outcome("rnn", noisy(0.5))
    (found,) = judge(study(variant_of()), [*seeds, other], {"": "gru"})
    losses = [np.mean([(t.forecast - TRUTH) ** 2 for t in group], axis=0)[:, 0]
              for group in (seeds, [other])]  # fmt: skip
    assert (found.better, found.worse, found.test) == ("gru", "rnn", "Diebold-Mariano")
    assert (found.statistic, found.p_value) == diebold_mariano(*losses)
    assert "it is not chance" in found.words


def test_the_horizon_counts_where_the_rows_follow_in_time():
    truth = np.repeat(TRUTH, 4, axis=1)
    first, second = (truth + s * rng.normal(size=truth.shape) for s in (0.3, 0.5))
    trained = [outcome("gru", first), outcome("rnn", second)]
    losses = [((f - truth) ** 2).mean(axis=1) for f in (first, second)]
    for in_time, horizon in ((True, 4), (False, 1)):
        variant = variant_of(truth, in_time=in_time)
        (found,) = judge(study(variant), trained, {"": "gru"})
        assert found.p_value == diebold_mariano(*losses, horizon=horizon).p_value


def test_classes_are_judged_by_mcnemar_or_the_bootstrap():
    truth = rng.integers(2, size=200)
    first = np.where(rng.random(200) < 0.9, truth, 1 - truth)
    second = np.where(rng.random(200) < 0.7, truth, 1 - truth)
    trained = [outcome("gru", first), outcome("rnn", second)]
    for in_time in (True, False):
        variant = variant_of(truth, truth[:, None], classes=("a", "b"), in_time=in_time)
        (found,) = judge(study(variant, task="classify"), trained, {"": "gru"})
        if in_time:
            expected = paired_bootstrap(first != truth, second != truth, block=6)
        else:
            expected = mcnemar(first == truth, second == truth)
        assert found.test == ("paired bootstrap" if in_time else "McNemar")
        assert (found.statistic, found.p_value) == expected


def test_holm_is_no_smaller_than_the_p_values_and_no_larger_than_bonferroni():
    p_values = {str(i): p for i, p in enumerate(rng.random(9) / 20)}
    adjusted = holm(p_values)
    for name, p_value in p_values.items():
        assert p_value <= adjusted[name] <= min(1, 9 * p_value) + 1e-15 or adjusted[name] == max(
            adjusted.values()
        )
    ordered = sorted(p_values, key=p_values.__getitem__)
    assert [adjusted[name] for name in ordered] == sorted(adjusted.values())


def test_conclusions_name_the_best_its_skill_and_the_second():
    last = outcome("last_value", PAST, "baseline")
    first = outcome("gru", noisy(0.2), parameters=300, seconds=3.0)
    found = concluded([last, first, outcome("rnn", noisy(0.6), parameters=100, seconds=1.0)])
    assert found[0].startswith("Of 2 networks gru has the lowest MSE, 0.0")
    assert found[1].startswith("Against the best naive baseline, last_value (MSE ")
    assert "the difference is not chance (Diebold-Mariano" in found[2]
    assert found[3] == "rnn trains fastest (1 s), gru takes 3.0 times as long."


def test_conclusions_turn_with_the_figures():
    last = outcome("last_value", PAST, "baseline")
    linear = outcome("linear_regression", noisy(0.1), "baseline")
    first = outcome("gru", noisy(3.0), parameters=300)
    found = concluded([last, linear, first, outcome("rnn", first.forecast, parameters=100)])
    assert "No network is better than last_value, which learns nothing" in found[1]
    assert found[1].endswith("Use last_value.")
    assert "linear_regression, which knows nothing of time, is better still" in found[2]
    assert "cannot be told apart" in found[3]
    assert found[3].endswith("rnn has fewer parameters (100).")


def test_one_network_alone_is_not_the_best_of_many():
    found = concluded([outcome("last_value", PAST, "baseline"), outcome("gru", noisy(0.2))])
    assert found[0].startswith("gru has a test MSE of 0.0")
    assert len(found) == 2


@pytest.mark.parametrize(("published", "verb"), [(9.0, "Better than"), (0.001, "NOT better")])
def test_published_figures_stand_beside_ours(published, verb):
    last = outcome("last_value", PAST, "baseline")
    figures = {"gru": {"mse": published, "mae": 1.0}}
    found = concluded([last, outcome("gru", noisy(0.3))], published=figures)
    assert sum("published" in sentence for sentence in found) == 1
    assert any(sentence.startswith(verb) for sentence in found)
