"""Covariates as numbers: categories one by one, and scales that training rows alone give."""

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from gatecast.errors import TableError
from gatecast.forecast.history import Array, History, Origins, Rows
from gatecast.forecast.model import Model

if TYPE_CHECKING:
    import pandas as pd

MOST_CATEGORIES = 50  # columns that one covariate may become


def learn_categories(
    frame: "pd.DataFrame", names: tuple[str, ...], static: tuple[str, ...], where: str
) -> dict[str, tuple[str, ...]]:
    """The categories of each covariate that holds text, in sorted order.

    A static one may have any number of categories, as it becomes a code; others become a column
    for each.
    """
    found = {}
    for name in names:
        if frame[name].dtype.kind == "f":
            continue
        kinds = tuple(sorted(frame[name].dropna().unique()))
        if len(kinds) > MOST_CATEGORIES and name not in static:
            raise TableError(
                f"column {name!r} of {where} has {len(kinds)} different texts, more than "
                f"{MOST_CATEGORIES}; leave it out of the covariates or group them"
            )
        found[name] = kinds
    return found


def one_hot(codes: Rows, name: str, kinds: tuple[str, ...]) -> tuple[Array, tuple[str, ...]]:
    """(rows, categories) of one category each, and the columns' names.

    Examples
    --------
    >>> one_hot(np.array([1, 0]), "day", ("Mo", "Tu"))
    (array([[0., 1.], [1., 0.]]), ('day=Mo', 'day=Tu'))
    """
    columns = (codes[:, None] == np.arange(len(kinds))).astype(np.float64)
    return columns, tuple(f"{name}={kind}" for kind in kinds)


def codes_of(frame: "pd.DataFrame", name: str, kinds: tuple[str, ...], where: str) -> Array:
    """(rows,) the number of each row's category, NaN where missing; an unseen one is refused."""
    import pandas as pd

    values = frame[name]
    absent = values.isna().to_numpy()
    codes = pd.Index(kinds, dtype=object).get_indexer(pd.Index(values, dtype=object))
    unknown = np.flatnonzero((codes < 0) & ~absent)
    if unknown.size:
        row = int(unknown[0])
        shown = ", ".join(map(repr, kinds[:8])) + (" …" if len(kinds) > 8 else "")
        raise TableError(
            f"column {name!r} of {where} holds {values.iloc[row]!r}, a category that the training "
            f"rows do not have (they have {shown}); name one of those, or fit anew with it"
        )
    return np.where(absent, np.nan, codes)


def numbers_of(frame: "pd.DataFrame", name: str, where: str) -> Array:
    """(rows,) float64 of a column that was numbers in the fit."""
    if frame[name].dtype.kind != "f":
        raise TableError(
            f"column {name!r} of {where} holds text where numbers are needed; mend it, or name it "
            "in categorical="
        )
    numbers: Array = frame[name].to_numpy(dtype=np.float64)
    return numbers


class Standardised(Model):
    """A model whose numeric covariates are centred and scaled by the rows that it learns from.

    Parameters
    ----------
    model : Model

    Examples
    --------
    >>> from gatecast.forecast.classical import Naive
    >>> from gatecast.forecast.history import make_history
    >>> history = make_history(np.arange(4.0), past=[[[0.0], [0.0], [10.0], [10.0]]])
    >>> model = Standardised(Naive()).fit(history, horizon=1)
    >>> model.scaled(history).past.ravel().tolist()
    [-1.0, -1.0, 1.0, 1.0]
    """

    def __init__(self, model: Model) -> None:
        self.model = model
        self.name = model.name  # type: ignore[misc]  # the instance's own
        self.learns = model.learns  # type: ignore[misc]

    def fit(self, history: History, horizon: int, period: int = 1) -> Self:
        super().fit(history, horizon, period)
        self.scales_ = {
            role: _measure(getattr(history, role)) for role in ("past", "future", "static")
        }
        self.model.fit(self.scaled(history), horizon, period)
        self.notes_ = self.model.notes_
        return self

    def refit(self, history: History) -> Self:
        """Learn further on the scales of the first fit, which the weights were made for."""
        self.model.refit(self.scaled(history))
        return self

    def scaled(self, history: History) -> History:
        """The history with its covariates scaled."""
        return replace(
            history,
            past=_apply(history.past, self.scales_["past"]),
            future=_apply(history.future, self.scales_["future"]),
            ahead=_apply(history.ahead, self.scales_["future"]),
            static=_apply(history.static, self.scales_["static"]),
        )

    def predict(self, history: History, origins: Origins | None = None) -> Array:
        self._fitted()
        return self.model.predict(self.scaled(history), origins)

    def quantiles(
        self, history: History, levels: Array, origins: Origins | None = None
    ) -> Array | None:
        self._fitted()
        return self.model.quantiles(self.scaled(history), levels, origins)

    def sample(
        self,
        history: History,
        count: int,
        rng: np.random.Generator,
        origins: Origins | None = None,
    ) -> Array | None:
        self._fitted()
        return self.model.sample(self.scaled(history), count, rng, origins)

    def get_state(self) -> tuple[dict[str, Any], dict[str, Array]]:
        config, arrays = self.model.get_state()
        own = {f"scale.{role}": np.stack(scale) for role, scale in self.scales_.items()}
        inner = {f"model.{name}": array for name, array in arrays.items()}
        return {**super().get_state()[0], "model": config}, {**own, **inner}

    def set_state(self, config: dict[str, Any], arrays: dict[str, Array]) -> Self:
        super().set_state(config, arrays)
        stacked = {n.partition(".")[2]: a for n, a in arrays.items() if n.startswith("scale.")}
        self.scales_ = {role: (both[0], both[1]) for role, both in stacked.items()}
        inner = {n.partition(".")[2]: a for n, a in arrays.items() if n.startswith("model.")}
        self.model.set_state(config["model"], inner)
        return self


def _measure(values: Array) -> tuple[Array, Array]:
    """Center and scale of each column; columns of waves and of categories keep theirs."""
    columns = values.shape[1]
    center, scale = np.zeros(columns), np.ones(columns)
    for column in range(columns if len(values) else 0):
        known = values[:, column][np.isfinite(values[:, column])]
        if known.size and not (np.abs(known) <= 1).all() and known.min() < known.max():
            center[column], scale[column] = known.mean(), known.std()
    return center, scale


def _apply(values: Array, scale: tuple[Array, Array]) -> Array:
    scaled: Array = (values - scale[0]) / scale[1]
    return scaled
