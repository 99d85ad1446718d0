"""Every Python block of the pages runs; every make target that they name exists."""

import re

import pytest

from tests.docs.commands import ROOT, blocks, check_options, commands

PAGES = sorted(
    str(page.relative_to(ROOT)) for page in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
)


def test_the_readme_has_blocks_of_both_kinds():
    assert blocks("README.md", "python")
    assert blocks("README.md", "sh")


@pytest.mark.parametrize("page", [page for page in PAGES if blocks(page, "python")])
def test_python_blocks_run_in_their_order(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {"__name__": "page"}
    for number, code in enumerate(blocks(page, "python"), start=1):
        exec(compile(code, f"{page}, block {number}", "exec"), names)


@pytest.mark.parametrize("page", PAGES)
def test_commands_are_options_that_there_are(page):
    for script in blocks(page, "sh"):
        for command in commands(script):
            check_options(command)


@pytest.mark.parametrize("page", PAGES)
def test_make_targets_exist(page):
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    named = re.findall(r"`make ([a-z]+)", (ROOT / page).read_text("utf-8"))
    for script in blocks(page, "sh"):
        named += re.findall(r"\bmake ([a-z]+)", script)
    assert set(named) <= targets


@pytest.mark.parametrize("page", PAGES)
def test_links_into_the_repository_lead_somewhere(page):
    links = re.findall(r"\]\((?!https?:|#|mailto:)([^)#]+)", (ROOT / page).read_text("utf-8"))
    for link in links:
        assert ((ROOT / page).parent / link).exists(), link
