"""The dispatcher with one of its costs taken out, to measure what it costs; for benchmarks alone.

``python -m benchmarks.dispatch_variants no_store ARGUMENTS``: `windfire ARGUMENTS` that writes no turn;
``no_curve``: its door for nodes speaks no CURVE, and a node's route is its key.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

import zmq

from app.cli.main import run
from app.core.changes import Change
from app.dispatcher import sockets
from app.dispatcher.access import NODES
from app.store.repository import Repository

VARIANTS = ("no_store", "no_curve")
KEY_CHARACTERS = 40


def without_store() -> None:
    def commit(self: Repository, _changes: Sequence[Change], _at: float) -> int:
        self.seq += 1
        return self.seq

    Repository.commit = commit  # type: ignore[method-assign]
    Repository.snapshot_due = lambda _: False  # type: ignore[method-assign]


def without_curve() -> None:
    secure, user_of = sockets.Sockets._secure, sockets._incoming

    def open_door(self: Any, socket: Any, door: str) -> Any:
        if door != NODES:
            return secure(self, socket, door)
        socket.setsockopt(zmq.BACKLOG, sockets.BACKLOG)
        socket.setsockopt(zmq.LINGER, 0)
        return socket

    def incoming(socket: Any, route: bytes, frame: zmq.Frame) -> sockets.Incoming:
        found = user_of(socket, route, frame)
        if len(route) != KEY_CHARACTERS:
            return found
        return sockets.Incoming(route, route.decode(), found.body)

    sockets.Sockets._secure = open_door
    sockets._incoming = incoming


if __name__ == "__main__":
    {"no_store": without_store, "no_curve": without_curve}[sys.argv[1]]()
    sys.exit(run(sys.argv[2:]))
