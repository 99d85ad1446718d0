"""What was typed, and messages in its words: ``gaps='insert'`` of Python is ``--gaps insert``."""

import ast
import re
import shlex
import sys
from collections.abc import Mapping
from typing import Any, TypeAlias

#: name of a keyword -> its option, and for a switch the option that turns it off
Options: TypeAlias = Mapping[str, tuple[str, ...]]

_KEYWORD = re.compile(
    r"(?<![\w.\-])([a-z_]+)=('[^']*'|\"[^\"]*\"|\[[^\]]*\]|True|False|None|[\d.]*\d|)(?=[\s,;:)]|$)"
)

#: what Python calls otherwise than the commands do
_OTHERWISE = {"h": "horizon", "n_windows": "windows", "step_size": "step", "n_jobs": "jobs"}
_ARGUMENT = re.compile(r"([a-z_]+)(?= (?:must|has) )")
#: words that are Python's alone
_WORDS = {
    "'auto', True, False or some of": "auto, all, none or some of",
    "make the Forecaster with": "fit anew with",
    " of the Forecaster": " when you fit",
}

#: how an option says None
_NONE = {"time": "row", "level": "none"}


def typed() -> str:
    """The command as it was typed."""
    return shlex.join(["gatecast", *sys.argv[1:]])


def options_of(command: Any) -> Options:
    """The options of one of Typer's commands, by the parameter's name and by their own.

    Examples
    --------
    >>> from types import SimpleNamespace as Made
    >>> gaps = Made(name="gaps", opts=["--gaps"], secondary_opts=[])
    >>> table = Made(name="table", opts=["table"], secondary_opts=[])
    >>> options_of(Made(params=[gaps, table]))
    {'gaps': ('--gaps',)}
    """
    return {
        name: (parameter.opts[0], *parameter.secondary_opts[:1])
        for parameter in command.params
        if parameter.opts[0].startswith("--")
        for name in (parameter.opts[0][2:].replace("-", "_"), parameter.name)
    }


def in_options(message: str, options: Options) -> str:
    """Write the keywords of a message as options, where there are such.

    Examples
    --------
    >>> options = {"gaps": ("--gaps",), "dayfirst": ("--dayfirst", "--monthfirst")}
    >>> in_options("pass gaps='insert', or freq= if it is another", options)
    'pass --gaps insert, or freq= if it is another'
    >>> in_options("pass dayfirst=True or dayfirst=False", options)
    'pass --dayfirst or --monthfirst'
    >>> in_options("n_windows must be at least 1", {"windows": ("--windows",)})
    '--windows must be at least 1'
    """
    first = _ARGUMENT.match(message)
    for words, own in _WORDS.items():
        message = message.replace(words, own)
    message = _KEYWORD.sub(lambda found: _option(found, options), message)
    name = "" if first is None else _OTHERWISE.get(first[1], first[1])
    return options[name][0] + message[len(first[1]) :] if first and name in options else message


def _option(found: re.Match[str], options: Options) -> str:
    name, value = found.groups()
    if name not in options:
        return found.group()
    flag = options[name][0]
    if value == "":
        return flag
    if value == "None":
        return f"{flag} {_NONE[name]}" if name in _NONE else found.group()
    literal = ast.literal_eval(value)
    if isinstance(literal, bool):
        return flag if literal else options[name][-1]
    text = ",".join(map(str, literal)) if isinstance(literal, list) else str(literal)
    return f"{flag} {shlex.quote(text)}"
