"""Time zones: one zone in a table, and hours that clocks skip or repeat explained."""

from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import numpy as np

from gatecast.errors import TableError

if TYPE_CHECKING:
    import pandas as pd


def in_one_zone(
    stamps: "pd.DatetimeIndex", offsets: list[str], timezone: str | None, where: str, series: Any
) -> "pd.DatetimeIndex":
    """Put all time stamps into one zone, or leave them without one.

    Parameters
    ----------
    stamps : DatetimeIndex
        Local times; in UTC where the texts had offsets; or with a zone of their own.
    offsets : list of str
        The offsets from UTC that the texts had; "" stands for none.
    timezone : str, optional
        What the user said.
    where : str
        The column's name and place, for messages.
    series : sequence or None
        Which series each row belongs to: the hour that clocks repeat is told apart by order.

    Examples
    --------
    >>> import pandas as pd
    >>> stamps = pd.DatetimeIndex(["2024-07-01 12:00"], tz="UTC")
    >>> in_one_zone(stamps, ["+02:00"], None, "column 'ds' of x.csv", None)[0].isoformat()
    '2024-07-01T14:00:00+02:00'
    """
    if timezone is not None:
        _check_zone(timezone)
    if stamps.tz is None:
        return stamps if timezone is None else _localised(stamps, timezone, where, series)
    if timezone is not None:
        return stamps.tz_convert(timezone)
    if len(offsets) > 1:
        raise TableError(
            f"{where} mixes time zones ({', '.join(zone or 'none' for zone in offsets[:4])}); "
            "pass timezone=, such as 'Europe/Berlin' or 'UTC', to put all times into one"
        )
    return stamps.tz_convert(offsets[0]) if offsets and offsets[0] != "+00:00" else stamps


def _localised(
    stamps: "pd.DatetimeIndex", timezone: str, where: str, series: Any
) -> "pd.DatetimeIndex":
    """Local times as moments of a zone, each series by itself."""
    import pandas as pd

    groups: list[Any] = [np.arange(len(stamps))]
    if series is not None:
        groups = list(pd.Series(np.arange(len(stamps))).groupby(np.asarray(series)).groups.values())
    moments = np.empty(len(stamps), dtype="datetime64[us]")
    for rows in groups:
        local = stamps[rows]
        try:
            zoned = local.tz_localize(timezone, ambiguous="infer", nonexistent="NaT")
        except (NotImplementedError, OverflowError) as error:  # the last hours of the year 9999
            raise TableError(f"{where} cannot be put into {timezone} ({error})") from error
        except ValueError as error:
            raise TableError(_ambiguous(local, rows, timezone, where, error)) from error
        if zoned.hasnans:
            row = int(zoned.isna().argmax())
            raise TableError(
                f"{where}, row {rows[row] + 1} holds {local[row]}, which does not exist in "
                f"{timezone}: clocks skip that hour; are the times in UTC or another zone?"
            )
        moments[rows] = zoned.tz_convert("UTC").tz_localize(None).to_numpy()
    return pd.DatetimeIndex(moments).tz_localize("UTC").tz_convert(timezone)


def _ambiguous(
    local: "pd.DatetimeIndex", rows: Any, timezone: str, where: str, error: Exception
) -> str:
    """Say which hour comes twice."""
    flagged = local.tz_localize(timezone, ambiguous="NaT", nonexistent="shift_forward").isna()
    if not flagged.any():
        return f"timezone={timezone!r} cannot be used ({error})"
    row = int(flagged.argmax())
    return (
        f"{where}, row {rows[row] + 1} holds {local[row]}, which comes twice in {timezone}: clocks "
        "go back over that hour, and the rows do not show which is meant; write times with their "
        "offset (2024-10-27 02:30+02:00) or in UTC"
    )


def _check_zone(timezone: Any) -> None:
    try:
        ZoneInfo(timezone)
    except (KeyError, ValueError, TypeError, OSError) as error:
        raise TableError(
            f"timezone={timezone!r} is not known; write it as 'Europe/Berlin' or 'UTC'"
        ) from error
