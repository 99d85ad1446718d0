"""The proof that nothing leaks: the future is replaced by noise, and nothing before it may move."""

from collections.abc import Callable, Mapping

import numpy as np

from gatecast.comparison.preparing import PARTS, Prepared
from gatecast.comparison.study import Study, Variant
from gatecast.errors import LeakError
from gatecast.forecast.samples import Array, Samples

Prepare = Callable[[Mapping[str, Array]], Prepared]


#: what a result says of a study that came as finished windows, without a proof
NOT_LOOKED_FOR = "not looked for: the study has no proof, only finished windows"


def prove(study: Study) -> str:
    """Look for leaks before any training, as far as a study lets us; what was found, in words.

    That no window of the training or validation part is asked for a row that the test windows
    are asked for can be seen from their index; what goes into them only by the study's proof.

    Raises
    ------
    LeakError
    """
    for variant in study.variants:
        _in_order(variant)
    if study.proof is None:
        return str(study.meta.get("leaks", NOT_LOOKED_FOR))
    return f"none: later rows were replaced by noise, and of {study.proof():,} windows none moved"


def _in_order(variant: Variant) -> None:
    """Refuse windows that learn or choose by what the test windows are asked for."""
    test = variant.test.index
    if not variant.in_time or test is None:
        return
    for part in ("train", "validation"):
        samples: Samples | None = getattr(variant, part)
        if samples is None or samples.index is None or samples.index.dtype != test.dtype:
            continue
        if samples.index.max() >= test.min():
            name = f" of variant {variant.name!r}" if variant.name else ""
            raise LeakError(
                f"the {part} windows{name} go up to {samples.index.max()}, and the test windows "
                f"begin at {test.min()}; split them in time, or say in_time=False if rows do not "
                "follow one another"
            )


def check_no_leak(
    prepare: Prepare, columns: Mapping[str, Array], row: int, *, seed: int = 0
) -> int:
    """Replace all rows from ``row`` on, and compare every window whose targets come before.

    Parameters
    ----------
    prepare : function from columns to Prepared
    columns : dict of (rows,) arrays
    row : int
        Must not be among the training rows: the future begins after them.
    seed : int

    Returns
    -------
    int
        How many windows were compared.

    Raises
    ------
    LeakError
    """
    before, after = prepare(columns), prepare(spoil(columns, row, seed))
    compared = 0
    for part in PARTS:
        horizon = 1 if before.samples[part].classes else before.samples[part].y.shape[1]
        rows = np.flatnonzero(before.first_target[part] + horizon <= row)
        _compare(part, before.samples[part].take(rows), after.samples[part].take(rows), row)
        compared += len(rows)
    # windows whose targets lie after the border may see no more of it than their look-back
    at = np.flatnonzero(before.first_target["test"] == row)
    for name in ("x", "past"):
        first, second = (getattr(p.samples["test"].take(at), name) for p in (before, after))
        _same("test", f"{name} of the window that begins there", first, second, row)
    return compared + len(at)


def spoil(columns: Mapping[str, Array], row: int, seed: int = 0) -> dict[str, Array]:
    """The columns with other values from ``row`` on: far numbers, categories in another order."""
    rng = np.random.default_rng(seed)
    spoiled = {}
    for name, values in columns.items():
        changed = values.copy()
        if values.dtype.kind == "f":
            size = 10 * float(values.std()) + 1
            changed[row:] += rng.normal(size, size, len(values) - row)
        else:
            changed[row:] = rng.permutation(values[row:])
        spoiled[name] = changed
    return spoiled


def _compare(part: str, before: Samples, after: Samples, row: int) -> None:
    for name in ("x", "y", "past", "base", "scale"):
        _same(part, name, getattr(before, name), getattr(after, name), row)


def _same(part: str, name: str, before: object, after: object, row: int) -> None:
    if not np.array_equal(np.asarray(before), np.asarray(after)):
        raise LeakError(
            f"{name} of the {part} windows before row {row} changed with the rows from {row} on: "
            "the future leaks into it"
        )
