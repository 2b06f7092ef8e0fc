"""Who is to blame for an SQLite error, decided in one place from its code."""

from __future__ import annotations

import sqlite3
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from app.errors import BugFault, EnvironmentFault, WindfireError

_REPAIRS = {
    sqlite3.SQLITE_BUSY: "another program has it open for writing: close that program",
    sqlite3.SQLITE_LOCKED: "another program has it locked: close that program",
    sqlite3.SQLITE_FULL: "the disk is full: free some space",
    sqlite3.SQLITE_IOERR: "the disk does not answer as it should: check it",
    sqlite3.SQLITE_READONLY: "it may not be written: check the owner and mode of the folder",
    sqlite3.SQLITE_CANTOPEN: "it cannot be opened: check the owner and mode of the folder",
    sqlite3.SQLITE_PERM: "it may not be opened: check the owner and mode of the folder",
    sqlite3.SQLITE_CORRUPT: "it is damaged; it is left as it is: restore a copy from backups/",
    sqlite3.SQLITE_NOTADB: "it is not a database; it is left as it is: restore a copy from backups/",
}
# With these the commit was not made, and the same one may be tried again.
_PASSING = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_FULL}
# A full disk too, when it is the WAL's index that wants to grow.
_NO_SPACE_FOR_INDEX = sqlite3.SQLITE_IOERR_SHMSIZE


class StoreFault(EnvironmentFault):
    """The database does not do what it should. ``passing``: nothing was written, and it may heal."""

    def __init__(self, sentence: str, *, passing: bool = False) -> None:
        super().__init__(sentence)
        self.passing = passing


@contextmanager
def blamed(path: Path) -> Generator[None]:
    """Turn SQLite's errors into ours."""
    try:
        yield
    except sqlite3.Error as error:
        raise blame(path, error) from error
    except UnicodeDecodeError as error:
        # SQLite quotes the schema in its message, and what it quotes is damaged.
        raise StoreFault(
            f"The database {path} cannot be used, {_REPAIRS[sqlite3.SQLITE_CORRUPT]}."
        ) from error


def blame(path: Path, error: sqlite3.Error) -> WindfireError:
    """Return the fault to raise for ``error``."""
    # The low byte is the primary code, the rest tells more of an I/O error.
    extended = getattr(error, "sqlite_errorcode", 0)
    code = sqlite3.SQLITE_FULL if extended == _NO_SPACE_FOR_INDEX else extended & 0xFF
    if code in _REPAIRS:
        sentence = f"The database {path} cannot be used, {_REPAIRS[code]} ({error})."
        return StoreFault(sentence, passing=code in _PASSING)
    return BugFault(f"The database {path} was asked for what it cannot do: {error}.")
