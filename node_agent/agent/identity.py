"""Who this agent is and whom it serves: the files of its data folder that outlive a start.

``node.key`` (mode 0600) holds the node's key pair and never leaves the machine; ``dispatcher.json``
holds the dispatcher's address and public key. ``docs/agent.md`` lists every file.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TypeVar

import msgspec

from node_agent.agent.link import KeyPair, new_key_pair
from node_agent.wire.token import is_address, is_key

KEY_FILE = "node.key"
DISPATCHER_FILE = "dispatcher.json"


_T = TypeVar("_T", KeyPair, "DispatcherPlace")


class IdentityFault(Exception):
    """A file of the data folder is missing or damaged; the message is one sentence."""


class DispatcherPlace(msgspec.Struct, frozen=True):
    """Where the dispatcher is, and how it proves to be itself."""

    address: str
    server_key: str


def load_or_make_keys(data: Path) -> KeyPair:
    """The node's key pair; made on the first start. Raises IdentityFault."""
    path = data / KEY_FILE
    if not path.exists():
        keys = new_key_pair()
        _write(path, msgspec.json.encode(keys))
        return keys
    keys = _read(path, KeyPair)
    if not (is_key(keys.public) and is_key(keys.secret)):
        raise IdentityFault(f"The file {path} holds no key pair; delete it and join again.")
    path.chmod(0o600)
    return keys


def load_dispatcher(data: Path) -> DispatcherPlace | None:
    """The dispatcher that this node has joined; None before. Raises IdentityFault."""
    path = data / DISPATCHER_FILE
    if not path.exists():
        return None
    place = _read(path, DispatcherPlace)
    if not (is_address(place.address) and is_key(place.server_key)):
        raise IdentityFault(f"The file {path} names no dispatcher; delete it and join again.")
    return place


def save_dispatcher(data: Path, place: DispatcherPlace) -> None:
    """Remember the dispatcher that took this node."""
    _write(data / DISPATCHER_FILE, msgspec.json.encode(place))


def _read(path: Path, kind: type[_T]) -> _T:
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except (OSError, msgspec.DecodeError) as error:
        raise IdentityFault(f"The file {path} cannot be read: {error}.") from error


def _write(path: Path, data: bytes) -> None:
    """Write whole or not at all, readable by its owner alone."""
    temporary = path.with_name(f".{path.name}.tmp")
    temporary.unlink(missing_ok=True)
    file = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(file, "wb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())
    temporary.replace(path)
