"""The gradient check: our backward pass against finite differences, for any network."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from gatecast.errors import InputError
from gatecast.kernels.contract import Array
from gatecast.nn.module import Module
from gatecast.nn.validation import check_size


@dataclass(frozen=True)
class GradientReport:
    """What the check found, one line a parameter.

    Attributes
    ----------
    errors : dict
        Name -> largest difference to the finite difference, relative to the array's gradient.
    tolerance : float
    """

    errors: dict[str, float] = field(default_factory=dict)
    tolerance: float = 1e-6

    @property
    def ok(self) -> bool:
        """Whether every array is within the tolerance."""
        return all(error <= self.tolerance for error in self.errors.values())

    @property
    def worst(self) -> tuple[str, float]:
        """The array with the largest error."""
        return max(self.errors.items(), key=lambda item: item[1])

    def __str__(self) -> str:
        width = max(len(name) for name in self.errors)
        lines = [
            f"{name:{width}}  {error:8.1e}  {'ok' if error <= self.tolerance else 'WRONG'}"
            for name, error in self.errors.items()
        ]
        verdict = "all gradients agree" if self.ok else f"{self.worst[0]} does not agree"
        return "\n".join([*lines, f"{verdict} (tolerance {self.tolerance:.0e})"])


def check_gradients(
    net: Module,
    x: Array,
    target: Array | None = None,
    loss: Any = None,
    *,
    lengths: Array | None = None,
    state: Any = None,
    training: bool = True,
    samples: int | None = 40,
    epsilon: float = 1e-5,
    tolerance: float = 1e-6,
    seed: int = 0,
) -> GradientReport:
    """Compare the backward pass with central differences, in float64 on a copy of the network.

    Parameters
    ----------
    net : Module
        Of either dtype; it is not changed.
    x : array
        Inputs of the network.
    target, loss : optional
        With both, the loss is differentiated; without, a random weighting of all outputs and of
        the final state.
    lengths, state : optional
        As for ``net.run``.
    training : bool
        Dropout on, with the same masks in every evaluation.
    samples : int or None
        Entries of each array that are compared, drawn at random; None compares all.
    epsilon : float
        Half the distance of the two evaluations.  Where they do not agree with the backward pass
        a tenth of it is tried too: layer norm can curve too strongly for the first.
    tolerance : float
        What counts as agreement.
    seed : int

    Returns
    -------
    GradientReport

    Examples
    --------
    >>> import numpy as np
    >>> from gatecast import nn
    >>> net = nn.Sequential(nn.LSTM(3, 5), nn.Last(), nn.Linear(5, 1))
    >>> nn.check_gradients(net, np.random.default_rng(0).normal(size=(2, 4, 3))).ok
    True
    """
    if (loss is None) != (target is None):
        raise InputError("loss and target come together: give both or neither")
    if samples is not None:
        check_size("samples", samples)
    net = net.astype(np.float64)
    arrays = {"x": np.array(x, np.float64)}
    parts = [] if state is None else _leaves(state)
    arrays |= {f"state {i}": np.array(part, np.float64) for i, part in enumerate(parts)}
    given = None if state is None else _rebuild(state, iter(list(arrays.values())[1:]))
    if target is not None and np.asarray(target).dtype.kind == "f":
        target = np.array(target, np.float64)
    weighting = np.random.default_rng([seed, 1])
    weights: list[Array] = []

    def outputs() -> tuple[Array, Any, Any]:
        rng = np.random.default_rng(seed)
        if net.uses_target and target is not None:
            return net.forward(arrays["x"], given, lengths, training, rng, target=target)  # type: ignore[call-arg]
        return net.forward(arrays["x"], given, lengths, training, rng)

    def objective() -> float:
        y, final, _ = outputs()
        if loss is not None:
            return float(loss.forward(y, target)[0])
        return float(sum(np.sum(w * a) for w, a in zip(weights, [y, *_leaves(final)], strict=True)))

    y, final, saved = outputs()
    net.zero_grad()
    if loss is not None:
        dx, dstate = net.backward(saved, loss.backward(loss.forward(y, target)[1]))
    else:
        weights.extend(weighting.normal(size=a.shape) for a in [y, *_leaves(final)])
        dx, dstate = net.backward(saved, weights[0], _rebuild(final, iter(weights[1:])))

    dparts = [None] * len(parts) if dstate is None else _leaves(dstate)
    if state is not None and len(dparts) != len(parts):
        raise InputError(
            f"backward gave {len(dparts)} arrays for the initial state, which has {len(parts)}"
        )
    analytic = {"x": dx} | {f"state {i}": dparts[i] for i in range(len(parts))}
    analytic |= net.gradients()
    arrays |= net.state_dict()
    scale = max(float(np.abs(g).max(initial=0)) for g in analytic.values() if g is not None)
    errors = {}
    for name, gradient in analytic.items():
        picked = _pick(arrays[name].size, samples, weighting)
        error = np.inf
        for distance in (epsilon, epsilon / 10):
            if not error <= tolerance:
                numeric = _differences(arrays[name], picked, objective, distance)
                error = min(error, _error(gradient, arrays[name], picked, numeric, 1e-3 * scale))
        errors[name] = error
    return GradientReport(errors, tolerance)


def _error(
    gradient: Array | None, array: Array, picked: Array, numeric: Array, floor: float
) -> float:
    """Of the picked entries; a gradient that is None says that nothing flows there."""
    if gradient is not None and gradient.shape != array.shape:
        return np.inf
    found = np.zeros(len(picked)) if gradient is None else gradient.reshape(-1)[picked]
    error = _distance(numeric, found, floor)
    return np.inf if np.isnan(error) else error


def _distance(numeric: Array, found: Array, floor: float) -> float:
    """Largest difference, relative to the largest entry (at least ``floor``)."""
    size = max(float(np.abs(numeric).max(initial=0)), float(np.abs(found).max(initial=0)))
    return float(np.abs(numeric - found).max(initial=0)) / max(size, floor, 1e-12)


def _pick(size: int, samples: int | None, rng: np.random.Generator) -> Array:
    if samples is None or size <= samples:
        return np.arange(size)
    return rng.choice(size, samples, replace=False)


def _differences(array: Array, picked: Array, objective: Any, epsilon: float) -> Array:
    """Central differences of the objective by the picked entries."""
    flat = array.reshape(-1)  # a view: the arrays here are contiguous
    numeric = np.empty(len(picked))
    for i, entry in enumerate(picked):
        before = flat[entry]
        flat[entry] = before + epsilon
        above = objective()
        flat[entry] = before - epsilon
        numeric[i] = (above - objective()) / (2 * epsilon)
        flat[entry] = before
    return numeric


def _leaves(state: Any) -> list[Array]:
    """The arrays in a (nested) state, in order."""
    if state is None:
        return []
    if isinstance(state, tuple | list):
        return [leaf for part in state for leaf in _leaves(part)]
    return [state]


def _rebuild(state: Any, leaves: Any) -> Any:
    """A state of the same structure with other arrays."""
    if state is None:
        return None
    if isinstance(state, tuple | list):
        return tuple(_rebuild(part, leaves) for part in state)
    return next(leaves)
