"""Files without a shared disk: how they are named by content, and what is said to have and to give them.

PURE. A file is a list of *chunks* of ``CHUNK_BYTES`` (the last one shorter), each named by its SHA-256. A
*manifest* lists the files of a scene by relative path; it is itself stored in chunks, whose names are the
*root*, stored as one chunk more: 64 hex digits name everything. One ROUTER of the dispatcher's machine, a
socket of its own, answers ``Ask`` by ``Reply``, one frame each. Many small chunks travel in one message, so
that ten thousand files cost some ten round trips. Every request may be repeated: doing it twice changes
nothing. ``Exchange`` does that until each has its answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

import msgspec
from msgspec import Struct

from node_agent.wire.messages import AttemptRef

CHUNK_BYTES = 512 << 10
PACK_BYTES = 960 << 10
"""Of chunks in one message, which is at most 1 MiB with what is around them."""
PACK_COUNT_MAX = 8192
MESSAGE_BYTES_MAX = 1 << 20
DIGEST_BYTES = 32
PATH_BYTES_MAX = 1024
WINDOW = 8
RETRY_S = 5.0
CHECKPOINT_PREFIX = "staged:"
"""``Assign.checkpoint`` and ``Yielded.checkpoint`` of a staged step: this and the root of one file."""
OUTPUT, PREVIEW = 0, 1
"""Which of the work's folders an output goes to."""


class StagingFault(Exception):
    """It cannot be had or taken; the message is one sentence."""


class StagedFile(Struct, frozen=True, array_like=True):
    """A file of a manifest: path below the root with slashes, size in bytes, names of its chunks."""

    path: str
    size: int
    chunks: list[bytes]


class Root(Struct, frozen=True, array_like=True):
    """The chunks of a manifest (``list[StagedFile]`` as MessagePack)."""

    chunks: list[bytes]


class Produced(Struct, frozen=True, array_like=True):
    """An output file, all of whose chunks were put: plain name, folder, size, SHA-256 in hex, chunks."""

    name: str
    folder: int
    size: int
    sha256: str
    chunks: list[bytes]


# --- requests -------------------------------------------------------------------------------------


class Missing(Struct, frozen=True, array_like=True, tag="missing"):
    """Which of these are not there? Answer ``Lacks``."""

    digests: list[bytes]


class Put(Struct, frozen=True, array_like=True, tag="put"):
    """Keep these chunks; named by whoever takes them. Answer ``Taken``."""

    chunks: list[bytes]


class Get(Struct, frozen=True, array_like=True, tag="get"):
    """Give these chunks, at most ``PACK_BYTES`` in all. Answer ``Chunks``."""

    digests: list[bytes]


class Publish(Struct, frozen=True, array_like=True, tag="publish"):
    """An attempt that holds a grant: put these files together in its work's folders, check them, sync and
    rename them. Answer ``Taken``, or ``NoGrant`` where the grant is over."""

    ref: AttemptRef
    files: list[Produced]


Request = Missing | Put | Get | Publish


class Ask(Struct, frozen=True, array_like=True):
    """A request and its number, of the asker's choosing."""

    id: int
    body: Request


# --- answers --------------------------------------------------------------------------------------


class Lacks(Struct, frozen=True, array_like=True, tag="lacks"):
    """Indices into the request's list."""

    indices: list[int]


class Taken(Struct, frozen=True, array_like=True, tag="taken"):
    """Done."""


class Chunks(Struct, frozen=True, array_like=True, tag="chunks"):
    """In the order of the request."""

    chunks: list[bytes]


class NoGrant(Struct, frozen=True, array_like=True, tag="no_grant"):
    """Ask the dispatcher for another grant."""


class Refused(Struct, frozen=True, array_like=True, tag="refused"):
    """It will not do; one sentence."""

    sentence: str


Answer = Lacks | Taken | Chunks | NoGrant | Refused


class Reply(Struct, frozen=True, array_like=True):
    """The answer to the request of this number."""

    id: int
    body: Answer


_T = TypeVar("_T")
_encoder = msgspec.msgpack.Encoder()
_ask = msgspec.msgpack.Decoder(Ask)
_reply = msgspec.msgpack.Decoder(Reply)
_root = msgspec.msgpack.Decoder(Root)
_files = msgspec.msgpack.Decoder(list[StagedFile])


def encode(message: Ask | Reply) -> bytes:
    """One frame."""
    return _encoder.encode(message)


def decode_ask(data: bytes) -> Ask:
    """Raises StagingFault."""
    return _decoded(_ask, data)


def decode_reply(data: bytes) -> Reply:
    """Raises StagingFault."""
    return _decoded(_reply, data)


def _decoded(decoder: msgspec.msgpack.Decoder[_T], data: bytes) -> _T:
    try:
        return decoder.decode(data)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise StagingFault(f"This is no message of the staging socket: {error}.") from error


