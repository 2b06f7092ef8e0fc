"""Watches whether this machine is somebody's now, and tells the session when that changes.

The shell around ``presence``: asks for input, load and the time of day, often while something runs and
seldom otherwise. Not part of a node that is nobody's.
"""

from __future__ import annotations

import time
from contextlib import suppress

import psutil

from node_agent.agent.idle import IdleWatch
from node_agent.agent.presence import Presence, Reading, Rules
from node_agent.agent.session_types import WentAway

BUSY_POLL_S = 0.25
"""While frames run: who comes back wants the machine now."""
CALM_POLL_S = 2.0
LOAD_S = 5.0


class Load:
    """The part of the machine that programs use which are not ours."""

    def __init__(self) -> None:
        self._at = float("-inf")
        self._busy_s = self._own_s = 0.0
        self._percent = 0.0

    def foreign_percent(self, now: float) -> float:
        """0..100 of all cores, over the last few seconds."""
        if now - self._at < LOAD_S:
            return self._percent
        times = psutil.cpu_times()
        idle_s = times.idle + float(getattr(times, "iowait", 0.0))
        busy_s, own_s = sum(times) - idle_s, _own_cpu_s()
        elapsed_s = now - self._at
        foreign_s = busy_s - self._busy_s - max(0.0, own_s - self._own_s)
        if elapsed_s < float("inf"):
            cores = psutil.cpu_count() or 1
            self._percent = min(100.0, max(0.0, 100 * foreign_s / elapsed_s / cores))
        self._at, self._busy_s, self._own_s = now, busy_s, own_s
        return self._percent


def _own_cpu_s() -> float:
    """Of this process and all that descends from it; who ended counts for its parent."""
    total = 0.0
    own = psutil.Process()
    for process in (own, *own.children(recursive=True)):
        with suppress(psutil.Error):
            total += sum(process.cpu_times()[:4])
    return total


class Desk:
    """Poll it; it says what changed."""

    def __init__(self, rules: Rules, watch: IdleWatch) -> None:
        self._presence = Presence(rules)
        self._rules = rules
        self._watch = watch
        self._load = Load()
        self._polled_at = 0.0
        self._told: str | None = None

    def next_deadline(self, *, is_working: bool) -> float:
        """When to call ``turn``."""
        return self._polled_at + (BUSY_POLL_S if is_working else CALM_POLL_S)

    def turn(self, now: float, *, is_working: bool) -> WentAway | None:
        """Look, when it is time; return what the session must hear."""
        if now < self.next_deadline(is_working=is_working):
            return None
        self._polled_at = now
        why = self._presence.why_away(self._reading(now), now)
        if why == self._told:
            return None
        self._told = why
        return WentAway(why, self._rules.policy)

    def _reading(self, now: float) -> Reading:
        clock = time.localtime()
        rules = self._rules
        return Reading(
            idle_s=self._watch.idle_s(now) if rules.watches_input else None,
            foreign_percent=self._load.foreign_percent(now) if rules.busy_percent else 0.0,
            weekday=clock.tm_wday,
            minute=clock.tm_hour * 60 + clock.tm_min,
        )

    def close(self) -> None:
        """Close the sources."""
        self._watch.close()
