"""The data folder: where its files are, and the two plain file formats that a client reads too.

The folder is ``--data``, else ``$WINDFIRE_HOME``, else the user's own (platformdirs, "windfire")::

    connection.json         how to reach the dispatcher that runs now; removed when it stops
    keys/server.key_secret  the dispatcher's pair     keys/server.key   its public half
    keys/admin.key_secret   the local user's pair     keys/admin.key    its public half
    windfire.db             the database; windfire.db.lock holds the pid of its one dispatcher
    backups/                copies of the database from before each migration
    events/                 the recorder's log of inputs
    logs/                   output of attempts        thumbnails/       last picture of each task
    staged/                 chunks of files of jobs without a shared disk

``connection.json`` is one JSON object, the fields of ``Connection``. A client on another machine has a
folder of its own with a ``connection.json`` that somebody gave it (pid 0) and its own key pair under
``keys/admin.*``.

A key file is a ZPL certificate, as ``zmq.auth.create_certificates`` writes and
``zmq.auth.load_certificate`` reads it: a line ``public-key = "..."`` and, in ``*.key_secret``, a line
``secret-key = "..."``, each 40 characters of Z85. Secret files have mode 0600 and are refused with more.

Nothing here opens a socket or the database, so that the window may import it.
"""

from __future__ import annotations

import os
import re
import stat
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from app.errors import EnvironmentFault
from node_agent.wire.token import is_key

HOME_VARIABLE = "WINDFIRE_HOME"
_FIELD = re.compile(r'^\s*(public|secret)-key\s*=\s*"([^"\n]*)"\s*$', re.MULTILINE)


class Connection(msgspec.Struct, frozen=True, kw_only=True):
    """``connection.json``: all that a client needs beside its own key pair."""

    address_clients: str
    """DEALER here: commands and queries."""
    address_deltas: str
    """SUB here: topics ``delta``, ``preview``, ``log``."""
    address_nodes: str
    """Agents' DEALERs here; also what goes into join tokens."""
    server_key: str
    """The dispatcher's public key, Z85; the same for the three sockets."""
    address_staging: str = ""
    """Chunks of staged files here; '' on a dispatcher that has no such socket."""
    pid: int = 0
    """Of the dispatcher on this machine; 0 where it is on another."""
    instance: str = ""
    """New at each start of the dispatcher; as in ``FarmInfo.instance``."""
    version: str = ""
    protocol: int = 1


@dataclass(frozen=True)
class KeyPair:
    """A CURVE pair in Z85."""

    public: str
    secret: str = field(repr=False)  # must not end in a traceback or a log line


@dataclass(frozen=True)
class Home:
    """The paths in one data folder; making one touches no disk."""

    root: Path

    @property
    def connection(self) -> Path:
        return self.root / "connection.json"

    @property
    def server_key(self) -> Path:
        return self.root / "keys" / "server.key_secret"

    @property
    def admin_key(self) -> Path:
        return self.root / "keys" / "admin.key_secret"

    @property
    def database(self) -> Path:
        return self.root / "windfire.db"

    @property
    def backups(self) -> Path:
        return self.root / "backups"

    @property
    def events(self) -> Path:
        return self.root / "events"

    @property
    def logs(self) -> Path:
        return self.root / "logs"

    @property
    def staged(self) -> Path:
        return self.root / "staged"

    @property
    def thumbnails(self) -> Path:
        return self.root / "thumbnails"


def find_home(given: str | Path | None = None) -> Home:
    """Return the data folder: as given, by the environment, or the user's own."""
    chosen = given or os.environ.get(HOME_VARIABLE)
    if chosen:
        return Home(Path(chosen).expanduser().absolute())
    import platformdirs  # a service is told its folder, and starts sooner without

    return Home(platformdirs.user_data_path("windfire", appauthor=False))


def read_connection(home: Home) -> Connection | None:
    """Return what ``connection.json`` says, or None where there is none. Raises EnvironmentFault."""
    try:
        return msgspec.json.decode(home.connection.read_bytes(), type=Connection)
    except FileNotFoundError:
        return None
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise EnvironmentFault(f"{home.connection} cannot be read: {error}.") from error


def write_connection(home: Home, connection: Connection) -> None:
    """Tell local clients where the dispatcher is; whole or not at all. Raises EnvironmentFault."""
    text = msgspec.json.format(msgspec.json.encode(connection), indent=2)
    write_private(home.connection, text + b"\n")


def remove_connection(home: Home, pid: int) -> None:
    """Take the file away if it is still that process's."""
    try:
        found = read_connection(home)
        if found is not None and found.pid == pid:
            home.connection.unlink()
    except (EnvironmentFault, OSError):
        return  # a stale file is harmless: its pid is gone


def read_key_pair(path: Path) -> KeyPair:
    """Read a ``*.key_secret`` file. Raises EnvironmentFault: missing, malformed or open to others."""
    try:
        # Windows keeps the user's folder private by its own means; the bits there tell nothing.
        if os.name == "posix" and stat.S_IMODE(path.stat().st_mode) & 0o077:
            raise EnvironmentFault(f"The key {path} can be read by others: chmod 600 it.")
        found = dict(_FIELD.findall(path.read_text("ascii")))
    except (OSError, UnicodeDecodeError) as error:
        raise EnvironmentFault(f"The key {path} cannot be read: {error}.") from error
    pair = KeyPair(found.get("public", ""), found.get("secret", ""))
    if not (is_key(pair.public) and is_key(pair.secret)):
        raise EnvironmentFault(f"{path} is not a CURVE key pair; delete it to have a new one made.")
    return pair


def write_key_pair(path: Path, pair: KeyPair) -> None:
    """Write ``*.key_secret`` (0600) and beside it the public half. Raises EnvironmentFault."""
    public = f'metadata\ncurve\n    public-key = "{pair.public}"\n'
    secret = f'{public}    secret-key = "{pair.secret}"\n'
    write_private(path.with_suffix(".key"), public.encode("ascii"))
    write_private(path, secret.encode("ascii"))


def write_private(path: Path, data: bytes) -> None:
    """Replace ``path`` by rename, readable by its owner alone. Raises EnvironmentFault."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # The mode is set at creation: a chmod afterwards leaves a moment open.
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with open(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        raise EnvironmentFault(f"{path} cannot be written: {error}.") from error
