"""One dispatcher for one database: a lock that dies with its process, kill -9 included.

The lock is on ``<db>.lock``, never on the database itself: closing any descriptor of the database
would drop SQLite's own POSIX locks.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from app.errors import EnvironmentFault

if sys.platform == "win32":
    import msvcrt

    def _try_lock(descriptor: int) -> None:
        # Locks there are mandatory: far behind the text, so that others can read the pid.
        os.lseek(descriptor, 1 << 20, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        os.lseek(descriptor, 0, os.SEEK_SET)
else:
    import fcntl

    def _try_lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


class Lock:
    """Held from construction to ``close``. Raises EnvironmentFault that names the holder's pid."""

    def __init__(self, database: Path) -> None:
        path = database.with_name(database.name + ".lock")
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise EnvironmentFault(f"{path} cannot be opened: {error}.") from error
        self._take(database)

    def _take(self, database: Path) -> None:
        try:
            _try_lock(self._descriptor)
        except OSError as error:
            holder = os.read(self._descriptor, 32).decode("ascii", "replace").strip()
            os.close(self._descriptor)
            raise EnvironmentFault(
                f"Another dispatcher (pid {holder or 'unknown'}) has the database {database} open."
            ) from error
        os.ftruncate(self._descriptor, 0)
        os.write(self._descriptor, f"{os.getpid()}\n".encode())

    def close(self) -> None:
        """Let the next dispatcher in."""
        os.close(self._descriptor)
