"""What the two estimators share: networks, scaling, training of an ensemble, going on."""

from typing import Any, NamedTuple, Self

import numpy as np
import numpy.typing as npt
from joblib import Parallel, delayed
from sklearn.base import BaseEstimator
from sklearn.utils import check_random_state
from sklearn.utils.validation import _check_sample_weight, check_is_fitted

from gatecast import nn, train
from gatecast.data.scaling import NoScaler, Scaler, StandardScaler
from gatecast.errors import InputError
from gatecast.estimators.inputs import Sequences, read_sequences, steps_of
from gatecast.estimators.networks import build_network
from gatecast.estimators.ragged import OverRagged, Ragged
from gatecast.nn.losses import Loss
from gatecast.nn.validation import check_choice, check_size
from gatecast.train.batches import Data
from gatecast.train.history import History
from gatecast.train.options import split

Array = npt.NDArray[Any]
SCHEDULES = ("one_cycle", "constant")


class Member(NamedTuple):
    """One network of the ensemble, after a training."""

    network: nn.Sequential
    optimiser: dict[str, Any]  # where it stands, for going on
    history: History


class SequenceEstimator(BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """Base of the regressor and the classifier; the parameters are documented there."""

    cell: str
    hidden_size: int
    num_layers: int
    dropout: float
    epochs: int
    batch_size: int
    lr: float
    schedule: str
    clip_norm: float | None
    patience: int | None
    validation_fraction: float
    standardise: bool
    ensemble: int
    warm_start: bool
    random_state: Any
    n_jobs: int | None

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = True
        return tags

    # -- training -------------------------------------------------------------------------------

    def _going_on(self, partial: bool) -> bool:
        """Whether to train the present networks further."""
        return hasattr(self, "networks_") and (partial or self.warm_start)

    def _learn(
        self,
        sequences: Sequences,
        targets: Array,
        sample_weight: Array | None,
        loss: Loss,
        outputs: int,
        *,
        partial: bool,
    ) -> Self:
        """Train every network of the ensemble, from the start or further."""
        check_choice("schedule", self.schedule, SCHEDULES)
        if self.cell == "linear" and isinstance(sequences, Ragged):
            raise InputError(
                'cell="linear" takes windows of one length, the sequences of X have several; cut '
                'them alike, or use another cell, "gru" say'
            )
        count = check_size("ensemble", self.ensemble)
        going_on = self._going_on(partial)
        if not going_on:
            rows = self._learned_rows(len(targets), sample_weight, partial=partial)
            self.input_scaler_ = self._scaler().fit(_real_steps(sequences, rows))
            self.seed_ = _seed_of(self.random_state)
            self.steps_ = _longest(sequences)
            self.calls_ = 0
            networks, states = self._fresh(count, outputs), [None] * count
        else:
            networks, states = self._present(count, outputs)
        scaled = self._scaled(sequences, np.float32)
        members = Parallel(n_jobs=self.n_jobs)(
            delayed(train_member)(
                network, state, loss, scaled, targets, sample_weight,
                self._options(partial), np.random.default_rng([self.seed_, 1 + self.calls_, i]),
            )
            for i, (network, state) in enumerate(zip(networks, states, strict=True))
        )  # fmt: skip
        self.networks_ = [member.network for member in members]
        self.optimiser_states_ = [member.optimiser for member in members]
        self.histories_ = [member.history for member in members]
        self.calls_ += 1
        return self

    def _learned_rows(self, count: int, sample_weight: Array | None, *, partial: bool) -> Array:
        """The rows before those that ``patience`` watches: nothing is learned from the others.

        Rows of no weight are left out: they must not scale the others.
        """
        every = np.arange(count)
        rows, _ = split(Data(every, every), self._held_out(partial))
        if sample_weight is None:
            return rows.x
        counted = rows.x[sample_weight[rows.x] > 0]
        if not counted.size:
            raise InputError(
                f"sample_weight is 0 in each of the {len(rows.x)} rows to learn from; give some a "
                "weight, or leave it out"
            )
        return counted

    def _held_out(self, partial: bool) -> float | None:
        """The share of the rows that is watched, the last ones; None without patience."""
        return None if self.patience is None or partial else self._fraction()

    def _options(self, partial: bool) -> dict[str, Any]:
        """What ``train_member`` needs to know; a partial fit is one epoch at a constant rate."""
        return {
            "epochs": 1 if partial else self.epochs,
            "batch_size": self.batch_size,
            "lr": self.lr,
            "one_cycle": self.schedule == "one_cycle" and not partial,
            "clip_norm": self.clip_norm,
            "patience": None if partial else self.patience,
            "validation": self._held_out(partial),
        }

    def _fraction(self) -> float:
        fraction = self.validation_fraction
        if not isinstance(fraction, float | np.floating) or not 0 < fraction < 1:
            raise InputError(f"validation_fraction must lie between 0 and 1, it is {fraction!r}")
        return float(fraction)

    def _fresh(self, count: int, outputs: int) -> list[nn.Sequential]:
        """Untrained networks, each drawn from a stream of its own."""
        return [
            build_network(
                self.cell, self.sequence_features_, outputs, hidden_size=self.hidden_size,
                num_layers=self.num_layers, dropout=self.dropout, steps=self.steps_,
                seed=np.random.default_rng([self.seed_, 0, i]),
            )
            for i in range(count)
        ]  # fmt: skip

    def _present(self, count: int, outputs: int) -> tuple[list[nn.Sequential], list[Any]]:
        """Copies of the trained networks; refused where the parameters now ask for others."""
        wanted = self._fresh(count, outputs)
        shapes = [{n: p.shape for n, p in net.state_dict().items()} for net in wanted]
        found = [{n: p.shape for n, p in net.state_dict().items()} for net in self.networks_]
        if shapes != found:
            raise InputError(
                "the networks to train further are of another shape than cell, hidden_size, "
                "num_layers, dropout and ensemble now ask for; set warm_start=False to start anew"
            )
        return [network.copy() for network in self.networks_], list(self.optimiser_states_)

    def _scaler(self) -> Scaler:
        return StandardScaler() if self.standardise else NoScaler()

    def _scaled(self, sequences: Sequences, dtype: Any) -> Sequences:
        scaled = self.input_scaler_.transform(steps_of(sequences)).astype(dtype)
        if isinstance(sequences, Ragged):
            return Ragged(scaled, sequences.offsets)
        return np.ascontiguousarray(scaled)

    def _weights(self, sample_weight: Any, y: Array) -> Array | None:
        if sample_weight is None:
            return None
        try:
            weights: Array = _check_sample_weight(sample_weight, y, ensure_non_negative=True)
        except ValueError as error:
            raise InputError(str(error)) from None
        return weights

    # -- prediction -----------------------------------------------------------------------------

    def _outputs(self, X: Any) -> list[Array]:
        """Each network's outputs, in float64: then no row depends on the others of its batch."""
        check_is_fitted(self)
        sequences = read_sequences(self, X, reset=False)
        if self.cell == "linear":
            found = "several lengths" if isinstance(sequences, Ragged) else sequences.shape[1]
            if found != self.steps_:
                raise InputError(
                    f'cell="linear" takes windows of {self.steps_} steps as in fit, X has {found}'
                )
        scaled = self._scaled(sequences, np.float64)
        networks = [network.astype(np.float64) for network in self.networks_]
        if isinstance(scaled, Ragged):
            return [scaled.predict(network) for network in networks]
        return [network.predict(scaled) for network in networks]


def train_member(
    network: nn.Sequential,
    optimiser_state: dict[str, Any] | None,
    loss: Loss,
    sequences: Sequences,
    y: Array,
    sample_weight: Array | None,
    options: dict[str, Any],
    rng: np.random.Generator,
) -> Member:
    """Train one network of an ensemble; a function of its own, so that joblib can send it."""
    optimiser = nn.Adam(lr=options["lr"])
    if optimiser_state is not None:
        optimiser.load_state_dict(optimiser_state)
        optimiser.lr = options["lr"]
    learning: Any = network
    if isinstance(sequences, Ragged):
        learning = OverRagged(network, sequences)
        x = learning.numbers
    else:
        x = sequences
    history = train.fit(
        learning,
        loss,
        optimiser,
        x,
        y,
        epochs=options["epochs"],
        batch_size=options["batch_size"],
        sample_weight=sample_weight,
        validation=options["validation"],
        schedule=nn.OneCycle(max_lr=options["lr"]) if options["one_cycle"] else None,
        clip_norm=options["clip_norm"],
        patience=options["patience"],
        progress=False,
        seed=rng,
    )
    if isinstance(learning, OverRagged):
        learning.release()
    return Member(network, optimiser.state_dict(), history)


def _real_steps(sequences: Sequences, rows: Array) -> Array:
    """(steps of these sequences, F): what the scaler learns from."""
    if not isinstance(sequences, Ragged):
        return sequences[rows].reshape(-1, sequences.shape[2])
    learned = np.zeros(len(sequences), bool)
    learned[rows] = True
    real: Array = sequences.steps[np.repeat(learned, sequences.lengths)]
    return real


def _longest(sequences: Sequences) -> int:
    """Steps of the longest."""
    if isinstance(sequences, Ragged):
        return int(sequences.lengths.max())
    return int(sequences.shape[1])


def _seed_of(random_state: Any) -> int:
    """A seed: the number itself, or one drawn (None draws another at every fit)."""
    if isinstance(random_state, int | np.integer) and not isinstance(random_state, bool):
        if random_state < 0:
            raise InputError(f"random_state must be >= 0, it is {random_state}")
        return int(random_state)
    if random_state is None:
        return int(np.random.SeedSequence().generate_state(1)[0])
    try:
        return int(check_random_state(random_state).randint(2**31 - 1))
    except ValueError as error:
        raise InputError(str(error)) from None
