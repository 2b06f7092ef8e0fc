"""What the search box leaves."""

import pytest

from app.gui.queue import filters
from tests.gui.fakes import shot_row


@pytest.mark.parametrize(
    ("typed", "holds"),
    [
        ("", True),
        ("SH0030", True),
        ("sq010 mia", True),
        ("sq010 jonas", False),
        ("state:fail", True),
        ("state:done", False),
        ("user:mi memory", True),
        ("shot:sh00", True),
        ("shot:0030", False),
        ("unknown:word", False),
        ("state:done,fail", True),
        ("user:jonas,aiko", False),
        ("state:", True),
    ],
)
def test_every_word_must_be_there(typed, holds):
    row = shot_row(3, state="failed", error="Out of GPU memory")
    assert filters.parse(typed).holds(row, filters.haystack(row)) is holds


def test_an_empty_search_filters_nothing():
    assert not filters.parse("  ")
    assert filters.parse("x")
