"""Boosted trees as plain arrays: what scikit-learn grew, kept and walked without it.

A tree is a table of nodes; a row of inputs goes left where its feature is at most the threshold.
All tables lie one after the other, so that a model file holds seven arrays and no code.
"""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from gatecast.forecast.history import Array

#: rows that go through the trees together
BLOCK = 8_192
#: our name of each field of a node -> scikit-learn's
FIELDS = {
    "feature": "feature_idx",
    "threshold": "num_threshold",
    "missing_left": "missing_go_to_left",
    "left": "left",
    "right": "right",
    "value": "value",
    "leaf": "is_leaf",
}


@dataclass(frozen=True)
class BoostedTrees:
    """A sum of trees.

    Attributes
    ----------
    start : float
        What the sum begins with.
    roots : (trees,) integers
        The first node of each tree.
    nodes : dict of name to (nodes,) array
        ``feature``, ``threshold``, ``missing_left``, ``left``, ``right``, ``value``, ``leaf``;
        left and right count over all trees.
    """

    start: float
    roots: Array
    nodes: dict[str, Array]

    @classmethod
    def of(cls, model: Any) -> Self:
        """Those of a fitted ``HistGradientBoostingRegressor`` of numbers."""
        # scikit-learn has no public way to its nodes; the tests hold these against its predict.
        tables = [tree.nodes for (tree,) in model._predictors]
        sizes = [len(table) for table in tables]
        roots = np.cumsum([0, *sizes[:-1]]).astype(np.int64)
        joined = np.concatenate(tables)
        nodes = {name: np.ascontiguousarray(joined[field]) for name, field in FIELDS.items()}
        shift = np.repeat(roots, sizes)
        for side in ("left", "right"):
            nodes[side] = nodes[side].astype(np.int64) + shift
        return cls(float(np.ravel(model._baseline_prediction)[0]), roots, nodes)

    @classmethod
    def from_arrays(cls, start: float, arrays: dict[str, Array]) -> Self:
        """Take back what ``to_arrays`` gave."""
        return cls(start, arrays["roots"], {name: arrays[name] for name in FIELDS})

    def to_arrays(self) -> dict[str, Array]:
        """Everything but ``start``."""
        return {"roots": self.roots, **self.nodes}

    def predict(self, inputs: Array) -> Array:
        """(n,): the sum of the leaf that each row of (n, features) reaches in each tree."""
        blocks = range(0, len(inputs), BLOCK)
        parts = [self._sum(np.ascontiguousarray(inputs[i : i + BLOCK])) for i in blocks]
        return np.concatenate([np.zeros(0), *parts])

    def _sum(self, inputs: Array) -> Array:
        """The same of a block that stays in the processor's cache."""
        nodes = self.nodes
        leaf, itself = nodes["leaf"] != 0, np.arange(len(nodes["leaf"]))
        # A leaf leads to itself, so that all rows can go on until the last has arrived.
        sides = [np.where(leaf, itself, nodes[side]) for side in ("right", "left")]
        following = np.stack(sides, axis=1).ravel()
        flat, first = inputs.ravel(), np.arange(len(inputs)) * inputs.shape[1]
        with_missing = bool(np.isnan(flat).any())
        total = np.full(len(inputs), self.start)
        for root in self.roots:
            at = np.full(len(inputs), root)
            while True:
                values = flat.take(first + nodes["feature"].take(at))
                left = values <= nodes["threshold"].take(at)
                if with_missing:
                    left |= np.isnan(values) & (nodes["missing_left"].take(at) != 0)
                after = following.take(2 * at + left)
                if np.array_equal(after, at):
                    break
                at = after
            total += nodes["value"].take(at)
        return total
