"""What a process that does nothing costs: the same measure for our agent and its peers."""

from __future__ import annotations

import time
from collections.abc import Callable

import psutil

from benchmarks.report import Unavailable

SETTLE_S = 5.0


def idle_costs(
    name: str, pid: int, seconds: float, wait: Callable[[float], None] = time.sleep
) -> dict[str, float]:
    """Memory (MB) and CPU (percent of a core) of a process over ``seconds``, by keys that begin with ``name``.

    ``wait`` lets so many seconds pass. Raises Unavailable where the process ends by itself."""
    try:
        process = psutil.Process(pid)
        before = process.cpu_times()
        wait(seconds)
        after, memory = process.cpu_times(), process.memory_full_info()
    except psutil.NoSuchProcess as error:
        raise Unavailable(f"{name} ended by itself") from error
    used = after.user + after.system - before.user - before.system
    return {
        f"{name}_rss_mb": memory.rss / 1e6,
        f"{name}_private_mb": memory.uss / 1e6,
        f"{name}_cpu_percent": 100 * used / seconds,
    }
