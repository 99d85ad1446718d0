"""Options of several values: names with commas between them, numbers one after the other."""

from collections.abc import Sequence
from typing import Any

from typer.core import TyperCommand

from gatecast.errors import InputError

#: of these every number that follows is one more value: ``--level 80 95``
OF_NUMBERS = ("--level",)


class ManyNumbers(TyperCommand):
    """A command whose ``--level`` takes several numbers."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        return super().parse_args(ctx, repeated(args))


def repeated(words: Sequence[str]) -> list[str]:
    """Put the option before each of its numbers, as the parser wants it.

    Examples
    --------
    >>> repeated(["model", "--level", "80", "95", "-o", "forecast.csv"])
    ['model', '--level', '80', '--level', '95', '-o', 'forecast.csv']
    """
    found: list[str] = []
    option, wanting = "", False
    for word in words:
        if option and not wanting and _is_number(word):
            found.append(option)
        elif not wanting:
            name, _, value = word.partition("=")
            option = name if name in OF_NUMBERS else ""
            wanting = bool(option) and not value
            found.append(word)
            continue
        wanting = False
        found.append(word)
    return found


def _is_number(word: str) -> bool:
    return word.replace(".", "", 1).isdigit()


def numbers_of(option: str, texts: Sequence[str]) -> tuple[float, ...]:
    """Numbers, also with commas or spaces between them; ``none`` is no number at all.

    Examples
    --------
    >>> numbers_of("level", ["80", "90, 95"]), numbers_of("level", ["none"])
    ((80.0, 90.0, 95.0), ())
    """
    words = [word for text in texts for word in text.replace(",", " ").split()]
    if words == ["none"]:
        return ()
    if not words or not all(map(_is_number, words)):
        raise InputError(
            f"--{option} must be numbers such as 80 95, or none; it is {' '.join(texts)!r}"
        )
    return tuple(map(float, words))


def names_of(option: str, text: str | None) -> list[str] | None:
    """Names separated by commas.

    Examples
    --------
    >>> names_of("past", "price, promotion")
    ['price', 'promotion']
    """
    if text is None:
        return None
    names = [part.strip() for part in text.split(",")]
    if not all(names):
        raise InputError(f"--{option} must be names separated by commas, it is {text!r}")
    return names
