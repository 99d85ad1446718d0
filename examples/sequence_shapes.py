"""The shapes of sequences on one task: ten thousand synthetic waves, the next ten values of each.

    python examples/sequence_shapes.py --out reports/sequence_shapes

One value to one, many to one (fed back ten times), one vector to many, many to many at once, and
many to many from every step: what each sees, what it gives, and how far it gets with the same
training.  Nothing is chosen on the test waves.
"""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from gatecast import datasets, metrics, nn, train
from gatecast.report import plots

Array = np.ndarray[Any, Any]
STEPS, AHEAD, HIDDEN = 50, 10, 24
TRAINING = datasets.WAVES_SPLIT[0]


def main() -> None:
    """Train one network a shape; print and draw what they forecast."""
    arguments = read_arguments()
    waves = datasets.make_waves(0, horizon=AHEAD).astype(np.float32)[..., None]
    test = waves[-datasets.WAVES_SPLIT[2] :]
    seen, truth = test[:, :STEPS], test[:, STEPS:, 0]

    forecasts = {"last value": np.repeat(seen[:, -1], AHEAD, axis=1)}
    print(f"{'shape':<28} {'sees':>13} {'gives':>13} {'MSE, 1 step':>12} {'10 steps':>9}")
    report("last value", (), (), forecasts["last value"], truth)
    for name, (net, inputs, targets, forecast) in shapes().items():
        x, y = inputs(waves[:TRAINING]), targets(waves[:TRAINING])
        train.fit(
            net, nn.MSE(), nn.Adam(), x, y, epochs=arguments.epochs, batch_size=64,
            schedule=nn.OneCycle(max_lr=0.01), clip_norm=1.0, seed=0, progress=False,
        )  # fmt: skip
        forecasts[name] = forecast(net.predict, seen)
        report(name, x.shape[1:], y.shape[1:], forecasts[name], truth)
    path = plots.save(draw(seen, truth, forecasts), arguments.out / "sequence_shapes.png")
    print(f"\nThe picture: {path}")


def read_arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=Path("reports/sequence_shapes"))
    parser.add_argument("--epochs", type=int, default=10)
    return parser.parse_args()


def shapes() -> dict[str, tuple[nn.Module, Callable, Callable, Callable]]:
    """Name -> the network, its inputs and its targets (of whole waves), and how it forecasts."""
    gru = lambda inputs=1: nn.GRU(inputs, HIDDEN)  # noqa: E731
    return {
        # a value to the next: no memory, so that a rise and a fall look alike
        "one to one": (
            nn.Sequential(nn.Linear(1, HIDDEN), nn.Tanh(), nn.Linear(HIDDEN, 1)),
            lambda waves: waves[:, STEPS - 1],
            lambda waves: waves[:, STEPS],
            lambda predict, seen: feed_back(lambda past: predict(past[:, -1]), seen),
        ),
        # fifty values to the next; its own forecasts are fed back to it
        "many to one, fed back": (
            nn.Sequential(gru(), nn.Last(), nn.Linear(HIDDEN, 1)),
            lambda waves: waves[:, :STEPS],
            lambda waves: waves[:, STEPS],
            feed_back,
        ),
        # fifty values as one vector, from which a sequence unrolls
        "one to many": (
            nn.Sequential(nn.Repeat(AHEAD), gru(STEPS), nn.Linear(HIDDEN, 1)),
            lambda waves: waves[:, :STEPS, 0],
            lambda waves: waves[:, STEPS:],
            lambda predict, seen: predict(seen[..., 0])[..., 0],
        ),
        # fifty values to ten, all of them from the last state
        "many to many, at once": (
            nn.Sequential(gru(), nn.Last(), nn.Linear(HIDDEN, AHEAD)),
            lambda waves: waves[:, :STEPS],
            lambda waves: waves[:, STEPS:, 0],
            lambda predict, seen: predict(seen),
        ),
        # the same asked at every step: fifty times as much to learn from
        "many to many, at every step": (
            nn.Sequential(gru(), nn.Linear(HIDDEN, AHEAD)),
            lambda waves: waves[:, :STEPS],
            next_ten,
            lambda predict, seen: predict(seen)[:, -1],
        ),
    }


def feed_back(predict: Callable[[Array], Array], seen: Array) -> Array:
    """(n, 10): the next value, ten times, each an input of the next."""
    for _ in range(AHEAD):
        seen = np.concatenate([seen, predict(seen)[:, None]], axis=1)
    return seen[:, STEPS:, 0]


def next_ten(waves: Array) -> Array:
    """(n, 50, 10): the ten values after each step."""
    return np.ascontiguousarray(sliding_window_view(waves[:, 1:, 0], AHEAD, axis=1))


def report(
    name: str, sees: tuple[int, ...], gives: tuple[int, ...], y: Array, truth: Array
) -> None:
    """One line: shapes of one row, and the error at the first step and over all ten."""
    first, all_ten = metrics.mse(truth[:, 0], y[:, 0]), metrics.mse(truth, y)
    print(f"{name:<28} {sees or ''!s:>13} {gives or ''!s:>13} {first:>12.4f} {all_ten:>9.4f}")


def draw(seen: Array, truth: Array, forecasts: dict[str, Array]) -> plots.Figure:
    """Three test waves above, the error by step below."""
    figure = plots.new_figure(2, 3, width=12, height=7.5)
    shown = ("many to one, fed back", "one to many", "many to many, at every step")
    colours = dict(zip(list(forecasts)[1:], plots.COLOURS, strict=False))
    ahead = np.arange(STEPS, STEPS + AHEAD)
    for axes, row in zip(figure.axes[:3], (2, 5, 11), strict=True):
        axes.plot(np.arange(20, STEPS), seen[row, 20:, 0], color=plots.QUIET, linewidth=1.3)
        axes.plot(ahead, truth[row], "o", color=plots.INK, markersize=5, label="truth")
        for name in shown:
            axes.plot(ahead, forecasts[name][row], color=colours[name], linewidth=2)
        plots.titled(axes, f"Test wave {row}", "step", "value")
    grid = figure.axes[3].get_gridspec()
    for axes in figure.axes[3:]:
        axes.remove()
    axes = plots.bare(figure.add_subplot(grid[1, :]))
    for name, values in forecasts.items():
        errors = [metrics.mse(truth[:, step], values[:, step]) for step in range(AHEAD)]
        colour = colours.get(name, plots.QUIET)
        axes.plot(
            range(1, AHEAD + 1), errors, "o-", color=colour, linewidth=2, markersize=4, label=name
        )
    axes.set_yscale("log")
    plots.titled(
        axes, "Error by steps ahead, 1,000 test waves", "steps ahead", "mean squared error"
    )
    handles, labels = axes.get_legend_handles_labels()
    figure.legend(
        handles, labels, frameon=False, fontsize=9, loc="outside lower center", ncols=len(labels)
    )
    return figure


if __name__ == "__main__":
    main()
