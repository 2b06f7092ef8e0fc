"""What differs between operating systems, for POSIX: the clock, children, locks.

``system`` picks this module or its Windows twin, ``platform_windows``, with the same functions. Linux has all of
them; elsewhere on POSIX children may outlive an agent that is killed with -9.
"""

from __future__ import annotations

import ctypes
import fcntl
import os
import pwd
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import IO

import psutil

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36
NICEST = 19


def now() -> float:
    """Seconds of a clock that never goes back and counts suspend; leases are timed by it. A clock
    that stands still while a laptop sleeps would let it publish an hour later."""
    if sys.platform == "linux":
        return time.clock_gettime(time.CLOCK_BOOTTIME)
    return time.monotonic()


def spawn(
    argv: Sequence[str],
    environment: Mapping[str, str],
    directory: Path,
    *,
    user: str = "",
    niceness: int = 0,
) -> subprocess.Popen[bytes]:
    """Start a child in a session of its own, with three pipes that do not block our end; as another user
    where we are root. Raises OSError."""
    own = _identity(user) if user else (None, None, None)
    process = subprocess.Popen(
        argv,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=dict(environment),
        cwd=directory,
        start_new_session=True,
        bufsize=0,
        user=own[0],
        group=own[1],
        extra_groups=own[2],
    )
    if niceness:
        os.setpriority(os.PRIO_PROCESS, process.pid, min(os.nice(0) + niceness, NICEST))
    for stream in (process.stdin, process.stdout, process.stderr):
        assert stream is not None
        os.set_blocking(stream.fileno(), False)
    return process


def _identity(user: str) -> tuple[int, int, list[int]]:
    """The ids of a user, their group and all their groups. Raises OSError where there is none of that name."""
    try:
        entry = pwd.getpwnam(user)
    except KeyError as error:
        raise OSError(f"there is no user {user!r}") from error
    return entry.pw_uid, entry.pw_gid, os.getgrouplist(user, entry.pw_gid)


def give_to(path: Path, user: str) -> None:
    """Make a folder another user's. Raises OSError."""
    os.chown(path, *_identity(user)[:2])


def read(descriptor: int, size: int) -> bytes:
    """Read from a child's pipe; b'' at its end. Raises OSError, BlockingIOError where nothing has come."""
    return os.read(descriptor, size)


def write(descriptor: int, data: bytes | bytearray) -> int:
    """Write to a child's pipe what it takes. Raises OSError, BlockingIOError where it takes nothing."""
    return os.write(descriptor, data)


def kill_tree(pid: int) -> list[psutil.Process]:
    """SIGKILL a child's process group and all that descend from it; return the descendants."""
    victims = _descendants(pid)
    _kill_group(pid)
    for victim in victims:
        try:
            victim.kill()  # compares start times: never a stranger that got the number
        except psutil.Error:
            continue
    return victims


def is_group_gone(pid: int) -> bool:
    """Whether nothing of the process group is left."""
    try:
        os.killpg(pid, 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False


def is_process_gone(process: psutil.Process) -> bool:
    """Whether it runs no more; a zombie is gone, whoever has to reap it."""
    try:
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    except psutil.Error:
        return True


def adopt_orphans() -> None:
    """Have descendants whose parent died become our children, so that ``kill_orphans`` finds them."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def die_with_parent(parent: int) -> None:
    """Have the kernel kill this process when its parent dies. Call from the main thread."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:  # it died before we asked
        os._exit(0)


def kill_orphans(own: set[int]) -> None:
    """Kill and reap children that we did not start: what a dead worker left. Only for a process that
    has adopted orphans and starts no children besides ``own``."""
    for child in psutil.Process().children():
        if child.pid in own:
            continue
        for victim in (*_descendants(child.pid), child):
            try:
                victim.kill()
            except psutil.Error:
                continue
        try:
            os.waitpid(child.pid, os.WNOHANG)
        except ChildProcessError:
            continue


def _descendants(pid: int) -> list[psutil.Process]:
    try:
        return psutil.Process(pid).children(recursive=True)
    except psutil.Error:
        return []


def descended(pids: Iterable[int], ancestor: int) -> list[int]:
    """Return those of the processes that are this one, or descend from it."""
    return [pid for pid in pids if _is_descended(pid, ancestor)]


def _is_descended(pid: int, ancestor: int) -> bool:
    try:
        if os.getsid(pid) == ancestor:
            return True  # as nearly always, and for the price of one call
        return any(parent.pid == ancestor for parent in psutil.Process(pid).parents())
    except (OSError, psutil.Error):
        return False


def _kill_group(pid: int) -> None:
    try:
        os.killpg(pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return


def own_pid() -> int:
    """This process's number."""
    return os.getpid()


def environment(names: Iterable[str]) -> dict[str, str]:
    """These variables of this process's environment, where they are set."""
    return {name: os.environ[name] for name in names if name in os.environ}


def touch(path: Path) -> None:
    """Note that it was used now. Raises OSError."""
    os.utime(path)


def lock(file: IO[bytes]) -> bool:
    """Take the lock of an open file until this process ends; False where another has it."""
    try:
        fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def sync_file(descriptor: int) -> None:
    """Make what was written survive a power cut. Raises OSError."""
    getattr(os, "fdatasync", os.fsync)(descriptor)


def sync_directory(directory: Path) -> None:
    """Make renames in this folder survive a power cut."""
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sleep_command(states: Path = Path("/sys/power/state")) -> list[str]:
    """What suspends this machine to memory; empty where it cannot."""
    if sys.platform == "darwin":
        return ["/usr/bin/pmset", "sleepnow"]
    try:
        can_suspend = {"mem", "freeze"} & set(states.read_text().split())
    except OSError:
        return []
    return ["systemctl", "suspend"] if can_suspend and shutil.which("systemctl") else []


def usable_cores() -> int:
    """Cores that this process may use: its affinity and its control group's quota."""
    cores = len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
    return max(1, min(cores, _quota_cores() or cores))


def _quota_cores() -> int:
    """The quota of control group v2 in whole cores; 0 where there is none."""
    try:
        quota, period = Path("/sys/fs/cgroup/cpu.max").read_text().split()
        return 0 if quota == "max" else int(quota) // int(period)
    except (OSError, ValueError):
        return 0
