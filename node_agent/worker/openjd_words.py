"""What a worker and the host of its OpenJD session say to each other: one JSON object a line.

Orders go to the host's stdin, answers come from its stdout. The host runs one session, of one job on one device.
"""

from __future__ import annotations

import msgspec
from msgspec import Struct

from node_agent.wire.job import Frames, OpenJDWork


class RunStep(Struct, frozen=True, tag="run"):
    """Run the task of this index; enter first, or leave, the environments that its step asks for."""

    work: OpenJDWork
    task: int
    directory: str
    """Absolute; the session's working folder is made in it."""
    frames: Frames = Frames(0, 0)
    """The task's."""


class Cancel(Struct, frozen=True, tag="cancel"):
    """End the running action as its template says, then the session."""


class Close(Struct, frozen=True, tag="close"):
    """Leave all environments and end."""


Order = RunStep | Cancel | Close


class Said(Struct, frozen=True, tag="log"):
    """Lines for the log."""

    lines: list[str]


class Progressed(Struct, frozen=True, tag="progress"):
    """0..100 and the newest status message."""

    percent: float
    text: str


class Ended(Struct, frozen=True, tag="ended"):
    """The task is over. ``outcome``: 'success', 'canceled', 'timeout' or 'failed'."""

    outcome: str
    cause: str = ""
    sentence: str = ""
    cpu_s: float = 0.0
    peak_bytes: int = 0
    is_open: bool = True
    """Whether the session takes another task."""


Answer = Said | Progressed | Ended

_encode = msgspec.json.Encoder().encode
orders: msgspec.json.Decoder[Order] = msgspec.json.Decoder(Order)
answers: msgspec.json.Decoder[Answer] = msgspec.json.Decoder(Answer)


def pack(message: Order | Answer) -> bytes:
    """One line."""
    return _encode(message) + b"\n"
