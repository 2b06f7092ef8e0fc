"""What differs between operating systems, for Windows: the functions of ``platform_posix``.

Tested with stand-ins for the system's calls, and not on the real thing. A child and all that it starts is in a *job
object*, which dies with the agent and is killed whole; its pipes are copied to sockets by threads, because nothing
on Windows can wait for a pipe and a socket together.
"""

from __future__ import annotations

import ctypes
import importlib
import os
import socket
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from threading import Thread
from typing import IO, Any, cast

import psutil

CHUNK_BYTES = 1 << 16
KILL_ON_JOB_CLOSE = 0x2000
EXTENDED_LIMITS, BASIC_ACCOUNTING = 9, 1
NEW_GROUP, NO_WINDOW = 0x200, 0x8000000
"""Flags of CreateProcess."""
KILLED = 1


class ExtendedLimits(ctypes.Structure):
    """JOBOBJECT_EXTENDED_LIMIT_INFORMATION; of it the flags matter."""

    _fields_ = (
        ("process_time", ctypes.c_int64),
        ("job_time", ctypes.c_int64),
        ("flags", ctypes.c_uint32),
        ("sizes", ctypes.c_size_t * 2),
        ("processes", ctypes.c_uint32),
        ("affinity", ctypes.c_size_t),
        ("classes", ctypes.c_uint32 * 2),
        ("io", ctypes.c_uint64 * 6),
        ("memory", ctypes.c_size_t * 4),
    )


class Accounting(ctypes.Structure):
    """JOBOBJECT_BASIC_ACCOUNTING_INFORMATION."""

    _fields_ = (
        ("times", ctypes.c_int64 * 4),
        ("faults", ctypes.c_uint32),
        ("processes", ctypes.c_uint32),
        ("active", ctypes.c_uint32),
        ("terminated", ctypes.c_uint32),
    )


def _kernel32() -> Any:
    return getattr(ctypes, "windll").kernel32  # noqa: B009 -- other systems have none


class Job:
    """A job object: what is put into it, and all that this starts, is one thing."""

    def __init__(self) -> None:
        kernel = _kernel32()
        kernel.CreateJobObjectW.restype = ctypes.c_void_p
        self._handle = ctypes.c_void_p(kernel.CreateJobObjectW(None, None))
        if not self._handle.value:
            raise OSError("Windows made no job object")
        limits = ExtendedLimits(flags=KILL_ON_JOB_CLOSE)
        size = ctypes.sizeof(limits)
        kernel.SetInformationJobObject(self._handle, EXTENDED_LIMITS, ctypes.byref(limits), size)

    def take(self, process_handle: int) -> bool:
        """Put a process in, right after its start."""
        handle = ctypes.c_void_p(process_handle)
        return bool(_kernel32().AssignProcessToJobObject(self._handle, handle))

    def kill(self) -> None:
        """End all that is in it."""
        _kernel32().TerminateJobObject(self._handle, KILLED)

    def active(self) -> int:
        """How many of its processes are left."""
        found = Accounting()
        size = ctypes.sizeof(found)
        told = _kernel32().QueryInformationJobObject(
            self._handle, BASIC_ACCOUNTING, ctypes.byref(found), size, None
        )
        return int(found.active) if told else 0

    def close(self) -> None:
        """Forget it; whatever is left in it dies."""
        _kernel32().CloseHandle(self._handle)


_jobs: dict[int, Job] = {}
"""By the number of the child that was put in first."""
_sockets: dict[int, socket.socket] = {}
"""Our ends, by descriptor."""


def now() -> float:
    """As in ``platform_posix``: GetTickCount64 counts suspend."""
    kernel = _kernel32()
    kernel.GetTickCount64.restype = ctypes.c_uint64
    return kernel.GetTickCount64() / 1000


class _End:
    """Our end of a pipe, as a file of ``Popen`` is used."""

    def __init__(self, end: socket.socket) -> None:
        end.settimeout(0)
        self._socket = end
        self.closed = False
        _sockets[end.fileno()] = end

    def fileno(self) -> int:
        return self._socket.fileno()

    def close(self) -> None:
        if not self.closed:
            self.closed = True
            _sockets.pop(self._socket.fileno(), None)
            self._socket.close()


def bridged(process: subprocess.Popen[bytes]) -> subprocess.Popen[bytes]:
    """Replace a child's pipes by sockets that can be waited for."""
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdin = cast("IO[bytes]", _to_child(process.stdin))
    process.stdout = cast("IO[bytes]", _from_child(process.stdout))
    process.stderr = cast("IO[bytes]", _from_child(process.stderr))
    return process


