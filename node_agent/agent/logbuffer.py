"""Log lines between the children and the dispatcher: bounded, numbered, oldest dropped first.

PURE. A renderer that writes faster than the link carries loses its oldest unsent lines, and the log
says how many: each line keeps the number it had when it came, so that a gap shows.
"""

from __future__ import annotations

from collections import deque

from node_agent.wire.messages import AttemptRef, LogLines

LINES_MAX = 20_000
BYTES_MAX = 4 << 20
LINES_A_MESSAGE = 500
ATTEMPTS_MAX = 1_000
"""Line counters kept; an attempt that is pushed out would begin again at 0."""


class LogBuffer:
    """One for the whole node."""

    def __init__(self, lines_max: int = LINES_MAX, bytes_max: int = BYTES_MAX) -> None:
        self._lines_max = lines_max
        self._bytes_max = bytes_max
        self._lines: deque[tuple[AttemptRef, int, str]] = deque()
        self._bytes = 0
        self._next: dict[AttemptRef, int] = {}
        self._dropped: dict[AttemptRef, int] = {}
        """Lines dropped since the last that was taken."""

    def __bool__(self) -> bool:
        return bool(self._lines)

    def add(self, ref: AttemptRef, lines: list[str]) -> None:
        """Take lines of an attempt's output."""
        first = self._next.pop(ref, 0)
        self._next[ref] = first + len(lines)
        if len(self._next) > ATTEMPTS_MAX:
            del self._next[next(iter(self._next))]
        for number, line in enumerate(lines, first):
            self._lines.append((ref, number, line))
            self._bytes += len(line)
        while len(self._lines) > self._lines_max or self._bytes > self._bytes_max:
            self._drop()

    def _drop(self) -> None:
        ref, _, line = self._lines.popleft()
        self._bytes -= len(line)
        self._dropped[ref] = self._dropped.get(ref, 0) + 1

    def take(self, budget_bytes: int) -> list[LogLines]:
        """Take about ``budget_bytes`` of the oldest lines, as messages."""
        messages: list[LogLines] = []
        while self._lines and budget_bytes > 0:
            message = self._take_run()
            budget_bytes -= sum(len(line) for line in message.lines)
            messages.append(message)
        return messages

    def _take_run(self) -> LogLines:
        """The oldest lines as far as they are of one attempt and follow each other."""
        ref, first, _ = self._lines[0]
        dropped = self._dropped.pop(ref, 0)
        lines = [f"[windfire] {dropped} lines were dropped here: too many."] if dropped else []
        start = first - len(lines)
        while self._lines and len(lines) < LINES_A_MESSAGE:
            other, number, line = self._lines[0]
            if other != ref or number != start + len(lines):
                break
            self._lines.popleft()
            self._bytes -= len(line)
            lines.append(line)
        return LogLines(ref, start, lines)
