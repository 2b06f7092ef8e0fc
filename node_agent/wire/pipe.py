"""What the agent's parent and its worker children say to each other, and how it is framed.

PURE. Frames on the child's stdin and stdout: four bytes of length, little end first, and a MessagePack
struct. The parent trusts a child no further than this decoder: a kernel's or a job's bug may write
anything.
"""

from __future__ import annotations

import struct
from typing import Generic, TypeVar

import msgspec
from msgspec import Struct, field

from node_agent.wire.codec import WireError
from node_agent.wire.job import Frames, Work
from node_agent.wire.messages import AttemptRef, OutputFile, Usage

FRAME_BYTES_MAX = 4 << 20
"""A Ready of a chunk of ten thousand frames fits."""

# --- parent to child ---------------------------------------------------------------------------------


class RunTask(Struct, frozen=True, kw_only=True, array_like=True, tag="run"):
    """Start; the child has nothing else to do."""

    ref: AttemptRef
    work: Work
    frames: Frames
    checkpoint: str = ""
    """Resume from this file where it can be read."""
    checkpoint_directory: str = ""
    """Where a yield writes; '' keeps nothing."""
    first_sample: int = 0
    samples: int = 0
    cores: int = 0
    """Cores that it may use; 0: all of its device."""
    parts: list[str] = field(default_factory=list[str])
    """As in ``messages.Assign``."""
    peers: list[str] = field(default_factory=list[str])


class PublishTask(Struct, frozen=True, array_like=True, tag="publish"):
    """Rename now, but nothing after ``deadline`` on the agent's clock."""

    ref: AttemptRef
    deadline: float


class YieldTask(Struct, frozen=True, array_like=True, tag="yield"):
    """Stop after this pass with a checkpoint; a command goes on to its end."""

    ref: AttemptRef


class CancelTask(Struct, frozen=True, array_like=True, tag="cancel"):
    """Stop without a result; with ``polite`` a command is told first and has its time."""

    ref: AttemptRef
    polite: bool


class WatchTask(Struct, frozen=True, array_like=True, tag="watch"):
    """Send previews, or no longer."""

    ref: AttemptRef
    on: bool


class Ping(Struct, frozen=True, array_like=True, tag="ping"):
    """Answered by the child's reading thread, also in the middle of a kernel."""

    number: int


ToWorker = RunTask | PublishTask | YieldTask | CancelTask | WatchTask | Ping

# --- child to parent ---------------------------------------------------------------------------------


class WorkerUp(Struct, frozen=True, array_like=True, tag="up"):
    """The child takes tasks; ``kernels`` are those whose packages are installed."""

    kernels: list[str] = field(default_factory=list[str])


class TaskStarted(Struct, frozen=True, array_like=True, tag="started"):
    ref: AttemptRef


class TaskProgress(Struct, frozen=True, array_like=True, tag="progress"):
    ref: AttemptRef
    done: int
    total: int
    text: str = ""


class TaskLog(Struct, frozen=True, array_like=True, tag="log"):
    ref: AttemptRef
    lines: list[str]


class TaskPreview(Struct, frozen=True, array_like=True, tag="preview"):
    ref: AttemptRef
    frame: int
    passes_done: int
    passes: int
    image: bytes


class TaskReady(Struct, frozen=True, array_like=True, tag="ready"):
    """Whole, decoded, synced; waits for PublishTask. Said again when a grant came too late."""

    ref: AttemptRef
    files: list[OutputFile]


class TaskDone(Struct, frozen=True, array_like=True, tag="done"):
    ref: AttemptRef
    files: list[OutputFile]
    usage: Usage


class TaskFailed(Struct, frozen=True, array_like=True, tag="failed"):
    ref: AttemptRef
    cause: str
    sentence: str
    usage: Usage


class TaskYielded(Struct, frozen=True, array_like=True, tag="yielded"):
    ref: AttemptRef
    checkpoint: str
    passes_done: int
    usage: Usage


class TaskCancelled(Struct, frozen=True, array_like=True, tag="cancelled"):
    """No process of the task is left, nor a temporary file."""

    ref: AttemptRef
    usage: Usage


class Pong(Struct, frozen=True, array_like=True, tag="pong"):
    number: int


FromWorker = (
    WorkerUp
    | TaskStarted
    | TaskProgress
    | TaskLog
    | TaskPreview
    | TaskReady
    | TaskDone
    | TaskFailed
    | TaskYielded
    | TaskCancelled
    | Pong
)

# --- frames --------------------------------------------------------------------------------------------

_LENGTH = struct.Struct("<I")
_encoder = msgspec.msgpack.Encoder()
_T = TypeVar("_T")


def pack(message: ToWorker | FromWorker) -> bytes:
    """One frame. Raises WireError when it is over the limit."""
    data = _encoder.encode(message)
    if len(data) > FRAME_BYTES_MAX:
        raise WireError(f"A frame of {len(data)} bytes is over the limit of {FRAME_BYTES_MAX}.")
    return _LENGTH.pack(len(data)) + data


class FrameReader(Generic[_T]):
    """Feed it what was read from a pipe; it gives whole messages."""

    def __init__(self, decoder: msgspec.msgpack.Decoder[_T]) -> None:
        self._decoder = decoder
        self._buffer = bytearray()

    def feed(self, data: bytes) -> list[_T]:
        """Return the messages that ``data`` completes. Raises WireError: then the stream is lost."""
        self._buffer += data
        messages: list[_T] = []
        start = 0
        while (end := self._frame_end(start)) is not None:
            messages.append(self._decode(bytes(self._buffer[start + _LENGTH.size : end])))
            start = end
        del self._buffer[:start]
        return messages

    def _frame_end(self, start: int) -> int | None:
        """Where the frame at ``start`` ends; None where it is not whole yet."""
        body = start + _LENGTH.size
        if len(self._buffer) < body:
            return None
        (length,) = _LENGTH.unpack_from(self._buffer, start)
        if length > FRAME_BYTES_MAX:
            raise WireError(f"A frame of {length} bytes is over the limit of {FRAME_BYTES_MAX}.")
        return body + length if len(self._buffer) >= body + length else None

    def _decode(self, data: bytes) -> _T:
        try:
            return self._decoder.decode(data)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise WireError(f"Not a message of the worker's pipe: {error}.") from error


def worker_reader() -> FrameReader[FromWorker]:
    """The parent's end."""
    return FrameReader(msgspec.msgpack.Decoder[FromWorker](FromWorker))


def parent_reader() -> FrameReader[ToWorker]:
    """The child's end."""
    return FrameReader(msgspec.msgpack.Decoder[ToWorker](ToWorker))
