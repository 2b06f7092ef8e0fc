"""Hours of a workstation: what they hold, and what is no hours."""

import pytest

from node_agent.agent.hours import HoursFault, parse_hours

NIGHTS = "mon-fri 19:00-07:00, sat, sun"


@pytest.mark.parametrize(
    ("text", "weekday", "clock", "holds"),
    [
        (NIGHTS, 0, "18:59", False),
        (NIGHTS, 0, "19:00", True),
        (NIGHTS, 1, "06:59", True),
        (NIGHTS, 1, "07:00", False),
        (NIGHTS, 5, "12:00", True),
        (NIGHTS, 5, "06:00", True),
        ("sun 22:00-06:00", 0, "05:59", True),
        ("sun 22:00-06:00", 0, "06:00", False),
        ("fri-mon", 6, "00:00", True),
        ("fri-mon", 2, "00:00", False),
        ("TUE 0:00-24:00", 1, "23:59", True),
        ("tue 0:00-24:00", 2, "00:00", False),
    ],
)
def test_hours_hold(text, weekday, clock, holds):
    hour, minute = map(int, clock.split(":"))
    assert parse_hours(text).hold(weekday, hour * 60 + minute) is holds


@pytest.mark.parametrize(
    "text", ["", "mon 7-9", "someday", "mon 25:00-26:00", "mon 7:60-8:00", "mon,"]
)
def test_what_is_no_hours_is_refused_in_a_sentence(text):
    with pytest.raises(HoursFault, match=r"\.$"):
        parse_hours(text)
