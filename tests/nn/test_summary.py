"""What networks say of themselves: the repr and the summary."""

import pytest

from gatecast import nn


@pytest.mark.parametrize(
    ("layer", "shown"),
    [
        (nn.LSTM(9, 13), "LSTM(9, 13)"),
        (nn.GRU(3, 4, 2, bidirectional=True), "GRU(3, 4, num_layers=2, bidirectional=True)"),
        (nn.GRU(3, 4, reset_after=False), "GRU(3, 4, reset_after=False)"),
        (
            nn.RNN(3, 4, nonlinearity="relu", bias=False),
            "RNN(3, 4, bias=False, nonlinearity='relu')",
        ),
        (
            nn.LSTM(3, 4, peepholes=True, proj_size=2, coupled=True),
            "LSTM(3, 4, peepholes=True, proj_size=2, coupled=True)",
        ),
        (
            nn.RNN(3, 4, dropout=0.1, recurrent_dropout=0.2, layer_norm=True, zoneout=0.3),
            "RNN(3, 4, dropout=0.1, recurrent_dropout=0.2, layer_norm=True, zoneout=0.3)",
        ),
        (nn.Linear(3, 2), "Linear(3, 2)"),
        (nn.Linear(3, 2, bias=False), "Linear(3, 2, bias=False)"),
        (nn.LayerNorm(4), "LayerNorm(4)"),
        (nn.Conv1d(3, 2, 4), "Conv1d(3, 2, 4)"),
        (
            nn.Conv1d(3, 2, 4, stride=1, padding="causal", dilation=2, bias=False),
            "Conv1d(3, 2, 4, padding='causal', dilation=2, bias=False)",
        ),
        (nn.Dropout(0.2), "Dropout(0.2)"),
        (nn.Repeat(5), "Repeat(5)"),
        (nn.Last(), "Last()"),
        (nn.Tanh(), "Tanh()"),
    ],
)
def test_a_layers_repr_is_how_it_was_built(layer: nn.Module, shown: str) -> None:
    assert repr(layer) == shown


def test_a_networks_repr_is_indented() -> None:
    net = nn.Sequential(nn.Sequential(nn.Linear(2, 3), nn.Sequential(nn.Tanh())), nn.Last())
    assert repr(net) == (
        "Sequential(\n"
        "  (0): Sequential(\n"
        "    (0): Linear(2, 3)\n"
        "    (1): Sequential(\n"
        "      (0): Tanh()\n"
        "    )\n"
        "  )\n"
        "  (1): Last()\n"
        ")"
    )


def test_the_summary_names_nested_layers_and_counts() -> None:
    encoder = nn.GRU(3, 16)
    net = nn.EncoderDecoder(encoder, nn.GRU(1, 16), nn.Linear(16, 1), steps=10)
    lines = [line.split() for line in net.summary().splitlines()]
    assert lines == [
        ["layer", "kind", "settings", "parameters"],
        ["encoder", "GRU", "3,", "16", "1,008"],
        ["decoder", "GRU", "1,", "16", "912"],
        ["head", "Linear", "16,", "1", "17"],
        ["total", "1,937"],
    ]
    assert net.num_parameters == 1937


def test_the_summary_says_what_is_frozen() -> None:
    net = nn.Sequential(nn.Sequential(nn.Linear(2, 3)), nn.Linear(3, 1))
    net.freeze("0.")
    lines = [line.split() for line in net.summary().splitlines()]
    assert lines[1] == ["0.0", "Linear", "2,", "3", "9", "frozen"]
    assert lines[-2:] == [["total", "13"], ["trained", "4"]]


def test_the_summary_of_a_single_layer() -> None:
    assert [line.split() for line in nn.Tanh().summary().splitlines()] == [
        ["layer", "kind", "settings", "parameters"],
        ["net", "Tanh", "0"],
        ["total", "0"],
    ]


def test_the_columns_of_the_summary_stand_straight() -> None:
    lines = nn.Sequential(nn.LSTM(300, 400, 2), nn.Last(), nn.Linear(400, 1)).summary().splitlines()
    assert len({len(line) for line in lines}) == 1
