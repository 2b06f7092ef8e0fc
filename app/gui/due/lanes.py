"""Lanes: the queue under the moments that its shots are promised for. No Qt.

A lane holds what is due up to its moment and after the one before; a drop into it promises that moment.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.core.views import ShotRow
from app.gui.due import moments
from app.gui.words import mark

KEEP = -1.0
"""A drop there leaves the promise as it is."""


@dataclass(frozen=True, slots=True)
class Lane:
    """A lane; ``name`` is a text to translate, ``due`` what a drop promises (0 takes the promise back)."""

    key: str
    name: str
    due: float
    is_always: bool = True
    """Shown though it is empty."""


OVERDUE = Lane("overdue", mark("Overdue"), KEEP, is_always=False)
LATER = Lane("later", mark("Later"), KEEP, is_always=False)
NONE = Lane("none", mark("No promise"), 0.0)
FINISHED = Lane("finished", mark("Finished"), KEEP, is_always=False)


def at(now: float) -> list[Lane]:
    """Return the lanes as they are now, from the top."""
    coming = [Lane(each.key, each.name, each.at) for each in moments.coming(now)]
    return [OVERDUE, *coming, LATER, NONE, FINISHED]


def lane_of(row: ShotRow, lanes: Sequence[Lane], now: float) -> str:
    """Return the key of the shot's lane."""
    if row.state in ("done", "cancelled"):
        return FINISHED.key
    if not row.due:
        return NONE.key
    if row.due <= now:
        return OVERDUE.key
    return next((lane.key for lane in lanes if lane.due >= row.due), LATER.key)
