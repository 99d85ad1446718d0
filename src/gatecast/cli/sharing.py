"""Options that several commands have: written once, given to each."""

import inspect
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

Made = TypeVar("Made")


def with_options(
    name: str, options: Callable[..., Any]
) -> Callable[[Callable[..., Made]], Callable[..., Made]]:
    """Give a function the parameters of ``options`` in the place of its own parameter ``name``.

    There it gets what ``options`` makes of them.

    Examples
    --------
    >>> def reading(decimal: str = ".", encoding: str = "utf-8") -> str:
    ...     return f"{encoding} with {decimal}"
    >>> @with_options("how", reading)
    ... def show(table: str, how: str, force: bool = False) -> str:
    ...     return f"{table} is {how}"
    >>> list(inspect.signature(show).parameters)
    ['table', 'decimal', 'encoding', 'force']
    >>> show(table="sales.csv", decimal=",")
    'sales.csv is utf-8 with ,'
    """
    shared = inspect.signature(options).parameters

    def decorate(function: Callable[..., Made]) -> Callable[..., Made]:
        @wraps(function)
        def wrapped(**given: Any) -> Made:
            chosen = {one: given.pop(one) for one in shared if one in given}
            return function(**given, **{name: options(**chosen)})

        own = inspect.signature(function).parameters
        spread = [
            parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY)
            for one in own
            for parameter in (shared.values() if one == name else (own[one],))
        ]
        wrapped.__signature__ = inspect.Signature(spread)  # type: ignore[attr-defined]
        wrapped.__annotations__ = {one.name: one.annotation for one in spread}
        return wrapped

    return decorate
