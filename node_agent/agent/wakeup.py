"""Lets a signal end the loop's wait: a pair of sockets, which every system can poll and Python's signals can write to."""

from __future__ import annotations

import signal
import socket
from contextlib import suppress


class Wakeup:
    """While it lives, each signal makes ``descriptor`` readable."""

    def __init__(self) -> None:
        self._reading, self._writing = socket.socketpair()
        self._reading.settimeout(0)
        self._writing.settimeout(0)
        self._before = signal.set_wakeup_fd(self._writing.fileno(), warn_on_full_buffer=False)

    @property
    def descriptor(self) -> int:
        """To poll for input."""
        return self._reading.fileno()

    def clear(self) -> None:
        """Take what signals wrote."""
        with suppress(BlockingIOError):
            self._reading.recv(64)

    def close(self) -> None:
        """Give signals back to whom they went before."""
        signal.set_wakeup_fd(self._before)
        self._reading.close()
        self._writing.close()
