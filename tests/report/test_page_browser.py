"""The page in headless Chromium: it draws, asks nothing of the network, and can be used."""

import importlib.util
import shutil
from collections.abc import Callable
from functools import partial

import pytest

from gatecast.report.page import render
from gatecast.results import Result
from tests.report import made_outlooks, made_results

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
if not CHROMIUM or importlib.util.find_spec("playwright") is None:
    pytest.skip(
        "the report's page is not looked at: chromium or playwright is missing",
        allow_module_level=True,
    )
from playwright.sync_api import sync_playwright  # noqa: E402

MADE: dict[str, Callable[[], Result]] = {
    "regression": made_results.regression,
    "classification": made_results.classification,
    "forecasts": made_results.forecasts,
    "hostile": made_results.hostile,
    "daily": made_outlooks.daily,
    "hostile_panel": partial(made_outlooks.hostile_panel, series=310),
    "classical": made_outlooks.classical,
    "one_step": made_outlooks.one_step,
}
CHARTS = {"daily": 9, "hostile_panel": 3, "classical": 9, "one_step": 9}


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield running
        running.close()


@pytest.fixture(scope="module")
def reports(tmp_path_factory):
    folder = tmp_path_factory.mktemp("reports")
    for name, made in MADE.items():
        (folder / f"{name}.html").write_text(render(made()), encoding="utf-8")
    return folder


@pytest.fixture
def visit(browser, reports):
    """Open a report; at the end nothing may have been complained of or asked for."""
    contexts, complaints, requests = [], [], []

    def open_page(name, *, width=1280, scheme="light"):
        context = browser.new_context(
            viewport={"width": width, "height": 800}, color_scheme=scheme, reduced_motion="reduce"
        )
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("dialog", lambda dialog: complaints.append(f"dialog: {dialog.message}"))
        page.on("request", lambda request: requests.append(request.url))
        page.goto((reports / f"{name}.html").as_uri())
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []
    assert [url for url in requests if not url.startswith(("file:", "data:"))] == []


def draw_all(page):
    for figure in page.query_selector_all("figure[data-chart]"):
        figure.scroll_into_view_if_needed()
        figure.wait_for_selector("svg[role=img]")
    return page.query_selector_all(".plot > svg")


@pytest.mark.parametrize("name", list(MADE))
@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (360, "dark")])
def test_charts_are_drawn_and_nothing_overflows(visit, name, width, scheme):
    page = visit(name, width=width, scheme=scheme)
    charts = draw_all(page)
    assert len(charts) == CHARTS.get(name, 4)
    for chart in charts:
        assert chart.get_attribute("aria-label")
        assert chart.query_selector(".series .mark, .series .line").get_attribute("d")
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_charts_below_are_drawn_without_a_scroll_once_there_is_time(visit):
    page = visit("classification")
    page.locator(".plot > svg").nth(3).wait_for(state="attached")
    assert page.locator(".plot > svg").count() == 4
    assert page.evaluate("scrollY") == 0


def test_sorting(visit):
    page = visit("regression")

    def models():
        return page.eval_on_selector_all(
            "#comparison tbody th", "cells => cells.map(c => c.textContent)"
        )

    head = page.locator("#comparison thead th", has_text="RMSE")
    before = models()
    head.locator("button").focus()
    page.keyboard.press("Enter")
    assert head.get_attribute("aria-sort") == "ascending"
    assert models() == before
    page.keyboard.press("Enter")
    assert head.get_attribute("aria-sort") == "descending"
    assert models() == before[::-1]
    names = page.locator("#comparison thead th", has_text="model")
    names.locator("button").click()
    assert models() == sorted(before)
    assert head.get_attribute("aria-sort") == "none"


def test_keys_read_values_and_zoom(visit):
    page = visit("regression")
    draw_all(page)
    figure = page.locator("figure[data-chart=forecasts]")
    chart = figure.locator("svg[role=img]")
    chart.focus()
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    readout = figure.locator(".readout").inner_text()
    assert readout.startswith("2018-09-13 00:30")
    assert "truth" in readout
    assert "lstm, seed" in readout
    before = chart.get_attribute("aria-label")
    page.keyboard.press("+")
    assert chart.get_attribute("aria-label") != before
    figure.get_by_role("button", name="show all").click()
    assert "to 2018-09-28 15:00" in chart.get_attribute("aria-label")


def test_focus_is_visible(visit):
    page = visit("regression")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Tab")
    style = page.evaluate(
        "[document.activeElement.id, getComputedStyle(document.activeElement).outlineStyle]"
    )
    assert style == ["theme", "solid"]


def test_dragging_zooms_and_hovering_reads(visit):
    page = visit("regression")
    draw_all(page)
    figure = page.locator("figure[data-chart=losses]")
    chart = figure.locator("svg[role=img]")
    chart.scroll_into_view_if_needed()
    box = chart.bounding_box()
    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] * 0.4, middle)
    assert "epoch" in figure.locator(".readout").inner_text()
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.7, middle, steps=4)
    page.mouse.up()
    assert "from epoch 1 " not in chart.get_attribute("aria-label")
    page.mouse.dblclick(box["x"] + box["width"] * 0.5, middle)
    assert "from epoch 1 to epoch 25" in chart.get_attribute("aria-label")


