"""Brings files to the dispatcher's machine for a job whose nodes share no disk with this one.

Files are hashed here; only chunks that the dispatcher lacks travel, many small ones in one message. A broken
link is waited for. Blocks; the window calls it from a thread of its own.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterable
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import zmq

from app.client.settings import ClientSettings
from app.errors import EnvironmentFault, UserMistake
from node_agent.wire import staging as s

POLL_MS = 200
SILENCE_S = 120.0
"""Without any answer for so long the dispatcher counts as gone."""
HEARTBEAT_MS = 2_000
HEARTBEAT_TIMEOUT_MS = 8_000

Progress = Callable[[int, int], None]
"""Bytes done of bytes in all."""
_Place = tuple[Path, int]
"""A chunk's file and number in it."""


def stage_files(
    settings: ClientSettings, files: dict[str, Path], progress: Progress | None = None
) -> str:
    """Bring files by their paths below the root; return the root's name. Raises UserMistake (a file that
    cannot be read) or EnvironmentFault (no such socket, no answer)."""
    if not settings.staging:
        raise EnvironmentFault("This farm's dispatcher takes no staged files: it is too old.")
    try:
        staged, places = _hashed(files)
        root, more = s.pack_manifest(staged)
        with _connected(settings) as socket:
            _put(socket, places, progress or _nothing)
            _all(socket, (s.Put(pack) for pack in s.packs((c, len(c)) for c in more)), _ignore)
    except s.StagingFault as fault:
        raise EnvironmentFault(str(fault)) from fault
    except OSError as error:
        raise UserMistake(f"A file to stage cannot be read: {error}.") from error
    return root


def _hashed(files: dict[str, Path]) -> tuple[list[s.StagedFile], dict[bytes, _Place]]:
    """The manifest's files, and where each chunk is found."""
    staged: list[s.StagedFile] = []
    places: dict[bytes, _Place] = {}
    for name, path in files.items():
        s.check_path(name)
        digests: list[bytes] = []
        size = 0
        with path.open("rb") as stream:
            while chunk := stream.read(s.CHUNK_BYTES):
                digests.append(s.digest_of(chunk))
                places.setdefault(digests[-1], (path, len(digests) - 1))
                size += len(chunk)
        staged.append(s.StagedFile(name, size, digests))
    return staged, places


def _put(socket: zmq.Socket[bytes], places: dict[bytes, _Place], progress: Progress) -> None:
    lacking: list[bytes] = []

    def note(request: s.Request, answer: s.Answer) -> None:
        if isinstance(request, s.Missing) and isinstance(answer, s.Lacks):
            lacking.extend(request.digests[at] for at in answer.indices)

    named = s.packs((digest, s.DIGEST_BYTES) for digest in places)
    _all(socket, (s.Missing(pack) for pack in named), note)
    done, total = 0, sum(_size(*places[digest]) for digest in lacking)

    def count(request: s.Request, _answer: s.Answer) -> None:
        nonlocal done
        if isinstance(request, s.Put):
            done += sum(map(len, request.chunks))
            progress(done, total)

    chunks = (_chunk(*places[digest]) for digest in lacking)
    _all(socket, (s.Put(pack) for pack in s.packs((c, len(c)) for c in chunks)), count)


def _size(path: Path, number: int) -> int:
    return min(s.CHUNK_BYTES, path.stat().st_size - number * s.CHUNK_BYTES)


def _chunk(path: Path, number: int) -> bytes:
    with path.open("rb") as stream:
        stream.seek(number * s.CHUNK_BYTES)
        return stream.read(s.CHUNK_BYTES)


def _all(
    socket: zmq.Socket[bytes],
    requests: Iterable[s.Request],
    take: Callable[[s.Request, s.Answer], None],
) -> None:
    """Ask all, a window at a time."""
    exchange = s.Exchange(requests)
    heard_at = time.monotonic()
    while True:
        for frame in exchange.due(time.monotonic()):
            with suppress(zmq.Again):  # no link for long: it is said again
                socket.send(frame, zmq.NOBLOCK)
        if exchange.is_done:
            return
        if socket.poll(POLL_MS):
            heard_at = time.monotonic()
            pair = exchange.take(socket.recv())
            if pair is not None:
                take(*pair)
        elif time.monotonic() - heard_at > SILENCE_S:
            raise EnvironmentFault(f"The dispatcher took no staged files for {SILENCE_S:.0f} s.")


@contextmanager
def _connected(settings: ClientSettings) -> Generator[zmq.Socket[bytes]]:
    with zmq.Context[zmq.Socket[bytes]]() as context, closing(context.socket(zmq.DEALER)) as socket:
        socket.curve_serverkey = settings.server_key.encode("ascii")
        socket.curve_publickey = settings.public_key.encode("ascii")
        socket.curve_secretkey = settings.secret_key.encode("ascii")
        for option, value in (
            (zmq.LINGER, 0),
            (zmq.SNDHWM, 2 * s.WINDOW),
            (zmq.MAXMSGSIZE, s.MESSAGE_BYTES_MAX),
            (zmq.HEARTBEAT_IVL, HEARTBEAT_MS),
            (zmq.HEARTBEAT_TIMEOUT, HEARTBEAT_TIMEOUT_MS),
            (zmq.IPV6, 1),
        ):
            socket.setsockopt(option, value)
        socket.connect(settings.staging)
        yield socket


def _nothing(_done: int, _total: int) -> None:
    """Nobody wants to know."""


def _ignore(_request: s.Request, _answer: s.Answer) -> None:
    """The answer says nothing more than that it is done."""
