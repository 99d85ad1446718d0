"""Numbers as small as a chart can be drawn from.

Values are stored as 16-bit steps between the least and the greatest of their array (an error of
1/131,000 of the range, a hundredth of a pixel), classes as bytes.
"""

import base64
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
MISSING = 65_535
MISSING_CLASS = 255


def rounded(value: Any) -> float | None:
    """Five significant digits: what a chart and its hover show."""
    return float(f"{value:.5g}") if value is not None and np.isfinite(value) else None


def packed_index(index: Array) -> dict[str, Any]:
    """Time stamps as milliseconds, numbers as they are, anything else as text."""
    if index.dtype.kind == "M":
        kind = "time"
        numbers = index.astype("datetime64[ms]").astype(np.int64).astype(np.float64)
    elif index.dtype.kind in "iuf":
        kind, numbers = "row", index.astype(np.float64)
    else:
        return {"kind": "text", "values": [str(value) for value in index]}
    steps = np.diff(numbers)
    if len(numbers) and np.all(np.isfinite(numbers)) and np.all(steps == steps[:1]):
        return {"kind": kind, "from": numbers[0], "step": steps[0] if len(steps) else 1.0}
    return {"kind": kind, "values": [v if np.isfinite(v) else None for v in numbers.tolist()]}


def packed(values: Array, classes: bool = False) -> dict[str, Any]:
    """Bytes of codes, or 16-bit steps between the least and the greatest finite value."""
    flat = np.ravel(values)
    known = np.isfinite(flat)
    if classes:
        codes = np.where(known, flat, MISSING_CLASS).astype(np.uint8)
        return {"bytes": _text(codes)}
    low, high = (float(flat[known].min()), float(flat[known].max())) if known.any() else (0.0, 0.0)
    step = (high - low) / (MISSING - 1) or 1.0
    steps = np.full(len(flat), MISSING, dtype="<u2")
    steps[known] = np.rint((flat[known] - low) / step)
    return {"low": low, "step": step, "steps": _text(steps)}


def _text(values: Array) -> str:
    return base64.b64encode(values.tobytes()).decode("ascii")
