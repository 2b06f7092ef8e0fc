"""Watches pinned promises: whoever pinned one is told, once, when the forecast slips past it.

A promise that wavers around its moment is one piece of news, not twenty: it is told again only after it
was on time for a while, or when it slips a quarter of an hour further.
"""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal

from app.core.views import ShotRow
from app.gui import text
from app.gui.bridge import Farm
from app.gui.due import standing
from app.gui.words import tr

WORSE_S = 15 * 60
CALM_S = 10 * 60


@dataclass(slots=True)
class _Told:
    due: float
    slip_s: float
    fine_since: float = 0.0


class PromiseWatch(QObject):
    """Says which pinned promises slip."""

    slipped = Signal(int, str)
    """A shot, and the sentence about it."""

    def __init__(self, farm: Farm, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._farm = farm
        self._told: dict[int, _Told] = {}
        farm.summary_due.connect(self.look)

    def look(self) -> None:
        """Look at every pinned promise now."""
        if not self._farm.is_live:
            return
        now = self._farm.now()
        for row in self._farm.replica.shots.values():
            if row.due and row.due_pinned and row.state not in ("done", "cancelled"):
                self._judge(row, now)

    def _judge(self, row: ShotRow, now: float) -> None:
        told = self._told.get(row.id)
        if told is not None and told.due != row.due:
            told = self._told.pop(row.id, None) and None
        if standing.of(row, now).name != standing.LATE:
            self._calm(row.id, told, now)
            return
        slip = max(row.finish_p50, now) - row.due
        if told is None or slip >= told.slip_s + WORSE_S:
            self._told[row.id] = _Told(row.due, slip)
            self.slipped.emit(row.id, sentence(row, now))
        else:
            told.fine_since = 0.0

    def _calm(self, shot: int, told: _Told | None, now: float) -> None:
        if told is None:
            return
        told.fine_since = told.fine_since or now
        if now - told.fine_since >= CALM_S:
            del self._told[shot]


def sentence(row: ShotRow, now: float) -> str:
    """Say what was promised and what is to be expected."""
    fields = {
        "shot": f"{row.sequence} / {row.name}",
        "due": text.clock(row.due, now),
        "finish": text.clock(row.finish_p50, now),
    }
    if not row.finish_p50:
        return tr("{shot} was promised for {due}, and is not done.").format(**fields)
    return tr("{shot} was promised for {due}, and will be done at {finish}.").format(**fields)
