"""The LSTM of the tutorials: one sample after the other, one step after the other, in NumPy."""

from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.contestants.contract import (
    Built,
    Contestant,
    batch,
    head_weights,
    recurrent_weights,
)
from benchmarks.works import Work, operations

Array = npt.NDArray[Any]

VARIANT = "1 thread"
#: larger works would take seconds a step, and nobody runs them so
MOST_OPERATIONS = 50_000_000


class Notebook(Contestant):
    """A single LSTM layer; larger works are left out."""

    libraries = ("numpy",)

    def variants(self, work: Work) -> list[str]:
        small = work.layers == 1 and operations(work) <= MOST_OPERATIONS
        return [VARIANT] if (work.task, work.cell) == ("train", "LSTM") and small else []

    def build(self, work: Work, variant: str) -> Built:
        model = NotebookLSTM(work)
        x, y = batch(work)
        return Built(lambda: model.train_step(x, y))


def sigmoid(x: Array) -> Array:
    return 1 / (1 + np.exp(-x))


class NotebookLSTM:
    """Four weight matrices over [h; x], Adam over a dictionary of parameters."""

    def __init__(self, work: Work) -> None:
        self.hidden = work.hidden
        weights, head = recurrent_weights(work), head_weights(work)
        joined = np.hstack([weights["weight_hh_l0"], weights["weight_ih_l0"]])
        biases = weights["bias_ih_l0"] + weights["bias_hh_l0"]
        self.p: dict[str, Array] = {}
        for name, w, b in zip("ifgo", np.split(joined, 4), np.split(biases, 4), strict=True):
            self.p[f"W{name}"], self.p[f"b{name}"] = w.copy(), b[:, None].copy()
        self.p["Wy"], self.p["by"] = head["weight"], head["bias"][:, None]
        self.m = {name: np.zeros_like(value) for name, value in self.p.items()}
        self.v = {name: np.zeros_like(value) for name, value in self.p.items()}
        self.t = 0

    def train_step(self, x: Array, y: Array) -> float:
        """One batch, sample by sample."""
        grads = {name: np.zeros_like(value) for name, value in self.p.items()}
        loss = 0.0
        for sample, target in zip(x, y, strict=True):
            prediction, caches = self.forward(sample)
            error = prediction - target[:, None]
            loss += float(error[0, 0] ** 2) / len(x)
            self.backward(2 * error / len(x), caches, grads)
        self.adam(grads)
        return loss

    def forward(self, sample: Array) -> tuple[Array, list[Any]]:
        """One sample (T, I); the prediction and every step's values."""
        p, caches = self.p, []
        h = c = np.zeros((self.hidden, 1), np.float32)
        for row in sample:
            z = np.vstack([h, row[:, None]])
            i, f = sigmoid(p["Wi"] @ z + p["bi"]), sigmoid(p["Wf"] @ z + p["bf"])
            g, o = np.tanh(p["Wg"] @ z + p["bg"]), sigmoid(p["Wo"] @ z + p["bo"])
            before, c = c, f * c + i * g
            h = o * np.tanh(c)
            caches.append((z, i, f, g, o, before, c, h))
        return p["Wy"] @ h + p["by"], caches

    def backward(self, dy: Array, caches: list[Any], grads: dict[str, Array]) -> None:
        """Add one sample's gradients."""
        p = self.p
        grads["Wy"] += dy @ caches[-1][-1].T
        grads["by"] += dy
        dh, dc = p["Wy"].T @ dy, np.zeros((self.hidden, 1), np.float32)
        for z, i, f, g, o, before, c, _ in reversed(caches):
            shown = np.tanh(c)
            dc = dc + dh * o * (1 - shown**2)
            d = {
                "i": dc * g * i * (1 - i),
                "f": dc * before * f * (1 - f),
                "g": dc * i * (1 - g**2),
                "o": dh * shown * o * (1 - o),
            }
            dz = np.zeros_like(z)
            for name, part in d.items():
                grads[f"W{name}"] += part @ z.T
                grads[f"b{name}"] += part
                dz += p[f"W{name}"].T @ part
            dh, dc = dz[: self.hidden], dc * f

    def adam(self, grads: dict[str, Array]) -> None:
        """Update every parameter; the gates' two biases are one here and move twice as far."""
        self.t += 1
        for name, g in grads.items():
            self.m[name] = 0.9 * self.m[name] + 0.1 * g
            self.v[name] = 0.999 * self.v[name] + 0.001 * g * g
            m, v = self.m[name] / (1 - 0.9**self.t), self.v[name] / (1 - 0.999**self.t)
            rate = 2e-3 if name in ("bi", "bf", "bg", "bo") else 1e-3
            self.p[name] = self.p[name] - rate * m / (np.sqrt(v) + 1e-8)
