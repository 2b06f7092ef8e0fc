"""Wait for shots to be over, on a live connection, without polling the dispatcher."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from app.client.connection import Connection
from app.client.state import LinkState
from app.core.views import ShotRow
from app.errors import EnvironmentFault

Progress = Callable[[list[ShotRow]], None]
LOST_S_MAX = 60.0
"""A dispatcher that restarts is back within seconds; past this the wait says that it is lost."""


def is_over(row: ShotRow) -> bool:
    """Tell whether nothing of the shot will run any more unless somebody acts.

    Tasks that wait for a failed one never start: they do not keep the shot alive.
    """
    ended = row.done + row.failed + row.cancelled
    return not row.running and not row.ready and (row.failed > 0 or ended >= row.total)


def wait_for(
    connection: Connection, shots: list[int], timeout_s: float, progress: Progress | None
) -> list[ShotRow]:
    """Start ``connection`` and return the final rows. Raises EnvironmentFault when time is up or the
    farm is lost. ``progress`` is called in this thread after each change."""
    watch = _Watch(connection, shots)
    connection.on_batch(lambda _: watch.look())
    connection.on_state(watch.note)
    connection.start()
    return watch.wait(time.monotonic() + timeout_s, progress)


class _Watch:
    """The watched rows, passed from the link's thread to the waiting one; only the newest counts."""

    def __init__(self, connection: Connection, shots: list[int]) -> None:
        self._connection = connection
        self._shots = shots
        self._changed = threading.Event()
        self._rows: list[ShotRow] | None = None
        self._state: LinkState | None = None

    def look(self) -> None:
        """Take the rows; on the link's thread, which alone may read the replica."""
        rows = self._connection.replica.shots
        self._rows = [rows[shot] for shot in self._shots if shot in rows]
        self._changed.set()

    def note(self, state: LinkState) -> None:
        self._state = state
        self._changed.set()

    def wait(self, deadline: float, progress: Progress | None) -> list[ShotRow]:
        shown: list[ShotRow] | None = None
        while True:
            rows, state = self._rows, self._state
            if rows is not None and rows is not shown and progress is not None:
                progress(rows)
            shown = rows
            if rows is not None and all(map(is_over, rows)):
                return rows
            self._give_up(state, deadline)
            self._changed.wait(min(1.0, max(0.0, deadline - time.monotonic())))
            self._changed.clear()

    def _give_up(self, state: LinkState | None, deadline: float) -> None:
        if state is not None and state.name == "refused":
            raise EnvironmentFault(state.sentence)
        if state is not None and state.name == "lost" and state.age_s > LOST_S_MAX:
            raise EnvironmentFault(state.sentence)
        if time.monotonic() >= deadline:
            raise EnvironmentFault("The shots were not over in the time that was given to wait.")
