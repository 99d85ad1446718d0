"""What is said about a text that should be a number: never what would change its value."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatecast.data.remedies import remedy_for


@pytest.mark.parametrize(
    ("text", "remedy"),
    [
        ("€12.50", "write 12.50 without '€'"),
        ("-12.50 €", "write -12.50 without '€'"),
        ("(12.5)", "write -12.5"),
        ("12.5-", "write -12.5"),
        ("\u201312.5", "write -12.5"),
        ("- 12.5", "write -12.5"),
        ("($1,200.50)", "write a minus sign instead of the brackets, and the bare number"),
        ("3.4k", "write it in full, without 'k'"),
        ("2 Mio.", "write it in full, without 'Mio.'"),
        ("12 %", "write 12 without '%', in all rows alike"),
        ("<5", "write the number that is meant"),
        ("#DIV/0!", "mend the formula that it comes from"),
        ("12\u201313", "mend it"),
        ("low", "mend it"),
    ],
)
def test_what_is_said(text, remedy):
    assert remedy_for(text) == remedy


@given(
    size=st.decimals(1, 10**6, places=2, allow_nan=False).map(str),
    form=st.sampled_from(["({})", "{}-", "\u2013{}", "-{} €", "- {}", "($ {})", "\u2212{} kWh"]),
)
def test_no_remedy_turns_a_negative_number_into_a_positive_one(size, form):
    told = re.search(r"write ([\d.]+)", remedy_for(form.format(size)))
    assert told is None
