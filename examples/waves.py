"""RNN, GRU and LSTM on ten thousand synthetic waves, one step ahead, beside simple baselines.

    python examples/waves.py --out reports/waves

Trains each network from the same data, prints a table with the published figures of the same
experiment, and draws the losses and a few forecasts.  Nothing is chosen on the test series.
"""

import argparse
import sys
from itertools import pairwise
from pathlib import Path
from time import perf_counter

import numpy as np
from rich.console import Console
from rich.table import Table

from gatecast import datasets, kernels, metrics, nn, train
from gatecast.report import plots

#: test MSE published for the same experiment (on waves of another seed)
PUBLISHED = {"naive": "0.0216", "linear": "0.0048", "RNN": "0.0034"}
CELLS = {"RNN": nn.RNN, "GRU": nn.GRU, "LSTM": nn.LSTM}
HIDDEN = 20


def main() -> None:
    """Train, compare, draw."""
    arguments = read_arguments()
    waves = datasets.make_waves(arguments.data_seed).astype(np.float32)
    x, y = waves[:, :50, None], waves[:, 50:]
    fitting, validation, test = split(len(waves))

    scores = {"naive": (metrics.mse(y[test], x[test, -1]), 0, 0.0)}
    scores["linear"] = (linear_baseline(x, y, fitting, test), 51, 0.0)
    losses, forecasts = {}, {}
    for name, layer in CELLS.items():
        net = nn.Sequential(layer(1, HIDDEN), nn.Last(), nn.Linear(HIDDEN, 1), seed=arguments.seed)
        began = perf_counter()
        history = train.fit(
            net, nn.MSE(), nn.Adam(lr=0.01), x[fitting], y[fitting],
            epochs=arguments.epochs, batch_size=64, validation=(x[validation], y[validation]),
            schedule=nn.OneCycle(max_lr=0.01), clip_norm=1.0, seed=arguments.seed,
        )  # fmt: skip
        seconds = perf_counter() - began
        forecasts[name] = net.predict(x[test])
        scores[name] = (metrics.mse(y[test], forecasts[name]), net.num_parameters, seconds)
        losses[name] = (
            [epoch.loss for epoch in history.epochs],
            [epoch.val_loss for epoch in history.epochs],
        )

    print_table(scores)
    shown = slice(0, 6)
    drawn = {
        "loss.png": plots.loss_histories(losses, {"naive": scores["naive"][0]}),
        "forecasts.png": plots.predicted_windows(
            x[test][shown, 20:, 0],
            y[test][shown],
            {name: values[shown] for name, values in forecasts.items()},
            title="Six test series: the last 30 values, what came next, and the forecasts",
        ),
    }
    for name, figure in drawn.items():
        plots.save(figure, arguments.out / name)


def read_arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=Path("reports/waves"), help="folder to write")
    parser.add_argument("--epochs", type=int, default=12)
    parser.add_argument("--seed", type=int, default=0, help="of the networks")
    parser.add_argument("--data-seed", type=int, default=0, help="of the waves")
    return parser.parse_args()


def split(count: int) -> list[slice]:
    """Rows that train, validate and test."""
    ends = np.cumsum((0, *datasets.WAVES_SPLIT))
    assert ends[-1] == count
    return [slice(int(a), int(b)) for a, b in pairwise(ends)]


def linear_baseline(x: np.ndarray, y: np.ndarray, fitting: slice, test: slice) -> float:
    """Least squares on the 50 values: what no network here should lose to."""
    inputs = np.column_stack([x[:, :, 0], np.ones(len(x))]).astype(np.float64)
    weights = np.linalg.lstsq(inputs[fitting], y[fitting], rcond=None)[0]
    return metrics.mse(y[test], inputs[test] @ weights)


def print_table(scores: dict[str, tuple[float, int, float]]) -> None:
    """Test MSE, skill against the naive forecast, the published figure, size and time."""
    table = Table(title="waves, one step ahead: test MSE", title_justify="left")
    for column in ("model", "MSE", "published", "better than naive", "parameters", "seconds"):
        table.add_column(column, justify="left" if column == "model" else "right")
    naive = scores["naive"][0]
    for name, (mse, size, seconds) in scores.items():
        skill = "" if name == "naive" else f"{1 - mse / naive:.0%}"
        table.add_row(
            name, f"{mse:.5f}", PUBLISHED.get(name, "-"), skill,
            f"{size:,}" if size else "", f"{seconds:.1f}" if seconds else "",
        )  # fmt: skip
    console = Console(width=None if sys.stdout.isatty() else 100)
    console.print(table)
    console.print(f"kernels: {kernels.active().name}; published figures: other waves, same recipe")


if __name__ == "__main__":
    main()
