"""Merges what changed into deltas: at most 25 a second, one a second when nothing happens. No sockets."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from app.core.events import Now
from app.core.views import Delta, NodeSample, Row, StepRow, TaskChange

INTERVAL_S = 0.04
QUIET_S = 1.0

_encoder = msgspec.msgpack.Encoder()

Send = Callable[[bytes, bytes], None]


class Publisher:
    """Collects rows and sends them under topic ``delta``, numbered by one from 1."""

    def __init__(self, instance: str, send: Send) -> None:
        self.instance = instance
        self.seq = 0
        """Of the last delta sent: what a snapshot taken now is labelled with."""
        self._send = send
        self._sent_at = float("-inf")
        self._rows: dict[tuple[type, int | str], Row] = {}
        self._tasks: dict[int, dict[int, TaskChange]] = {}
        self._samples: dict[int, NodeSample] = {}

    @property
    def next_seq(self) -> int:
        """Of the delta that will show what is handed over now."""
        return self.seq + 1

    def add_row(self, row: Row) -> None:
        """Put a row into the next delta; it replaces an older one of its id."""
        self._rows[type(row), row.id] = row
        if isinstance(row, StepRow):
            # It holds its tasks' states: older single changes would set them back.
            self._tasks.pop(row.id, None)

    def add_task(self, change: TaskChange) -> None:
        """Put a task's newest state into the next delta."""
        self._tasks.setdefault(change.step, {})[change.task] = change

    def add_sample(self, sample: NodeSample) -> None:
        """Put a node's newest metrics into the next delta."""
        self._samples[sample.node] = sample

    def due_at(self) -> float:
        """Return the moment (mono) at which ``flush`` will send something."""
        waits = self._rows or self._tasks or self._samples
        return self._sent_at + (INTERVAL_S if waits else QUIET_S)

    def flush(self, now: Now) -> bool:
        """Send a delta if one is due."""
        if now.mono < self.due_at():
            return False
        self.seq += 1
        delta = Delta(
            instance=self.instance,
            seq=self.seq,
            at=now.wall,
            rows=list(self._rows.values()),
            tasks=[change for tasks in self._tasks.values() for change in tasks.values()],
            samples=list(self._samples.values()),
        )
        self._send(b"delta", _encoder.encode(delta))
        self._sent_at = now.mono
        self._rows.clear()
        self._tasks.clear()
        self._samples.clear()
        return True
