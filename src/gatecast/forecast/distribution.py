"""What the outputs of a network say: the point, quantiles, a draw; in the window's units."""

from typing import Any

import numpy as np

from gatecast import nn
from gatecast.forecast.history import Array
from gatecast.forecast.recipe import Recipe
from gatecast.nn.losses import Loss

PERCENTAGES = ("smape", "mape")


def make_loss(recipe: Recipe, logs: bool) -> Loss:
    """The recipe's loss, of outputs that mean values or their logarithms."""
    plain: dict[str, type[Loss]] = {
        "mae": nn.MAE, "mse": nn.MSE, "huber": nn.Huber,
        "gaussian": nn.GaussianNLL, "student_t": nn.StudentTNLL,
    }  # fmt: skip
    if recipe.loss == "quantiles":
        return nn.Pinball(recipe.quantiles)
    if recipe.loss in PERCENTAGES:
        return (nn.SMAPE if recipe.loss == "smape" else nn.MAPE)(logs=logs)
    return plain[recipe.loss]()


class Distribution:
    """How to read outputs (n, H, O) of a network that was trained with this loss."""

    def __init__(self, loss: Loss) -> None:
        self.loss = loss
        self.outputs = loss.outputs_per_target or 1
        #: one quantile says nothing of how far the truth may lie from it
        self.known = isinstance(loss, nn.GaussianNLL | nn.StudentTNLL) or (
            isinstance(loss, nn.Pinball) and len(loss.quantiles) > 1
        )

    def point(self, outputs: Array) -> Array:
        """(n, H): the median."""
        return np.asarray(self.loss.point(_flat(outputs)), np.float64)

    def quantiles(self, outputs: Array, levels: Array) -> Array:
        """(n, H, levels); between learned quantiles, and beyond them, as a normal tail runs."""
        flat = _flat(outputs.astype(np.float64))
        if isinstance(self.loss, nn.Pinball):
            learned = np.sort(self.loss.parameters(flat), axis=-1)
            return learned @ _between(np.array(self.loss.quantiles), levels)
        return self._location_scale(flat, levels)

    def _location_scale(self, flat: Array, levels: Array) -> Array:
        from scipy import special

        parameters: Any = self.loss.parameters(flat)  # type: ignore[attr-defined]
        location, scale = parameters[0][..., None], parameters[1][..., None]
        if isinstance(self.loss, nn.GaussianNLL):
            return np.asarray(location + scale * special.ndtri(levels))
        return np.asarray(location + scale * special.stdtrit(parameters[2][..., None], levels))

    def draw(self, outputs: Array, rng: np.random.Generator) -> Array:
        """(n, H): one value each, by the inverse of the distribution function."""
        uniform = rng.random(outputs.shape[:2])
        if isinstance(self.loss, nn.Pinball):
            grid = np.linspace(0.005, 0.995, 100)
            found = self.quantiles(outputs, grid)
            place = np.clip((uniform * 100).astype(np.intp), 0, 99)
            return np.asarray(np.take_along_axis(found, place[..., None], axis=-1)[..., 0])
        flat = _flat(outputs.astype(np.float64))
        return self._location_scale(flat, uniform[..., None])[..., 0]


def _flat(outputs: Array) -> Array:
    """(n, H·O) of outputs (n, H, O), also of none (n = 0)."""
    return outputs.reshape(*outputs.shape[:-2], outputs.shape[-2] * outputs.shape[-1])


def _between(learned: Array, levels: Array) -> Array:
    """(learned, levels) weights: linear in the normal quantile of the level, beyond the ends too.

    Examples
    --------
    >>> _between(np.array([0.1, 0.5, 0.9]), np.array([0.5, 0.9])).round(6)
    array([[0., 0.],
           [1., 0.],
           [0., 1.]])
    """
    from scipy.special import ndtri

    place, wanted = ndtri(learned), ndtri(levels)
    if len(place) == 1:
        return np.ones((1, len(levels)))
    right = np.clip(np.searchsorted(place, wanted), 1, len(place) - 1)
    share = (wanted - place[right - 1]) / (place[right] - place[right - 1])
    weights = np.zeros((len(place), len(levels)))
    columns = np.arange(len(levels))
    weights[right - 1, columns] = 1 - share
    weights[right, columns] += share
    return weights
