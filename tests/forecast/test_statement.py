"""What a fit says of itself, word for word."""

import pytest

from gatecast.forecast.results import Statement
from gatecast.results import Alarm

ERR = "its forecasts of 14 steps from 10 held-out origins err"
SEASON = "seasonal naive (season of 7 rows)"


def statement(model="gru", error=3.0, naive=4.0, *, origins=10, series=1, horizon=14, period=7):
    return Statement(model, error, naive, origins, series, horizon, period)


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (statement(), f"gru: {ERR} 25.0 % less than {SEASON}."),
        (
            statement(origins=1, horizon=1, period=1),
            "gru: its forecasts of 1 step from 1 held-out origin err 25.0 % less than naive.",
        ),
        (statement(error=0.5, naive=0.0), f"gru: {ERR} by 0.5, and {SEASON} not at all."),
        (
            statement("seasonal_naive", error=4.0),
            f"seasonal_naive: {ERR} by 4 on average, which is what others are measured by.",
        ),
    ],
)
def test_one_sentence(made, said):
    assert made.sentence == said


def test_a_panel():
    assert "from 1,234 held-out origins of 3 series err" in statement(origins=1234, series=3).words


def test_who_is_worse_than_naive_is_told_what_to_try():
    worse = statement(error=5.0).sentence
    start, _, advice = worse.partition(". ")
    assert start == f"gru: {ERR} 25.0 % MORE than {SEASON}"
    assert advice == (
        "Use 'seasonal_naive' as the model, or try 'best', or columns that explain the target."
    )
    best = statement("best", error=5.0, period=1).sentence
    assert best.endswith("Use 'naive' as the model, or try columns that explain the target.")


def test_alarms_come_after_it_and_none_is_said_twice():
    alarms = (Alarm("gru", "", "flat", "it hardly moves"), Alarm("gru", "", "worse than naive", ""))
    made = Statement("gru", 5.0, 4.0, 10, 1, 3, 1, alarms)
    assert made.words == f"{made.sentence} Alarm (flat): it hardly moves."
    assert [alarm.kind for alarm in made.others] == ["flat"]
