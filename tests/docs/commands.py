"""The ``gatecast`` commands that README.md and docs/ show, run: ``python -m tests.docs.commands``.

They run in their order in an empty folder that holds the tables which the pages speak of, made up
here.  Experiments run with ``--quick`` and comparisons for few epochs: their figures are no test's
business.
"""

import contextlib
import re
import shlex
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import typer

from gatecast.cli import main as cli

ROOT = Path(__file__).parents[2]
#: what makes a command short
SHORTER = {"lab": ("--quick",), "compare": ("--epochs", "3")}
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(page: str | Path, language: str) -> list[str]:
    """The blocks of one language on a page."""
    found = BLOCK.findall((ROOT / page).read_text("utf-8"))
    return [text for kind, text in found if kind == language]


def commands(script: str) -> Iterator[list[str]]:
    """The ``gatecast`` commands of a block, as lists of words; comments and other lines left out.

    >>> list(commands("make demo\\n.venv/bin/gatecast lab waves  # the waves\\n"))
    [['lab', 'waves']]
    """
    for line in script.replace("\\\n", " ").splitlines():
        words = shlex.split(line, comments=True)
        if words and Path(words[0]).name == "gatecast":
            yield words[1:]


def check_options(words: list[str]) -> None:
    """Refuse a command or an option that there is not."""
    group: Any = typer.main.get_command(cli.app)
    if words[:1] == [] or words[0].startswith("--"):
        return
    command = group.commands[words[0]]
    known = {
        o for parameter in command.params for o in (*parameter.opts, *parameter.secondary_opts)
    }
    unknown = [w for w in words[1:] if w.startswith("--") and w.partition("=")[0] not in known]
    if unknown:
        raise ValueError(f"gatecast {words[0]} has no option {unknown[0]}")


def make_tables() -> None:
    """What the pages call ``energy.csv`` and ``quality.csv``: small, with a season and noise."""
    rng, rows = np.random.default_rng(0), 24 * 21
    hours = pd.date_range("2024-03-04", periods=rows, freq="h")
    warm = 12 + 6 * np.sin((np.arange(rows) - 9) * 2 * np.pi / 24) + rng.normal(0, 1, rows)
    load = 400 - 9 * warm + 60 * np.isin(hours.hour, range(7, 20)) + rng.normal(0, 8, rows)
    table = pd.DataFrame({"hour": hours, "load": load.round(1), "temperature": warm.round(1)})
    table.to_csv("energy.csv", index=False)
    table["grade"] = np.where(table["load"].shift(2).bfill() > 310, "coarse", "fine")
    table.to_csv("quality.csv", index=False)


def main() -> None:
    """Run every command once; stop at the first that fails."""
    pages = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
    found = [tuple(words) for page in pages for s in blocks(page, "sh") for words in commands(s)]
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        make_tables()
        for words in dict.fromkeys(found):
            shorter = SHORTER.get(words[0], ()) if len(words) > 1 else ()
            quick = () if shorter[:1] and shorter[0] in words else shorter
            print("gatecast", *words, *quick, flush=True)  # noqa: T201
            began = time.perf_counter()
            subprocess.run(
                [sys.executable, "-m", "gatecast", *words, *quick],
                check=True, stdout=subprocess.DEVNULL,
            )  # fmt: skip
            print(f"  {time.perf_counter() - began:.0f} s", flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
