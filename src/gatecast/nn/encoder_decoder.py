"""Sequence to sequence: an encoder reads, a decoder writes, each output fed back as an input."""

from typing import Any, NamedTuple

import numpy as np

from gatecast.errors import InputError
from gatecast.kernels.contract import Array
from gatecast.nn.module import Module
from gatecast.nn.recurrent import Recurrent
from gatecast.nn.validation import (
    as_lengths,
    check_choice,
    check_float_array,
    check_generator,
    check_sequences,
    check_size,
)


class EncoderDecoderSaved(NamedTuple):
    """What :class:`EncoderDecoder` needs on the way back."""

    encoder: Any
    steps: list[tuple[Any, Any, bool]]  # decoder's, head's, was the next input the truth?
    shape: tuple[int, ...]
    lengths: Array | None


class EncoderDecoder(Module):
    """Read a sequence into a state, then write ``steps`` outputs one after the other.

    Each output is the decoder's next input.  With teacher forcing, the true value takes its place
    in training with the probability ``teacher_forcing``, drawn anew for each step.

    Parameters
    ----------
    encoder, decoder : Recurrent
        Of the same cell, layers and sizes: the encoder's final state starts the decoder.
    head : Module
        The decoder's outputs (B, H) to values (B, O); O is the decoder's ``input_size``.
    steps : int
        How many outputs are written.
    first : {"zeros", "last"}
        The decoder's first input: zeros, or the first O features of the last real input.
    teacher_forcing : float
        In [0, 1].

    Examples
    --------
    >>> import numpy as np
    >>> from gatecast import nn
    >>> net = nn.EncoderDecoder(nn.GRU(3, 16), nn.GRU(1, 16), nn.Linear(16, 1), steps=10)
    >>> net(np.zeros((5, 50, 3), np.float32)).shape
    (5, 10, 1)
    """

    uses_target = True

    def __init__(
        self,
        encoder: Recurrent,
        decoder: Recurrent,
        head: Module,
        *,
        steps: int,
        first: str = "zeros",
        teacher_forcing: float = 0.0,
        dtype: Any = None,
        seed: int | np.random.Generator | None = None,
    ) -> None:
        _check_pair(encoder, decoder)
        super().__init__(encoder.dtype if dtype is None else dtype)
        self.steps = check_size("steps", steps)
        self.first = check_choice("first", first, ("zeros", "last"))
        if not isinstance(teacher_forcing, int | float) or not 0 <= teacher_forcing <= 1:
            raise InputError(f"teacher_forcing must lie in [0, 1], it is {teacher_forcing!r}")
        self.teacher_forcing = float(teacher_forcing)
        if first == "last" and decoder.input_size > encoder.input_size:
            raise InputError(
                f'first="last" takes the first {decoder.input_size} features of the inputs, which '
                f'have {encoder.input_size}; use first="zeros"'
            )
        if not isinstance(head, Module):
            raise InputError(f"head must be a module, it is a {type(head).__name__}")
        for name, part in (("encoder", encoder), ("decoder", decoder), ("head", head)):
            self._check_module(name, part)  # all before the first is taken
        _check_head(head, decoder)
        self.encoder, self.decoder, self.head = encoder, decoder, head
        if seed is not None:
            self.initialise(seed)
        self._sealed()

    def forward(
        self,
        x: Array,
        state: Any = None,
        lengths: Array | None = None,
        training: bool = False,
        rng: np.random.Generator | None = None,
        target: Array | None = None,
    ) -> tuple[Array, Any, EncoderDecoderSaved]:
        """x (B, T, I) -> y (B, steps, O), the decoder's final state, saved.

        ``target`` (B, steps, O) is what teacher forcing feeds in training.
        """
        x = check_sequences("x", x, self.dtype, self.encoder.input_size)
        lengths = as_lengths(lengths, x.shape[1], x.shape[0])
        if training and self.teacher_forcing and target is not None:
            self._check_target(target, len(x))
            rng = check_generator(rng, "teacher forcing draws")
        _, state, encoded = self.encoder.forward(x, state, lengths, training, rng)
        token = self._first_input(x, lengths)
        outputs, saved = [], []
        for t in range(self.steps):
            y, state, decoded = self.decoder.forward(token[:, None], state, None, training, rng)
            value, _, headed = self.head.forward(y[:, 0], None, None, training, rng)
            forced = False
            if training and self.teacher_forcing and target is not None:
                assert rng is not None  # checked above
                forced = rng.random() < self.teacher_forcing
            token = target[:, t] if forced and target is not None else value
            outputs.append(value)
            saved.append((decoded, headed, forced))
        return (
            np.stack(outputs, axis=1),
            state,
            EncoderDecoderSaved(encoded, saved, x.shape, lengths),
        )

    def _check_target(self, target: Any, batch: int) -> None:
        check_float_array("target", target, self.dtype)
        wanted = (batch, self.steps, self.decoder.input_size)
        if target.shape != wanted:
            raise InputError(f"target must have shape {wanted}, it has {target.shape}")

    def _first_input(self, x: Array, lengths: Array | None) -> Array:
        size = self.decoder.input_size
        if self.first == "zeros":
            return np.zeros((len(x), size), self.dtype)
        if lengths is None:
            return x[:, -1, :size]
        last = x[np.arange(len(x)), np.maximum(lengths - 1, 0), :size]
        last[lengths == 0] = 0
        return last

    def backward(
        self,
        saved: EncoderDecoderSaved,
        dy: Array | None,
        dstate: Any = None,
        *,
        need_dx: bool = True,
    ) -> tuple[Array | None, Any]:
        """Through the fed-back outputs, the decoder's state and the encoder."""
        dtoken: Array | None = None
        for t in reversed(range(self.steps)):
            decoded, headed, forced = saved.steps[t]
            dvalue = None if dy is None else dy[:, t]
            if dtoken is not None and not forced:
                dvalue = dtoken if dvalue is None else dvalue + dtoken
            dhidden = None
            if dvalue is not None:
                dhidden, _ = self.head.backward(headed, dvalue)
                dhidden = None if dhidden is None else dhidden[:, None]
            dinput, dstate = self.decoder.backward(decoded, dhidden, dstate)
            dtoken = None if dinput is None else dinput[:, 0]
        dx, dstate = self.encoder.backward(saved.encoder, None, dstate, need_dx=need_dx)
        if not need_dx:
            return None, dstate
        total = np.zeros(saved.shape, self.dtype) if dx is None else np.array(dx)
        if self.first == "last" and dtoken is not None:
            rows = np.arange(len(total))
            last = np.full(len(total), saved.shape[1]) if saved.lengths is None else saved.lengths
            real = rows[last > 0]
            total[real, last[real] - 1, : dtoken.shape[1]] += dtoken[real]
        return total, dstate

    def lengths_after(self, lengths: Array) -> Array | None:
        """None: every row has ``steps`` outputs."""
        return None

    def start(self, batch: int = 1) -> Any:
        """Refused: the outputs begin when the inputs have ended."""
        raise InputError("an encoder-decoder cannot be stepped; step its encoder and decoder")

    def step(self, x: Array, state: Any) -> tuple[Array, Any]:
        """Refused: the outputs begin when the inputs have ended."""
        return self.start()  # type: ignore[no-any-return]


