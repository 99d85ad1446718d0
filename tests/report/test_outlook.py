"""A forecaster's part of the report: tables, numbers for programs, pictures, and the page used."""

import csv
import json
from dataclasses import replace

import numpy as np
import pytest

from gatecast import report
from gatecast.report.outlook import (
    MOST_FANS,
    MOST_UPDATES,
    ahead_table,
    outlook_data,
    outlook_json,
)
from gatecast.report.outlook_figures import draw_fans
from gatecast.report.page import render
from gatecast.report.plots import save
from gatecast.results import Fan, Importance, Outlook
from tests.report import made_outlooks


@pytest.fixture(scope="module")
def daily():
    return made_outlooks.daily()


def test_the_folder_holds_what_the_page_shows(tmp_path, daily):
    page = report.write(daily, tmp_path / "run")
    assert {p.name for p in (page.parent / "figures").iterdir()} >= {
        "ahead.png", "errors-by-origin.png", "errors-by-step.png", "calibration.png",
        "importance.png", "predictions.png", "residuals.png", "histogram.png", "training.png",
    }  # fmt: skip
    with (page.parent / "ahead.csv").open(newline="") as file:
        lines = list(csv.DictReader(file))
    fan = daily.outlook.fans[0]
    assert [float(line["forecast"]) for line in lines] == fan.forecast.tolist()
    assert [float(line["hi-95"]) for line in lines] == fan.bands[95.0][1].tolist()
    assert lines[0]["time"] == "2024-04-09"
    with (page.parent / "history.csv").open(newline="") as file:
        points = list(csv.DictReader(file))
    one = daily.outlook.trainings[0]
    mine = [line for line in points if (line["network"], line["seed"]) == (one.network, "0")]
    assert [float(line["loss"]) for line in mine] == one.losses.tolist()
    assert mine[-1]["update"] == "1400"
    described = json.loads((page.parent / "metrics.json").read_text())
    assert described["outlook"] == outlook_json(daily.outlook)
    assert page.stat().st_size < 300_000


def test_numbers_for_programs_are_finite_or_null():
    outlook = made_outlooks.hostile_panel().outlook
    assert outlook is not None
    found = outlook_json(outlook)
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    assert found["reliability"]["scores"] == [None]
    assert found["reliability"]["by_step"][:2] == [[None], [90.0]]


def test_a_large_panel_is_carried_in_part_and_the_page_says_so():
    result = made_outlooks.hostile_panel(series=1000)
    assert result.outlook is not None
    result.outlook.fans[700].known[:] = 1e6
    data = outlook_data(result)
    assert (len(data["fans"]), data["series"]) == (MOST_FANS, 1000)
    assert result.outlook.fans[700].series in {fan["series"] for fan in data["fans"]}
    assert len(render(result).encode()) < 1_000_000
    table = ahead_table(result.outlook)
    assert len(table) == 1000 * 6
    assert table["series"].nunique() == 1000


def test_tables_of_the_page(daily):
    text = render(daily)
    assert "The forecast is 38\u00a0% better than repeating the last season." in text
    assert 'style="--share:0.5"' in text  # 31 % beside the largest, 62 %
    assert "−1.0 %" in text
    assert "Measured on 560 values" in text
    assert "ahead.csv" in text


def test_trainings_of_different_lengths_share_an_axis(daily):
    found = outlook_data(daily)["trainings"]
    assert found["updates"] == sorted(found["updates"])
    assert (found["updates"][-1], found["logarithmic"]) == (2800, True)
    assert len(found["updates"]) <= MOST_UPDATES
    assert found["lines"][0]["losses"][-1] is None  # it learned for 1,400 updates
    assert found["lines"][-1]["losses"][-1] is not None


def test_a_model_without_networks_has_no_history(tmp_path, daily):
    bare = replace(daily, outlook=replace(daily.outlook, trainings=[]))
    page = report.write(bare, tmp_path / "run")
    assert not (page.parent / "history.csv").exists()
    assert "history.csv" not in page.read_text().partition("<footer>")[2].partition("</footer>")[0]


def test_it_is_said_where_bands_were_measured(daily):
    assert "values of the backtest" in render(daily)
    untested = replace(daily, outlook=replace(daily.outlook, breakdowns=[]))
    assert "values that were held out when the model was fitted" in render(untested)


def test_bands_lie_widest_first():
    fan = outlook_data(made_outlooks.daily())["fans"][0]
    assert [band["level"] for band in fan["bands"]] == [95, 80]


def test_a_picture_of_named_rows_and_of_nothing_known():
    names = np.array(["first", "second", "third"])
    fan = Fan("a $ b", names, np.array([1.0]), np.array([2.0, 3.0]))
    bare = Fan("", np.arange(3), np.zeros(0), np.arange(3.0))
    figure = draw_fans([fan, bare])
    figure.draw_without_rendering()
    assert [axes.get_title(loc="left") for axes in figure.axes] == [r"a \$ b", ""]


def test_long_names_leave_room_and_bands_of_one_step_have_a_width():
    rng = np.random.default_rng(0)
    long = "a very long name that goes on and on " * 5 + "z"
    one = made_outlooks.fan(f"1 {long}", rng, "2024-01-01", horizon=1)
    figure = draw_fans([one, one], target=long)
    figure.draw_without_rendering()
    first = figure.axes[0]
    assert len(first.get_title(loc="left")) == len(first.get_ylabel()) == 42
    assert [line.get_linewidth() for line in first.collections] == [[7], [7]]
    assert first.get_position().width > 0.3


def test_letters_that_the_font_lacks_are_no_warning(tmp_path):
    fan = Fan("東京", np.arange(3), np.zeros(1), np.arange(2.0))
    assert save(draw_fans([fan]), tmp_path / "fan.png").exists()


def test_an_outlook_of_nothing_is_a_page(daily):
    text = render(replace(daily, outlook=Outlook("Nothing came of it.")))
    assert "What lies ahead" not in text
    assert "Nothing came of it." in text


def test_long_forecasts_of_many_series_stay_below_two_megabytes():
    rng = np.random.default_rng(0)
    fans = [made_outlooks.fan(f"s{i}", rng, "2020-01-01", window=400, horizon=720)
            for i in range(80)]  # fmt: skip
    result = made_outlooks.daily(origins=2_000, horizon=720)
    assert result.outlook is not None
    result.outlook = Outlook(
        "", fans, result.outlook.breakdowns, result.outlook.reliability, result.outlook.importance
    )
    assert 0 < len(outlook_data(result)["fans"]) < MOST_FANS
    assert len(render(result).encode()) < 2_000_000


def test_of_many_inputs_those_that_matter_most_are_shown(daily):
    many = [Importance(f"input {i}", i / 100) for i in range(50)]
    text = render(replace(daily, outlook=replace(daily.outlook, importance=many)))
    assert "The 20 that matter most of 50" in text
    assert "input 49" in text
    assert "input 29" not in text
