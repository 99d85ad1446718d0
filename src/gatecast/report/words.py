"""Numbers, names and the one-sentence verdict, as a reader meets them on the page."""

import math
from collections.abc import Iterable

from gatecast.results import RISING, Result, Summary, label


def number(value: float | None, digits: int = 4) -> str:
    """A number in few significant digits; a dash where there is none.

    Examples
    --------
    >>> number(1043.764), number(0.0033412), number(None), number(-2e-9)
    ('1044', '0.003341', '–', '−2.000e-09')
    """
    if value is None or not math.isfinite(value):
        return "–"
    if value == 0:
        return "0"
    if value < 0:
        return f"−{number(-value, digits)}"
    size = math.floor(math.log10(value))
    if size < -4 or size > 7:
        return f"{value:.{digits - 1}e}"
    return f"{value:.{max(0, digits - 1 - size)}f}"


def per_cent(share: float | None) -> str:
    """A share with its sign, in per cent; nothing is neither more nor less.

    Examples
    --------
    >>> per_cent(0.0921), per_cent(-0.05), per_cent(0.0), per_cent(None)
    ('+9.2 %', '−5.0 %', '0 %', '–')
    """
    if share is None or not math.isfinite(share):
        return "–"
    return "0 %" if share == 0 else f"{100 * share:+.1f} %".replace("-", "−")


def like(spread: float, mean: str) -> str:
    """A spread with as many decimals as the mean beside it.

    Examples
    --------
    >>> like(0.0000594, "0.002483"), like(3.14, "104.2"), like(3e-9, "1.000e-08")
    ('0.000059', '3.1', '3.0e-09')
    """
    if "e" in mean or not math.isfinite(spread):
        return number(spread, 2)
    return f"{spread:.{len(mean.partition('.')[2])}f}"


def name_of(model: str, variant: str) -> str:
    """A model with its variant.

    Examples
    --------
    >>> name_of("lstm", "window7"), name_of("naive", "")
    ('lstm (window7)', 'naive')
    """
    return f"{model} ({variant})" if variant else model


def by_variant(sentences: Iterable[str], variants: Iterable[str]) -> list[tuple[str, list[str]]]:
    """Sentences that begin with a variant's name, gathered below it; the others come last.

    Examples
    --------
    >>> by_variant(["a: one.", "b: two.", "a: three.", "Four."], ["a", "b"])
    [('a', ['one.', 'three.']), ('b', ['two.']), ('', ['Four.'])]
    """
    names = [name for name in dict.fromkeys(variants) if name]
    found: dict[str, list[str]] = {name: [] for name in names}
    rest = []
    for sentence in sentences:
        name, colon, words = sentence.partition(": ")
        if colon and name in found:
            found[name].append(words)
        else:
            rest.append(sentence)
    groups = [*found.items(), ("", rest)]
    return [(name, said) for name, said in groups if said]


def ranked(summary: list[Summary], metric: str) -> list[Summary]:
    """Best first; those without the metric, as the diverged, come last."""
    sign = -1 if metric in RISING else 1
    known = [s for s in summary if math.isfinite(s.mean.get(metric, math.nan))]
    others = [s for s in summary if s not in known]
    return [*sorted(known, key=lambda s: sign * s.mean[metric]), *others]


def verdict(result: Result) -> str:
    """The outcome in one sentence.

    Examples
    --------
    >>> from gatecast.results import RISING, Result, Summary
    >>> rows = [Summary("gru", "", "network", 1, {"mse": 2.0}, {"mse": 0.0}, 0.5)]
    >>> verdict(Result("mine", "best", "Mine", "forecast", "y", summary=rows))
    'Of the networks gru is best: MSE 2.000; its error is 50 % below that of the best naive
    baseline.'
    """
    metric = result.headline[0]
    learned = [s for s in result.summary if s.kind != "baseline" and metric in s.mean]
    if not learned:
        return "No network was trained to the end: there is nothing to compare."
    best = ranked(learned, metric)[0]
    mean = number(best.mean[metric])
    spread = f" ± {like(best.spread[metric], mean)}" if best.seeds > 1 else ""
    name = name_of(best.model, best.variant)
    opening = f"Of the networks {name} is best: {label(metric)} {mean}{spread}"
    return f"{opening}{_against_naive(best.skill)}{_beaten(result, best, metric)}."


def _against_naive(skill: float | None) -> str:
    if skill is None or not math.isfinite(skill):
        return ""
    if skill < 0:
        return f"; its error is {-100 * skill:.0f} % ABOVE that of the best naive baseline"
    return f"; its error is {100 * skill:.0f} % below that of the best naive baseline"


def _beaten(result: Result, best: Summary, metric: str) -> str:
    """The baseline that is better still, if any: on the same rows, so in the same variant."""
    same = [s for s in result.summary if s.variant in (best.variant, "") and metric in s.mean]
    first = ranked([best, *(s for s in same if s.kind == "baseline")], metric)[0]
    if first is best:
        return ""
    return f"; the baseline {first.model} is better still ({number(first.mean[metric])})"
