"""Takes messages from the sockets, drops what is none, and makes events of the rest.

Nothing a peer sends raises here: a message that cannot be read costs its sender a strike, and twenty of
them a minute's silence. The key of every message is looked up anew, so a revoked key is out at once.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field

import msgspec

from app.core.commands import (
    Answer,
    Ask,
    GetAttempts,
    GetAudit,
    GetHistory,
    GetLog,
    GetMorning,
    GetPreview,
    GetSnapshot,
    GetUsage,
    Refusal,
    Reply,
    WatchTask,
)
from app.core.events import ClientAsked, Event, NodeSaid, Now
from app.dispatcher import clock
from app.dispatcher.access import BAN_S, CLIENTS, NODES, Access
from app.dispatcher.sockets import Incoming, Sockets
from node_agent.wire.codec import WireError, decode_from_node, encode
from node_agent.wire.messages import Join, Refused
from node_agent.wire.version import refusal

log = logging.getLogger("windfire.wire")

NODE_MESSAGES_MAX = 2048
CLIENT_MESSAGES_MAX = 256
"""A turn: what is left waits for the next one, behind one commit."""
EVENTS_MAX = 8192
TURN_S = 0.01
_CLOCK_EVERY = 64

_SHELL_QUERIES = (
    *(GetSnapshot, GetAttempts, GetLog, GetPreview, WatchTask, GetUsage),
    *(GetAudit, GetHistory, GetMorning),
)

_ask = msgspec.msgpack.Decoder(Ask)
_encode_reply = msgspec.msgpack.Encoder().encode


class _Number(msgspec.Struct):
    """The part of an Ask that is needed to refuse it."""

    id: int


_number = msgspec.msgpack.Decoder(_Number)


@dataclass(slots=True)
class Inputs:
    """What came in one turn: events for the core, and queries that the shell answers."""

    events: list[Event] = field(default_factory=list[Event])
    queries: list[ClientAsked] = field(default_factory=list[ClientAsked])
    is_more: bool = False
    """A limit was reached: there may be more to read at once."""


class Inbox:
    """Reads both ROUTERs."""

    def __init__(self, sockets: Sockets, access: Access) -> None:
        self._sockets = sockets
        self._access = access
        self.routes: dict[str, bytes] = {}
        """By node key: the connection on which it was heard last."""

    def drain(self, now: Now, *, nodes: bool = True) -> Inputs:
        """Take what has arrived, within the limits of a turn."""
        inputs = Inputs()
        end = clock.monotonic() + TURN_S
        asks = list(self._sockets.receive(self._sockets.clients, CLIENT_MESSAGES_MAX))
        for message in asks:
            self._take_client(message, inputs, now)
        inputs.is_more = len(asks) == CLIENT_MESSAGES_MAX
        if nodes:
            self._drain_nodes(inputs, now, end)
        return inputs

    def _drain_nodes(self, inputs: Inputs, now: Now, end: float) -> None:
        messages = self._sockets.receive(self._sockets.nodes, NODE_MESSAGES_MAX)
        for taken, message in enumerate(messages, 1):
            self._take_node(message, inputs, now)
            is_late = taken % _CLOCK_EVERY == 0 and clock.monotonic() > end
            if is_late or taken == NODE_MESSAGES_MAX or len(inputs.events) >= EVENTS_MAX:
                inputs.is_more = True
                return

    def _take_node(self, message: Incoming, inputs: Inputs, now: Now) -> None:
        key = message.key
        if self._access.is_banned(key, now.mono):
            return
        try:
            batch = decode_from_node(_one_frame(message.body))
        except WireError as error:
            self._strike_node(message, str(error), now)
            return
        if not self._access.may_enter(NODES, key, now.wall):
            # A token's key is used up by its first Join; the core answers the same Join once more.
            is_join = all(isinstance(each, Join) for each in batch)
            if not (is_join and key):
                self._access.refused += 1
                sentence = "This node's key is not, or no longer, on the list."
                self._refuse_node(message.route, sentence)
                return
        self.routes[key] = message.route
        inputs.events += [NodeSaid(key, each) for each in batch]

    def _take_client(self, message: Incoming, inputs: Inputs, now: Now) -> None:
        key = message.key
        if self._access.is_banned(key, now.mono):
            return
        try:
            ask = _ask.decode(_one_frame(message.body))
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, WireError) as error:
            self._strike_client(message, str(error), now)
            return
        sentence = refusal(ask.protocol)
        if not self._access.may_enter(CLIENTS, key, now.wall):
            self._access.refused += 1
            sentence = "This key is not, or no longer, on the list: ask the farm's administrator."
        if sentence is not None:
            self.answer(message.route, ask.id, Refusal(sentence=sentence, blame="environment"))
            return
        asked = ClientAsked(key, message.route, ask.id, ask.body)
        target = inputs.queries if isinstance(ask.body, _SHELL_QUERIES) else inputs.events
        target.append(asked)

    def answer(self, route: bytes, number: int, body: Answer) -> None:
        """Reply to a client, if it is still there."""
        data = _encode_reply(Reply(id=number, body=body))
        if not self._sockets.send(self._sockets.clients, route, data):
            log.debug("the answer to %d finds nobody", number)

    def _strike_client(self, message: Incoming, why: str, now: Now) -> None:
        log.warning("a client's message is none (%s)", why)
        try:
            number = _number.decode(message.body or b"").id
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            number = 0
        sentence = f"This is no request of the protocol: {why}"
        if self._access.strike(message.key, now.mono):
            log.warning("key %s is shut out for %d s", message.key, BAN_S)
            sentence = f"Too many messages that are none: shut out for {BAN_S:.0f} s."
        self.answer(message.route, number, Refusal(sentence=sentence, blame="peer"))

    def _strike_node(self, message: Incoming, why: str, now: Now) -> None:
        log.warning("a node's message is none (%s)", why)
        if self._access.strike(message.key, now.mono):
            log.warning("key %s is shut out for %d s", message.key, BAN_S)
            self._refuse_node(
                message.route,
                f"Too many messages that are none: shut out for {BAN_S:.0f} s.",
                retry=True,
            )

    def _refuse_node(self, route: bytes, sentence: str, *, retry: bool = False) -> None:
        data = encode([Refused(sentence=sentence, retry=retry)])
        self._sockets.send(self._sockets.nodes, route, data)


def _one_frame(body: bytes | None) -> bytes:
    if body is None:
        raise WireError("A message is one frame.")
    return body
