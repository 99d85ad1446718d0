"""``gatecast lab``: the reference experiments, each reproduced with one command."""

from pathlib import Path
from typing import Annotated, Any

import typer

from gatecast.cli.names import names_of
from gatecast.cli.wording import typed
from gatecast.errors import InputError

ALL = "all"


def lab_command(
    experiment: Annotated[
        str | None, typer.Argument(help="One of those listed without it, or all.")
    ] = None,
    preset: Annotated[
        str, typer.Option(help="best: trained well; published: as it was published.")
    ] = "best",
    cells: Annotated[
        str | None, typer.Option(help="Of rnn, gru, lstm; separated by commas.")
    ] = None,
    seeds: Annotated[int, typer.Option(help="Trainings of each network.")] = 5,
    epochs: Annotated[int | None, typer.Option(help="In place of the experiment's own.")] = None,
    torch: Annotated[
        bool, typer.Option("--torch", help="Train PyTorch's twins too, same weights and batches.")
    ] = False,
    quick: Annotated[
        bool, typer.Option("--quick", help="One seed and a few epochs, to see what a run gives.")
    ] = False,
    jobs: Annotated[int, typer.Option(help="Trainings at once; -1: one a core.")] = -1,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="Folder of the report; reports/<experiment> by default."),
    ] = None,
    every_seed: Annotated[
        bool,
        typer.Option("--every-seed", help="All seeds' forecasts in predictions.csv, not one's."),
    ] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Write into a folder of other content.")
    ] = False,
) -> None:
    """Run a reference experiment, or all five; without a name, list them."""
    from gatecast.lab import EXPERIMENTS

    if experiment is None:
        _list_experiments()
        return
    names = list(EXPERIMENTS) if experiment == ALL else [experiment]
    if experiment != ALL and experiment not in EXPERIMENTS:
        raise InputError(
            f"there is no experiment {experiment!r}; choose from {', '.join(EXPERIMENTS)}, {ALL}"
        )
    folders = [_folder(out, name, several=experiment == ALL) for name in names]
    asked = {
        "preset": preset,
        "cells": names_of("cells", cells),
        "seeds": seeds,
        "epochs": epochs,
        "torch": torch,
        "quick": quick,
        "jobs": jobs,
        "command": typed(),
    }
    _run_all(names, folders, asked, force=force, every_seed=every_seed)


def _run_all(
    names: list[str], folders: list[Path], asked: dict[str, Any], *, force: bool, every_seed: bool
) -> None:
    """One after the other; the paths of the reports come last."""
    from gatecast import lab
    from gatecast.cli.showing import make_console, show_pages, show_result
    from gatecast.report import check_folder

    for folder in folders:
        check_folder(folder, force=force)
    console = make_console()
    pages = []
    for name, folder in zip(names, folders, strict=True):
        result = lab.run(name, **asked)
        show_result(result, console)
        pages.append(lab.write(result, folder, force=force, every_seed=every_seed))
    show_pages(pages, console)


def _list_experiments() -> None:
    from gatecast.lab import EXPERIMENTS

    for name, experiment in EXPERIMENTS.items():
        print(f"{name:<12} {experiment.summary}")
    print("\ngatecast lab NAME runs one, gatecast lab all runs all five.")


def _folder(out: Path | None, name: str, *, several: bool) -> Path:
    """Of several experiments each has a folder of its own within ``out``."""
    if out is None:
        return Path("reports") / name
    return out / name if several else out
