"""Where a farm is and with which key it is entered: what a Connection is made from.

A home (a data folder, see ``app.store.home``) has ``connection.json`` and the local user's key. A farm on
another machine is entered by a ``connection.json`` that its administrator gave, and a key of one's own.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import psutil

from app.errors import EnvironmentFault
from app.store.home import Connection, Home, find_home, read_connection, read_key_pair
from node_agent.wire.version import refusal

CLOCK_GRAIN_S = 2.0
"""Process start times are counted from the boot in ticks, and the boot's own time is rounded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientSettings:
    """Addresses are ``tcp://host:port``; keys are CURVE keys in Z85, 40 characters."""

    address: str
    """Of the dispatcher's socket for clients' asks."""
    events: str
    """Of the socket on which it publishes deltas, previews and log lines."""
    server_key: str
    public_key: str
    secret_key: str = field(repr=False)  # must not end in a traceback or a log line
    staging: str = ""
    """Of the socket that takes staged files; '' where there is none."""


def load_settings(home: str | Path | None = None, key: str | Path | None = None) -> ClientSettings:
    """Read a home's files. Raises EnvironmentFault with what to do: no farm there, or a wrong key."""
    place = find_home(home)
    found = read_connection(place)
    if found is None:
        raise EnvironmentFault(
            f"No farm is running in {place.root}: start one with {_start(place)}."
        )
    if not is_alive(place, found):
        raise EnvironmentFault(
            f"The farm in {place.root} has ended without saying so: start it with {_start(place)}."
        )
    why = refusal(found.protocol)
    if why is not None:
        raise EnvironmentFault(f"The farm in {place.root} is of another version. {why}")
    pair = read_key_pair(Path(key) if key else place.admin_key)
    return ClientSettings(
        address=found.address_clients,
        events=found.address_deltas,
        server_key=found.server_key,
        public_key=pair.public,
        secret_key=pair.secret,
        staging=found.address_staging,
    )


def is_alive(place: Home, found: Connection) -> bool:
    """Tell whether the dispatcher of a connection.json may be running; one elsewhere always may.

    After a crash or a power cut the file stays, and its process id may be another's by now: a process that
    began after the file was written did not write it.
    """
    if not found.pid:
        return True
    try:
        written_at = place.connection.stat().st_mtime
        return psutil.Process(found.pid).create_time() <= written_at + CLOCK_GRAIN_S
    except psutil.AccessDenied:
        return True  # of another user, who may well run the farm
    except (psutil.NoSuchProcess, OSError):
        return False


def _start(place: Home) -> str:
    is_default = place.root == find_home().root
    return "`windfire serve`" if is_default else f"`windfire serve --data {place.root}`"
