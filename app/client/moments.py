"""Moments as people type them, in the window and on the command line: local time, as Unix seconds."""

from __future__ import annotations

import re
from datetime import datetime, time, timedelta

DAY_BEGIN = time(0, 0)
DAY_END = time(23, 59)
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
NEAR = {"yesterday": -1, "today": 0, "tonight": 0, "tomorrow": 1}
_UNITS = {"s": 1, "m": 60, "min": 60, "h": 3600, "d": 86400}
_SPAN = re.compile(r"(?:in|\+)\s*(\d{1,6}(?:\.\d)?)\s*(min|s|m|h|d)")
_ISO = re.compile(r"(\d-\d{2})t(\d)")
_CLOCK = re.compile(r"(\d{1,2})(?::(\d{2}))?\s*(am|pm)?")


def coming_up(here: datetime, clock: time, weekday: int | None = None) -> datetime:
    """Return the next time that the clock shows this, on that day of the week (0: Monday) where one is named."""
    days = 0 if weekday is None else (weekday - here.weekday()) % 7
    then = datetime.combine(here.date() + timedelta(days=days), clock)
    step = 1 if weekday is None else 7
    return then if then > here else then + timedelta(days=step)


def parse(words: str, now: float, day_is: time = DAY_END) -> float | None:
    """Read '10:00', 'fri 18:00', 'tomorrow 9', 'in 3 h', '+2h' or '2026-12-04 18:00'; None if it is none of them.

    A time alone is the next time that the clock shows it; a day alone is that day at ``day_is``.
    """
    given = _ISO.sub(r"\1 \2", " ".join(words.lower().split()))
    here = datetime.fromtimestamp(now)  # noqa: DTZ006 -- local, as people live
    span = _SPAN.fullmatch(given)
    if span:
        return now + float(span[1]) * _UNITS[span[2]]
    day, rest = _day(given, here)
    clock = _clock(rest)
    if rest and clock is None:
        return None
    if day is None:
        return coming_up(here, clock).timestamp() if clock else None
    return datetime.combine(day, clock or day_is).timestamp()


def _day(given: str, here: datetime) -> tuple[datetime | None, str]:
    """Split off the day that the words begin with."""
    first, _, rest = given.partition(" ")
    if first in NEAR:
        return here + timedelta(days=NEAR[first]), rest
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