# --- names ----------------------------------------------------------------------------------------


def digest_of(chunk: bytes) -> bytes:
    """The name of a chunk."""
    import hashlib  # here: it loads OpenSSL, 4 MB that the agent's parent does not need

    return hashlib.sha256(chunk).digest()


def file_key(chunks: Sequence[bytes]) -> str:
    """One name for a whole file, from its chunks'."""
    return digest_of(b"".join(chunks)).hex()


def cut(data: bytes) -> list[bytes]:
    """Cut bytes into chunks."""
    return [data[at : at + CHUNK_BYTES] for at in range(0, len(data), CHUNK_BYTES)]


def chunk_sizes(size: int) -> list[int]:
    """Sizes of the chunks of a file."""
    whole, rest = divmod(size, CHUNK_BYTES)
    return [CHUNK_BYTES] * whole + ([rest] if rest else [])


def pack_manifest(files: Sequence[StagedFile]) -> tuple[str, list[bytes]]:
    """Return the root's name and all chunks that must be put: the manifest's and, last, the root."""
    chunks = cut(_encoder.encode(sorted(files, key=lambda file: file.path)))
    root = _encoder.encode(Root([digest_of(chunk) for chunk in chunks]))
    if len(root) > CHUNK_BYTES:
        raise StagingFault("There are too many files to stage at once.")
    return digest_of(root).hex(), [*chunks, root]


def read_root(data: bytes) -> Root:
    """Raises StagingFault."""
    return _decoded(_root, data)


def read_manifest(data: bytes) -> list[StagedFile]:
    """Decode and check a manifest. Raises StagingFault on what could escape or cannot be."""
    files = _decoded(_files, data)
    for file in files:
        check_path(file.path)
        if len(file.chunks) != len(chunk_sizes(file.size)) or file.size < 0:
            raise StagingFault(f"The staged file {file.path!r} has chunks of another size.")
        if any(len(digest) != DIGEST_BYTES for digest in file.chunks):
            raise StagingFault(f"The staged file {file.path!r} has a chunk without a name.")
    if len({file.path.lower() for file in files}) < len(files):
        raise StagingFault("Two staged files have one name.")
    return files


def check_path(path: str) -> None:
    """Refuse what is not a plain relative path. Raises StagingFault."""
    parts = path.split("/")
    is_odd = not path.isprintable() or re.search(r'[\\:*?"<>|]', path)
    if is_odd or any(part in ("", ".", "..") for part in parts):
        raise StagingFault(f"{path[:80]!r} is no path of a staged file.")
    if len(path.encode("utf-8", "replace")) > PATH_BYTES_MAX:
        raise StagingFault(f"The path of a staged file, {path[:40]!r}..., is too long.")


def packs(sizes: Iterable[tuple[_T, int]]) -> Iterator[list[_T]]:
    """Group things by their sizes in bytes, each group small enough for one message."""
    group: list[_T] = []
    total = 0
    for thing, size in sizes:
        if group and (total + size > PACK_BYTES or len(group) >= PACK_COUNT_MAX):
            yield group
            group, total = [], 0
        group.append(thing)
        total += size
    if group:
        yield group


# --- asking ---------------------------------------------------------------------------------------


class Exchange:
    """Requests on their way: a window of them at a time, each repeated until it has its answer."""

    def __init__(
        self, requests: Iterable[Request], *, window: int = WINDOW, retry_s: float = RETRY_S
    ) -> None:
        self._requests = iter(requests)
        self._window = window
        self._retry_s = retry_s
        self._open: dict[int, tuple[float, Request]] = {}
        """By number: when it was sent last."""
        self._next = 1
        self._is_dry = False

    @property
    def is_done(self) -> bool:
        """Whether all have their answers; true only after a ``due`` that gave nothing new."""
        return self._is_dry and not self._open

    def due(self, now: float) -> list[bytes]:
        """Frames to send now: new ones as the window allows, and those that wait too long."""
        frames = [
            self._sent(number, body, now)
            for number, (at, body) in list(self._open.items())
            if now - at >= self._retry_s
        ]
        while len(self._open) < self._window and not self._is_dry:
            body = next(self._requests, None)
            if body is None:
                self._is_dry = True
                break
            frames.append(self._sent(self._next, body, now))
            self._next += 1
        return frames

    def _sent(self, number: int, body: Request, now: float) -> bytes:
        self._open[number] = (now, body)
        return encode(Ask(number, body))

    def take(self, data: bytes) -> tuple[Request, Answer] | None:
        """Take an answer; None where it is not awaited. Raises StagingFault where it is a refusal."""
        reply = decode_reply(data)
        asked = self._open.pop(reply.id, None)
        if asked is None:
            return None
        if isinstance(reply.body, Refused):
            raise StagingFault(reply.body.sentence)
        return asked[1], reply.body
