"""Conclusions: sentences that the figures write, by rule; other figures, other sentences."""

from collections.abc import Iterator

from gatecast.comparison.scoring import best_naive, error_of
from gatecast.comparison.study import Study, Variant
from gatecast.results import RISING, Alarm, Row, Significance, Summary, label

#: learned baselines that take a window as one row of numbers in any order
TIMELESS = frozenset({"linear_regression", "gradient_boosting", "logistic_regression"})


def conclude(
    study: Study,
    rows: list[Row],
    summary: list[Summary],
    alarms: list[Alarm],
    significance: list[Significance],
    metric: str,
) -> list[str]:
    """What the table says, variant by variant."""
    found: list[str] = []
    for variant in study.variants:
        lines = [s for s in summary if s.variant == variant.name and metric in s.mean]
        networks = [s for s in lines if s.kind == "network"]
        label = f"{variant.name}: " if variant.name else ""
        sentences = (
            _of_variant(variant, rows, lines, networks, significance, metric)
            if networks
            else ["No network was trained to the end, so there is nothing to conclude."]
        )
        found += [label + sentence for sentence in sentences]
    kinds = [alarm.kind for alarm in alarms]
    if kinds:
        count = f"{len(kinds)} alarms" if len(kinds) > 1 else "alarm"
        listed = ", ".join(dict.fromkeys(f"{a.kind} ({_name(a.model, a.variant)})" for a in alarms))
        found.append(f"Read the {count} first: {listed}.")
    return found


def _of_variant(
    variant: Variant,
    rows: list[Row],
    lines: list[Summary],
    networks: list[Summary],
    significance: list[Significance],
    metric: str,
) -> Iterator[str]:
    order = sorted(networks, key=lambda s: error_of(metric, s.mean[metric]))
    best = order[0]
    yield _leader(best, len(order), metric)
    naive = best_naive(variant, rows, metric)
    if naive is not None and best.skill is not None:
        yield _against_naive(best, naive, metric)
    yield from _against_baselines(best, lines, naive, metric)
    if len(order) > 1:
        yield _runner_up(best, order[1], significance, metric)
    yield from _against_published(lines, metric)
    yield from _against_peers(lines, metric)
    if len(order) > 1:
        quick = min(order, key=lambda s: s.seconds)
        slow = max(order, key=lambda s: s.seconds)
        if quick.seconds > 0 and slow.seconds > 1.5 * quick.seconds:
            yield (
                f"{quick.model} trains fastest ({quick.seconds:.2g} s), {slow.model} takes "
                f"{slow.seconds / quick.seconds:.1f} times as long."
            )


def _leader(best: Summary, count: int, metric: str) -> str:
    extreme = "highest" if metric in RISING else "lowest"
    trained = best.seeds - best.diverged
    figure = _value(best, metric) + (f" over {trained} seeds" if trained > 1 else "")
    if count == 1:
        return f"{best.model} has a test {label(metric)} of {figure}."
    return f"Of {count} networks {best.model} has the {extreme} {label(metric)}, {figure}."


def _against_naive(best: Summary, naive: tuple[str, float], metric: str) -> str:
    name, error = naive
    assert best.skill is not None
    what = label(metric) if metric not in RISING else f"1 - {label(metric)}"
    figure = f"{what} {error:.4g}"
    if best.skill <= 0:
        return (
            f"No network is better than {name}, which learns nothing ({figure}): "
            f"{best.model} is {-100 * best.skill:.1f} % worse. Use {name}."
        )
    return (
        f"Against the best naive baseline, {name} ({figure}), {best.model} takes away "
        f"{100 * best.skill:.1f} % of it."
    )


def _against_baselines(
    best: Summary, lines: list[Summary], naive: tuple[str, float] | None, metric: str
) -> Iterator[str]:
    """Learned baselines that are better still, or the best of those that are not."""
    own = error_of(metric, best.mean[metric])
    learned = [
        s
        for s in lines
        if s.kind == "baseline"
        and (naive is None or error_of(metric, s.mean[metric]) < naive[1])
        and (naive is None or s.model != naive[0])
    ]
    if not learned:
        return
    first = min(learned, key=lambda s: error_of(metric, s.mean[metric]))
    timeless = ", which knows nothing of time," if first.model in TIMELESS else ""
    if error_of(metric, first.mean[metric]) < own:
        yield (
            f"{first.model}{timeless} is better still: {label(metric)} {first.mean[metric]:.4g}."
        )
    else:
        yield f"It is also better than {first.model} ({first.mean[metric]:.4g})."


def _runner_up(
    best: Summary, second: Summary, significance: list[Significance], metric: str
) -> str:
    pair = {best.model, second.model}
    judged = next((s for s in significance if {s.better, s.worse} == pair), None)
    figures = f"{second.model} comes second ({_value(second, metric)})"
    if judged is None:
        return f"{figures}."
    test = f"{judged.test}, {judged.words.rpartition(': ')[2]}"
    if "cannot be told apart" not in judged.words:
        return f"{figures}; the difference is not chance ({test})."
    smaller = min((best, second), key=lambda s: s.parameters)
    return (
        f"{figures}, and the two cannot be told apart ({test}): "
        f"{smaller.model} has fewer parameters ({smaller.parameters:,})."
    )


def _against_published(lines: list[Summary], metric: str) -> Iterator[str]:
    """Ours beside the published figures of the same models, one sentence for each outcome."""
    outcomes: dict[bool, list[str]] = {True: [], False: []}
    for line in lines:
        figure = line.published.get(metric)
        if figure is None or line.kind == "baseline":  # which says how alike the data are, no more
            continue
        own = line.mean[metric]
        better = error_of(metric, own) < error_of(metric, figure)
        outcomes[better].append(f"{line.model} ({own:.4g}, published {figure:.4g})")
    for better, models in outcomes.items():
        if models:
            verb = "Better than" if better else "NOT better than"
            yield f"{verb} the published {label(metric)}: {', '.join(models)}."


def _against_peers(lines: list[Summary], metric: str) -> Iterator[str]:
    """Ours beside PyTorch's from the same weights and batches."""
    ours = {line.model: line for line in lines}
    for line in lines:
        twin = ours.get(line.model.removeprefix("torch_"))
        if line.kind != "peer" or twin is None or twin is line:
            continue
        apart = abs(line.mean[metric] - twin.mean[metric]) / max(abs(twin.mean[metric]), 1e-12)
        speed = ""
        if line.windows_per_second and twin.windows_per_second:
            ratio = twin.windows_per_second / line.windows_per_second
            speed = f" and trained {ratio:.1f} times as fast, side by side"
        yield (
            f"{twin.model} ends {100 * apart:.1f} % from PyTorch's {label(metric)} "
            f"({line.mean[metric]:.4g}), from the same weights on the same batches{speed}."
        )


def _value(line: Summary, metric: str) -> str:
    spread = line.spread.get(metric, 0.0)
    return f"{line.mean[metric]:.4g}" + (f" ± {spread:.2g}" if spread else "")


def _name(model: str, variant: str) -> str:
    return f"{model}, {variant}" if variant else model
