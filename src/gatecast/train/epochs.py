"""The epochs of one training: batches, validation, the end in all its kinds."""

import logging
import math
import time
from collections.abc import Sequence

import numpy as np

from gatecast.errors import DivergenceError
from gatecast.kernels.contract import Array
from gatecast.nn.plateau import ReduceOnPlateau
from gatecast.nn.schedules import Schedule
from gatecast.nn.warm_up import WarmUp
from gatecast.train.batches import Data, chunks, gatherer, real_steps, total_weight
from gatecast.train.best import Best
from gatecast.train.callbacks import Callback, Run
from gatecast.train.checks import loss_of_zero
from gatecast.train.divergence import Diverged, Guard
from gatecast.train.evaluation import ROWS, Metrics, evaluate, spread
from gatecast.train.events import (
    Divergence,
    EarlyStop,
    Event,
    Interrupted,
    RateDrop,
    VanishingGradient,
)
from gatecast.train.history import Epoch, History
from gatecast.train.options import Options
from gatecast.train.progress import describe, make_progress
from gatecast.train.updates import Updates
from gatecast.train.vanishing import VanishingWatch

logger = logging.getLogger("gatecast.train")
logger.addHandler(logging.NullHandler())


class Epochs:
    """One training, from its first look at the loss to the weights it ends with."""

    def __init__(
        self,
        run: Run,
        options: Options,
        data: Data,
        held: Data | None,
        prediction: Array,
        metrics: Metrics,
        schedule: Schedule | None,
        callbacks: Sequence[Callback],
        progress: bool | None,
    ) -> None:
        self.run, self.options, self.data, self.held = run, options, data, held
        self.metrics, self.schedule, self.callbacks = metrics, schedule, callbacks
        self.sample = spread(data)
        self.untrained = untrained = self._loss_of_sample()  # NaN where nothing counts in it
        reference = float(np.fmax(abs(untrained), abs(loss_of_zero(run.loss, data, prediction))))
        self.guard = Guard(run.net, reference, untrained)
        self.vanishing = VanishingWatch(run.net, untrained)
        self.updates = Updates(
            run, schedule, options.clip_norm, options.clip_value, self.guard, self.vanishing
        )
        self.best = Best(options.patience, options.min_delta, options.restore_best)
        self.progress = make_progress(progress, options.epochs, len(data.x))
        self.watched = bool(callbacks) or self.progress.every_batch
        self.per_epoch = options.updates_per_epoch(data)
        self.base_lr = run.optimiser.lr
        self.started = time.perf_counter()

    def train(self) -> History:
        """Run to the end, whatever it is."""
        run, history = self.run, self.run.history
        diverged: Divergence | None = None
        try:
            self._all_epochs()
            diverged = self._last_look()
        except KeyboardInterrupt:
            self._interrupted()
        except Diverged as signal:
            diverged = signal.event
            self._record(run.epoch, None, {}, complete=False)
        finally:
            self.progress.stop()
            if self.schedule is not None:
                run.optimiser.lr = self.base_lr
        if diverged is not None:
            history.stopped = "diverged"
            self._tell(diverged)
        self._place_weights()
        self._call("on_fit_end")
        if diverged is not None and self.options.on_divergence == "raise":
            error = DivergenceError(str(diverged))
            error.event, error.history = diverged, history
            raise error
        return history

    def _all_epochs(self) -> None:
        run, options = self.run, self.options
        if self.schedule is not None:
            total = options.epochs * self.per_epoch
            self.schedule.begin(self.base_lr, total, self.per_epoch)
        self.progress.start()
        self._call("on_fit_start")
        for epoch in range(1, options.epochs + 1):
            if run.stopping:
                break
            run.epoch, run.batch = epoch, 0
            self._one_epoch(epoch)
        if run.stopping:
            run.history.stopped = "early"

    def _one_epoch(self, epoch: int) -> None:
        run = self.run
        self.started = time.perf_counter()
        self.updates.begin_epoch(self.per_epoch)
        self._call("on_epoch_start")
        order = run.rng.permutation(len(self.data.x)) if self.options.shuffle else None
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):  # the guard looks
            self._batches(order)
        run.batch = self.updates.count
        if run.stopping and self.updates.count < self.per_epoch:
            self._record(epoch, None, {}, complete=False)
            return
        val_loss, metrics = self._validate()
        record = self._record(epoch, val_loss, metrics)
        watched = record.loss if val_loss is None else val_loss
        self.guard.end_epoch(record.loss)
        if self.best.end_epoch(epoch, watched, run.net):
            assert self.best.epoch is not None and self.best.patience is not None
            run.stopping = True
            self._tell(EarlyStop(epoch, self.best.epoch, self.best.patience))
        run.history.best_epoch = self.best.epoch
        for event in self.vanishing.end_epoch(epoch, record.loss):
            self._tell(event)
        self._end_of_schedule(epoch, watched)
        self.progress.end_epoch(record)
        self._call("on_epoch_end")

    # -- batches ------------------------------------------------------------------------------

    def _batches(self, order: Array | None) -> None:
        """One pass over the rows: slices of the data, or copies in the order that was drawn."""
        run, data, updates = self.run, self.data, self.updates
        size, carry, watched = self.options.batch_size, self.options.carry_state, self.watched
        total, update = run.loss.total_weight, updates.update
        x, y = data.x, data.y
        plain = self.options.tbptt is None and all(array is None for array in data[2:])
        pick_x, pick_y = gatherer(x), gatherer(y)
        alone = plain and not carry
        state = None
        for start in range(0, len(x), size):
            if not carry:
                state = None
            if not plain:
                state = self._parts(data, order, start, state)
            elif order is None:
                stop = start + size
                rows = y[start:stop]
                batch = x[start:stop]
                state = update(batch, rows, None, None, None, state, total(rows), plain=alone)
            else:
                picked = order[start : start + size]
                rows = pick_y(picked)
                batch = pick_x(picked)
                state = update(batch, rows, None, None, None, state, total(rows), plain=alone)
            if watched:
                self._after_batch(plain)
                if run.stopping:
                    break

    def _parts(self, data: Data, order: Array | None, start: int, state: object) -> object:
        """A batch with lengths, weights or a mask, in chunks of time where that is asked for."""
        run, stop = self.run, start + self.options.batch_size
        batch = data.rows(start, stop) if order is None else data.pick(order[start:stop])
        tbptt = self.options.tbptt
        alone = tbptt is None and not self.options.carry_state
        for part in [batch] if tbptt is None else chunks(batch, tbptt):
            mask = part.mask
            if part.lengths is not None:
                mask = real_steps(run.net, part.y, part.lengths, mask)
            weight = total_weight(run.loss, part.y, part.sample_weight, mask)
            if not weight:  # nothing to learn from, but the state goes on
                state = run.net.forward(part.x, state, part.lengths, True, run.rng)[1]
                continue
            plain = alone and part.lengths is None and mask is None
            state = self.updates.update(*part[:4], mask, state, weight, plain=plain)
            if self.watched:
                self._after_update()
                if run.stopping:
                    break
        return state

    def _after_batch(self, plain: bool) -> None:
        if plain:
            self._after_update()
        self.progress.advance(self.options.batch_size)

    def _after_update(self) -> None:
        self.run.batch = self.updates.count
        self._call("on_batch_end")

    # -- the end of an epoch ------------------------------------------------------------------

    def _validate(self) -> tuple[float | None, dict[str, float]]:
        """Loss of the held-out rows, and metrics."""
        options, held = self.options, self.held
        if held is None and not self.metrics:
            return None, {}
        value, metrics = evaluate(
            self.run.net,
            self.run.loss,
            self.data if held is None else held,
            metrics=self.metrics,
            batch_size=options.batch_size if options.carry_state else ROWS,
            tbptt=options.tbptt,
            carry_state=options.carry_state,
        )
        if held is None:
            return None, metrics
        if not math.isfinite(value):
            raise Diverged(self.updates.divergence(f"the validation loss is {value}", value))
        return value, metrics

    def _record(
        self, epoch: int, val_loss: float | None, metrics: dict[str, float], complete: bool = True
    ) -> Epoch:
        updates, measured = self.updates, self.updates.measured
        record = Epoch(
            epoch,
            updates.loss_sum / updates.weight_sum if updates.weight_sum else math.nan,
            val_loss,
            self.run.optimiser.lr,
            updates.norm_sum / measured if measured else math.nan,
            updates.norm_max if measured else math.nan,
            time.perf_counter() - self.started,
            metrics,
            complete,
        )
        self.run.history.epochs.append(record)
        if logger.isEnabledFor(logging.INFO):
            logger.info("epoch %d: %s", epoch, describe(record, len(self.data.x)))
        return record

    def _end_of_schedule(self, epoch: int, watched: float) -> None:
        schedule = self.schedule
        if schedule is None:
            return
        before = schedule.rate()
        schedule.after_epoch(watched)
        inner = schedule.after if isinstance(schedule, WarmUp) else schedule
        if isinstance(inner, ReduceOnPlateau) and schedule.rate() < before:
            self._tell(RateDrop(epoch, before, schedule.rate()))

    # -- the end of the training --------------------------------------------------------------

    def _loss_of_sample(self) -> float:
        """Loss on rows spread over the data."""
        run = self.run
        return evaluate(run.net, run.loss, self.sample, metrics={}, tbptt=self.options.tbptt)[0]

    def _last_look(self) -> Divergence | None:
        """Look at what the last update did, which no batch after it has seen."""
        value = self._loss_of_sample()
        if value <= self.guard.limit or math.isnan(self.untrained):
            return None
        return self.updates.divergence(f"after the last update the loss is {value:.3g}", value)

    def _interrupted(self) -> None:
        run, updates = self.run, self.updates
        unfinished = not run.history.epochs or run.history.epochs[-1].epoch != run.epoch
        if unfinished and updates.count:
            self._record(run.epoch, None, {}, complete=False)
        run.history.stopped = "interrupted"
        self._tell(Interrupted(run.epoch, updates.count))

    def _place_weights(self) -> None:
        """Leave the network with the weights that it is to end with."""
        run, history, options = self.run, self.run.history, self.options
        if history.stopped == "diverged":
            self.guard.restore(run.net)
            return
        interrupted = history.stopped == "interrupted"
        judged = self.held is not None or options.patience is not None
        if (judged or interrupted) and self.best.restore(run.net):
            history.weights_epoch = self.best.epoch
        elif self.updates.moving:
            self.guard.restore(run.net)  # half an update has been made
        elif history.epochs and history.epochs[-1].complete:
            history.weights_epoch = history.epochs[-1].epoch

    def _call(self, hook: str) -> None:
        for callback in self.callbacks:
            getattr(callback, hook)(self.run)

    def _tell(self, event: Event) -> None:
        self.run.history.events.append(event)
        serious = isinstance(event, Divergence | VanishingGradient)
        logger.log(logging.WARNING if serious else logging.INFO, "%s", event)
