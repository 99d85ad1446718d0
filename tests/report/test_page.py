"""The page's text: structure, escaping, size, and the numbers packed into it."""

import base64
import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from gatecast.errors import InputError
from gatecast.report import packing, payload, plots
from gatecast.report import page as page_file
from gatecast.report.content import forecast_panels, loss_panels
from gatecast.report.words import verdict
from gatecast.results import Predictions, Result, Summary, Truth
from tests.report import made_outlooks, made_results

VOID = {"meta", "link", "br", "wbr", "input", "path", "hr", "img"}


class Outline(HTMLParser):
    """Tags with their attributes; fails where they do not close in order."""

    def __init__(self, text):
        super().__init__()
        self.tags: list[tuple[str, dict]] = []
        self.open: list[str] = []
        self.texts: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag not in VOID:
            assert self.open.pop() == tag

    def handle_data(self, data):
        self.texts.append(data)

    def of(self, name):
        return [attributes for tag, attributes in self.tags if tag == name]


def unpacked(packed):
    steps = np.frombuffer(base64.b64decode(packed["steps"]), "<u2").astype(float)
    steps[steps == packing.MISSING] = np.nan
    return packed["low"] + steps * packed["step"]


@pytest.mark.parametrize(
    "made",
    [
        made_results.regression,
        made_results.classification,
        made_results.forecasts,
        made_results.hostile,
        made_outlooks.daily,
        made_outlooks.hostile_panel,
    ],
)
def test_structure(made):
    text = page_file.render(made())
    outline = Outline(text)
    ids = [a["id"] for _, a in outline.tags if "id" in a]
    assert len(ids) == len(set(ids))
    headings = [int(tag[1]) for tag, _ in outline.tags if re.fullmatch("h[1-6]", tag)]
    assert headings[0] == 1
    assert headings.count(1) == 1
    assert all(b - a <= 1 for a, b in pairwise(headings))
    assert {"header", "main", "nav", "footer"} <= {tag for tag, _ in outline.tags}
    assert outline.of("html")[0]["lang"] == "en"
    assert all(a.get("scope") in ("col", "row") for a in outline.of("th"))
    assert {a["href"][1:] for a in outline.of("a")} <= set(ids)
    assert all(a["aria-labelledby"] in ids for a in outline.of("section"))
    assert "src" not in {name for _, a in outline.tags for name in a}
    assert not re.search(r"(https?:)?//[a-z]+\.", text.replace("http://www.w3.org/2000/svg", ""))


def test_alarms_are_said_in_words_before_anything_else():
    text = page_file.render(made_results.regression())
    assert text.index("2 alarms") < text.index("Conclusions")
    assert "worse than naive" in text
    assert "No alarms" in page_file.render(made_results.classification())


def test_nothing_of_a_users_table_becomes_markup():
    text = page_file.render(made_results.hostile())
    outline = Outline(text)
    assert "alert(" not in re.sub(r"<script>.*?</script>", "", text, flags=re.DOTALL).replace(
        "alert(&#39;x&#39;)", ""
    ).replace("alert('x')\\u003c/script", "")
    assert len(outline.of("script")) == 2
    assert any(made_results.EVIL in data for data in outline.texts)
    data = text.split('id="chart-data">')[1].split("</script>")[0]
    assert json.loads(data)["target"] == made_results.EVIL


def test_a_large_run_stays_under_two_megabytes():
    rng = np.random.default_rng(0)
    result = made_results.regression(rows=200, epochs=1_000)
    truths, predictions = [], []
    for variant in "abcdef":
        truths.append(Truth(variant, rng.standard_normal(28_000), np.arange(28_000)))
        predictions += [
            Predictions(f"m{i}", variant, 0, rng.standard_normal(28_000)) for i in range(7)
        ]
    text = page_file.render(replace(result, truths=truths, predictions=predictions))
    assert len(text.encode()) < 2_000_000
    for panel in payload.chart_data(replace(result, truths=truths, predictions=predictions))[
        "forecasts"
    ]:
        assert 0 < panel["shown"] < panel["rows"] == 28_000


@given(
    arrays(
        np.float64,
        st.integers(1, 30),
        elements=st.floats(-1e12, 1e12) | st.just(np.nan),
    )
)
def test_packing_errs_by_less_than_a_pixel(values):
    back = unpacked(packing.packed(values, False))
    np.testing.assert_array_equal(np.isnan(back), np.isnan(values))
    known = values[np.isfinite(values)]
    if known.size:
        span = float(known.max() - known.min())
        size = float(np.abs(known).max())
        error = np.nanmax(np.abs(back - values))
        assert error <= span / 131_000 + 1e-14 * size + 1e-300