def _to_child(pipe: IO[bytes]) -> _End:
    ours, theirs = socket.socketpair()
    Thread(target=_pour_in, args=(theirs, pipe), daemon=True).start()
    return _End(ours)


def _from_child(pipe: IO[bytes]) -> _End:
    ours, theirs = socket.socketpair()
    Thread(target=_pour_out, args=(pipe, theirs), daemon=True).start()
    return _End(ours)


def _pour_in(end: socket.socket, pipe: IO[bytes]) -> None:
    with end, pipe, suppress(OSError):
        while data := end.recv(CHUNK_BYTES):
            rest = memoryview(data)
            while rest:
                rest = rest[os.write(pipe.fileno(), rest) :]


def _pour_out(pipe: IO[bytes], end: socket.socket) -> None:
    with pipe, end, suppress(OSError):
        while data := os.read(pipe.fileno(), CHUNK_BYTES):
            end.sendall(data)


def spawn(
    argv: Sequence[str],
    environment: Mapping[str, str],
    directory: Path,
    *,
    user: str = "",
    niceness: int = 0,
) -> subprocess.Popen[bytes]:
    """As in ``platform_posix``; always as the agent's own user. Raises OSError."""
    if user:
        raise OSError("on Windows children run as the agent's own user")
    root = {"SYSTEMROOT": os.environ["SYSTEMROOT"]} if "SYSTEMROOT" in os.environ else {}
    job = Job()
    process = subprocess.Popen(
        argv,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**root, **environment},
        cwd=directory,
        bufsize=0,
        creationflags=_flags(),
    )
    if not job.take(int(getattr(process, "_handle", process.pid))):
        process.kill()
        job.close()
        raise OSError("Windows did not take the child into its job object")
    _jobs[process.pid] = job
    if niceness:
        with suppress(psutil.Error, AttributeError):
            psutil.Process(process.pid).nice(getattr(psutil, "BELOW_NORMAL_PRIORITY_CLASS"))  # noqa: B009
    return bridged(process)


def _flags() -> int:
    return NEW_GROUP | NO_WINDOW if os.name == "nt" else 0


def read(descriptor: int, size: int) -> bytes:
    """As in ``platform_posix``."""
    return _sockets[descriptor].recv(size)


def write(descriptor: int, data: bytes | bytearray) -> int:
    """As in ``platform_posix``."""
    return _sockets[descriptor].send(data)


def give_to(path: Path, user: str) -> None:
    """Only the agent's own user runs children here. Raises OSError."""
    raise OSError(f"{path} cannot be given to {user}: on Windows children run as the agent's user")


def kill_tree(pid: int) -> list[psutil.Process]:
    """End the child's job; the system knows what is in it, so nothing has to be remembered."""
    if job := _jobs.get(pid):
        job.kill()
    return []


def is_group_gone(pid: int) -> bool:
    """Whether nothing of the child's job is left; then the job is forgotten."""
    job = _jobs.get(pid)
    if job is None:
        return True
    if job.active():
        return False
    del _jobs[pid]
    job.close()
    return True


def is_process_gone(process: psutil.Process) -> bool:
    """Whether it runs no more."""
    try:
        return not process.is_running()
    except psutil.Error:
        return True


def adopt_orphans() -> None:
    """Job objects hold what a dead child started."""


def kill_orphans(own: set[int]) -> None:
    """As ``adopt_orphans``: nothing can leave its job, so there are none."""


def die_with_parent(parent: int) -> None:
    """The job dies with the agent; one that died before this was asked is noticed here."""
    if not psutil.pid_exists(parent):
        os._exit(0)


def descended(pids: Iterable[int], ancestor: int) -> list[int]:
    """Return those of the processes that are this one, or descend from it."""
    try:
        children = psutil.Process(ancestor).children(recursive=True)
    except psutil.Error:
        return []
    own = {ancestor, *(child.pid for child in children)}
    return [pid for pid in pids if pid in own]


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
    msvcrt: Any = importlib.import_module("msvcrt")
    try:
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
    except OSError:
        return False
    return True


def sync_file(descriptor: int) -> None:
    """Make what was written survive a power cut. Raises OSError."""
    os.fsync(descriptor)


def sync_directory(directory: Path) -> None:
    """NTFS keeps renames in its own journal; a folder cannot be opened to be synced."""


def sleep_command() -> list[str]:
    """What suspends this machine to memory."""
    return ["rundll32.exe", "powrprof.dll,SetSuspendState", "0,1,0"]


def usable_cores() -> int:
    """Cores that this process may use."""
    try:
        return max(1, len(psutil.Process().cpu_affinity() or ()))
    except (psutil.Error, AttributeError):
        return os.cpu_count() or 1
