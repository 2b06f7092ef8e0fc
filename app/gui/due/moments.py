"""Moments of a studio's day, as names to choose from and as people type them. No Qt; local time.

The day turns around dailies: what is promised is mostly promised for them, for tonight or for the week's end.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from app.gui.words import mark

DAILIES = time(10, 0)
NIGHT = time(23, 59)
WEEK_END = time(18, 0)
FRIDAY = 4
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_UNITS = {"m": 60, "min": 60, "h": 3600, "d": 86400}
_SPAN = re.compile(r"(?:in|\+)\s*(\d{1,4}(?:\.\d)?)\s*(min|m|h|d)")
_CLOCK = re.compile(r"(\d{1,2})(?::(\d{2}))?\s*(am|pm)?")


@dataclass(frozen=True, slots=True)
class Moment:
    """A named moment; ``name`` is a text to translate."""

    key: str
    name: str
    at: float


def coming(now: float) -> list[Moment]:
    """Return the moments that promises are made for, soonest first."""
    here = datetime.fromtimestamp(now)  # noqa: DTZ006 -- local, as people live
    friday = _next(here, WEEK_END, weekday=FRIDAY)
    found = [
        Moment("dailies", mark("Before dailies"), _next(here, DAILIES).timestamp()),
        Moment("tonight", mark("Tonight"), _next(here, NIGHT).timestamp()),
        Moment("week", mark("This week"), friday.timestamp()),
        Moment("next_week", mark("Next week"), (friday + timedelta(days=7)).timestamp()),
    ]
    return sorted(found, key=lambda moment: moment.at)


def _next(here: datetime, clock: time, weekday: int | None = None) -> datetime:
    """Return the next time that the clock shows this, on that day of the week."""
    days = 0 if weekday is None else (weekday - here.weekday()) % 7
    then = datetime.combine(here.date() + timedelta(days=days), clock)
    step = 1 if weekday is None else 7
    return then if then > here else then + timedelta(days=step)


def parse(words: str, now: float) -> float | None:
    """Read '10:00', 'fri 18:00', 'tomorrow 9', 'in 3 h' or '2026-12-04 18:00'; None if it is none of them.

    A time alone is the next time that the clock shows it; a day alone is that day's end.
    """
    given = " ".join(words.lower().split())
    here = datetime.fromtimestamp(now)  # noqa: DTZ006
    span = _SPAN.fullmatch(given)
    if span:
        return now + float(span[1]) * _UNITS[span[2]]
    day, rest = _day(given, here)
    clock = _clock(rest)
    if rest and clock is None:
        return None
    if day is None:
        return _next(here, clock).timestamp() if clock else None
    return datetime.combine(day, clock or NIGHT).timestamp()


def _day(given: str, here: datetime) -> tuple[datetime | None, str]:
    """Split off the day that the words begin with."""
    first, _, rest = given.partition(" ")
    if first in ("today", "tonight"):
        return here, rest
    if first == "tomorrow":
        return here + timedelta(days=1), rest
    if len(first) >= 3 and first[:3] in DAYS:
        ahead = (DAYS.index(first[:3]) - here.weekday()) % 7
        return here + timedelta(days=ahead or 7), rest
    try:
        return datetime.strptime(first, "%Y-%m-%d"), rest  # noqa: DTZ007 -- local, as typed
    except ValueError:
        return None, given


def _clock(words: str) -> time | None:
    match = _CLOCK.fullmatch(words)
    if match is None:
        return None
    hour, minute = int(match[1]), int(match[2] or 0)
    if match[3] and hour <= 12:
        hour = hour % 12 + (12 if match[3] == "pm" else 0)
    return time(hour, minute) if hour < 24 and minute < 60 else None


def typed(at: float) -> str:
    """Write a moment as ``parse`` reads it."""
    return datetime.fromtimestamp(at).strftime("%Y-%m-%d %H:%M")  # noqa: DTZ006
