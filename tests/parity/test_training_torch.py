"""Whole trainings against PyTorch's: clipping, truncated back-propagation, carried state."""

import numpy as np
import pytest
import torch

from gatecast import nn
from gatecast.nn.losses import MSE
from gatecast.nn.optimisers import SGD, Adam
from gatecast.train import fit, train_step

ROWS, STEPS, FEATURES, HIDDEN = 24, 12, 3, 5


class Twin(torch.nn.Module):
    def __init__(self, cell, net):
        super().__init__()
        self.cell = getattr(torch.nn, cell)(FEATURES, HIDDEN, batch_first=True)
        self.head = torch.nn.Linear(HIDDEN, 1)
        self.double()
        names = {"0.": "cell.", "1.": "head."}
        self.load_state_dict(
            {names[k[:2]] + k[2:]: torch.tensor(v) for k, v in net.state_dict().items()}
        )

    def flat(self):
        return torch.cat([p.detach().ravel() for p in self.parameters()]).numpy()


def detached(state):
    return tuple(s.detach() for s in state) if isinstance(state, tuple) else state.detach()


def pair(cell):
    net = nn.Sequential(
        getattr(nn, cell)(FEATURES, HIDDEN, dtype=np.float64),
        nn.Linear(HIDDEN, 1, dtype=np.float64),
        seed=3,
    )
    return net, Twin(cell, net)


def data():
    x = np.random.default_rng(0).normal(size=(ROWS, STEPS, FEATURES))
    return x, np.cumsum(x.mean(axis=2, keepdims=True), axis=1)


@pytest.mark.parametrize("cell", ["RNN", "GRU", "LSTM"])
@pytest.mark.parametrize("carry", [False, True])
@pytest.mark.parametrize("tbptt", [None, 5])
def test_fit_agrees_with_a_torch_loop(cell, carry, tbptt):
    net, twin = pair(cell)
    x, y = data()
    history = fit(
        net, MSE(), Adam(lr=1e-2), x, y, epochs=4, batch_size=6, shuffle=False,
        tbptt=tbptt, carry_state=carry, clip_norm=0.3,
    )  # fmt: skip
    optimiser = torch.optim.Adam(twin.parameters(), lr=1e-2)
    inputs, targets = torch.tensor(x), torch.tensor(y)
    for epoch in history:
        state, sums, norms = None, 0.0, []
        for start in range(0, ROWS, 6):
            if not carry:
                state = None
            for first in range(0, STEPS, tbptt or STEPS):
                part = slice(start, start + 6), slice(first, first + (tbptt or STEPS))
                optimiser.zero_grad()
                outputs, state = twin.cell(inputs[part], state)
                state = detached(state)
                loss = torch.nn.functional.mse_loss(twin.head(outputs), targets[part])
                loss.backward()
                norms.append(float(torch.nn.utils.clip_grad_norm_(twin.parameters(), 0.3)))
                optimiser.step()
                sums += float(loss.detach()) * targets[part].numel()
        assert epoch.loss == pytest.approx(sums / y.size, rel=1e-9)
        assert epoch.gradient_norm == pytest.approx(np.mean(norms), rel=1e-9)
        assert epoch.gradient_norm_max == pytest.approx(np.max(norms), rel=1e-9)
    np.testing.assert_allclose(net.flat, twin.flat(), rtol=1e-7, atol=1e-9)


def test_a_hundred_steps_of_train_step_agree():
    net, twin = pair("LSTM")
    x, y = data()
    mine, optimiser = SGD(lr=0.05, momentum=0.9), torch.optim.SGD(twin.parameters(), 0.05, 0.9)
    for _ in range(100):
        value = train_step(net, MSE(), mine, x, y, clip_value=0.05)
        optimiser.zero_grad()
        loss = torch.nn.functional.mse_loss(
            twin.head(twin.cell(torch.tensor(x))[0]), torch.tensor(y)
        )
        loss.backward()
        torch.nn.utils.clip_grad_value_(twin.parameters(), 0.05)
        optimiser.step()
        assert value == pytest.approx(float(loss.detach()), rel=1e-9)
    np.testing.assert_allclose(net.flat, twin.flat(), atol=1e-6)
