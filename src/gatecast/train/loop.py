"""``fit``: the training loop."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from gatecast.errors import InputError
from gatecast.kernels.contract import Array
from gatecast.nn.init import make_generator
from gatecast.nn.losses import Loss
from gatecast.nn.module import Module
from gatecast.nn.optimiser_base import Optimiser
from gatecast.nn.schedules import Schedule
from gatecast.train.batches import Data
from gatecast.train.callbacks import Callback, Run
from gatecast.train.checks import check_data, check_part, check_parts, probe
from gatecast.train.epochs import Epochs
from gatecast.train.history import COLUMNS, History
from gatecast.train.options import FRACTIONS, Options, split


def fit(
    net: Module,
    loss: Loss,
    optimiser: Optimiser,
    x: Array,
    y: Array,
    *,
    epochs: int = 10,
    batch_size: int = 32,
    shuffle: bool = True,
    lengths: Array | None = None,
    sample_weight: Array | None = None,
    mask: Array | None = None,
    validation: tuple[Any, ...] | float | None = None,
    metrics: Mapping[str, Callable[[Array, Array], float]] | None = None,
    schedule: Schedule | None = None,
    clip_norm: float | None = None,
    clip_value: float | None = None,
    patience: int | None = None,
    min_delta: float = 0.0,
    restore_best: bool = True,
    tbptt: int | None = None,
    carry_state: bool = False,
    callbacks: Sequence[Callback] = (),
    progress: bool | None = None,
    on_divergence: str = "raise",
    seed: int | np.random.Generator = 0,
) -> History:
    """Train a network; Ctrl-C ends it with the best weights so far.

    Parameters
    ----------
    net : Module
        Is trained in place.
    loss, optimiser
        Such as ``nn.MSE()`` and ``nn.Adam()``.
    x, y : array
        Inputs (rows, time, features), and the targets that the loss takes.
    epochs, batch_size : int
    shuffle : bool
        Draw a new order of the rows in each epoch; without it batches are views, not copies.
    lengths : (rows,) integers, optional
        Real steps of each row; outputs past them do not count in the loss.
    sample_weight, mask : array, optional
        What counts, and how much; see the losses.
    validation : tuple or float, optional
        ``(x, y)``, with lengths, sample_weight and mask after them if need be; or the fraction of
        the rows that is held out, the last ones (in time).
    metrics : dict, optional
        Functions of (targets, point forecasts) by name, computed after each epoch on the
        validation rows (on the training rows where there are none).
    schedule : Schedule, optional
        The optimiser has its own learning rate again at the end.
    clip_norm, clip_value : float, optional
        Largest norm of all gradients together, and largest single gradient.
    patience : int, optional
        Stop when the watched loss (of validation, or of training where there is none) has not
        improved by more than ``min_delta`` for that many epochs.
    restore_best : bool
        With validation or patience, and after Ctrl-C: end with the weights of the best epoch.
    tbptt : int, optional
        Truncated back-propagation: cut sequences into chunks of that many steps, one update
        each; the state is carried from chunk to chunk, gradients are not.
    carry_state : bool
        Carry it from batch to batch too: rows of a batch continue those of the batch before.
        Zero at the start of each epoch, and of the validation.
    callbacks : sequence of Callback
    progress : bool, optional
        A progress bar; by default where stderr is a terminal.
    on_divergence : {"raise", "report"}
        What to do when the loss becomes NaN or explodes, after the last good weights have been
        restored: raise DivergenceError (``error.history`` ends there), or end and report it in
        the history.
    seed : int or numpy.random.Generator
        Shuffles, and draws what dropout drops.

    Returns
    -------
    History

    Examples
    --------
    >>> import numpy as np
    >>> from gatecast import nn
    >>> series = np.sin(np.arange(200, dtype=np.float32) / 5)
    >>> windows = np.lib.stride_tricks.sliding_window_view(series, 8)
    >>> x, y = windows[:, :7, None], windows[:, 7:]
    >>> net = nn.Sequential(nn.GRU(1, 8), nn.Last(), nn.Linear(8, 1))
    >>> history = fit(net, nn.MSE(), nn.Adam(lr=1e-2), x, y, epochs=5, validation=0.2)
    >>> history["val_loss"][-1] < history["val_loss"][0]
    True
    """
    options = Options(
        epochs, batch_size, shuffle, clip_norm, clip_value, patience, min_delta, restore_best,
        tbptt, carry_state, on_divergence,
    )  # fmt: skip
    metrics = _check_metrics(metrics)
    _check_parts(net, loss, optimiser, schedule, callbacks)
    everything = Data(x, y, lengths, sample_weight, mask)
    check_data(net, everything)
    data, held = split(everything, validation)
    if held is not None and not isinstance(validation, FRACTIONS):
        check_data(net, held, "validation ")
    prediction = probe(net, loss, data, tbptt)
    options.check_states(net, data)
    if held is not None:
        probe(net, loss, held, tbptt, "validation ")
        options.check_states(net, held, "validation ")
    run = Run(net, loss, optimiser, make_generator(seed))
    return Epochs(
        run, options, data, held, prediction, metrics, schedule, callbacks, progress
    ).train()


def _check_parts(net: Any, loss: Any, optimiser: Any, schedule: Any, callbacks: Any) -> None:
    """Refuse what is not of its kind, and a network that cannot learn."""
    check_parts(net, loss, optimiser)
    if schedule is not None:
        check_part("schedule", schedule, Schedule)
    if not isinstance(callbacks, Sequence):
        raise InputError(f"callbacks must be a list, it is {type(callbacks).__name__}; write [...]")
    for i, callback in enumerate(callbacks):
        check_part(f"callbacks[{i}]", callback, Callback)
    if not net.trainable_ranges():
        raise InputError("net has no parameters to train: every one is frozen, or it has none")


def _check_metrics(metrics: Any) -> dict[str, Callable[[Array, Array], float]]:
    """Functions by name, none of which is a column's."""
    if metrics is None:
        return {}
    if not isinstance(metrics, Mapping):
        raise InputError(
            "metrics must map names to functions, such as {'mae': metrics.mae}; it is a "
            f"{type(metrics).__name__}"
        )
    for name, metric in metrics.items():
        if not isinstance(name, str):
            raise InputError(f"metrics: a name must be a string, it is {name!r}")
        if not callable(metric):
            raise InputError(f"metrics[{name!r}] must be a function, it is {metric!r}")
        if name in COLUMNS:
            raise InputError(f"metrics: {name!r} is a column of the history; choose another name")
    return dict(metrics)