def _check_pair(encoder: Any, decoder: Any) -> None:
    """Refuse an encoder and a decoder that do not fit."""
    for name, part in (("encoder", encoder), ("decoder", decoder)):
        if not isinstance(part, Recurrent):
            raise InputError(
                f"{name} must be nn.RNN, nn.GRU or nn.LSTM, it is a {type(part).__name__}"
            )
    if encoder is decoder:
        raise InputError("the encoder and the decoder must be two layers, they are the same one")
    if decoder.bidirectional:
        raise InputError("the decoder cannot be bidirectional: it writes step by step")
    if decoder.recurrent_dropout:
        raise InputError(
            "the decoder cannot have recurrent_dropout: it runs step by step and would draw a new "
            "mask for each; use dropout or zoneout"
        )
    same = type(encoder) is type(decoder) and encoder.num_layers == decoder.num_layers
    if not same or encoder._state_shapes(1) != decoder._state_shapes(1):
        raise InputError(
            f"the encoder ({type(encoder).__name__}({encoder.describe()})) and the decoder "
            f"({type(decoder).__name__}({decoder.describe()})) must have the same cell, layers, "
            "directions and sizes: the encoder's final state starts the decoder"
        )


def _check_head(head: Module, decoder: Recurrent) -> None:
    """Refuse a head whose outputs cannot be the decoder's next inputs."""
    outputs = head.forward(np.zeros((1, decoder.output_size), decoder.dtype))[0].shape
    if outputs != (1, decoder.input_size):
        raise InputError(
            f"the head gives {outputs[-1]} values a step and the decoder takes "
            f"{decoder.input_size}; they must be the same, an output is the next input"
        )
