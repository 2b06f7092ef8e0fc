"""Moments as people type them, on a Tuesday at 7:30."""

from datetime import datetime

import pytest

from app.client.moments import parse, typed


def at(day, hour, minute=0):
    return datetime(2026, 12, day, hour, minute).timestamp()  # noqa: DTZ001 -- local, as typed


TUESDAY = at(1, 7, 30)


@pytest.mark.parametrize(
    ("words", "moment"),
    [
        ("10:00", at(1, 10)),
        ("7:00", at(2, 7)),
        ("9", at(1, 9)),
        ("6pm", at(1, 18)),
        ("12am", at(2, 0)),
        ("today 18:00", at(1, 18)),
        ("Tonight", at(1, 23, 59)),
        ("tomorrow 9", at(2, 9)),
        ("fri 18:00", at(4, 18)),
        ("Friday", at(4, 23, 59)),
        ("tue 10:00", at(8, 10)),
        ("2026-12-24 12:30", at(24, 12, 30)),
        ("in 3 h", at(1, 10, 30)),
        ("+90min", at(1, 9)),
    ],
)
def test_what_people_type(words, moment):
    assert parse(words, TUESDAY) == moment


@pytest.mark.parametrize("words", ["", "soon", "25:00", "10:75", "fri late", "2026-02-30", "in h"])
def test_what_is_no_moment(words):
    assert parse(words, TUESDAY) is None


def test_what_is_written_can_be_read():
    assert parse(typed(at(4, 18)), TUESDAY) == at(4, 18)
