"""How long a Forecaster takes, and how much memory, on one series and on a panel of many.

    python -m benchmarks.forecaster [--series 10000] [--rows 100]

Each measurement runs in a process of its own; memory is the peak above what the imports take.
"""

import argparse
import json
import resource
import subprocess
import sys
import time

import numpy as np
import pandas as pd

from benchmarks.machine import processor
from benchmarks.works import CORES


def months(rows: int = 400, seed: int = 0) -> pd.DataFrame:
    """One monthly series with a trend, a season and noise."""
    rng = np.random.default_rng(seed)
    t = np.arange(rows)
    y = 100 + 0.2 * t + 10 * np.sin(2 * np.pi * t / 12) + rng.normal(0, 2, rows)
    return pd.DataFrame({"ds": pd.date_range("1990-01-01", periods=rows, freq="MS"), "y": y})


def panel(series: int, rows: int, seed: int = 0) -> pd.DataFrame:
    """Many daily series of different levels, with a weekly season."""
    rng = np.random.default_rng(seed)
    t = np.arange(rows)
    level = np.exp(rng.normal(3, 1, (series, 1)))
    season = 1 + 0.2 * np.sin(2 * np.pi * (t + rng.integers(0, 7, (series, 1))) / 7)
    y = level * season * np.exp(rng.normal(0, 0.05, (series, rows)).cumsum(axis=1) * 0.3)
    names = np.char.add("s", np.arange(series).astype(str))
    return pd.DataFrame(
        {
            "unique_id": np.repeat(names.astype(object), rows),
            "ds": np.tile(pd.date_range("2024-01-01", periods=rows, freq="D"), series),
            "y": y.ravel(),
        }
    )


def peak() -> float:
    """The largest memory of this process so far, in megabytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def measure_one() -> dict[str, float]:
    """Fit one series with the default settings, warm imports aside."""
    from gatecast import Forecaster

    table = months()
    Forecaster("gru", horizon=14, updates=2).fit(table.head(200))  # the imports
    start = time.perf_counter()
    forecaster = Forecaster("gru").fit(table)
    fitted = time.perf_counter()
    forecaster.predict()
    return {"fit": fitted - start, "predict": time.perf_counter() - fitted}


def measure_panel(series: int, rows: int) -> dict[str, float]:
    """Fit and forecast a panel; its own size, and the peak above the imports."""
    from gatecast import Forecaster

    Forecaster("gru", horizon=14, updates=2).fit(panel(40, 60)).predict()  # the imports
    table = panel(series, rows)
    held = float(table.memory_usage(deep=True).sum()) / 2**20
    before = peak() - held
    start = time.perf_counter()
    forecaster = Forecaster("gru").fit(table)
    fitted = time.perf_counter()
    found = forecaster.predict()
    done = time.perf_counter()
    assert len(found) == series * 14
    return {
        "fit": fitted - start,
        "predict": done - fitted,
        "panel_mb": held,
        "above_mb": peak() - before,
        "allowed_mb": 2 * held + 200,
    }


def apart(what: str, *arguments: str) -> dict[str, float]:
    """One measurement in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.forecaster", "--measure", what, *arguments]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def main() -> None:
    """Measure, and print beside the goals."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--series", type=int, default=10_000)
    parser.add_argument("--rows", type=int, default=100)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--measure", choices=("one", "panel"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.measure:
        one = given.measure == "one"
        print(json.dumps(measure_one() if one else measure_panel(given.series, given.rows)))
        return
    print(f"{CORES} cores of {processor()}")
    fits = sorted(apart("one")["fit"] for _ in range(given.repeats))
    print(f"one series of 400 months, fit with intervals: {fits[len(fits) // 2]:.2f} s (goal 2)")
    sizes = ("--series", str(given.series), "--rows", str(given.rows))
    found = apart("panel", *sizes)
    print(f"{given.series} series of {given.rows} rows:")
    print(f"  fit       {found['fit']:6.1f} s (goal 60)")
    print(f"  forecast  {found['predict']:6.2f} s (goal 2)")
    print(
        f"  memory    {found['above_mb']:.0f} MB above the imports, the panel "
        f"{found['panel_mb']:.0f} MB (goal {found['allowed_mb']:.0f})"
    )


if __name__ == "__main__":
    main()
