"""Sends what a turn decided, after it is committed: one frame for each node, however many messages."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from app.dispatcher.inbox import Inbox
from app.dispatcher.sockets import Sockets
from node_agent.wire.codec import WireError, encode
from node_agent.wire.messages import ToNode

log = logging.getLogger("windfire.wire")


class Outbox:
    """Gathers messages by node and flushes them in the order in which they came."""

    def __init__(self, sockets: Sockets, inbox: Inbox) -> None:
        self._sockets = sockets
        self._routes = inbox.routes
        self._waiting: dict[str, list[ToNode]] = {}
        self.dropped = 0
        """Messages for nodes that are gone or do not read; the core repeats what matters."""

    def add(self, key: str, message: ToNode) -> None:
        """Queue for the node of this key."""
        self._waiting.setdefault(key, []).append(message)

    def flush(self) -> None:
        """Send everything."""
        waiting, self._waiting = self._waiting, {}
        for key, messages in waiting.items():
            route = self._routes.get(key)
            if route is None or not self._send(route, messages):
                self.dropped += len(messages)

    def _send(self, route: bytes, messages: Sequence[ToNode]) -> bool:
        try:
            data = encode(messages)
        except WireError as error:
            if len(messages) == 1:
                log.error("a %s is not sent: %s", type(messages[0]).__name__, error)  # noqa: TRY400
                return False
            half = len(messages) // 2
            return self._send(route, messages[:half]) and self._send(route, messages[half:])
        return self._sockets.send(self._sockets.nodes, route, data)
