"""One value after the other, at the same small cost however long the series has become."""

from typing import Self

import numpy as np

from gatecast.forecast.advancing import forecast_far
from gatecast.forecast.ahead import look_ahead
from gatecast.forecast.history import Array
from gatecast.forecast.model import Model
from gatecast.forecast.networks import NetworkModel
from gatecast.forecast.reading import Known
from gatecast.forecast.sequence import SequenceStream
from gatecast.forecast.sequence.member import Member as SequenceMember


class Stream:
    """Networks over whole series that carry their states from value to value.

    Parameters
    ----------
    model : NetworkModel
        Of the form ``sequence``.
    known : Known
        The only series, which the networks run through once.

    Attributes
    ----------
    rows : int
        How many values it has been told.
    """

    def __init__(self, model: NetworkModel, known: Known) -> None:
        history = known.history
        self.model, self.horizon = model, model.horizon_
        self.streams = [
            SequenceStream(member.fitted, history.static[0], history.codes[0])
            for member in model.members_
            if isinstance(member, SequenceMember)
        ]
        self.rows = 0
        rows = look_ahead(known, self.horizon)
        waves = np.concatenate([rows.future, rows.ahead[0]])
        for row, value in enumerate(history.target):
            self._advance(float(value), waves[row : row + 1 + self.horizon])

    @classmethod
    def of(cls, model: Model, known: Known) -> Self | None:
        """A stream of this model, or None where it has no state to carry."""
        if not isinstance(model, NetworkModel) or model.recipe.form != "sequence":
            return None
        return cls(model, known)

    def step(self, value: float, known: Known) -> Array:
        """(horizon,): forecasts after one more value; ``known`` has it as its last."""
        history = look_ahead(known, self.horizon)
        waves = np.concatenate([history.future[-1:], history.ahead[0]])
        found = self.model._combine([p[None] for p in self._advance(value, waves)])
        return np.asarray(history.floored(found, history.ends())[0])

    def _advance(self, value: float, waves: Array) -> list[Array]:
        self.rows += 1
        return [stream.step(value, future=waves) for stream in self.streams]


def forecast_next(stream: Stream | None, model: Model, known: Known, value: float) -> Array:
    """(horizon,): forecasts after the last value, by a stream that has the ones before or anew."""
    if stream is not None:
        return stream.step(value, known)
    found: Array = forecast_far(model, look_ahead(known, model.horizon_), model.horizon_)[0]
    return found
