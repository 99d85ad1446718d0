"""One training or fit of a comparison: a plain function, run in a process of its own."""

import time
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from gatecast import kernels, metrics, nn, train
from gatecast.comparison.study import Network, Predict, Variant
from gatecast.forecast.baselines import Baseline
from gatecast.forecast.samples import Array, Samples
from gatecast.nn.losses import Loss
from gatecast.nn.module import Module
from gatecast.train.events import Divergence
from gatecast.train.history import History


@dataclass
class Trained:
    """One model after training or fitting, with its forecasts of the test rows.

    Attributes
    ----------
    forecast : (n, horizon) numbers in the target's units, or (n,) class numbers
    probabilities : (n, classes) array or None
    validation_forecast : (n, horizon) array or None
    losses : dict
        ``train_loss test_loss train_accuracy``, in the units the network learns in.
    history : History or None
    test_curve, train_accuracy_curve, test_accuracy_curve : list of float
        One entry an epoch.
    """

    model: str
    variant: str
    kind: str
    seed: int | None
    forecast: Array
    probabilities: Array | None = None
    validation_forecast: Array | None = None
    losses: dict[str, float] = field(default_factory=dict)
    status: str = "ok"
    note: str = ""
    parameters: int = 0
    seconds: float = 0.0
    windows_per_second: float | None = None
    history: History | None = None
    test_curve: list[float] = field(default_factory=list)
    train_accuracy_curve: list[float] = field(default_factory=list)
    test_accuracy_curve: list[float] = field(default_factory=list)
    fitted: Any = None


class WatchTest(train.Callback):
    """Looks at the test rows after each epoch, for the report alone: nothing is chosen by it."""

    def __init__(self, variant: Variant, network: Network) -> None:
        self.variant, self.network = variant, network
        self.losses: list[float] = []
        self.accuracies: dict[str, list[float]] = {"train": [], "test": []}

    def on_epoch_end(self, run: train.Run) -> None:
        test, predict = self.variant.test, run.net.predict
        outputs = predict(test.x)
        self.losses.append(float(self.network.loss(outputs, self.network.learned(test))))
        if test.classes:
            training = self.variant.train
            seen = {"train": (training.y, predict(training.x)), "test": (test.y, outputs)}
            for part, (truth, logits) in seen.items():
                self.accuracies[part].append(metrics.accuracy(truth, logits.argmax(axis=1)))


def train_network(network: Network, variant: Variant, seed: int, kernel: str) -> Trained:
    """Build, train and ask one network, on one thread and the named kernels."""
    quiet = np.errstate(over="ignore", invalid="ignore", divide="ignore")  # divergence is told
    with kernels.use(kernel), threadpool_limits(1), quiet:
        net = network.build(seed)
        if network.kind == "peer":
            return _train_peer(network, variant, seed, net)
        watch = WatchTest(variant, network)
        held = variant.validation
        history = train.fit(
            net,
            network.loss,
            network.recipe.make_optimiser(),
            variant.train.x,
            network.learned(variant.train),
            **_options(network, variant, seed),
            validation=None if held is None else (held.x, network.learned(held)),
            callbacks=[watch],
            progress=False,
            on_divergence="report",
        )
        found = _ask(network, variant, seed, net.predict, history, net.num_parameters)
    found.test_curve = watch.losses
    found.train_accuracy_curve = watch.accuracies["train"]
    found.test_accuracy_curve = watch.accuracies["test"]
    found.fitted = net
    return found


def _train_peer(network: Network, variant: Variant, seed: int, net: Module) -> Trained:
    """The same by PyTorch, from the same weights on the same batches."""
    from gatecast.interop.torch import Twin

    twin, held = Twin(net, threads=1), variant.validation
    history = twin.fit(
        network.loss,
        network.recipe.make_optimiser(),
        variant.train.x,
        network.learned(variant.train),
        **_options(network, variant, seed),
        validation=None if held is None else (held.x, network.learned(held)),
    )
    found = _ask(network, variant, seed, twin.predict, history, net.num_parameters)
    net.load_state_dict(twin.state_dict())
    found.fitted = net
    return found


def _options(network: Network, variant: Variant, seed: int) -> dict[str, Any]:
    """What ours and PyTorch's training take alike."""
    recipe = network.recipe
    return {
        "epochs": recipe.epochs,
        "batch_size": recipe.batch_size,
        "shuffle": recipe.shuffle,
        "sample_weight": recipe.weights(len(variant.train)),
        "schedule": recipe.make_schedule(),
        "clip_norm": recipe.clip_norm,
        "patience": recipe.patience,
        "seed": np.random.default_rng([seed, 1]),  # not the stream that drew the weights
    }


def _ask(
    network: Network,
    variant: Variant,
    seed: int,
    predict: Predict,
    history: History,
    parameters: int,
) -> Trained:
    """Forecasts, losses and the record of one trained network."""
    test, loss = variant.test, network.loss
    forecast, probabilities = _forecasts(network, test, predict)
    kept = history.weights_epoch or len(history)
    losses = {"train_loss": float(history["loss"][kept - 1])} if len(history) else {}
    losses["test_loss"] = float(loss(predict(test.x), network.learned(test)))
    if test.classes:
        of_train = predict(variant.train.x).argmax(axis=1)
        losses["train_accuracy"] = metrics.accuracy(variant.train.y, of_train)
    seconds = float(sum(history["seconds"]))
    diverged = [event for event in history.events if isinstance(event, Divergence)]
    held = variant.validation
    return Trained(
        network.model,
        variant.name,
        network.kind,
        seed,
        forecast,
        probabilities,
        None if held is None or held.classes else _forecasts(network, held, predict)[0],
        {name: value for name, value in losses.items() if np.isfinite(value)},
        status="diverged" if diverged else "ok",
        note=str(diverged[0]) if diverged else "",
        parameters=parameters,
        seconds=seconds,
        windows_per_second=len(variant.train) * len(history) / max(seconds, 1e-9),
        history=history,
    )


def _forecasts(network: Network, samples: Samples, predict: Predict) -> tuple[Array, Array | None]:
    """In the target's units; classes with their probabilities."""
    outputs = network.outputs(predict, samples.x)
    if not samples.classes:
        return samples.restore(outputs), None
    chances = _probabilities(network.loss, outputs.astype(np.float64))
    return chances.argmax(axis=1), chances


def _probabilities(loss: Loss, logits: Array) -> Array:
    assert isinstance(loss, nn.CrossEntropy)
    return loss.probabilities(logits)


def fit_baseline(baseline: Baseline, variant: Variant) -> Trained:
    """Fit and ask one baseline."""
    with threadpool_limits(1):
        began = time.perf_counter()
        baseline.fit(variant.train)
        seconds = time.perf_counter() - began
        forecast = baseline.predict(variant.test)
        held = variant.validation
        asked = held is not None and not held.classes and not baseline.naive
        return Trained(
            baseline.name,
            variant.name,
            "baseline",
            None,
            forecast,
            baseline.probabilities(variant.test),
            baseline.predict(held) if asked and held is not None else None,
            note=baseline.note,
            seconds=0.0 if baseline.naive else seconds,
            fitted=baseline,
        )
