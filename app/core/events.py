"""Every input of the dispatcher's core, one frozen struct each.

PURE. ``Dispatcher.handle(event, now)`` takes one of these; ``now`` is a pair of clocks (see ``Now``). The
recorder writes exactly these, so any incident can be run again.
"""

from __future__ import annotations

from msgspec import Struct

from app.core.commands import Command, Query
from node_agent.wire.messages import FromNode


class Now(Struct, frozen=True, array_like=True):
    """``mono``: seconds of a clock that only goes forward, suspend included: leases and deadlines.
    ``wall``: Unix seconds: what people read and the database keeps."""

    mono: float
    wall: float


class NodeSaid(Struct, frozen=True, tag="node"):
    """A decoded message of a node. ``key`` is its public key as the socket proved it (Z85)."""

    key: str
    message: FromNode


class ClientAsked(Struct, frozen=True, tag="client"):
    """A command or query that the core answers. ``route`` is opaque: it comes back in the Answer action."""

    key: str
    route: bytes
    id: int
    body: Command | Query


class TokenMade(Struct, frozen=True, tag="token"):
    """The key pair that ``actions.NewKeyPair`` asked for; ``text`` is the token, for the Receipt only: it is
    never saved, and the recorder leaves it out."""

    key: str
    """Of the asking person."""
    route: bytes
    id: int
    public_key: str
    text: str
    valid_s: float


class Tick(Struct, frozen=True, tag="tick"):
    """``next_deadline`` has come."""


Event = NodeSaid | ClientAsked | TokenMade | Tick
