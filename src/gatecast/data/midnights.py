"""Days that close with a 00:00 of their own date, as meters write them.

Under one date such a table has 00:15, 00:30, …, 23:45, 00:00.  Sorted, the last quarter of an hour
of each day would become its first, and nobody would see it.
"""

import numpy as np

from gatecast.data.checks import Array, Rows


def closing_rows(moments: Array, same: Array) -> Rows:
    """Rows that are 00:00 of the date of the row before; none unless every fall in time is one.

    Parameters
    ----------
    moments : (rows,) datetime64 or numbers
        Local times, series by series; numbered steps have no midnights.
    same : (rows - 1,) array of bool
        Whether each row but the first is of the same series as the one before.

    Examples
    --------
    >>> times = ["2024-01-01T12", "2024-01-01T00", "2024-01-02T12", "2024-01-02T00"]
    >>> closing_rows(np.array(times, "datetime64[h]"), np.full(3, True))
    array([1, 3])
    """
    none = np.zeros(0, np.intp)
    if moments.dtype.kind != "M":
        return none
    days = moments.astype("datetime64[D]")
    falls = np.flatnonzero(same & (moments[1:] < moments[:-1])) + 1
    closing = (moments[falls] == days[falls]) & (days[falls] == days[falls - 1])
    following = np.minimum(falls + 1, len(moments) - 1)
    last = (following == falls) | ~np.append(same, False)[falls]
    closing &= last | (days[following] > days[falls])
    return falls.astype(np.intp) if closing.all() else none