def test_windows_are_thinned_evenly_and_lines_keep_their_beginning():
    windows = payload.chart_data(made_results.forecasts(), budget=20_000)["forecasts"][1]
    assert windows["shown"] < 200
    index = windows["index"]
    assert index.get("values", [0])[0] == 0
    line = payload.chart_data(made_results.regression(), budget=5_000)["forecasts"][0]
    truth = made_results.regression().truths[0].values
    np.testing.assert_allclose(unpacked(line["truth"]), truth[: line["shown"]], atol=0.01)


def test_the_seed_in_the_middle_is_shown():
    result = made_results.regression()
    scores = {r.seed: r.metrics["mse"] for r in result.rows if r.model == "lstm"}
    (panel,) = forecast_panels(result)
    (lstm,) = (m for m in panel.models if m.model == "lstm")
    assert scores[lstm.seed] == sorted(scores.values())[1]


def test_losses_average_the_seeds_that_came_so_far():
    result = made_results.regression(seeds=2, epochs=4)
    short = replace(result.curves[0], train=[result.curves[0].train[0], float("nan")])
    (panel,) = loss_panels(replace(result, curves=[short, *result.curves[1:2]]))
    line = next(line for line in panel.lines if line.role == "train")
    other = result.curves[1].train
    np.testing.assert_allclose(line.mean, [(short.train[0] + other[0]) / 2, *other[1:]])
    assert panel.logarithmic


def test_negative_losses_are_drawn_on_a_plain_scale():
    result = made_results.regression(seeds=1, epochs=3)
    curve = replace(result.curves[0], validation=[0.5, -0.5, -1.0])
    result = replace(result, curves=[curve])
    assert not loss_panels(result)[0].logarithmic
    assert "<html" in page_file.render(result)


def test_class_names_as_values():
    names = np.array(["low", "high", "low"])
    result = replace(
        made_results.classification(),
        truths=[Truth("1h", names, np.arange(3))],
        predictions=[Predictions("gru", "1h", 0, np.array(["low", "low", "high"]))],
    )
    (panel,) = forecast_panels(result)
    assert panel.classes == ("high", "low")
    np.testing.assert_array_equal(panel.truth[:, 0], [1, 0, 1])


def test_class_codes_without_names():
    result = replace(
        made_results.classification(),
        truths=[Truth("1h", np.array([0, 2]), np.arange(2))],
        predictions=[Predictions("gru", "1h", 0, np.array([0, 1]))],
    )
    assert forecast_panels(result)[0].classes == ("0", "1", "2")


def test_forecasts_of_another_shape_than_the_truth_are_named():
    result = replace(
        made_results.regression(rows=20),
        predictions=[Predictions("gru", "window7", 0, np.zeros(19))],
    )
    with pytest.raises(InputError, match=r"'gru'.*\(19, 1\).*\(20, 1\)"):
        page_file.render(result)


@pytest.mark.parametrize(
    ("skill", "words"), [(0.25, "25 % below"), (-0.5, "50 % ABOVE"), (None, "best: MSE 1.000.")]
)
def test_verdict(skill, words):
    summary = [Summary("gru", "", "network", 1, {"mse": 1.0}, {"mse": 0.0}, skill)]
    assert words in verdict(Result("m", "best", "M", "forecast", "y", summary=summary))


def test_verdict_of_nothing():
    diverged = [Summary("gru", "", "network", 1, {}, {}, None, diverged=1)]
    assert "nothing to compare" in verdict(
        Result("m", "best", "M", "forecast", "y", summary=diverged)
    )


@pytest.mark.parametrize(
    "index",
    [
        np.array(["2020-01-31", "2020-02-29", "2020-03-31"], "datetime64[D]"),
        np.array([5, 3, 11]),
        np.array(["a", "b", "c"]),
        np.array([0.5, np.nan, 2.0]),
    ],
)
def test_any_index_is_drawn(index):
    result = replace(
        made_results.regression(rows=3),
        truths=[Truth("window7", np.arange(3.0), index)],
        predictions=[Predictions("gru", "window7", 0, np.arange(3.0))],
    )
    json.dumps(payload.chart_data(result), allow_nan=False)


def test_a_picture_makes_the_folder_that_it_is_saved_in(tmp_path):
    path = plots.save(plots.new_figure(), tmp_path / "new" / "empty.png")
    assert path.read_bytes().startswith(b"\x89PNG")
