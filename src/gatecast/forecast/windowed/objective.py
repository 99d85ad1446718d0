"""What a network is trained for: the recipe's loss, of outputs in the units that it needs."""

import numpy as np

from gatecast.forecast.distribution import PERCENTAGES, make_loss
from gatecast.forecast.history import Array
from gatecast.forecast.recipe import Recipe
from gatecast.forecast.windowed.windows import Frame


class Objective:
    """The loss of a batch and its gradient by the outputs.

    Percentages are of the values themselves, every other loss is of what the network writes, in
    units of the window's scale.

    Parameters
    ----------
    recipe : Recipe
    logs : bool
    horizon : int
    """

    def __init__(self, recipe: Recipe, logs: bool, horizon: int) -> None:
        self.loss = make_loss(recipe, logs)
        self.logs, self.percentage = logs, recipe.loss in PERCENTAGES
        self.weights = recipe.weights(horizon)

    def measure(
        self, outputs: Array, wanted: Array, known: Array | None, frame: Frame
    ) -> tuple[float, Array]:
        """The loss, NaN where nothing is known, and its gradient by the outputs (B, H·O).

        ``wanted`` (B, H) is what they should be, ``known`` where that is known.
        """
        weight = None
        if self.weights is not None:
            weight = np.broadcast_to(self.weights, wanted.shape)
            known = (weight > 0) & (True if known is None else known)
        if known is not None and not known.any():
            return float("nan"), np.zeros_like(outputs)
        if not self.percentage:
            target = wanted.astype(outputs.dtype)
            value, saved = self.loss.forward(outputs, target, weight, known)
            return value, self.loss.backward(saved)
        scale = frame.scale.astype(outputs.dtype)
        prediction, target = outputs * scale, (wanted * frame.scale).astype(outputs.dtype)
        if not self.logs:  # of the values: their level counts too
            level = frame.level + frame.reference * frame.scale
            if frame.pattern is not None:
                level = level + frame.pattern
            prediction = prediction + level.astype(outputs.dtype)
            target = (wanted * frame.scale + level).astype(outputs.dtype)
        value, saved = self.loss.forward(prediction, target, weight, known)
        return value, self.loss.backward(saved) * scale
