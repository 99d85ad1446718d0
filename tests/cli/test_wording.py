"""Keywords of messages as options."""

from typing import Any

import pytest
import typer

from gatecast.cli import main as cli
from gatecast.cli.wording import in_options, options_of


@pytest.fixture(scope="module")
def options():
    group: Any = typer.main.get_command(cli.app)
    return options_of(group.commands["compare"])


@pytest.mark.parametrize(
    ("message", "said"),
    [
        ("pass unsorted='sort' to sort", "pass --unsorted sort to sort"),
        ('say time="row"', "say --time row"),
        ("pass force=True to write", "pass --force to write"),
        ("dayfirst=True or dayfirst=False", "--dayfirst or --monthfirst"),
        ("pass missing_texts=['n.a. (x)'] if", "pass --missing-texts 'n.a. (x)' if"),
        ("categorical=['a', 'b'], or", "--categorical a,b, or"),
        ("pass date_format=, such as '%d'", "pass --date-format, such as '%d'"),
        ("pass freq= if it is another", "pass --freq if it is another"),
        ("nothing=1 and time>=2 and x.time=3", "nothing=1 and time>=2 and x.time=3"),
        ("or time=None to number", "or --time row to number"),
        ("seed=None is", "seed=None is"),
        ("seeds=3 and table='x'", "--seeds 3 and table='x'"),
    ],
)
def test_what_the_command_has_is_said_as_an_option(options, message, said):
    assert in_options(message, options) == said
