"""Small studies and made-up outcomes for the tests."""

from functools import partial
from typing import Any

import numpy as np

from gatecast import nn
from gatecast.comparison.recipe import Recipe
from gatecast.comparison.study import Network, Study, Variant
from gatecast.comparison.training import Trained
from gatecast.estimators.networks import build_network
from gatecast.forecast.baselines import Baseline, make_baseline
from gatecast.forecast.samples import Samples
from gatecast.train.history import Epoch, History


def build(cell: str, features: int, outputs: int, seed: int) -> nn.Sequential:
    """A small network; at the top of a module, so that processes can be given it."""
    return build_network(cell, features, outputs, hidden_size=6, steps=8, seed=seed)


def network(cell: str, outputs: int = 1, features: int = 1, **options: Any) -> Network:
    recipe = options.pop("recipe", Recipe(epochs=4, batch_size=16))
    loss = options.pop("loss", nn.MSE())
    return Network(cell, partial(build, cell, features, outputs), loss, recipe, **options)


def sine_samples(start: int, stop: int, horizon: int = 1) -> Samples:
    """Windows of 8 rows of a noisy sine, relative to nothing."""
    rng = np.random.default_rng(0)
    series = np.sin(np.arange(400) / 4) + 0.05 * rng.normal(size=400)
    rows = np.arange(start + 8, stop - horizon + 1)
    past = series[rows[:, None] + np.arange(-8, 0)]
    future = series[rows[:, None] + np.arange(horizon)]
    return Samples(past[..., None].astype(np.float32), future, past, 0.0, 1.0, rows)


def sine_variant(horizon: int = 1, **options: Any) -> Variant:
    """Train, validation and test windows of the sine."""
    names = options.pop("baselines", ("last_value", "linear_regression"))
    found: tuple[Baseline, ...] = tuple(make_baseline(name) for name in names)
    networks = options.pop("networks", (network("rnn", horizon), network("gru", horizon)))
    return Variant(
        options.pop("name", ""),
        sine_samples(0, 200, horizon),
        sine_samples(280, 400, horizon),
        networks,
        found,
        options.pop("validation", sine_samples(200, 280, horizon)),
        **options,
    )


def study(*variants: Variant, **options: Any) -> Study:
    task = options.pop("task", "forecast")
    return Study("test", "A test", task, "y", variants, seeds=(0, 1), **options)


def history(train: list[float], validation: list[float] | None = None) -> History:
    held: list[Any] = [None] * len(train) if validation is None else list(validation)
    epochs = [
        Epoch(i + 1, a, b, 0.01, 1.0, 1.0, 0.1)
        for i, (a, b) in enumerate(zip(train, held, strict=True))
    ]  # fmt: skip
    return History(epochs, weights_epoch=len(epochs))


def outcome(model: str, forecast: Any, kind: str = "network", **options: Any) -> Trained:
    """A training that never was."""
    seed = options.pop("seed", None if kind == "baseline" else 0)
    return Trained(model, options.pop("variant", ""), kind, seed, np.asarray(forecast), **options)
