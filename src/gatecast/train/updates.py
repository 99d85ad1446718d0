"""The updates of a training, one after the other: the hot path of ``fit``."""

import math
from typing import Any

import numpy as np

from gatecast.kernels.contract import Array
from gatecast.nn.clipping import clip_norm as clip_by_norm
from gatecast.nn.clipping import clip_value as clip_by_value
from gatecast.nn.clipping import gradient_norm
from gatecast.train.callbacks import Run
from gatecast.train.divergence import Diverged, Guard, advise, find_layer
from gatecast.train.events import Divergence
from gatecast.train.step import forward
from gatecast.train.vanishing import LOOKS, VanishingWatch


class Updates:
    """Makes updates, guards them, and adds up what the epoch's record needs.

    Attributes
    ----------
    loss_sum, weight_sum : float
        Σ of the batches' losses times what counted in them, and Σ of that.
    norm_sum, norm_max : float
        Gradient norms before clipping.
    count, measured : int
        Updates of the epoch so far, and how many gradient norms are in the sum.
    moving : bool
        Whether an update is under way: an interruption then leaves the weights half moved.
    """

    def __init__(
        self,
        run: Run,
        schedule: Any,
        clip_norm: float | None,
        clip_value: float | None,
        guard: Guard,
        vanishing: VanishingWatch,
    ) -> None:
        self.run, self.schedule, self.guard, self.vanishing = run, schedule, guard, vanishing
        self.clip_norm, self.clip_value = clip_norm, clip_value
        self.moving = False
        self.last_norm = math.nan
        self.begin_epoch(1)

    def begin_epoch(self, expected: int) -> None:
        """Start the sums anew; ``expected`` updates will come."""
        self.loss_sum = self.weight_sum = self.norm_sum = self.norm_max = 0.0
        self.count = self.measured = 0
        self.next_look = 0
        self.look_every = max(1, expected // LOOKS)
        net = self.run.net
        self.flat, self.grads = net.flat, net.flat_grad
        self.all_trained = net.trainable_ranges() == [(0, net.num_parameters)]

    def update(
        self,
        x: Array,
        y: Array,
        lengths: Array | None,
        sample_weight: Array | None,
        mask: Array | None,
        state: Any,
        weight: float,
        *,
        plain: bool = False,
    ) -> Any:
        """Learn from one batch that counts ``weight``; returns the network's final state.

        ``plain`` says that there are neither lengths nor a mask, and that nobody needs the final
        state.
        """
        run, guard = self.run, self.guard
        net, loss = run.net, run.loss
        self.count += 1
        looks = self.count > self.next_look
        saved = needed = value = None
        if plain and not looks:  # a look needs the gradient by the initial state
            value = net.gradients_of(loss, x, y, sample_weight)
        by_program = value is not None
        if value is None:
            value, state, saved, needed = forward(
                net, loss, x, y, lengths, sample_weight, mask, state, run.rng
            )
        self.loss_sum += value * weight
        self.weight_sum += weight
        calm = value <= guard.calm
        if not calm and (cause := guard.exploded(value)):
            raise Diverged(self.divergence(cause, value, saved, needed))
        dstart = None
        if not by_program:
            self.grads.fill(0)
            _, dstart = net.backward(saved, loss.backward(needed), need_dx=False)
        norm = self._measure_and_clip()
        if not norm < math.inf:
            raise Diverged(self.divergence(f"the gradient norm is {norm}", value))
        if looks:
            self.vanishing.look(dstart)
            self.next_look += self.look_every
        if calm:
            guard.streak = 0
            np.copyto(guard.good, self.flat)
        if self.schedule is not None:
            run.optimiser.lr = self.schedule.rate()
        self.moving = True
        run.optimiser.step(net)
        self.moving = False
        if self.schedule is not None:
            self.schedule.after_step()
        return state

    def _measure_and_clip(self) -> float:
        """The gradients' norm before they are clipped."""
        net, limit = self.run.net, self.clip_norm
        norm = math.sqrt(self.grads.dot(self.grads)) if self.all_trained else 0.0
        if not 1e-15 < norm < math.inf:  # squares over- or underflow, or parts are frozen
            norm = gradient_norm(net)
        self.last_norm = norm
        self.norm_sum += norm
        self.measured += 1
        if norm > self.norm_max:
            self.norm_max = norm
        if limit is not None and norm + 1e-6 > limit:
            clip_by_norm(net, limit)
        if self.clip_value is not None:
            clip_by_value(net, self.clip_value)
        return norm

    def divergence(
        self, cause: str, value: float, saved: Any = None, needed: Any = None
    ) -> Divergence:
        """The event, told by the gradients of the update that led here.

        They are still there, since a bad loss is seen before the gradients are cleared.  Where
        there was no update yet, the bad batch's own are computed.
        """
        run = self.run
        if math.isnan(self.last_norm) and saved is not None:
            run.net.zero_grad()
            run.net.backward(saved, run.loss.backward(needed), need_dx=False)
            self.last_norm = gradient_norm(run.net)
        return Divergence(
            run.epoch,
            self.count,
            cause,
            value,
            find_layer(run.net),
            self.last_norm,
            advise(run.net, run.optimiser, self.clip_norm),
        )
