"""The command line: exit codes, and how an error looks."""

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
