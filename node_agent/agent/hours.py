"""When a workstation may render: hours of the week, as its administrator writes them.

PURE. ``mon-fri 19:00-07:00, sat, sun``: days (or a range of them) and, where it is not the whole day, a
span of time; one that ends before it begins goes on into the next day. Times are the machine's own.
"""

from __future__ import annotations

import re

from msgspec import Struct

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY_MINUTES = 24 * 60
WEEK_MINUTES = 7 * DAY_MINUTES
_PART = re.compile(r"([a-z]{3})(?:-([a-z]{3}))?(?:\s+(\d\d?):(\d\d)-(\d\d?):(\d\d))?")
EXAMPLE = "such as 'mon-fri 19:00-07:00, sat, sun'"


class HoursFault(ValueError):
    """The text names no hours; the message is one sentence."""


class Hours(Struct, frozen=True):
    """Spans of the week in minutes from Monday 0:00; one may go past the week's end."""

    spans: tuple[tuple[int, int], ...]

    def hold(self, weekday: int, minute: int) -> bool:
        """Whether this minute of the day (0..1439; weekday 0 is Monday) is within them."""
        at = weekday * DAY_MINUTES + minute
        return any(
            first <= at < last or first <= at + WEEK_MINUTES < last for first, last in self.spans
        )


def parse_hours(text: str) -> Hours:
    """Read hours. Raises HoursFault."""
    spans: list[tuple[int, int]] = []
    for part in text.lower().split(","):
        spans += _spans(part.strip())
    return Hours(tuple(spans))


def _spans(part: str) -> list[tuple[int, int]]:
    match = _PART.fullmatch(part)
    if match is None:
        raise HoursFault(f"{part!r} are no hours; write them {EXAMPLE}.")
    first, last = _day(match[1]), _day(match[2] or match[1])
    days = range(first, (last if last >= first else last + 7) + 1)
    begin, end = 0, DAY_MINUTES
    if match[3]:
        begin, end = _minute(match[3], match[4]), _minute(match[5], match[6])
        end += DAY_MINUTES if end <= begin else 0
    return [(day % 7 * DAY_MINUTES + begin, day % 7 * DAY_MINUTES + end) for day in days]


def _day(word: str) -> int:
    if word not in DAYS:
        raise HoursFault(f"{word!r} is no day: {', '.join(DAYS)}.")
    return DAYS.index(word)


def _minute(hour: str, minute: str) -> int:
    if int(hour) > 24 or int(minute) > 59 or (int(hour) == 24 and int(minute)):
        raise HoursFault(f"{hour}:{minute} is no time of the day.")
    return int(hour) * 60 + int(minute)
