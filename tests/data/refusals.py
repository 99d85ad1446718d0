"""How a table is refused."""

import pytest

from gatecast.data.tables import read_table
from gatecast.errors import TableError


def refusal(source, **options):
    """The one sentence that a table is refused with."""
    with pytest.raises(TableError) as caught:
        read_table(source, **options)
    message = str(caught.value)
    assert "\n" not in message
    return message
