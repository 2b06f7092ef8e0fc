"""Numbers as people read them."""

from datetime import UTC, datetime

import pytest

from app.gui import text

ZONE = UTC
NOW = datetime(2026, 3, 2, 17, 0, tzinfo=ZONE).timestamp()


@pytest.mark.parametrize(
    ("seconds_later", "expected"),
    [
        (0, "17:00"),
        (6300, "18:45"),
        (8 * 3600, "tomorrow 01:00"),
        (3 * 86400, "Thu 17:00"),
        (40 * 86400, "11 Apr 17:00"),
        (-3600, "16:00"),
    ],
)
def test_a_time_of_the_clock_says_its_day_where_it_must(seconds_later, expected):
    assert text.clock(NOW + seconds_later, NOW, ZONE) == expected


def test_an_unknown_time_is_not_said():
    assert text.clock(0, NOW, ZONE) == ""


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (-5, "0 s"),
        (42, "42 s"),
        (90, "2 min"),
        (3599, "60 min"),
        (3600, "1 h 00 min"),
        (4800, "1 h 20 min"),
        (36000, "10 h"),
        (90000, "1 d 1 h"),
        (172800, "2 d"),
    ],
)
def test_a_duration_has_two_units_at_most(seconds, expected):
    assert text.duration(seconds) == expected


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(4.24, "4.2 s"), (67, "1:07"), (3729, "1:02:09")],
)
def test_a_frames_time_is_exact(seconds, expected):
    assert text.exact_duration(seconds) == expected


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(10, ""), (-10, ""), (45, "+1 min"), (-720, "−12 min"), (3900, "+1 h 05 min")],
)
def test_a_shift_has_a_sign(seconds, expected):
    assert text.shift(seconds) == expected


def test_sizes_counts_and_ages():
    assert text.size(900) == "900 B"
    assert text.size(64 << 30) == "64 GiB"
    assert text.size(3.25 * 1024**3) == "3.2 GiB"
    assert text.plural(1, "frame") == "1 frame"
    assert text.plural(1234, "frame") == "1\N{THIN SPACE}234 frames"
    assert text.plural(2, "child", "children") == "2 children"
    assert text.age(0.4) == "just now"
    assert text.age(14) == "14 s ago"
