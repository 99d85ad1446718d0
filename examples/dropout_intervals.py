"""How much is a network's doubt worth?  Monte-Carlo dropout before and after calibration.

    python examples/dropout_intervals.py --out reports/dropout_intervals

A GRU forecasts ten steps of the synthetic waves.  Asked fifty times with dropout left on, it gives
fifty forecasts, whose spread is taken for its doubt.  How wide that is hangs on the rate of dropout
and knows nothing of the noise in the data; scaled on waves that the network did not learn from, the
band covers what it promises at any rate.
"""

import argparse
from pathlib import Path
from typing import Any

import numpy as np
from scipy.stats import norm

from gatecast import datasets, metrics, nn, train
from gatecast.forecast import DropoutIntervals, Interval
from gatecast.report import plots

Array = np.ndarray[Any, Any]
STEPS, AHEAD = 50, 10
LEVEL, RATES, SAMPLES = 90.0, (0.02, 0.1, 0.3), 50
NORMAL = float(norm.ppf(0.5 + LEVEL / 200))


def main() -> None:
    """Train at three rates of dropout, measure what both bands cover, draw."""
    arguments = read_arguments()
    waves = datasets.make_waves(0, horizon=AHEAD).astype(np.float32)
    learn, calibrate, test = np.split(waves, np.cumsum(datasets.WAVES_SPLIT)[:2])
    calibrate, truth = calibrate[:1000], test[:, STEPS:]

    print(f"Of {truth.size:,} test values a band of {LEVEL:g} % covers")
    print(f"{'dropout':>8} {'MSE':>8} {'raw':>8} {'calibrated':>11} {'factor':>15}")
    bands = {}
    for rate in RATES:
        net = trained(rate, learn, arguments.epochs)
        intervals = DropoutIntervals(LEVEL, SAMPLES, seed=0)
        intervals.fit(net, inputs(calibrate), calibrate[:, STEPS:])
        mean, band = intervals.apply(net, inputs(test))
        bands[rate] = raw_band(mean, band, intervals), band
        before, after = (found.coverage(truth) for found in bands[rate])
        low, high = intervals.factor_.min() / NORMAL, intervals.factor_.max() / NORMAL
        print(
            f"{rate:>8} {metrics.mse(truth, mean):>8.4f} {before:>8.1%} {after:>11.1%} "
            f"{f'{low:.2f} to {high:.2f}':>15}"
        )
    path = plots.save(draw(test, bands), arguments.out / "dropout_intervals.png")
    print(f"\nThe picture: {path}")


def read_arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=Path("reports/dropout_intervals"))
    parser.add_argument("--epochs", type=int, default=6)
    return parser.parse_args()


def inputs(waves: Array) -> Array:
    """(n, 50, 1): what the network sees."""
    return waves[:, :STEPS, None]


def trained(rate: float, waves: Array, epochs: int) -> nn.Module:
    """A GRU with dropout before its head."""
    net = nn.Sequential(nn.GRU(1, 20), nn.Last(), nn.Dropout(rate), nn.Linear(20, AHEAD))
    train.fit(
        net, nn.MSE(), nn.Adam(), inputs(waves), waves[:, STEPS:], epochs=epochs, batch_size=64,
        schedule=nn.OneCycle(max_lr=0.02), clip_norm=1.0, seed=0, progress=False,
    )  # fmt: skip
    return net


def raw_band(mean: Array, band: Interval, intervals: DropoutIntervals) -> Interval:
    """The band without its factor: mean ± z standard deviations of the fifty forecasts."""
    half = (band.upper - mean) / intervals.factor_ * NORMAL
    return Interval(mean - half, mean + half, LEVEL)


def draw(test: Array, bands: dict[float, tuple[Interval, Interval]]) -> plots.Figure:
    """One test wave with both bands at each rate, and what they cover step by step."""
    figure = plots.new_figure(2, 3, width=13, height=7)
    colours, names = plots.COLOURS[1::-1], ("raw", "calibrated")
    ahead, row, truth = np.arange(STEPS, STEPS + AHEAD), 3, test[:, STEPS:]
    for place, (rate, pair) in enumerate(bands.items()):
        axes, below = figure.axes[place], figure.axes[3 + place]
        axes.plot(np.arange(30, STEPS), test[row, 30:STEPS], color=plots.QUIET, linewidth=1.3)
        for band, colour, name in zip(pair, colours, names, strict=True):
            edge = (*band.lower[row], np.nan, *band.upper[row])
            axes.plot((*ahead, np.nan, *ahead), edge, color=colour, linewidth=2, label=name)
            inside = (truth >= band.lower) & (truth <= band.upper)
            below.plot(range(1, AHEAD + 1), 100 * inside.mean(axis=0), "o-", color=colour)
        axes.plot(ahead, test[row, STEPS:], "o", color=plots.INK, markersize=5, label="truth")
        axes.set_ylim(-1, 1)
        plots.titled(axes, f"Dropout {rate:g}: test wave {row}", "step", "value")
        below.axhline(LEVEL, color=plots.QUIET, linestyle=":", linewidth=1.5)
        below.set_ylim(0, 103)
        plots.titled(below, f"Dropout {rate:g}: coverage", "steps ahead", "% of 1,000 test waves")
    handles, labels = figure.axes[0].get_legend_handles_labels()
    figure.legend(
        handles, labels, frameon=False, fontsize=9, loc="outside lower center", ncols=len(labels)
    )
    return figure


if __name__ == "__main__":
    main()
