"""Significance: whether the best network is better than the others, or luckier on these rows."""

import numpy as np

from gatecast.comparison.study import Study, Variant
from gatecast.comparison.training import Trained
from gatecast.forecast.samples import Array
from gatecast.results import Significance
from gatecast.significance import Verdict, diebold_mariano, mcnemar, paired_bootstrap

LIMIT = 0.05
Losses = dict[str, Array]


def judge(study: Study, trained: list[Trained], best: dict[str, str]) -> list[Significance]:
    """The best network of each variant against every other model of it.

    Parameters
    ----------
    study : Study
    trained : list of Trained
    best : dict
        Variant -> the name of its best network.
    """
    found = []
    for variant in study.variants:
        if variant.name in best:
            found += _of_variant(variant, trained, best[variant.name])
    return found


def _of_variant(variant: Variant, trained: list[Trained], best: str) -> list[Significance]:
    good = [t for t in trained if t.variant == variant.name and t.status == "ok"]
    models: dict[str, list[Trained]] = {}
    for one in good:
        models.setdefault(one.model, []).append(one)
    losses = {model: _losses(variant, seeds) for model, seeds in models.items()}
    verdicts = {
        other: _test(variant, models, losses, best, other) for other in losses if other != best
    }
    adjusted = holm({other: verdict.p_value for other, (_, verdict) in verdicts.items()})
    return [
        _in_words(variant, losses, best, other, name, verdict, adjusted[other], len(verdicts))
        for other, (name, verdict) in verdicts.items()
    ]


def _losses(variant: Variant, seeds: list[Trained]) -> Array:
    """(n,): the squared error (or 1 where the class is wrong) of each row, mean over the seeds."""
    truth = variant.test.y
    if variant.test.classes:
        wrong: Array = np.mean([one.forecast != truth for one in seeds], axis=0)
        return wrong
    squares = [((one.forecast - truth) ** 2).mean(axis=1) for one in seeds]
    mean: Array = np.mean(squares, axis=0)
    return mean


def _test(
    variant: Variant, models: dict[str, list[Trained]], losses: Losses, best: str, other: str
) -> tuple[str, Verdict]:
    """The test that fits: its name and outcome, negative where ``best`` is better."""
    n = len(variant.test)
    if n < 2:
        return "none", Verdict(0.0, 1.0)
    if not variant.test.classes:
        horizon = min(variant.horizon, n - 1) if variant.in_time else 1
        return "Diebold-Mariano", diebold_mariano(losses[best], losses[other], horizon=horizon)
    truth = variant.test.y
    if not variant.in_time and len(models[best]) == len(models[other]) == 1:
        right = [models[name][0].forecast == truth for name in (best, other)]
        return "McNemar", mcnemar(*right)
    block = round(n ** (1 / 3)) if variant.in_time else 1  # neighbours in time err alike
    return "paired bootstrap", paired_bootstrap(losses[best], losses[other], block=max(1, block))


def holm(p_values: dict[str, float]) -> dict[str, float]:
    """Holm's correction: of several tests, some come out small by chance alone.

    Examples
    --------
    >>> holm({"a": 0.01, "b": 0.04, "c": 0.03})
    {'a': 0.03, 'c': 0.06, 'b': 0.06}
    """
    largest, adjusted = 0.0, {}
    ordered = sorted(p_values.items(), key=lambda item: item[1])
    for rank, (name, p_value) in enumerate(ordered):
        largest = max(largest, min(1.0, (len(ordered) - rank) * p_value))
        adjusted[name] = largest
    return adjusted


def _in_words(
    variant: Variant,
    losses: Losses,
    best: str,
    other: str,
    name: str,
    verdict: Verdict,
    adjusted: float,
    tests: int,
) -> Significance:
    better, worse = best, other
    if losses[other].mean() < losses[best].mean():
        better, worse = other, best
    label = f" ({variant.name})" if variant.name else ""
    after = f", Holm-corrected for {tests} tests {adjusted:.2g}" if tests > 1 else ""
    p_value = f"p = {verdict.p_value:.2g}{after}"
    if adjusted < LIMIT:
        words = f"{better} is better than {worse}{label}, and it is not chance: {p_value}"
    else:
        words = f"{better} and {worse}{label} cannot be told apart on these test rows: {p_value}"
    statistic = verdict.statistic if np.isfinite(verdict.statistic) else 0.0
    return Significance(better, worse, name, statistic, verdict.p_value, words)
