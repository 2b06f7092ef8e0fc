"""What the worker asks of the operating system, for POSIX; a Windows twin would have the same names."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import time
from pathlib import Path

PR_SET_PDEATHSIG = 1


def now() -> float:
    """The agent's clock: grants carry its times."""
    if sys.platform == "linux":
        return time.clock_gettime(time.CLOCK_BOOTTIME)
    return time.monotonic()


def die_with_parent(parent: int) -> None:
    """Have the kernel kill this process when its parent dies, however that dies. Call from the main
    thread, for it watches the thread that started us."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:  # it died before we asked
        os._exit(0)


def take_pipes() -> tuple[int, int]:
    """Keep stdin and stdout for the agent alone; return them. What a library or a kernel prints goes
    to stderr, which is the log, and whatever reads stdin gets nothing."""
    commands, answers = os.dup(0), os.dup(1)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    os.dup2(2, 1)
    return commands, answers


def reset_peak_memory() -> None:
    """Start a new high-water mark; where the kernel does not let us, the mark is the process's."""
    try:
        Path("/proc/self/clear_refs").write_text("5")
    except OSError:
        return


def peak_memory_bytes() -> int:
    """Highest resident memory since ``reset_peak_memory``; 0 where unknown."""
    try:
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    except (OSError, ValueError):
        pass
    return 0


def usable_cores() -> int:
    """Cores that this process may run on."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1


def sync_directory(directory: Path) -> None:
    """Make renames in this folder survive a power cut."""
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
