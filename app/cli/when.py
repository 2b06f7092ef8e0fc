"""Arguments that are moments: "18:00", "fri 10:00", "2026-11-25 10:00", "+2h"; local time, as Unix seconds."""

from __future__ import annotations

import re
import time as clock
from argparse import ArgumentTypeError
from datetime import datetime, time, timedelta

from app.cli.text import span
from app.client import moments

CLOCK = re.compile(r"\d{1,2}:\d\d")


def moment(text: str, now: float | None = None) -> float:
    """Read a moment; a time alone is the next time that the clock shows it, a date alone its midnight."""
    return _read(text, now, moments.DAY_BEGIN)


def end(text: str, now: float | None = None) -> float:
    """As ``moment``, for what must be done by then: a day alone is that day's end."""
    return _read(text, now, moments.DAY_END)


def _read(text: str, now: float | None, day_is: time) -> float:
    now = clock.time() if now is None else now
    words = text.strip()
    if words.startswith("+"):
        return now + span(words[1:])
    found = moments.parse(words, now, day_is)
    if found is None:
        raise ArgumentTypeError(
            f"must be a time such as 18:00, 'tomorrow 10:00', '2026-11-25 10:00' or +2h, not {text!r}"
        )
    return found


def past(text: str, now: float | None = None) -> float:
    """Read a moment that was: a time alone is the last time that the clock showed it, "2h" is two hours ago."""
    at = local(clock.time() if now is None else now)
    words = text.strip()
    if words[-1:] in "smhd" and ":" not in words:
        return at.timestamp() - span(words)
    found = moment(words, at.timestamp())
    if CLOCK.fullmatch(words) and found > at.timestamp():
        return (local(found) - timedelta(days=1)).timestamp()
    return found


def shown(at: float) -> str:
    """Write a moment as it can be typed."""
    return local(at).strftime("%Y-%m-%d %H:%M")


def local(at: float) -> datetime:
    """Return a moment on this machine's clock, without a zone."""
    return datetime.fromtimestamp(at)  # noqa: DTZ006 -- local, as people read
