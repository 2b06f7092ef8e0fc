"""What the agent asks of a courier of staged files, and what that says: lines of JSON on its pipes."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct, field

from node_agent.wire import staging as s
from node_agent.wire.messages import AttemptRef


class Outgoing(Struct, frozen=True):
    """A file to bring; ``folder`` as in ``staging.Produced``."""

    path: str
    folder: int = s.OUTPUT


class Errand(Struct, frozen=True, kw_only=True):
    """What to do, and how to reach the staging socket."""

    do: Literal["fetch", "bring", "keep"]
    """Fetch trees; bring outputs and publish them; or keep one file as a tree of its own."""
    address: str
    server_key: str
    public: str
    secret: str
    parent: int
    roots: list[str] = field(default_factory=list[str])
    files: list[Outgoing] = field(default_factory=list[Outgoing])
    ref: AttemptRef | None = None
    cache: str = ""
    limit_bytes: int = 0
    in_use: list[str] = field(default_factory=list[str])


class Said(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What came of it so far."""

    word: Literal["progress", "fetched", "brought", "kept", "published", "late", "fault"]
    text: str = ""
    """Of a fault, one sentence; of progress, how far; of 'kept', the root."""
    files: list[s.Produced] = field(default_factory=list[s.Produced])
