"""Running a study: all trainings at once on the cores, then scores, tests and words."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
from joblib import Parallel, delayed, parallel_config

from gatecast import kernels, metrics
from gatecast.comparison.alarms import raise_alarms
from gatecast.comparison.conclusions import conclude
from gatecast.comparison.judging import judge
from gatecast.comparison.leakage import prove
from gatecast.comparison.progress import make_progress
from gatecast.comparison.scoring import (
    HEADLINES,
    error_of,
    interval_of,
    make_row,
    score,
    summaries,
)
from gatecast.comparison.study import Study, Variant
from gatecast.comparison.training import Trained, fit_baseline, train_network
from gatecast.errors import InputError
from gatecast.results import Curve, Grid, Predictions, Result, Row, Summary, Truth

Job = tuple[Callable[..., Trained], tuple[Any, ...]]


def run(
    study: Study, *, jobs: int = -1, torch: bool = False, progress: bool | None = None
) -> Result:
    """Train and fit everything in a study, and say what came of it.

    Parameters
    ----------
    study : Study
    jobs : int
        Trainings at once, each on one thread: -1 is one a core, 1 keeps to this process.
    torch : bool
        Train PyTorch's twin of each network as well (needs the extra).
    progress : bool, optional
        A bar on stderr; by default where that is a terminal.

    Returns
    -------
    Result
        Its ``meta["leaks"]`` says whether leaks were looked for.

    Raises
    ------
    LeakError
        Something that a model sees depends on rows that come later.
    """
    if isinstance(jobs, bool) or not isinstance(jobs, int) or jobs == 0:
        raise InputError(f"jobs must be a whole number, -1 for one a core; it is {jobs!r}")
    if torch:
        study = _with_peers(study)
    leaks = prove(study)
    trained = _train_all(study, jobs, progress)
    metric = (study.headline or HEADLINES[study.task])[0]
    rows = [_row(study, one) for one in trained]
    summary = summaries(study, rows, metric)
    best = _best_networks(study, summary, metric)
    alarms = raise_alarms(study, trained, rows, summary, metric)
    significance = judge(study, trained, best)
    return Result(
        experiment=study.experiment,
        preset=study.preset,
        title=study.title,
        task=study.task,
        target=study.target,
        rows=rows,
        summary=summary,
        headline=study.headline or HEADLINES[study.task],
        conclusions=conclude(study, rows, summary, alarms, significance, metric),
        alarms=alarms,
        significance=significance,
        curves=[_curve(one) for one in trained if one.history is not None],
        truths=[_truth(variant) for variant in study.variants],
        predictions=[_predictions(study, one) for one in trained],
        grids=[*study.grids, *_confusions(study, trained)],
        notes=list(study.notes),
        meta={**study.meta, "leaks": leaks},
        models={_key(one): one.fitted for one in trained},
    )


def _with_peers(study: Study) -> Study:
    """Beside each network the same one trained by PyTorch."""
    import gatecast.interop.torch  # noqa: F401  (what is missing is said before any work)

    variants = []
    for variant in study.variants:
        peers = [
            replace(network, model=f"torch_{network.model}", kind="peer")
            for network in variant.networks
            if network.kind == "network" and network.has_peer
        ]
        variants.append(replace(variant, networks=(*variant.networks, *peers)))
    return replace(study, variants=tuple(variants))


def _jobs(study: Study) -> Iterator[Job]:
    """In the order of the table."""
    kernel = kernels.active().name
    for variant in study.variants:
        bare = replace(variant, networks=(), baselines=(), published={})  # all that a process needs
        for baseline in variant.baselines:
            yield fit_baseline, (baseline, bare)
        for network in variant.networks:
            for seed in study.seeds:
                yield train_network, (network, bare, seed, kernel)


def _train_all(study: Study, jobs: int, progress: bool | None) -> list[Trained]:
    """Every job's outcome, in the order of the jobs, whatever order they end in."""
    planned = list(_jobs(study))
    if not planned:
        raise InputError("the study has neither networks nor baselines; give it some")
    found: list[Trained | None] = [None] * len(planned)
    shown = make_progress(progress)
    shown.start(len(planned))
    try:
        with parallel_config(backend="loky", inner_max_num_threads=1):
            pool = Parallel(n_jobs=min(jobs, len(planned)), return_as="generator_unordered")
            for place, one in pool(
                delayed(_numbered)(place, function, arguments)
                for place, (function, arguments) in enumerate(planned)
            ):
                found[place] = one
                shown.done(one)
    finally:
        shown.stop()
    return [one for one in found if one is not None]


