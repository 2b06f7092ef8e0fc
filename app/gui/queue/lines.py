"""What a line of the queue shows, for a shot or for a whole sequence or project.

No Qt. Made from rows on demand and thrown away when a row changes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.core.views import ShotRow
from app.gui import text
from app.gui.due import standing
from app.gui.due.lanes import Lane
from app.gui.words import tr

FINISHED = ("done", "cancelled")
_STATES = ("running", "failed", "ready", "waiting", "paused", "done", "cancelled")
"""Of a group: the first that one of its shots has."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the queue."""

    title: str
    subtitle: str
    state: str
    total: int
    done: int
    running: int
    failed: int
    cancelled: int
    nodes: int
    progress: float
    finish_p50: float
    finish_p90: float
    finished_at: float
    user: str
    reason: str
    error: str
    shot: int = 0
    """0 for a group."""
    position: int = 0
    """In the queue, from 1; 0 for a group."""
    due: float = 0.0
    due_pinned: bool = False

    @property
    def is_finished(self) -> bool:
        """Whether the farm has nothing left to do here."""
        return self.state in FINISHED

    @property
    def is_empty(self) -> bool:
        """Whether it is a group without anything in it."""
        return not self.shot and not self.total


def of_shot(row: ShotRow, position: int, *, is_under_group: bool = False) -> Line:
    """Return the line of one shot; under its sequence it need not say where it belongs."""
    frames = tr("{n} task(s)", "", row.total)
    return Line(
        title=row.name,
        subtitle=frames if is_under_group else f"{row.project} \N{MIDDLE DOT} {row.sequence}",
        state=row.state,
        total=row.total,
        done=row.done,
        running=row.running,
        failed=row.failed,
        cancelled=row.cancelled,
        nodes=row.nodes,
        progress=row.progress,
        finish_p50=row.finish_p50,
        finish_p90=row.finish_p90,
        finished_at=row.finished_at,
        user=row.user,
        reason=row.reason,
        error=row.error,
        shot=row.id,
        position=position,
        due=row.due,
        due_pinned=row.due_pinned,
    )


def of_lane(lane: Lane, rows: Sequence[ShotRow], now: float) -> Line:
    """Return the line of a lane: its moment, how many shots it has and how many are late."""
    return of_group(tr(lane.name), _lane_words(lane, rows, now), rows)


def _lane_words(lane: Lane, rows: Sequence[ShotRow], now: float) -> str:
    parts = [text.clock(lane.due, now) if lane.due > 0 else ""]
    parts.append(tr("{n} shot(s)", "", len(rows)) if rows else tr("drop shots here"))
    late = sum(standing.of(row, now).name == standing.LATE for row in rows)
    parts.append(tr("{n} late", "", late) if late else "")
    return " \N{MIDDLE DOT} ".join(filter(None, parts))


def of_group(title: str, subtitle: str, rows: Sequence[ShotRow]) -> Line:
    """Return the line of a sequence or a project: sums, and the last finish of its shots."""
    total = sum(row.total for row in rows)
    users = sorted({row.user for row in rows if row.user})
    states = {row.state for row in rows}
    # A sum with an unknown in it is unknown: a finish is said only when every shot that
    # goes on has one.
    open_rows = [row for row in rows if row.state in ("running", "ready", "waiting")]
    is_known = all(row.finish_p50 for row in open_rows)
    return Line(
        title=title,
        subtitle=subtitle,
        state=next((state for state in _STATES if state in states), "waiting"),
        total=total,
        done=sum(row.done for row in rows),
        running=sum(row.running for row in rows),
        failed=sum(row.failed for row in rows),
        cancelled=sum(row.cancelled for row in rows),
        nodes=0,
        progress=sum(row.progress * row.total for row in rows) / total if total else 0.0,
        finish_p50=max((row.finish_p50 for row in open_rows), default=0.0) if is_known else 0.0,
        finish_p90=max((row.finish_p90 for row in open_rows), default=0.0) if is_known else 0.0,
        finished_at=max((row.finished_at for row in rows), default=0.0),
        user=users[0] if len(users) == 1 else "",
        reason="",
        error=next((row.error for row in rows if row.error), ""),
    )
