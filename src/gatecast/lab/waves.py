"""waves: ten thousand synthetic series, one and ten steps ahead.

Ten steps are forecast in three ways: one step at a time, fed back (``recursive``); ten values at
once from the last position (``at-once``); ten values from every position, of which the last are
the forecast (``all``).
"""

from functools import partial
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from gatecast import datasets, nn
from gatecast.comparison.recipe import Recipe
from gatecast.comparison.study import Network, Predict, Study, Variant
from gatecast.forecast.baselines import make_baseline
from gatecast.forecast.samples import Array, Samples
from gatecast.lab.dropout_band import add_dropout_band
from gatecast.lab.provenance import provenance, quick_note
from gatecast.lab.settings import Settings
from gatecast.nn.module import Module
from gatecast.results import Result

STEPS, AHEAD = 50, 10
CONVOLUTION = {"kernel": 4, "stride": 2}
LAYERS: dict[str, Any] = {"rnn": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM}
BANDED = ("gru_dropout", "10-step/at-once")

#: test MSE of the same experiment on waves of another seed
PUBLISHED = {
    "1-step": {"naive": 0.02157, "linear": 0.00481, "simple_rnn": 0.02253, "rnn": 0.00343},
    "10-step/recursive": {"naive": 0.2627, "rnn": 0.05195},
    "10-step/at-once": {"naive": 0.2627, "rnn": 0.011771},
    "10-step/all": {
        "naive": 0.2627, "rnn": 0.015259, "lstm": 0.00887, "gru": 0.01165, "conv_gru": 0.009064,
    },
}  # fmt: skip


def describe(settings: Settings) -> Study:
    """The data, the four variants, their networks and baselines."""
    one, ten = datasets.make_waves(seed=0), datasets.make_waves(seed=0, horizon=AHEAD)
    variants = (
        _variant("1-step", one, settings.kept(*_one_step(settings))),
        _variant("10-step/recursive", ten, settings.kept(*_recursive(settings))),
        _variant("10-step/at-once", ten, settings.kept(*_at_once(settings))),
        _variant("10-step/all", ten, settings.kept(*_all_steps(settings))),
    )
    return Study(
        experiment="waves",
        preset=settings.preset,
        title="Ten thousand synthetic waves, one and ten steps ahead",
        task="forecast",
        target="the wave",
        variants=variants,
        seeds=settings.numbers,
        notes=(*quick_note(settings), *_notes(settings)),
        meta=provenance(settings, "make_waves(seed=0)", one),
        headline=("mse", "rmse", "mae", "r2"),
    )


def finish(result: Result, study: Study, settings: Settings) -> Result:
    """Draw the Monte-Carlo dropout band of one network, and say what it covers."""
    del settings
    return add_dropout_band(result, study, *BANDED)


# -- windows --------------------------------------------------------------------------------------


def _variant(name: str, waves: Array, networks: tuple[Network, ...]) -> Variant:
    train, validation, test = (
        _samples(waves, stop - count, stop)
        for count, stop in zip(
            datasets.WAVES_SPLIT, np.cumsum(datasets.WAVES_SPLIT).tolist(), strict=True
        )
    )
    return Variant(
        name,
        train,
        test,
        networks,
        (make_baseline("naive"), make_baseline("linear_regression")),
        validation,
        {model: {"mse": figure} for model, figure in PUBLISHED[name].items()},
        in_time=False,
    )


def _samples(waves: Array, start: int, stop: int) -> Samples:
    past, future = waves[start:stop, :STEPS], waves[start:stop, STEPS:]
    return Samples(past[..., None].astype(np.float32), future, past, index=np.arange(start, stop))


# -- networks -------------------------------------------------------------------------------------


def _one_step(settings: Settings) -> tuple[Network, ...]:
    recipe = partial(_recipe, settings)
    linear = Network("linear", build_linear, nn.MSE(), recipe(30, 0.03))
    simple = Network("simple_rnn", partial(build, "rnn", 1, 1, 1), nn.MSE(), recipe(30, 0.02))
    cells = tuple(
        Network(cell, partial(build, cell, 20, 1, 1), nn.MSE(), recipe(epochs, lr))
        for cell, epochs, lr in (("rnn", 60, 0.01), ("gru", 30, 0.02), ("lstm", 30, 0.02))
        if not settings.published or cell == "rnn"
    )
    return linear, simple, *cells


def _recursive(settings: Settings) -> tuple[Network, ...]:
    """The next value from every position; the forecast is fed back ten times."""
    network = Network(
        "rnn",
        partial(build, "rnn", 20, 2, 1, every_step=not settings.published),
        nn.MSE(),
        _recipe(settings, 30, 0.01),
        targets=first_value if settings.published else next_values,
        forecast=roll_out,
    )
    return (network,)


