"""Numbers as people read them, and what they write as numbers."""

import time
from argparse import ArgumentTypeError

import pytest

from app.cli import text


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(-1, "0 s"), (0.4, "0 s"), (59.4, "59 s"), (60, "1:00"), (3599.6, "1:00:00"), (7384, "2:03:04"),
     (3 * 86400 + 4 * 3600, "3 d 4 h")],
)  # fmt: skip
def test_durations(seconds, words):
    assert text.duration(seconds) == words


def test_clock_times_name_the_day_only_where_it_is_another():
    now = time.time()
    assert text.clock(0) == ""
    assert len(text.clock(now)) == 5
    assert len(text.clock(now + 2 * 86400)) == 9
    assert len(text.clock(now + 20 * 86400)) == 16


def test_sizes_plurals_and_lists():
    assert [text.size_of(size) for size in (12, 2048, 3 << 30, 5 << 40)] == [
        "12 B",
        "2.0 KiB",
        "3.0 GiB",
        "5.0 TiB",
    ]
    assert (text.plural(1, "frame"), text.plural(1200, "frame")) == ("1 frame", "1,200 frames")
    assert text.joined(["a"]) == "a"
    assert text.joined(["a", "b", "c"]) == "a, b and c"
    assert text.joined(["a", "b", "c", "d"]) == "a, b and 2 more"


def test_what_people_write():
    assert text.whole_number("64") == 64
    assert text.image_size("1920x1080") == (1920, 1080)
    assert [text.span(each) for each in ("90", "90s", "1.5m", "1h", "2d")] == [
        90,
        90,
        90,
        3600,
        172800,
    ]
    assert text.port_number("0") == 0
    options = [text.kernel_option(each) for each in ("max_depth=12", "clamp=2.5", "look=a=b")]
    assert options == [("max_depth", 12), ("clamp", 2.5), ("look", "a=b")]


@pytest.mark.parametrize(
    ("read", "wrong"),
    [
        *((text.whole_number, each) for each in ("0", "-1", "x", "1.5", "", "９", "9" * 30)),
        *(
            (text.image_size, each)
            for each in ("", "12", "0x5", "5x0", "axb", "99999x1", "1x2x3", "-1x5")
        ),
        *((text.span, each) for each in ("", "0", "h", "-1s", "1w", "1e3", "9" * 30)),
        *((text.kernel_option, each) for each in ("", "max_depth", "=3", "max depth=3")),
        *((text.port_number, each) for each in ("", "-1", "65536", "x", "9" * 30)),
    ],
)
def test_what_they_may_not(read, wrong):
    with pytest.raises(ArgumentTypeError, match=r"^must be "):
        read(wrong)
