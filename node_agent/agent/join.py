"""How a new node gets its place: one Join with the token's key, then its own key for ever.

Blocks for at most ``JOIN_S``; runs once, before the loop. The node's key pair is on disk before Join is
sent, so that a lost answer costs only another try with the same key.
"""

from __future__ import annotations

import logging
import math
from pathlib import Path

import zmq

from node_agent.agent.identity import DispatcherPlace, load_or_make_keys, save_dispatcher
from node_agent.agent.link import KeyPair, Link, LinkEvent
from node_agent.agent.system import platform
from node_agent.wire.codec import encode
from node_agent.wire.messages import Join, Joined, Refused
from node_agent.wire.token import JoinToken
from node_agent.wire.version import PROTOCOL

JOIN_S = 30.0
REPEAT_S = 5.0
EXIT_ENVIRONMENT = 3
EXIT_REFUSED = 4

_log = logging.getLogger("agent")


class JoinFault(Exception):
    """The node was not taken; one sentence, and the exit code."""

    def __init__(self, code: int, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


def join(
    context: zmq.Context[zmq.Socket[bytes]],
    token: JoinToken,
    name: str,
    data: Path,
    timeout_s: float = JOIN_S,
) -> DispatcherPlace:
    """Enrol this node with ``token`` and remember the dispatcher. Raises JoinFault."""
    keys = load_or_make_keys(data)
    message = encode([Join(protocol=PROTOCOL, name=name, public_key=keys.public)])
    link = Link(
        context, token.address, token.server_key, KeyPair(token.public_key, token.secret_key)
    )
    try:
        _ask(link, token, message, platform.now() + timeout_s)
    finally:
        link.close()
    place = DispatcherPlace(token.address, token.server_key)
    save_dispatcher(data, place)
    _log.info("joined the dispatcher at %s", token.address)
    return place


def _ask(link: Link, token: JoinToken, message: bytes, deadline: float) -> None:
    poller = zmq.Poller()
    poller.register(link.socket, zmq.POLLIN)
    poller.register(link.monitor, zmq.POLLIN)
    ask_at = float("inf")
    while (now := platform.now()) < deadline:
        poller.poll(max(0, math.ceil((min(deadline, ask_at) - now) * 1000)))
        for event in link.events():
            if event is LinkEvent.DENIED:
                raise JoinFault(EXIT_REFUSED, _denied(token))
            ask_at = platform.now() if event is LinkEvent.UP else ask_at
        if platform.now() >= ask_at and link.send(message):
            ask_at = platform.now() + REPEAT_S
        if _is_taken(link):
            return
    raise JoinFault(
        EXIT_ENVIRONMENT,
        f"No dispatcher with this token's key answered at {token.address}: is it running, and does a"
        " firewall stand between?",
    )


def _is_taken(link: Link) -> bool:
    for answer in link.receive():
        if isinstance(answer, Joined):
            return True
        if isinstance(answer, Refused):
            raise JoinFault(EXIT_REFUSED, f"The dispatcher refused this node: {answer.sentence}")
    return False


def _denied(token: JoinToken) -> str:
    return (
        f"The dispatcher at {token.address} does not take this join token: it was used already, has"
        " expired, or was withdrawn."
    )
