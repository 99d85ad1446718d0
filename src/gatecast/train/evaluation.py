"""Loss and metrics of a network on data that it does not learn from."""

import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from gatecast.errors import InputError
from gatecast.kernels.contract import Array
from gatecast.nn.module import Module
from gatecast.train.batches import Data, chunks, real_steps, total_weight

Metrics = Mapping[str, Callable[[Array, Array], float]]
ROWS = 256  # a batch; bounds the memory


def evaluate(
    net: Module,
    loss: Any,
    data: Data,
    *,
    metrics: Metrics,
    batch_size: int = ROWS,
    tbptt: int | None = None,
    carry_state: bool = False,
) -> tuple[float, dict[str, float]]:
    """The mean loss over what counts, and each metric over all that counts.

    Metrics are called with the targets and the point forecasts (``loss.point``), arrays of the
    entries that count.
    """
    total = weight_sum = 0.0
    truths, points = [], []
    for part, prediction in predict(net, data, batch_size, tbptt, carry_state):
        mask = part.mask
        if part.lengths is not None:
            mask = real_steps(net, part.y, part.lengths, mask)
        weight = total_weight(loss, part.y, part.sample_weight, mask)
        if not weight:
            continue
        with np.errstate(over="ignore", invalid="ignore"):  # whoever asks looks at the value
            total += weight * loss(prediction, part.y, part.sample_weight, mask)
        weight_sum += weight
        if metrics:
            point = loss.point(prediction)
            truths.append(part.y if mask is None else part.y[mask])
            points.append(point if mask is None else point[mask])
    found = {}
    if truths:
        truth, point = np.concatenate(truths), np.concatenate(points)
        found = {name: _score(name, metric(truth, point)) for name, metric in metrics.items()}
    return (total / weight_sum if weight_sum else math.nan), found


def _score(name: str, value: Any) -> float:
    """What a metric returned, as a number."""
    try:
        return float(value)
    except (TypeError, ValueError) as error:
        raise InputError(
            f"metrics[{name!r}] must return one number, it returned {value!r:.60}"
        ) from error


def predict(
    net: Module, data: Data, batch_size: int, tbptt: int | None, carry_state: bool
) -> Iterator[tuple[Data, Array]]:
    """Each batch, or chunk of a batch, with its prediction."""
    state: Any = None
    for start in range(0, len(data.x), batch_size):
        batch = data.rows(start, start + batch_size)
        if not carry_state:
            state = None
        for part in [batch] if tbptt is None else chunks(batch, tbptt):
            with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
                prediction, state, _ = net.forward(part.x, state, part.lengths)
            yield part, prediction


def spread(data: Data) -> Data:
    """At most ``ROWS`` rows, evenly spread: what a quick look at the loss takes."""
    return data.pick(np.linspace(0, len(data.x) - 1, min(ROWS, len(data.x))).astype(np.intp))
