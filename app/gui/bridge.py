"""Where another thread's work reaches Qt's: the one place that both know.

``Connection`` hands every change of the replica and every callback to ``Bridge.post``. They run here on
Qt's thread, in order, for at most a few milliseconds at a time, so that a flood of deltas cannot hold
the window. Batches are merged and told 25 times a second: models repaint once, however much came.
"""

from __future__ import annotations

import gc
import time
from collections import deque
from collections.abc import Callable
from typing import Protocol

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from app.client.connection import LinkState, Outcome
from app.client.replica import Batch, Replica
from app.core.commands import Command, Query
from app.core.views import LogNews, PreviewNews

TELL_MS = 40
"""Between two tellings of what changed; 25 a second, as often as the dispatcher publishes."""
SUM_MS = 250
IDLE_S = 5.0
TURN_S = 0.006
"""Of work a turn of Qt's loop: with the painting after it, under the 16 ms of a screen's frame."""

CONNECTING = LinkState("connecting", 0.0, "Connecting to the farm…")


class Link(Protocol):
    """What the window needs of ``app.client.connection.Connection``; tests give a plain object."""

    replica: Replica

    def start(self) -> None: ...
    def close(self) -> None: ...
    def ask_async(
        self,
        body: Command | Query,
        callback: Callable[[Outcome], None] | None = None,
        timeout_s: float = ...,
    ) -> None: ...
    def on_batch(self, callback: Callable[[Batch], None]) -> None: ...
    def on_state(self, callback: Callable[[LinkState], None]) -> None: ...
    def on_preview(self, callback: Callable[[PreviewNews], None]) -> None: ...
    def on_log(self, callback: Callable[[LogNews], None]) -> None: ...


class Bridge(QObject):
    """Runs on Qt's thread what another thread posts."""

    _woken = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._work: deque[Callable[[], None]] = deque()
        self._is_woken = False
        self._woken.connect(self._run, Qt.ConnectionType.QueuedConnection)

    def post(self, work: Callable[[], None]) -> None:
        """Have ``work`` run on Qt's thread, after all that was posted before. Any thread."""
        self._work.append(work)
        # One event is enough for any number of works. Two threads may both see False here; the
        # second event then finds nothing to do.
        if not self._is_woken:
            self._is_woken = True
            self._woken.emit()

    def _run(self) -> None:
        self._is_woken = False
        end = time.perf_counter() + TURN_S
        try:
            while self._work and time.perf_counter() < end:
                self._work.popleft()()
        finally:  # a work that fails is reported by Qt's caller; what waits behind it must still run
            if self._work and not self._is_woken:
                self._is_woken = True
                self._woken.emit()


class Farm(QObject):
    """The farm as the window knows it: the replica, and signals that say what changed.

    Everything here belongs to Qt's thread. Before ``attach`` the replica is empty.
    """

    changed = Signal(object)
    """A merged ``Batch``; at most 25 a second."""
    heard = Signal()
    """A delta came that changes nothing; the replica has its number."""
    summary_due = Signal()
    """Something changed: for what is summed over the whole farm, at most four times a second."""
    link_changed = Signal(object)
    """The ``LinkState``: whenever it changes, and each second while it is not live."""
    preview = Signal(object)
    log = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.link_state = CONNECTING
        self.replica = Replica()
        self._link: Link | None = None
        self._pending = Batch()
        self._told_at = 0.0
        self._teller = QTimer(self, interval=TELL_MS, singleShot=True)
        self._teller.timeout.connect(self._tell)
        self._summer = QTimer(self, interval=SUM_MS, singleShot=True)
        self._summer.timeout.connect(self.summary_due.emit)
        self.now: Callable[[], float] = time.time
        """The clock of what is shown; tests and pictures freeze it."""
        self.keeps_rows = False
        """A farm's rows live as long as its window: Python's collector is told not to walk them, which took longer
        than a screen's frame. Not where windows come and go in one process, as in tests."""

    @property
    def is_live(self) -> bool:
        """Whether what is shown is true now, and so may be acted upon."""
        return self.link_state.name == "live"

    def attach(self, link: Link) -> None:
        """Show this farm. ``link`` posts through a Bridge of this thread."""
        self._link = link
        self.replica = link.replica
        link.on_batch(self._take_batch)
        link.on_state(self.show_link)
        link.on_preview(self.preview.emit)
        link.on_log(self.log.emit)
        self._take_batch(Batch(reset=True, order_changed=True))

    def ask(self, body: Command | Query, done: Callable[[Outcome], None] | None = None) -> None:
        """Ask the farm; ``done`` gets the answer, the Refusal or the error, later, on Qt's thread."""
        if self._link is not None:
            self._link.ask_async(body, done)

    def _take_batch(self, batch: Batch) -> None:
        # An idle farm says every second that it lives. Nothing is to be shown anew for that; what follows
        # the clock is looked at every few seconds.
        if not batch and time.monotonic() - self._told_at < IDLE_S:
            self.heard.emit()
            return
        self._pending.merge(batch)
        if not self._teller.isActive():
            self._teller.start()

    def _tell(self) -> None:
        batch, self._pending = self._pending, Batch()
        self._told_at = time.monotonic()
        self.changed.emit(batch)
        if batch.reset and self.keeps_rows:
            gc.freeze()
        if not self._summer.isActive():
            self._summer.start()

    def show_link(self, state: LinkState) -> None:
        """Take in how true the replica is."""
        self.link_state = state
        self.link_changed.emit(state)
