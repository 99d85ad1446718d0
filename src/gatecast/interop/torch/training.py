"""A training by PyTorch, with our batches, losses, optimisers and schedules."""

import copy
import math
import time
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch

from gatecast import nn
from gatecast.errors import InputError
from gatecast.kernels.contract import Array
from gatecast.nn.losses import Loss
from gatecast.nn.optimiser_base import Optimiser
from gatecast.nn.schedules import Schedule
from gatecast.train.batches import total_weight
from gatecast.train.events import Divergence, EarlyStop
from gatecast.train.history import Epoch, History

ROWS = 1024  # in a batch of prediction


class Training:
    """One training, epoch by epoch."""

    def __init__(
        self,
        module: Any,
        loss: Loss,
        optimiser: Optimiser,
        schedule: Schedule | None,
        clip_norm: float | None,
        clip_value: float | None,
    ) -> None:
        self.module, self.loss, self.schedule = module, loss, schedule
        self.criterion = _criterion(loss, next(module.parameters()).dtype)
        self.optimiser = _optimiser(optimiser, module)
        self.lr = optimiser.lr
        self.clip_norm, self.clip_value = clip_norm, clip_value

    def run(
        self,
        data: tuple[Any, Any, Any],
        held: Any,
        epochs: int,
        batch_size: int,
        shuffle: bool,
        patience: int | None,
        rng: np.random.Generator,
    ) -> History:
        history, best, waited = History(), math.inf, 0
        kept: Any = None
        for epoch in range(1, epochs + 1):
            before = copy.deepcopy(self.module.state_dict())
            record = self._epoch(epoch, data, held, batch_size, shuffle, rng)
            history.epochs.append(record)
            watched = record.loss if record.val_loss is None else record.val_loss
            if not math.isfinite(watched):
                self.module.load_state_dict(before)
                history.stopped = "diverged"
                history.events.append(
                    Divergence(epoch, 0, f"the loss is {watched}", watched, "-", math.nan, "ours")
                )
                return history
            if watched < best:
                best, waited, history.best_epoch = watched, 0, epoch
                kept = copy.deepcopy(self.module.state_dict())
            else:
                waited += 1
            if self.schedule is not None:
                self.schedule.after_epoch(watched)
            if patience is not None and waited >= patience:
                history.stopped = "early"
                history.events.append(EarlyStop(epoch, history.best_epoch or epoch, patience))
                break
        history.weights_epoch = len(history.epochs)
        if kept is not None and (held is not None or patience is not None):
            self.module.load_state_dict(kept)
            history.weights_epoch = history.best_epoch
        return history

    def _epoch(
        self,
        epoch: int,
        data: tuple[Any, Any, Any],
        held: Any,
        batch_size: int,
        shuffle: bool,
        rng: np.random.Generator,
    ) -> Epoch:
        started, (x, y, counts) = time.perf_counter(), data
        total = weights = norms = largest = 0.0
        self.module.train()
        order = torch.from_numpy(rng.permutation(len(x))) if shuffle else None
        starts = range(0, len(x), batch_size)
        for start in starts:
            rows = slice(start, start + batch_size) if order is None else order[start:][:batch_size]
            target, count = y[rows], None if counts is None else counts[rows]
            value, norm = self._step(x[rows], target, count, rng)
            of_rows = None if count is None else count.numpy()
            weight = total_weight(self.loss, target.numpy(), of_rows, None)
            total, weights = total + value * weight, weights + weight
            norms, largest = norms + norm, max(largest, norm)
            if not math.isfinite(value):
                break
        val_loss = None
        if held is not None:
            self.module.eval()
            with torch.no_grad():
                val_loss = self._mean_loss(*held)
        return Epoch(
            epoch, total / weights, val_loss, self.lr, norms / len(starts), largest,
            time.perf_counter() - started,
        )  # fmt: skip

    def _step(self, x: Any, y: Any, count: Any, rng: np.random.Generator) -> tuple[float, float]:
        """One update; the loss before it, and the norm of the gradients before clipping."""
        parameters = list(self.module.parameters())
        self.optimiser.zero_grad()
        value = self._loss(self.module(x, rng), y, count)
        value.backward()
        limit = math.inf if self.clip_norm is None else self.clip_norm
        norm = torch.nn.utils.clip_grad_norm_(parameters, limit)
        if self.clip_value is not None:
            torch.nn.utils.clip_grad_value_(parameters, self.clip_value)
        if self.schedule is not None:
            self.lr = self.schedule.rate()
            for group in self.optimiser.param_groups:
                group["lr"] = self.lr
        if math.isfinite(loss := value.item()):
            self.optimiser.step()
        if self.schedule is not None:
            self.schedule.after_step()
        return loss, float(norm)

    def _loss(self, outputs: Any, target: Any, count: Any) -> Any:
        """The mean over a batch, in which each row counts as much as it is told to."""
        if count is None:
            return self.criterion(outputs, target)
        each = copy.copy(self.criterion)
        each.reduction = "none"
        losses = each(outputs, target)
        weights = count.to(losses.dtype).reshape(-1, *[1] * (losses.ndim - 1))
        return (losses * weights).sum() / total_weight(
            self.loss, target.numpy(), count.numpy(), None
        )

    def _mean_loss(self, x: Any, y: Any) -> float:
        total = weights = 0.0
        for start in range(0, len(x), ROWS):
            target = y[start : start + ROWS]
            weight = total_weight(self.loss, target.numpy(), None, None)
            value = self.criterion(self.module(x[start : start + ROWS], None), target)
            total, weights = total + value.item() * weight, weights + weight
        return total / weights


def _criterion(loss: Loss, dtype: Any) -> Any:
    """PyTorch's loss of the same settings."""
    if isinstance(loss, nn.MSE):
        return torch.nn.MSELoss()
    if isinstance(loss, nn.MAE):
        return torch.nn.L1Loss()
    if isinstance(loss, nn.Huber):
        return torch.nn.HuberLoss(delta=loss.delta)
    if isinstance(loss, nn.CrossEntropy):
        weights = loss.class_weights
        weights = None if weights is None else torch.tensor(weights, dtype=dtype)
        return torch.nn.CrossEntropyLoss(weights, label_smoothing=loss.label_smoothing)
    raise InputError(f"the PyTorch peer knows no twin of the loss {loss!r}")


def _optimiser(optimiser: Optimiser, module: Any) -> Any:
    """PyTorch's optimiser of the same settings."""
    kind = {
        "SGD": torch.optim.SGD,
        "Adam": torch.optim.Adam,
        "AdamW": torch.optim.AdamW,
        "RMSprop": torch.optim.RMSprop,
    }.get(type(optimiser).__name__)
    if kind is None:
        raise InputError(f"the PyTorch peer knows no twin of the optimiser {optimiser!r}")
    options = {name: getattr(optimiser, name) for name in optimiser._options}
    return kind(module.parameters(), lr=optimiser.lr, **options)


def to_tensor(array: Array) -> Any:
    """A tensor of the same numbers; labels as int64, which is what PyTorch takes."""
    copied = np.ascontiguousarray(array)
    if copied.dtype.kind in "iu":
        copied = copied.astype(np.int64)
    return torch.from_numpy(copied if copied.flags.writeable else copied.copy())


@contextmanager
def limit_threads(count: int | None) -> Any:
    """That many threads within, as many as before after."""
    before = torch.get_num_threads()
    if count is not None:
        torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)
