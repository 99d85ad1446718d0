"""A fan of intervals: fourteen months of electric production, with the coverage that was promised.

    python examples/forecast_fan.py --out reports/forecast_fan

A GRU forecasts fourteen months at once; split conformal prediction puts bands of 50, 80 and 95 %
around them, as wide as the errors were on months that the network did not learn from.  The promise
is kept as far as later months are like those: in a series that drifts, measure.  The series is read
where GATECAST_DATA names its folder; without it a made-up one of the same length, with a trend and
seasons of its own, takes its place.
"""

import argparse
import os
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from gatecast import datasets, metrics, nn, train
from gatecast.forecast import Interval, SplitConformal
from gatecast.report import plots

Array = np.ndarray[Any, Any]
WIDTH, AHEAD, SEASON = 24, 14, 12
LEARNED, CALIBRATED = 200, 320  # months; those after them test
LEVELS = (50.0, 80.0, 95.0)


def main() -> None:
    """Train, calibrate, measure, draw the fan of the last fourteen months."""
    arguments = read_arguments()
    name, months, series = read_series()
    first = np.arange(WIDTH + SEASON, len(series) - AHEAD + 1)  # each window's first target
    x, y, repeated = windows(series, first)
    learned = first + AHEAD <= LEARNED
    scale = (y - repeated)[learned].std()
    calibration = (first >= LEARNED) & (first + AHEAD <= CALIBRATED)
    test = first >= CALIBRATED

    x, targets = (x / scale).astype(np.float32), ((y - repeated) / scale).astype(np.float32)

    # size and epochs were chosen by the error on the months that calibrate
    net = nn.Sequential(nn.GRU(1, 8), nn.Last(), nn.Dropout(0.1), nn.Linear(8, AHEAD))
    train.fit(
        net, nn.MSE(), nn.AdamW(weight_decay=0.01), x[learned], targets[learned],
        epochs=arguments.epochs, batch_size=32, schedule=nn.OneCycle(max_lr=0.01), clip_norm=1.0,
        seed=0, progress=False,
    )  # fmt: skip
    forecast = repeated + scale * net.predict(x)
    bands = {
        level: SplitConformal(level).fit(y[calibration], forecast[calibration]).apply(forecast)
        for level in LEVELS
    }
    print(f"{name}: {len(series)} months, {AHEAD} ahead, {test.sum()} test windows\n")
    ours, naive = (np.sqrt(metrics.mse(y[test], f[test])) for f in (forecast, repeated))
    print(f"RMSE {ours:.3f}; the same months of the year before: {naive:.3f}")
    if ours > naive:
        print("Nothing was gained by the network: a band around last year's months would do.")
    for level, band in bands.items():
        covered = metrics.coverage(y[test], band.lower[test], band.upper[test])
        print(f"band of {level:g} %: covers {covered:.1%} of the test values")
    figure = draw(name, months, series, forecast[-1], bands, y[test], test)
    print(f"\nThe picture: {plots.save(figure, arguments.out / 'forecast_fan.png')}")


def read_arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=Path("reports/forecast_fan"))
    parser.add_argument("--epochs", type=int, default=40)
    return parser.parse_args()


def read_series() -> tuple[str, Array, Array]:
    """Electric production, or a series made up in its likeness."""
    if os.environ.get("GATECAST_DATA"):
        frame = datasets.load_electric_production()
        return "US electric production", frame["date"].to_numpy(), frame["production"].to_numpy()
    rng, t = np.random.default_rng(0), np.arange(397)
    seasons = 6 * np.cos(2 * np.pi * t / 12) + 5 * np.cos(4 * np.pi * (t - 0.5) / 12)
    level = 57 + 50 * (1 - np.exp(-t / 250)) + np.cumsum(rng.normal(0, 0.3, len(t)))
    months = pd.date_range("1985-01-01", periods=len(t), freq="MS").to_numpy()
    made_up = level + seasons * level / 100 + rng.normal(0, 1.2, len(t))
    return "A made-up monthly series (GATECAST_DATA is not set)", months, made_up


def windows(series: Array, first: Array) -> tuple[Array, Array, Array]:
    """Changes over a year (n, 24, 1), targets (n, 14), and the months that they are set against."""
    past, future = first[:, None] + np.arange(-WIDTH, 0), first[:, None] + np.arange(AHEAD)
    # the month a year before, or two where a year before has not come yet either
    known = future - SEASON * (1 + (np.arange(AHEAD) >= SEASON))
    changes = series[past] - series[past - SEASON]
    return changes[..., None], series[future], series[known]


def draw(
    name: str,
    months: Array,
    series: Array,
    forecast: Array,
    bands: dict[float, Interval],
    truth: Array,
    test: Array,
) -> plots.Figure:
    """The fan, and what each band covers by months ahead."""
    figure = plots.new_figure(1, 2, width=13, height=4.4)
    axes, by_step = figure.axes
    blue = plots.COLOURS[0]
    axes.plot(months[-60:], series[-60:], color=plots.INK, linewidth=1.3, label="truth")
    for level, strength in zip(reversed(LEVELS), (0.16, 0.28, 0.45), strict=True):
        axes.fill_between(
            months[-AHEAD:], bands[level].lower[-1], bands[level].upper[-1], color=blue,
            alpha=strength, linewidth=0, label=f"{level:g} %",
        )  # fmt: skip
    axes.plot(months[-AHEAD:], forecast, color=blue, linewidth=2, label="forecast")
    plots.titled(axes, f"{name}: the last {AHEAD} months", "", "")
    axes.legend(frameon=False, fontsize=9, ncols=3)
    for level, colour in zip(LEVELS, plots.COLOURS[1:], strict=False):
        band = bands[level]
        inside = (truth >= band.lower[test]) & (truth <= band.upper[test])
        by_step.plot(
            range(1, AHEAD + 1), 100 * inside.mean(axis=0), "o-", color=colour, label=f"{level:g} %"
        )
        by_step.axhline(level, color=colour, linestyle=":", linewidth=1.3)
    by_step.set_ylim(0, 103)
    plots.titled(by_step, "Coverage of the test windows (dotted: promised)", "months ahead", "%")
    by_step.legend(frameon=False, fontsize=9, loc="lower right")
    return figure


if __name__ == "__main__":
    main()
