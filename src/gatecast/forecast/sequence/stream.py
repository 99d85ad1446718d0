"""One series that grows value by value, forecast at each of them at the same small cost."""

from collections.abc import Sequence

import numpy as np

from gatecast.errors import InputError
from gatecast.forecast.history import Array, History
from gatecast.forecast.sequence.engine import FittedSequence
from gatecast.forecast.sequence.inputs import assemble
from gatecast.forecast.sequence.running import RunningRows


class SequenceStream:
    """A network over whole series that is told one value at a time.

    Parameters
    ----------
    fitted : FittedSequence
    static : sequence of float, optional
    codes : sequence of int, optional
        Numbers and categories of the series, where the network learned from such.

    Examples
    --------
    >>> from gatecast.forecast.history import make_history
    >>> from gatecast.forecast.recipe import Recipe
    >>> from gatecast.forecast.sequence.engine import fit_sequence
    >>> values = 10 + np.sin(np.arange(40.0))
    >>> recipe = Recipe(form="sequence", hidden_size=8, updates=5)
    >>> fitted = fit_sequence(make_history(values), recipe, horizon=2)
    >>> stream = SequenceStream(fitted)
    >>> for value in values:
    ...     forecast = stream.step(value)
    >>> history = make_history(values)
    >>> bool(np.allclose(forecast, fitted.predict(history, history.ends())[0]))
    True
    """

    def __init__(
        self,
        fitted: FittedSequence,
        static: Sequence[float] | None = None,
        codes: Sequence[int] | None = None,
    ) -> None:
        view = fitted.view
        self.fitted = fitted
        self.static = _vector("static", static, len(view.static), np.float64)
        _refuse_missing("static", self.static)
        self.codes = _vector("codes", codes, len(view.code_sizes), np.intp)
        farthest = view.lags + 1
        if view.adjustment.period > 1:
            farthest = max(farthest, 1 - view.adjustment.offset(-view.lags))
        self.running = RunningRows(view.adjustment, farthest + 2 * view.adjustment.period)
        self.state = fitted.net.start(1)

    def step(
        self,
        value: float,
        past: Sequence[float] | None = None,
        future: Array | None = None,
    ) -> Array:
        """One more value, NaN where it is missing; (horizon,) point forecasts from after it.

        Parameters
        ----------
        value : float
        past : sequence of float, optional
            The covariates of this row.
        future : (1 + horizon, F) array, optional
            Those known in advance, of this row and of the steps ahead.
        """
        view = self.fitted.view
        here = _vector("past", past, len(view.past), np.float64)
        known = np.zeros((1 + view.horizon, 0)) if future is None else np.asarray(future, float)
        if known.shape != (1 + view.horizon, len(view.future)):
            raise InputError(
                f"future must have shape {(1 + view.horizon, len(view.future))}: this row's "
                f"covariates and those of {view.horizon} steps ahead; it has {known.shape}"
            )
        _refuse_missing("past", here)
        _refuse_missing("future", known)
        self.running.add(value)
        rows = self.running.rows()
        kept = len(rows.level)
        history = History(
            target=rows.level, offsets=rows.offsets, past=np.tile(here, (kept, 1)),
            future=np.tile(known[0], (kept, 1)), ahead=known[None, 1:], static=self.static[None],
            codes=self.codes[None], code_sizes=view.code_sizes,
        )  # fmt: skip
        last = np.array([kept])
        steps = assemble(history, rows, view, np.zeros(1, np.intp), last - 1, last)
        place = np.zeros(1, np.intp)
        y, self.state = self.fitted.net.outputs_at(steps.x, place, place, None, self.state)
        shown = y.reshape(1, view.horizon, -1).astype(np.float64)
        scale, level = steps.scale[:, 0], steps.level[:, 0]
        found: Array = self.fitted.values(shown, scale, level, steps.pattern[:, 0])[0]
        return found


def _refuse_missing(name: str, values: Array) -> None:
    """A covariate that is missing would be taken for one that is as usual."""
    if np.isnan(values).any():
        raise InputError(
            f"{name} holds NaN, and a network takes every covariate for a real one; give its last "
            "known value"
        )


def _vector(name: str, given: Sequence[float] | None, size: int, dtype: type) -> Array:
    vector: Array = np.asarray([] if given is None else given, dtype)
    if vector.shape != (size,):
        raise InputError(
            f"{name} must be {size} number{'s' * (size != 1)}, for the network learned from so "
            f"many; it has shape {vector.shape}"
        )
    return vector