def _numbered(
    place: int, function: Callable[..., Trained], arguments: tuple[Any, ...]
) -> tuple[int, Trained]:
    return place, function(*arguments)


# -- what the result holds ------------------------------------------------------------------------


def _variant(study: Study, trained: Trained) -> Variant:
    return next(variant for variant in study.variants if variant.name == trained.variant)


def _row(study: Study, trained: Trained) -> Row:
    variant = _variant(study, trained)
    scores = score(trained, variant)
    interval = interval_of(trained, variant, study.level)
    if interval is not None:
        scores["coverage"] = interval.coverage(variant.test.y)
        scores["interval_score"] = interval.score(variant.test.y)
    return make_row(trained, scores)


def _best_networks(study: Study, summary: list[Summary], metric: str) -> dict[str, str]:
    """Variant -> its best network; a peer is there to be compared with, not to win."""
    best = {}
    for variant in study.variants:
        lines = [
            s
            for s in summary
            if s.variant == variant.name and s.kind == "network" and metric in s.mean
        ]
        if lines:
            best[variant.name] = min(lines, key=lambda s: error_of(metric, s.mean[metric])).model
    return best


def _curve(trained: Trained) -> Curve:
    history = trained.history
    assert history is not None and trained.seed is not None
    validation = history["val_loss"] if len(history) else []
    return Curve(
        trained.model,
        trained.variant,
        trained.seed,
        [float(value) for value in history["loss"]] if len(history) else [],
        [float(value) for value in validation if value is not None],
        trained.test_curve,
        trained.train_accuracy_curve,
        trained.test_accuracy_curve,
    )


def _truth(variant: Variant) -> Truth:
    test = variant.test
    index = np.arange(len(test)) if test.index is None else test.index
    shown = test.past if not test.classes and variant.horizon > 1 else None
    return Truth(variant.name, test.y, index, shown, variant.classes)


def _predictions(study: Study, trained: Trained) -> Predictions:
    interval = interval_of(trained, _variant(study, trained), study.level)
    return Predictions(
        trained.model,
        trained.variant,
        trained.seed,
        trained.forecast,
        None if interval is None else interval.lower,
        None if interval is None else interval.upper,
        None if interval is None else interval.level,
        trained.probabilities,
    )


def _confusions(study: Study, trained: list[Trained]) -> Iterator[Grid]:
    """A confusion matrix for each model, its seeds added up."""
    if study.task != "classify":
        return
    for variant in study.variants:
        mine = [t for t in trained if t.variant == variant.name and t.status == "ok"]
        for model in dict.fromkeys(t.model for t in mine):
            counts = sum(
                metrics.confusion(variant.test.y, t.forecast, len(variant.classes))
                for t in mine
                if t.model == model
            )
            label = f"{model}, {variant.name}" if variant.name else model
            title = f"Confusion matrix of {label}"
            yield Grid(title, variant.classes, variant.classes, np.asarray(counts), "confusion")


def _key(trained: Trained) -> str:
    """The model's name among the result's models: model, variant and seed.

    Examples
    --------
    >>> _key(Trained("gru", "window7", "network", 2, np.zeros(1)))
    'gru/window7/2'
    """
    seed = "" if trained.seed is None else str(trained.seed)
    return "/".join(filter(None, (trained.model, trained.variant, seed)))