def _at_once(settings: Settings) -> tuple[Network, ...]:
    deep = Network(
        "rnn", partial(build, "rnn", 20, 2, AHEAD), nn.MSE(), _recipe(settings, 60, 0.01)
    )
    if settings.published:
        return (deep,)
    dropout = Network(
        BANDED[0],
        partial(build, "gru", 20, 2, AHEAD, dropout=0.1),
        nn.MSE(),
        _recipe(settings, 30, 0.02),
    )
    return deep, dropout


def _all_steps(settings: Settings) -> tuple[Network, ...]:
    """Ten values from every position; all of them teach, the last ones are the forecast."""
    plans = (("rnn", "rnn", 0.01), ("gru", "gru", 0.01), ("lstm", "lstm", 0.02))
    networks = [
        Network(
            model,
            partial(build, cell, 20, 2, AHEAD, every_step=True),
            nn.MSE(),
            _recipe(settings, 30, lr),
            targets=windows_of_ten,
            forecast=last_position,
        )
        for model, cell, lr in plans
    ]
    convolved = Network(
        "conv_gru",
        partial(build, "gru", 20, 2, AHEAD, every_step=True, convolution=True),
        nn.MSE(),
        _recipe(settings, 30, 0.01),
        targets=windows_of_ten_after_convolution,
        forecast=last_position,
    )
    return *networks, convolved


def _recipe(settings: Settings, epochs: int, lr: float) -> Recipe:
    """The published studies left Adam and Keras as they come."""
    if settings.published:
        return Recipe(epochs=20, batch_size=32, lr=1e-3, schedule="constant", clip_norm=None)
    return Recipe(epochs=epochs, lr=lr)


def build(
    cell: str,
    hidden: int,
    layers: int,
    outputs: int,
    seed: int,
    *,
    every_step: bool = False,
    convolution: bool = False,
    dropout: float = 0.0,
) -> Module:
    """A stack of one cell and a linear head, on the last position or on every one."""
    parts: list[Module] = []
    if convolution:
        parts.append(nn.Conv1d(1, hidden, CONVOLUTION["kernel"], stride=CONVOLUTION["stride"]))
    parts.append(LAYERS[cell](hidden if convolution else 1, hidden, layers, dropout=dropout))
    if not every_step:
        parts.append(nn.Last())
    if dropout:
        parts.append(nn.Dropout(dropout))
    parts.append(nn.Linear(hidden, outputs))
    return nn.Sequential(*parts, seed=seed)


def build_linear(seed: int) -> Module:
    """One linear layer on the 50 values: a convolution as long as they are."""
    return nn.Sequential(nn.Conv1d(1, 1, STEPS), nn.Last(), seed=seed)


# -- what they learn, and what they forecast ------------------------------------------------------


def first_value(samples: Samples) -> Array:
    """(n, 1): the value after the last position."""
    return samples.targets[:, :1]


def next_values(samples: Samples) -> Array:
    """(n, 50, 1): the value after every position."""
    return np.ascontiguousarray(_whole(samples)[:, 1 : STEPS + 1, None])


def windows_of_ten(samples: Samples) -> Array:
    """(n, 50, 10): the ten values after every position."""
    return np.ascontiguousarray(sliding_window_view(_whole(samples)[:, 1:], AHEAD, axis=1))


def windows_of_ten_after_convolution(samples: Samples) -> Array:
    """(n, 24, 10): the ten values after the last position that each of its outputs sees."""
    first = CONVOLUTION["kernel"] - 1
    return np.ascontiguousarray(windows_of_ten(samples)[:, first :: CONVOLUTION["stride"]])


def _whole(samples: Samples) -> Array:
    """(n, 60): inputs and targets, one after the other."""
    return np.concatenate([samples.x[..., 0], samples.targets], axis=1)


def last_position(predict: Predict, x: Array) -> Array:
    """(n, 10): the ten values forecast at the last position."""
    return predict(x)[:, -1]


def roll_out(predict: Predict, x: Array) -> Array:
    """(n, 10): one step at a time, each forecast an input of the next."""
    series = x
    for _ in range(AHEAD):
        outputs = predict(series)
        following = outputs[:, -1:] if outputs.ndim == 3 else outputs[:, None]
        series = np.concatenate([series, following], axis=1)
    return series[:, STEPS:, 0]


def _notes(settings: Settings) -> tuple[str, ...]:
    data = (
        "10,000 series of 50 steps, each the sum of two sine waves and noise: 7,000 train, 2,000 "
        "validate, 1,000 test. The seeds vary the networks, never the data. The noise alone has a "
        "mean square of 0.0008."
    )
    if settings.published:
        return data, (
            "Sizes as published; the study does not say how it trained, so: 20 epochs of batches "
            "of 32, Adam at 0.001, PyTorch's initial weights."
        )
    chosen = (
        "Learning rates and epochs were chosen on the validation series, and so is the epoch whose "
        "weights are kept: Adam, one cycle up to 0.01 or 0.02, batches of 64, 30 or 60 epochs."
    )
    return data, chosen
