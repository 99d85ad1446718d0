"""What is asked of an experiment: which preset, cells, seeds, and how long."""

from dataclasses import dataclass, replace

from gatecast.comparison.recipe import Recipe
from gatecast.comparison.study import Network
from gatecast.errors import InputError
from gatecast.nn.validation import check_choice, check_size

PRESETS = ("published", "best")
CELLS = ("rnn", "gru", "lstm")
QUICK_EPOCHS = 3


@dataclass(frozen=True)
class Settings:
    """Settings of one run of an experiment.

    Attributes
    ----------
    preset : {"best", "published"}
    cells : tuple of str, optional
        Of rnn, gru, lstm; all that the experiment has by default.
    seeds : int
        Trainings of each network.
    epochs : int, optional
        In place of the experiment's own.
    quick : bool
        One seed and a few epochs, to see what a run gives; the figures mean nothing.
    """

    preset: str = "best"
    cells: tuple[str, ...] | None = None
    seeds: int = 5
    epochs: int | None = None
    quick: bool = False

    def __post_init__(self) -> None:
        check_choice("preset", self.preset, PRESETS)
        check_size("seeds", self.seeds)
        if self.epochs is not None:
            check_size("epochs", self.epochs)
        if self.cells is None:
            return
        if isinstance(self.cells, str) or not self.cells:
            raise InputError(
                f"cells must be a list of at least one of {', '.join(CELLS)}, it is {self.cells!r}"
            )
        for cell in self.cells:
            check_choice("cells", cell, CELLS)

    @property
    def published(self) -> bool:
        """Whether the published protocol is asked for."""
        return self.preset == "published"

    @property
    def numbers(self) -> tuple[int, ...]:
        """The seeds."""
        return (0,) if self.quick else tuple(range(self.seeds))

    def kept(self, *networks: Network) -> tuple[Network, ...]:
        """The networks of the cells that are asked for, trained for as long as is asked for.

        Examples
        --------
        >>> from gatecast import nn
        >>> network = Network("conv_gru", lambda seed: None, nn.MSE(), Recipe(epochs=40))
        >>> [kept.recipe.epochs for kept in Settings(quick=True).kept(network)]
        [3]
        >>> Settings(cells=("lstm",)).kept(network)
        ()
        """
        return tuple(
            replace(network, recipe=self._shortened(network.recipe))
            for network in networks
            if self._wants(network.model)
        )

    def _wants(self, model: str) -> bool:
        """A model is of the cell that its name holds; those without one are always there."""
        cells = [cell for cell in CELLS if cell in model.split("_")]
        return self.cells is None or not cells or cells[0] in self.cells

    def _shortened(self, recipe: Recipe) -> Recipe:
        epochs = self.epochs or recipe.epochs
        return replace(recipe, epochs=min(epochs, QUICK_EPOCHS) if self.quick else epochs)
