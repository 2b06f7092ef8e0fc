"""The demo's live board: a line a shot, with what is rendered now, where, and how long it will take."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from app.cli.console import Live, bar, clip, width
from app.cli.demo.folder import DemoFolder
from app.cli.text import duration, plural
from app.cli.wait import share
from app.client.connection import Connection
from app.client.replica import Replica
from app.client.waiting import is_over
from app.core.views import ABSENT, ShotRow
from node_agent.wire.job import frames_at

BAR = 20
LOOK_S = 0.2
NAME_MAX = 24


@dataclass(frozen=True, slots=True)
class ShotView:
    """A shot and what runs of it, copied from the replica."""

    row: ShotRow
    running: str


@dataclass
class Board:
    """Watches a farm until all its shots are over."""

    folder: DemoFolder
    shots: int
    started_at: float
    _views: list[ShotView] = field(default_factory=list[ShotView])
    _nodes: int = 0
    _changed: threading.Event = field(default_factory=threading.Event)

    def watch(self, connection: Connection, live: Live, check: Callable[[], None]) -> list[ShotRow]:
        """Show it live; return the final rows. ``check`` raises when the farm has broken down."""
        connection.on_batch(lambda _: self._take(connection.replica))
        connection.start()
        while True:
            self._changed.wait(LOOK_S)
            self._changed.clear()
            self._look_for_picture(live)
            views = self._views
            rows = [view.row for view in views]
            is_last = len(rows) >= self.shots and all(map(is_over, rows))
            live.update([*self._lines(views)], self._summary(rows), now=is_last)
            if is_last:
                return rows
            check()

    def _take(self, replica: Replica) -> None:
        """Copy what is shown; on the connection's thread."""
        self._nodes = sum(node.state not in ABSENT for node in replica.nodes.values())
        self._views = [ShotView(row, _running(replica, row)) for row in replica.queue()]
        self._changed.set()

    def _look_for_picture(self, live: Live) -> None:
        if self.folder.first_picture_s:
            return
        if next(self.folder.frames.rglob("*.png"), None) is not None:
            self.folder.first_picture_s = time.monotonic() - self.started_at
            live.say(f"First picture after {self.folder.first_picture_s:.1f} s.")

    def _lines(self, views: list[ShotView]) -> Iterator[str]:
        room = min(NAME_MAX, max((len(_name(view.row)) for view in views), default=0))
        for view in views:
            row = view.row
            left = f"{duration(row.finish_p50 - time.time())} left" if _has_eta(row) else row.state
            line = (
                f"  {_name(row):{room}}  {bar(share(row), BAR)} {row.done:>3}/{row.total:<3}"
                f"  {left:10}  {view.running}"
            )
            yield clip(line, width())
        yield f"  {plural(self._nodes, 'node')}, {duration(time.monotonic() - self.started_at)}"

    def _summary(self, rows: list[ShotRow]) -> str:
        done, total = sum(row.done for row in rows), sum(row.total for row in rows)
        failed = sum(row.failed for row in rows)
        words = f"  {duration(time.monotonic() - self.started_at):>6}  {done} of {total} frames"
        return words + (f", {failed} failed" if failed else "")


def _name(row: ShotRow) -> str:
    return f"{row.sequence}/{row.name}"


def _has_eta(row: ShotRow) -> bool:
    return row.state == "running" and row.finish_p50 > time.time()


def _running(replica: Replica, row: ShotRow) -> str:
    """Return "12 on node-1 40%, 13 on node-2 5%" of what runs of a shot now."""
    parts: list[str] = []
    for state in replica.steps.values():
        if state.row.shot != row.id:
            continue
        for task, change in sorted(state.running.items()):
            node = replica.nodes.get(change.node)
            name = node.name if node else "?"
            frame = frames_at(state.row.runs, task).first
            parts.append(f"{frame} on {name} {change.progress:.0%}")
    return ", ".join(parts)
