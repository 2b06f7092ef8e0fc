"""The two clocks of the process; the core is given both and reads neither."""

from __future__ import annotations

import time

from app.core.events import Now

# Leases must run on while a laptop sleeps, and never jump with the wall clock.
_BOOTTIME: int | None = getattr(time, "CLOCK_BOOTTIME", None)


def monotonic() -> float:
    """Return seconds that only go forward, suspend included where the system can count it."""
    return time.monotonic() if _BOOTTIME is None else time.clock_gettime(_BOOTTIME)


def read_now() -> Now:
    """Return both clocks at this moment."""
    return Now(monotonic(), time.time())
