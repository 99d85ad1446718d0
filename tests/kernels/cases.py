"""The grid of cells and options that the kernels' tests run over, and small arrays for it."""

from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np

from gatecast import kernels
from gatecast.kernels.contract import NO_MASKS, Array, Masks, Weights

T, B, I, H, P = 4, 3, 2, 3, 2
RAGGED = np.array([4, 0, 2])


@dataclass(frozen=True)
class Case:
    """One cell with its options; ``options`` are names, ``extended`` says which kernel runs."""

    cell: str
    form: tuple[tuple[str, Any], ...] = ()
    options: tuple[str, ...] = ()
    extended: bool = False

    def __str__(self) -> str:
        form = [f"{name}={value}" for name, value in self.form]
        return "-".join([self.cell + ("_extended" if self.extended else ""), *form, *self.options])

    @property
    def coupled(self) -> bool:
        return "coupled" in self.options

    @property
    def gates(self) -> int:
        return {"rnn": 1, "gru": 3, "lstm": 3 if self.coupled else 4}[self.cell]

    @property
    def fed_back(self) -> int:
        return P if "projection" in self.options else H

    @property
    def keywords(self) -> dict[str, Any]:
        return dict(self.form) | ({"coupled": True} if self.coupled else {})

    def weights(self, rng: np.random.Generator, dtype: Any = np.float64) -> Weights:
        def draw(*shape: int) -> Array:
            return (rng.normal(size=shape) * 0.5).astype(dtype)

        rows = self.gates * H
        found = {"weight_ih": draw(rows, I), "weight_hh": draw(rows, self.fed_back)}
        if "no_bias" not in self.options:
            found |= {"bias_ih": draw(rows), "bias_hh": draw(rows)}
        if "projection" in self.options:
            found["weight_hr"] = draw(P, H)
        if "peepholes" in self.options:
            found["peephole"] = draw((self.gates - 1) * H)
        if "layer_norm" in self.options:
            found |= {"norm_ih": 1 + draw(rows), "norm_hh": 1 + draw(rows)}
            if self.cell == "lstm":
                found |= {"norm_cell": 1 + draw(H), "norm_cell_bias": draw(H)}
        return Weights(**found)

    def masks(self, rng: np.random.Generator, batch: int = B, dtype: Any = np.float64) -> Masks:
        """Dropout draws zeros and twos; zoneout any share, so that both of its uses are met."""
        masks = NO_MASKS
        if "recurrent_dropout" in self.options:
            drawn = 2 * rng.integers(0, 2, (batch, self.fed_back))
            masks = masks._replace(recurrent=drawn.astype(dtype))
        if "zoneout" in self.options:
            masks = masks._replace(zoneout_h=rng.random((T, batch, self.fed_back)).astype(dtype))
            if self.cell == "lstm":
                masks = masks._replace(zoneout_c=rng.random((T, batch, H)).astype(dtype))
        return masks

    def states(
        self, rng: np.random.Generator, batch: int = B, dtype: Any = np.float64
    ) -> list[Array]:
        sizes = [self.fed_back, H] if self.cell == "lstm" else [self.fed_back]
        return [rng.normal(size=(batch, size)).astype(dtype) for size in sizes]

    def forward(
        self,
        x: Array,
        states: list[Array],
        weights: Weights,
        masks: Masks = NO_MASKS,
        *,
        lengths: Array | None = None,
        reverse: bool = False,
    ) -> tuple[Any, ...]:
        """Outputs, states, saved, by the kernels that are active."""
        if self.extended:
            run = getattr(kernels.active(), f"{self.cell}_extended_forward")
            return run(
                x, *states, weights, masks, lengths=lengths, reverse=reverse, **self.keywords
            )
        run = getattr(kernels.active(), f"{self.cell}_forward")
        return run(x, *states, *weights[:4], lengths=lengths, reverse=reverse, **self.keywords)

    def backward(self, saved: Any, *derivatives: Array | None, **keywords: Any) -> tuple[Any, ...]:
        """dx, dstates, dweights, by the kernels that are active."""
        name = f"{self.cell}_extended_backward" if self.extended else f"{self.cell}_backward"
        return getattr(kernels.active(), name)(saved, *derivatives, **keywords)


FORMS: dict[str, list[tuple[tuple[str, Any], ...]]] = {
    "rnn": [(("nonlinearity", "tanh"),), (("nonlinearity", "relu"),)],
    "gru": [(("reset_after", True),), (("reset_after", False),)],
    "lstm": [()],
}
OPTIONS = {
    "rnn": ("no_bias", "layer_norm", "recurrent_dropout", "zoneout"),
    "gru": ("no_bias", "layer_norm", "recurrent_dropout", "zoneout"),
    "lstm": (
        *("no_bias", "layer_norm", "recurrent_dropout", "zoneout"),
        *("peepholes", "projection", "coupled"),
    ),
}

PLAIN = [
    Case(cell, form, options)
    for cell, forms in FORMS.items()
    for form in forms
    for options in [(), ("no_bias",)]
]
SINGLES = [
    Case(cell, form, options, extended=True)
    for cell, forms in FORMS.items()
    for form in forms
    for options in [(), *((option,) for option in OPTIONS[cell])]
]
PAIRS = [
    Case(cell, form, options, extended=True)
    for cell, forms in FORMS.items()
    for form in forms
    for options in combinations(OPTIONS[cell], 2)
]
ALL_ON = [
    Case(cell, form, OPTIONS[cell][1:], extended=True)
    for cell, forms in FORMS.items()
    for form in forms
]
EVERY = [*PLAIN, *SINGLES, *PAIRS, *ALL_ON]
FEW = [case for case in PLAIN if not case.options] + ALL_ON


def arrays_of(result: tuple[Any, ...]) -> list[Array]:
    """All arrays of a backward pass: dx, dstates, and the weights' gradients, Nones left out."""
    *parts, dweights = result
    return [a for a in [*parts, *dweights] if a is not None]
