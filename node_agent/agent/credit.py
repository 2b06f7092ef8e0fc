"""How much of logs and pictures may be on the way, so that heartbeats are never late behind them.

PURE. All messages share one connection and keep their order. A heartbeat's answer proves that what was
sent before it has arrived, so bulk is limited to a window of bytes since the last answered heartbeat.
The window grows while answers are quick, by leaps where they come at once, and halves when they are slow: a 64 kbit line settles at a few
seconds of bulk, far below a lease, and a fast one at megabytes.
"""

from __future__ import annotations

from collections import deque

WINDOW_BYTES_MIN = 8 << 10
WINDOW_BYTES_START = 128 << 10
WINDOW_BYTES_MAX = 4 << 20
QUICK_S = 0.5
SLOW_S = 2.0
AT_ONCE_S = 0.05
"""A studio's own network: a flood that has just begun must not wait for several answers, 2 s apart."""


class Credit:
    """Bytes of bulk that may be sent now."""

    def __init__(self) -> None:
        self._window = WINDOW_BYTES_START
        self._sent = 0
        self._arrived = 0
        self._beats: deque[tuple[int, float]] = deque()

    @property
    def available(self) -> int:
        """Never negative."""
        return max(0, self._window - (self._sent - self._arrived))

    def spend(self, size: int) -> None:
        """Bulk went out."""
        self._sent += size

    def beat_sent(self, now: float) -> None:
        """A heartbeat went out behind it."""
        self._beats.append((self._sent, now))

    def beat_answered(self, now: float) -> None:
        """The oldest heartbeat without an answer has one."""
        if not self._beats:
            return
        sent, at = self._beats.popleft()
        used, self._arrived = sent - self._arrived, max(self._arrived, sent)
        if now - at > SLOW_S:
            self._window = max(WINDOW_BYTES_MIN, self._window // 2)
        elif now - at < QUICK_S and used > self._window // 2:
            growth = 2 if now - at > AT_ONCE_S else 8
            self._window = min(WINDOW_BYTES_MAX, self._window * growth)

    def reset(self) -> None:
        """A new connection: nothing is on the way."""
        self._beats.clear()
        self._arrived = self._sent
        self._window = WINDOW_BYTES_START
