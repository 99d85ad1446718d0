"""Tables that are no one series: a comparison takes one."""

from gatecast.data.tables import Table
from gatecast.errors import TableError

SEVERAL = 1.5  # rows a moment, from which on a table is taken for several series


def check_one_series(table: Table, duplicates: str) -> None:
    """Refuse a table that holds several series, unless duplicates are to be merged."""
    if table.time is None or duplicates != "error":
        return
    count = table.frame[table.time].nunique()
    if len(table) >= SEVERAL * count:
        raise TableError(
            f"column {table.time!r} of {table.source} has {count:,} times in {len(table):,} rows: "
            "it seems to hold several series, and a comparison takes one; keep the rows of one, "
            "or pass duplicates='mean' to average them"
        )
