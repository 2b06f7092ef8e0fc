"""Every output of the dispatcher's core; the shell does them in order, after the turn is committed.

PURE. One turn of the loop: handle many events, then ``place()`` once, gather all actions, write all ``Save``
in one transaction, then do the rest. If the commit fails nothing is sent.
"""

from __future__ import annotations

from msgspec import Struct

from app.core.changes import Change
from app.core.commands import Answer
from app.core.views import Row, TaskChange
from node_agent.wire.messages import AttemptRef, ToNode


class Save(Struct, frozen=True):
    """Append this change."""

    change: Change


class SendNode(Struct, frozen=True):
    """Send to the node that has this key, if it is connected."""

    key: str
    message: ToNode


class AnswerClient(Struct, frozen=True):
    route: bytes
    id: int
    body: Answer


class PublishRow(Struct, frozen=True):
    """A row for the next delta; a later one of the same id replaces it."""

    row: Row


class PublishTask(Struct, frozen=True):
    change: TaskChange


class KeyChanged(Struct, frozen=True):
    """The allow-list changed: role, or None for revoked."""

    key: str
    role: int | None
    expires_at: float


class NewKeyPair(Struct, frozen=True):
    """A MakeToken command was accepted: the shell makes a joiner key pair (the core has no randomness) and
    feeds ``events.TokenMade`` back."""

    key: str
    route: bytes
    id: int
    valid_s: float


class WakeMachine(Struct, frozen=True):
    """Send magic packets for these hardware addresses to these broadcast addresses, and to all of the machine's own
    networks."""

    macs: list[str]
    broadcasts: list[str]


class Log(Struct, frozen=True):
    """For the dispatcher's own log: level 'info', 'warning' or 'error', and a sentence."""

    level: str
    sentence: str
    ref: AttemptRef | None = None


Action = (
    Save
    | SendNode
    | AnswerClient
    | PublishRow
    | PublishTask
    | KeyChanged
    | NewKeyPair
    | WakeMachine
    | Log
)
