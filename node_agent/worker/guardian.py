"""Runs one command and sees that nothing of it survives: not its helpers, not daemons it detaches.

Started as ``python -I -S guardian.py PARENT FD ARGV``; imports nothing of ours, so that it costs milliseconds and
8 MB. As ``guardian.py PARENT serve FD`` it starts guardians for a worker, each a fork of itself, as the worker
orders over the socket FD (``guarded``). On Linux it adopts every descendant that loses its parent, so all
of them are found however they detach; elsewhere only the command's process group is.

Signals: SIGTERM is passed on to the command's group, as its chance to end by itself. SIGHUP, and the
worker's death, kill everything. The exit code is the command's, 128 and the signal that killed it, or
127 where it could not be started. FD is a pipe that takes what it cost: seconds of CPU and bytes of its
largest process.
"""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import sys

TYPE_CHECKING = False  # not from typing: its import costs each start a third
if TYPE_CHECKING:
    from typing import Any

PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36
NOT_STARTED = 127
SIGNALS = {signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD}


def main() -> int:
    """Run the command; return the exit code."""
    if sys.argv[2] == "serve":
        return serve(int(sys.argv[1]), int(sys.argv[3]))
    return guard(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:], dict(os.environ))


def guard(parent: int, report: int, argv: list[str], environment: dict[str, str]) -> int:
    """Run one command to its end, and of all that it started; return the exit code."""
    os.set_inheritable(report, False)  # noqa: FBT003 - it takes no keyword
    signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    _prctl(PR_SET_CHILD_SUBREAPER, 1)
    _prctl(PR_SET_PDEATHSIG, signal.SIGHUP)
    if os.getppid() != parent:
        return NOT_STARTED
    pid = os.fork()
    if pid == 0:
        _become(argv, environment)
    os.close(1)  # the log ends with the last process that can write to it, and that is not this one
    os.close(2)
    code = _guard(pid)
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    os.write(report, f"{usage.ru_utime + usage.ru_stime} {usage.ru_maxrss * 1024}".encode())
    return code


def serve(parent: int, number: int) -> int:
    """Fork guardians, pass on signals to them and reap them, until the worker is gone."""
    import gc
    import json
    import socket

    signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    _prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    os.set_inheritable(number, False)  # noqa: FBT003 - it takes no keyword
    if os.getppid() != parent:
        return NOT_STARTED
    gc.disable()  # a collection would copy what all guardians share
    with socket.socket(fileno=number) as orders:
        while True:
            head, descriptors, _, _ = socket.recv_fds(orders, 4, 2)
            body = orders.recv(int.from_bytes(head, "little"), socket.MSG_WAITALL)
            if not body:
                return 0
            order = json.loads(body)
            if descriptors:
                answer = _fork(order, *descriptors)
            elif "signal" in order:
                os.kill(order["pid"], order["signal"])  # not reaped: the number is still its own
                answer = 0
            else:
                answer = os.waitpid(order["pid"], 0)[1]
            orders.sendall(answer.to_bytes(8, "little", signed=True))


def _fork(order: dict[str, Any], log: int, report: int) -> int:
    """Start a guardian as ``order`` says; return its process."""
    parent = os.getpid()
    pid = os.fork()
    if pid:
        os.close(log)
        os.close(report)
        return pid
    code = NOT_STARTED
    try:
        os.setpgid(0, 0)
        os.dup2(log, 1)
        os.dup2(log, 2)
        os.close(log)
        os.chdir(order["folder"])
        code = guard(parent, report, order["argv"], order["environment"])
    except OSError as error:
        os.write(2, f"{order['folder']}: {error.strerror}\n".encode())
    finally:
        os._exit(code)


def _become(argv: list[str], environment: dict[str, str]) -> None:
    """In the child: be the command."""
    try:
        os.setpgid(0, 0)
        _prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
        os.execvpe(argv[0], argv, environment)  # noqa: S606 - to run programs is what this is for
    except OSError as error:
        os.write(2, f"{argv[0]}: {error.strerror}\n".encode())
    finally:
        os._exit(NOT_STARTED)


def _guard(pid: int) -> int:
    while True:
        number = signal.sigwait(SIGNALS)
        if number == signal.SIGTERM:
            _signal_group(pid, signal.SIGTERM)
        elif number == signal.SIGHUP:
            _kill_everything(pid)
            return 128 + signal.SIGKILL
        else:
            status = _reap(pid)
            if status is not None:
                _kill_everything(pid)
                code = os.waitstatus_to_exitcode(status)
                return 128 - code if code < 0 else code


def _reap(pid: int) -> int | None:
    """Reap all that ended; return the command's status if it did."""
    found = None
    try:
        while True:
            ended, status = os.waitpid(-1, os.WNOHANG)
            if ended == 0:
                break
            found = status if ended == pid else found
    except ChildProcessError:
        pass
    return found


def _kill_everything(pid: int) -> None:
    """Kill until nobody is left: the children of those that die become ours, and are next."""
    _signal_group(pid, signal.SIGKILL)
    while True:
        for child in _children():
            try:
                os.kill(child, signal.SIGKILL)
            except ProcessLookupError:
                continue
        try:
            os.waitpid(-1, 0)
        except ChildProcessError:
            return


def _children() -> list[int]:
    try:
        # Not pathlib: its import costs the guardian, and so every program, a third of its start.
        with open(f"/proc/self/task/{os.getpid()}/children", encoding="ascii") as children:
            return [int(pid) for pid in children.read().split()]
    except OSError:
        return []


def _signal_group(pid: int, number: int) -> None:
    try:
        os.killpg(pid, number)
    except (ProcessLookupError, PermissionError):
        return


def _prctl(option: int, value: int) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(option, value, 0, 0, 0)


if __name__ == "__main__":
    sys.exit(main())
