"""Moments of a studio's day, as names to choose from. No Qt; local time.

The day turns around dailies: what is promised is mostly promised for them, for tonight or for the week's end.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from app.client.moments import DAY_END, coming_up
from app.gui.words import mark

DAILIES = time(10, 0)
WEEK_END = time(18, 0)
FRIDAY = 4


@dataclass(frozen=True, slots=True)
class Moment:
    """A named moment; ``name`` is a text to translate."""

    key: str
    name: str
    at: float


def coming(now: float) -> list[Moment]:
    """Return the moments that promises are made for, soonest first."""
    here = datetime.fromtimestamp(now)  # noqa: DTZ006 -- local, as people live
    friday = coming_up(here, WEEK_END, weekday=FRIDAY)
    found = [
        Moment("dailies", mark("Before dailies"), coming_up(here, DAILIES).timestamp()),
        Moment("tonight", mark("Tonight"), coming_up(here, DAY_END).timestamp()),
        Moment("week", mark("This week"), friday.timestamp()),
        Moment("next_week", mark("Next week"), (friday + timedelta(days=7)).timestamp()),
    ]
    return sorted(found, key=lambda moment: moment.at)
