"""How far a long training is, for whoever wants to know."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TypeAlias

#: is told how many updates of how many are done
Listener: TypeAlias = Callable[[int, int], None]

_listener: ContextVar[Listener | None] = ContextVar("listener", default=None)


@contextmanager
def listening(listener: Listener) -> Iterator[None]:
    """Have the listener told of every update that is made within.

    Examples
    --------
    >>> with listening(lambda done, total: print(f"{done} of {total}")):
    ...     tick(1, 2)
    1 of 2
    """
    token = _listener.set(listener)
    try:
        yield
    finally:
        _listener.reset(token)


def tick(done: int, total: int) -> None:
    """So many updates are done: to be said by a training after each."""
    if (listener := _listener.get()) is not None:
        listener(done, total)


@contextmanager
def bar(words: str, show: bool | None = None) -> Iterator[None]:
    """Show a bar on stderr that every training within fills once.

    Parameters
    ----------
    words : str
        What is being done.
    show : bool, optional
        By default where stderr is a terminal and nobody listens yet.
    """
    if show is None:
        show = sys.stderr.isatty() and _listener.get() is None
    if not show:
        yield
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    shown = Progress(
        SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(),
        console=Console(stderr=True), transient=True,
    )  # fmt: skip
    task = shown.add_task(words, total=None)
    with shown, listening(lambda done, total: shown.update(task, completed=done, total=total)):
        yield
