"""Moments as people type them: "18:00", "2026-11-25 10:00", "+2h"; local time, as Unix seconds."""

from __future__ import annotations

import re
import time
from argparse import ArgumentTypeError
from datetime import datetime, timedelta

from app.cli.text import span

CLOCK = re.compile(r"\d{1,2}:\d\d")
FORMS = ("%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M", "%Y-%m-%d")


def moment(text: str, now: float | None = None) -> float:
    """Read a moment; a time alone is the next time that the clock shows it, a date alone its midnight."""
    at = local(time.time() if now is None else now)
    words = text.strip()
    if words.startswith("+"):
        return at.timestamp() + span(words[1:])
    try:
        clock = datetime.strptime(words, "%H:%M")  # noqa: DTZ007 -- local, as people type
        next_one = at.replace(hour=clock.hour, minute=clock.minute, second=0, microsecond=0)
        return (next_one if next_one > at else next_one + timedelta(days=1)).timestamp()
    except ValueError:
        pass
    for form in FORMS:
        try:
            return datetime.strptime(words, form).timestamp()  # noqa: DTZ007
        except (ValueError, OverflowError):
            continue
    raise ArgumentTypeError(
        f"must be a time such as 18:00, '2026-11-25 10:00' or +2h, not {text!r}"
    )


def past(text: str, now: float | None = None) -> float:
    """Read a moment that was: a time alone is the last time that the clock showed it, "2h" is two hours ago."""
    at = local(time.time() if now is None else now)
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
