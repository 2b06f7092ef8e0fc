"""Starts programs under guardians (``guardian``), each forked from one server that a worker keeps.

A Python that starts for each program costs more than a short program does: a fork of one that waits costs a
tenth of it. The server and its guardians die with the worker, and with them all that they guard.
"""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import subprocess
import sys
from dataclasses import dataclass

from node_agent.worker import guardian

_LOST = 128 + signal.SIGKILL
"""Exit code where nobody is left to tell it."""


@dataclass(slots=True)
class Guarded:
    """A program and its guardian. ``log`` is what they print, ``report`` what the guardian says of the cost."""

    server: Server
    pid: int
    log: int
    _report: int
    report: bytes = b""
    returncode: int | None = None

    def poll(self) -> int | None:
        """Return the exit code, or None while it runs."""
        return self.wait(0.0)

    def wait(self, timeout_s: float | None = None) -> int | None:
        """Return the exit code, or None where the program still runs then. It outlives nothing that it guards."""
        while self.returncode is None:
            if not select.select([self._report], [], [], timeout_s)[0]:
                return None
            data = os.read(self._report, 100)
            self.report += data
            if not data:  # the guardian alone holds the other end
                self.returncode = self.server.reap(self.pid)
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Signal the guardian, if it is not gone."""
        if self.returncode is None:
            self.server.signal(self.pid, number)

    def close(self) -> None:
        """Let go of the pipes."""
        os.close(self.log)
        os.close(self._report)


class Server:
    """The process that forks guardians. For the thread that starts it, with which it dies."""

    def __init__(self) -> None:
        ours, its = socket.socketpair()
        with its:
            own = [sys.executable, "-I", "-S", guardian.__file__, str(os.getpid()), "serve"]
            number = its.fileno()
            self._process = subprocess.Popen(
                [*own, str(number)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                pass_fds=(number,),
                process_group=0,  # the agent takes a worker for gone when nothing of its group is left
            )
        self._socket = ours

    def start(self, argv: list[str], environment: dict[str, str], folder: str) -> Guarded:
        """Start a program in a folder. Raises OSError."""
        log, its_log = os.pipe()
        report, its_report = os.pipe()
        try:
            order: dict[str, object] = {}
            order |= {"argv": argv, "environment": environment, "folder": folder}
            pid = self._ask(order, [its_log, its_report])
        except BaseException:
            os.close(log)
            os.close(report)
            raise
        finally:
            os.close(its_log)
            os.close(its_report)
        return Guarded(self, pid, log, report)

    def signal(self, pid: int, number: int) -> None:
        """Signal a guardian that was not reaped."""
        try:
            self._ask({"signal": number, "pid": pid})
        except OSError:
            return  # the server is gone, and its guardians with it

    def reap(self, pid: int) -> int:
        """Wait for a guardian that ends, and return its exit code; of one that is lost, a kill's."""
        try:
            code = os.waitstatus_to_exitcode(self._ask({"pid": pid}))
        except OSError:
            return _LOST
        return code if code >= 0 else 128 - code

    def close(self) -> None:
        """End the server; its guardians, where any are left, kill what they guard."""
        self._socket.close()
        self._process.wait()

    @property
    def is_alive(self) -> bool:
        return self._process.poll() is None

    def _ask(self, order: dict[str, object], descriptors: list[int] | None = None) -> int:
        body = json.dumps(order).encode()
        socket.send_fds(self._socket, [len(body).to_bytes(4, "little")], descriptors or [])
        self._socket.sendall(body)
        answer = self._socket.recv(8, socket.MSG_WAITALL)
        if len(answer) < 8:
            raise OSError("The server of guardians has ended.")
        return int.from_bytes(answer, "little", signed=True)


_server: Server | None = None


def start(argv: list[str], environment: dict[str, str], folder: str) -> Guarded:
    """Start a program under a guardian of this process's server. From one thread alone. Raises OSError."""
    global _server
    if _server is None or not _server.is_alive:
        _server = Server()
    return _server.start(argv, environment, folder)
