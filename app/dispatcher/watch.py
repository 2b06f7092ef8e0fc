"""Who looks at which task, and until when. No sockets here.

A watch ends by itself: a window that was closed or lost its network costs nothing after ten seconds.
"""

from __future__ import annotations

SECONDS_MAX = 60.0
TASKS_MAX = 1000
"""Watched at the same time by all clients together; a thousand streams are 32 MB/s of pictures."""

Task = tuple[int, int]


class Watches:
    """Watched tasks with the moment (mono) at which each ends."""

    def __init__(self) -> None:
        self._until: dict[Task, float] = {}

    def begin(self, task: Task, seconds: float, mono: float) -> bool | None:
        """Watch or go on watching; True when it is new, None when too many are watched."""
        is_new = task not in self._until
        if is_new and len(self._until) >= TASKS_MAX:
            return None
        until = mono + max(0.0, min(seconds, SECONDS_MAX))
        self._until[task] = max(until, self._until.get(task, 0.0))
        return is_new

    def is_watched(self, step: int, task: int) -> bool:
        return (step, task) in self._until

    def next_end(self) -> float | None:
        """Return the moment at which the next watch ends."""
        return min(self._until.values(), default=None)

    def end(self, mono: float) -> list[Task]:
        """Forget and return the watches that are over."""
        over = [task for task, until in self._until.items() if until <= mono]
        for task in over:
            del self._until[task]
        return over
