"""Moments as people type them."""

from argparse import ArgumentTypeError
from datetime import datetime

import pytest

from app.cli.when import end, moment, past, shown

NOON = datetime(2026, 11, 24, 12).timestamp()  # noqa: DTZ001 -- local, as typed


@pytest.mark.parametrize(
    ("text", "moved"),
    [
        ("18:00", "2026-11-24 18:00"),
        ("10:30", "2026-11-25 10:30"),
        ("12:00", "2026-11-25 12:00"),
        ("+90m", "2026-11-24 13:30"),
        ("2026-12-01 07:05", "2026-12-01 07:05"),
        ("2026-12-01T07:05", "2026-12-01 07:05"),
        ("2026-12-01", "2026-12-01 00:00"),
        ("tomorrow 10:00", "2026-11-25 10:00"),
        ("fri 18:00", "2026-11-27 18:00"),
    ],
)
def test_moments(text, moved):
    assert shown(moment(text, NOON)) == moved


@pytest.mark.parametrize("text", ["", "25:00", "soon", "2026-02-30", "+", "+x"])
def test_what_is_no_moment(text):
    with pytest.raises(ArgumentTypeError):
        moment(text, NOON)


def test_a_past_time_is_the_last_one():
    now = datetime(2026, 11, 25, 9, 0).timestamp()  # noqa: DTZ001
    assert past("18:00", now) == datetime(2026, 11, 24, 18, 0).timestamp()  # noqa: DTZ001
    assert past("08:30", now) == datetime(2026, 11, 25, 8, 30).timestamp()  # noqa: DTZ001
    assert past("2h", now) == now - 7200
    assert past("2026-11-01", now) == datetime(2026, 11, 1).timestamp()  # noqa: DTZ001


def test_a_day_alone_that_is_a_limit_is_its_end():
    assert shown(end("tomorrow", NOON)) == "2026-11-25 23:59"
    assert shown(moment("tomorrow", NOON)) == "2026-11-25 00:00"
    assert past("yesterday 18:00", NOON) == datetime(2026, 11, 23, 18).timestamp()  # noqa: DTZ001
