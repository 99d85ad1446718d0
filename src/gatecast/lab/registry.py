"""The experiments by name, and how one is run."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from gatecast import comparison
from gatecast.comparison.study import Study
from gatecast.errors import InputError
from gatecast.lab import electric, grades, steel_load, steel_usage, waves
from gatecast.lab.settings import Settings
from gatecast.results import Result


def _as_it_is(result: Result, study: Study, settings: Settings) -> Result:
    del study, settings
    return result


@dataclass(frozen=True)
class Experiment:
    """One experiment.

    Attributes
    ----------
    summary : str
        What it asks, in a line.
    describe : function of Settings
        Gives the study: data, windows, networks, baselines.
    finish : function of (Result, Study, Settings)
        Adds what no other comparison has.
    """

    summary: str
    describe: Callable[[Settings], Study]
    finish: Callable[[Result, Study, Settings], Result] = _as_it_is


EXPERIMENTS = {
    "steel-usage": Experiment(
        "energy use of a steel works in the next quarter of an hour", steel_usage.describe
    ),
    "steel-load": Experiment(
        "the works' kind of load in the next quarter of an hour, light to maximum",
        steel_load.describe,
    ),
    "electric": Experiment(
        "US electric production in the next month", electric.describe, electric.finish
    ),
    "grades": Experiment("students' fifth grade from their first four", grades.describe),
    "waves": Experiment(
        "ten thousand synthetic series, one and ten steps ahead", waves.describe, waves.finish
    ),
}


#: what an experiment says of leaks: its windows come finished, so that its tests look for them
PROVEN = "none: the experiment's tests replace later rows by noise, and no window before them moves"
ONE_BY_ONE = "rows do not follow one another in time; scalers saw the training rows alone"


def run(
    name: str,
    *,
    preset: str = "best",
    cells: Sequence[str] | None = None,
    seeds: int = 5,
    epochs: int | None = None,
    torch: bool = False,
    quick: bool = False,
    jobs: int = -1,
    progress: bool | None = None,
    command: str | None = None,
) -> Result:
    """Run one experiment.

    Parameters
    ----------
    name : {"steel-usage", "steel-load", "electric", "grades", "waves"}
    preset : {"best", "published"}
        ``published``: cell sizes, optimiser and protocol as they were published, as far as they
        are known.  ``best``: same data, split and test rows, trained well.
    cells : sequence of str, optional
        Of ``rnn``, ``gru``, ``lstm``; all by default.
    seeds : int
        Trainings of each network.
    epochs : int, optional
        In place of the experiment's own.
    torch : bool
        Train PyTorch's twins as well, from the same weights on the same batches.
    quick : bool
        One seed and a few epochs.
    jobs : int
        Trainings at once; -1 is one a core.
    progress : bool, optional
        A bar on stderr; by default where that is a terminal.
    command : str, optional
        That the report shows; the call in Python by default.

    Returns
    -------
    Result

    Examples
    --------
    >>> result = run("waves", quick=True, cells=["rnn"], jobs=1)
    >>> sorted({summary.variant for summary in result.summary})
    ['1-step', '10-step/all', '10-step/at-once', '10-step/recursive']
    """
    if name not in EXPERIMENTS:
        raise InputError(f"there is no experiment {name!r}; choose from {', '.join(EXPERIMENTS)}")
    # A list of names; a single text is refused by Settings, not taken letter by letter.
    chosen = cells if cells is None or isinstance(cells, str) else tuple(cells)
    settings = Settings(preset, chosen, seeds, epochs, quick)  # type: ignore[arg-type]
    experiment = EXPERIMENTS[name]
    study = experiment.describe(settings)
    if not any(variant.networks for variant in study.variants):
        raise InputError(f"the preset {preset!r} of {name!r} has no network of cells={cells!r}")
    in_time = any(variant.in_time for variant in study.variants)
    meta = {
        "command": command or f"gatecast.lab.run({name!r}, preset={preset!r})",
        "leaks": PROVEN if in_time else ONE_BY_ONE,
    }
    study = replace(study, meta={**meta, **study.meta})
    result = comparison.run(study, jobs=jobs, torch=torch, progress=progress)
    return experiment.finish(result, study, settings)
