"""A farm for those who stand outside it: the replica, the connection and the Python API.

Lazy, so that the window pays only for what it uses and a script writes ``from app.client import connect``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.client.api import Farm, Submitted, connect
    from app.client.connection import Connection, LinkState
    from app.client.replica import Batch, Replica

__all__ = ["Batch", "Connection", "Farm", "LinkState", "Replica", "Submitted", "connect"]

_HOMES = {
    "Batch": "replica",
    "Connection": "connection",
    "Farm": "api",
    "LinkState": "connection",
    "Replica": "replica",
    "Submitted": "api",
    "connect": "api",
}


def __getattr__(name: str) -> object:
    """Import a public name when it is first used."""
    import importlib

    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"app.client.{_HOMES[name]}"), name)
