"""The worker's end of its pipe: messages out from any thread, orders in on one.

``Orders`` is what the running task looks at between passes; the reading thread writes it.
"""

from __future__ import annotations

import os
import threading

from node_agent.wire import pipe
from node_agent.wire.messages import AttemptRef


class Channel:
    """Sends whole frames; blocks while the agent does not read, which slows a flood down."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._lock = threading.Lock()

    def send(self, message: pipe.FromWorker) -> None:
        """Send one message. The agent's death ends this process."""
        view = memoryview(pipe.pack(message))
        with self._lock:
            try:
                while view:
                    view = view[os.write(self._descriptor, view) :]
            except BrokenPipeError:
                os._exit(0)


class Cancelled(Exception):
    """The task is to end without a result."""


class Orders:
    """Orders for one task. The reading thread sets them, the task looks."""

    def __init__(self, ref: AttemptRef) -> None:
        self.ref = ref
        self._changed = threading.Condition()
        self._deadline: float | None = None
        self.yield_asked = False
        self.is_cancelled = False
        self.is_polite = True
        """Of the cancelling: whether a command is told before it is killed."""
        self.is_watched = False

    def take(self, order: pipe.ToWorker) -> None:
        """Note an order. Called by the reading thread."""
        with self._changed:
            match order:
                case pipe.PublishTask(deadline=deadline):
                    self._deadline = deadline
                case pipe.YieldTask():
                    self.yield_asked = True
                case pipe.CancelTask(polite=polite):
                    self.is_polite = polite and (self.is_polite or not self.is_cancelled)
                    self.is_cancelled = True
                case pipe.WatchTask(on=on):
                    self.is_watched = on
                case _:
                    pass
            self._changed.notify_all()

    def check(self) -> None:
        """Raise Cancelled when the task is to end."""
        if self.is_cancelled:
            raise Cancelled

    def wait_for_grant(self) -> float:
        """Wait for a grant that was not used, and return its deadline. Raises Cancelled."""
        with self._changed:
            while self._deadline is None:
                self.check()
                self._changed.wait()
            deadline, self._deadline = self._deadline, None
        self.check()
        return deadline

    def wait(self, seconds: float) -> None:
        """Wait for any order, at most so long."""
        with self._changed:
            self._changed.wait(seconds)