def test_legend_scale_and_table_behind(visit):
    page = visit("regression")
    draw_all(page)
    figure = page.locator("figure[data-chart=losses]")
    chart = figure.locator("svg[role=img]")
    assert "gru" in chart.get_attribute("aria-label")
    toggle = figure.get_by_role("button", name="gru", exact=True)
    toggle.click()
    assert toggle.get_attribute("aria-pressed") == "false"
    assert "gru" not in chart.get_attribute("aria-label")
    ticks = chart.locator("text.tick").all_inner_texts()
    figure.get_by_role("button", name="logarithmic scale").click()
    assert chart.locator("text.tick").all_inner_texts() != ticks
    figure.locator("summary").click()
    rows = figure.locator(".behind tbody tr")
    rows.first.wait_for(state="attached")  # filled by an event that comes after the click
    assert rows.count() == 25
    assert figure.locator(".behind thead th").first.get_attribute("scope") == "col"


def test_windows_variants_and_steps_are_chosen(visit):
    page = visit("forecasts")
    draw_all(page)
    figure = page.locator("figure[data-chart=forecasts]")
    figure.get_by_label("variant").select_option(label="10-step/all")
    chart = figure.locator("svg[role=img]")
    assert "row 0" in chart.get_attribute("aria-label")
    assert chart.locator(".band").count() == 1
    figure.get_by_role("button", name="next window").click()
    assert "row 1" in chart.get_attribute("aria-label")
    residuals = page.locator("figure[data-chart=residuals]")
    residuals.get_by_label("variant").select_option(label="10-step/all")
    before = residuals.locator(".plot .mark").first.get_attribute("d")
    assert ", step 10" in residuals.locator("svg[role=img]").get_attribute("aria-label")
    residuals.get_by_label("step ahead").select_option(label="10")
    assert residuals.locator(".plot .mark").first.get_attribute("d") != before


def test_theme_follows_the_system_and_the_button(visit):
    page = visit("regression", scheme="dark")

    def background():
        return page.evaluate("getComputedStyle(document.body).backgroundColor")

    dark = background()
    assert dark == "rgb(20, 23, 27)"
    page.locator("#theme").click()
    assert background() == "rgb(255, 255, 255)"
    page.locator("#theme").click()
    assert background() == dark
    page.emulate_media(media="print")
    assert background() == "rgb(255, 255, 255)"


def test_printing_draws_what_was_not_yet_seen(visit):
    page = visit("classification")
    assert page.pdf(format="A4").startswith(b"%PDF")
    assert len(page.query_selector_all(".plot > svg")) == 4


def test_the_fan_reads_its_bands_and_hides_them(visit):
    page = visit("daily")
    draw_all(page)
    figure = page.locator("figure[data-chart=fans]")
    chart = figure.locator("svg[role=img]")
    assert chart.locator(".band").count() == 2
    assert chart.locator(".now").count() == 1
    chart.focus()
    page.keyboard.press("End")
    readout = figure.locator(".readout").inner_text()
    assert readout.startswith("2024-04-22")
    assert "(95 %: " in readout
    assert "(80 %: " in readout
    figure.get_by_role("button", name="95 %").click()
    assert chart.locator(".band").count() == 1


def test_a_band_of_one_step_has_a_width(visit):
    page = visit("one_step")
    draw_all(page)
    bands = page.locator("figure[data-chart=fans] svg[role=img] .band")
    assert bands.count() == 2
    for band in bands.all():
        box = band.bounding_box()
        assert box["width"] > 5
        assert box["height"] > 5


def test_errors_by_origin_and_step_and_coverage(visit):
    page = visit("daily")
    draw_all(page)
    for by, first in (("origin", "2024-03-01"), ("step", "step ahead 1")):
        figure = page.locator(f"figure[data-by={by}]")
        chart = figure.locator("svg[role=img]")
        assert f"from {first}" in chart.get_attribute("aria-label")
        figure.get_by_label("metric").select_option(label="bias")
        assert "bias by" in chart.get_attribute("aria-label")
    coverage = page.locator("figure[data-chart=coverage]")
    lines = coverage.locator(".series .line").count()
    coverage.get_by_role("button", name="80 %").click()
    assert coverage.locator(".series .line").count() == lines - 2


def test_a_series_of_a_panel_is_chosen(visit):
    page = visit("hostile_panel")
    draw_all(page)
    figure = page.locator("figure[data-chart=fans]")
    assert "the 300 series with the largest values of 310" in figure.inner_text()
    names = figure.get_by_label("series").locator("option").all_inner_texts()
    hostile = next(i for i, name in enumerate(names) if i and "<script>" in name)
    figure.get_by_label("series").select_option(index=hostile)
    assert "<script>alert('x')</script>" in figure.locator("svg[role=img]").get_attribute(
        "aria-label"
    )


def test_the_forecaster_is_shown_even_where_a_baseline_is_better(visit):
    page = visit("classical")
    draw_all(page)
    for chart in ("forecasts", "residuals"):
        figure = page.locator(f"figure[data-chart={chart}]")
        shown = figure.get_by_role("button", name="theta", exact=True)
        assert shown.get_attribute("aria-pressed") == "true"
