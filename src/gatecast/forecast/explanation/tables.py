"""Explanations as tables of the library that the user's own table came from."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from gatecast.errors import InputError
from gatecast.forecast.explanation.explaining import explain_model
from gatecast.forecast.history import History, Rows
from gatecast.forecast.model import Model
from gatecast.forecast.reading import Known
from gatecast.forecast.writing import write_frame

#: series that are explained without being named
MOST = 20


def explained_table(
    model: Model,
    known: Known,
    history: History,
    ids: Sequence[Any] | None = None,
    *,
    method: str = "auto",
    seed: int = 0,
) -> Any:
    """A line for each series, step ahead and input: what it adds to the forecast.

    Parameters
    ----------
    model : Model
    known : Known
        The series as they were read.
    history : History
        The same, with the covariates known in advance.
    ids : sequence, optional
        Which series; all of them where they are few.
    method : {"auto", "gradients", "walks"}
    seed : int

    Returns
    -------
    table
        ``unique_id, ds, input, place, contribution``.  The contributions of a step sum to its
        forecast: the inputs ``baseline`` and ``remainder`` are lines too.
    """
    chosen = _chosen(known, ids)
    found = explain_model(model, history, history.ends().take(chosen), method=method, seed=seed)
    count, steps = found.forecast.shape
    names = [*(name for name, _ in found.columns), "baseline", "remainder"]
    places = [*(place for _, place in found.columns), 0, 0]
    told = np.concatenate(
        [found.contributions, found.baseline[..., None], found.remainder[..., None]], axis=2
    )
    series = np.repeat(chosen, steps * len(names))
    ahead = np.tile(np.repeat(np.arange(steps), len(names)), count)
    columns = {
        "input": np.tile(np.array(names, object), count * steps),
        "place": np.tile(np.array(places, np.int64), count * steps),
        "contribution": told.ravel(),
    }
    return write_frame(known, series, known.history.lengths[series] + ahead, columns)


def _chosen(known: Known, ids: Sequence[Any] | None) -> Rows:
    """The numbers of the series that were named."""
    if ids is None:
        if len(known.ids) > MOST:
            raise InputError(
                f"there are {len(known.ids)} series; name those to explain, "
                f"ids=[{known.ids[0]!r}] say"
            )
        return np.arange(len(known.ids))
    if not isinstance(ids, Sequence | np.ndarray):
        raise InputError(f"ids must be names of series in a list, it is {ids!r}")
    ids = [ids] if isinstance(ids, str) else ids
    place = {str(name): series for series, name in enumerate(known.ids)}
    for name in ids:
        if str(name) not in place:
            raise InputError(f"ids names {name!r}, which is no series of the table")
    if not len(ids):
        raise InputError("ids is empty; name one series at least")
    return np.array([place[str(name)] for name in ids], np.intp)
