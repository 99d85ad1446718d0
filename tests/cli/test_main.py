"""The command line: exit codes, and how an error looks."""

import io
import sys

import pytest

from gatecast.cli import main as cli
from gatecast.errors import InputError


def exit_code(*arguments: str) -> object:
    with pytest.raises(SystemExit) as end:
        cli.main(arguments)
    return end.value.code


def test_versions(capsys):
    assert exit_code("versions") == 0
    assert "kernels active" in capsys.readouterr().out


def test_no_arguments_print_the_help(capsys):
    assert exit_code() == 2
    assert "versions" in capsys.readouterr().out


def test_an_unknown_command_exits_with_2(capsys):
    assert exit_code("nonsense") == 2
    assert "nonsense" in capsys.readouterr().err


def test_a_wrong_input_is_one_message_and_no_traceback(monkeypatch, capsys):
    def refuse():
        raise InputError("column 'y' is missing; the columns are ds, value")

    monkeypatch.setattr(cli, "show_versions", refuse)
    assert exit_code("versions") == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err == "gatecast: column 'y' is missing; the columns are ds, value\n"


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (OSError(28, "No space left on device"), "the output cannot be written: No space left on"),
        (PermissionError(13, "Permission denied", "a/b"), "a/b: Permission denied"),
        (BrokenPipeError(32, "Broken pipe"), ""),
    ],
)
def test_what_cannot_be_written_is_one_message(monkeypatch, capsys, error, said):
    def fail():
        raise error

    monkeypatch.setattr(cli, "show_versions", fail)
    assert exit_code("versions") == 1
    shown = capsys.readouterr().err
    assert shown.startswith(f"gatecast: {said}") if said else not shown
    assert shown.count("\n") == bool(said)


def test_a_terminal_that_lacks_letters_is_shown_their_numbers(monkeypatch):
    shown = io.BytesIO()
    screen = io.TextIOWrapper(shown, encoding="ascii", write_through=True)
    monkeypatch.setattr(sys, "stdout", screen)
    monkeypatch.setattr(cli, "show_versions", lambda: screen.write("Zürich"))
    assert exit_code("versions") == 0
    assert shown.getvalue() == b"Z\\xfcrich"
