"""``python -m node_agent.agent.courier``: brings staged files to this node, and outputs to the dispatcher.

A short-lived child of the agent: hashing, disks and a slow link must not hold up heartbeats. It reads one line
of JSON (an ``Errand``, with the node's keys, so that they are in nobody's process list), says lines of JSON
(``Said``) and, where it brought outputs, waits for a line ``publish DEADLINE`` for each try to publish them.
A broken link is waited for: every request is repeated until it has its answer.
"""

from __future__ import annotations

import hashlib
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path

import msgspec
import zmq

from node_agent.agent.cache import TreeBuilder, evict, tree_of
from node_agent.agent.errand import Errand, Outgoing, Said
from node_agent.agent.system import platform
from node_agent.wire import staging as s

POLL_MS = 200
SEND_QUEUE = 2 * s.WINDOW
"""Of up to 1 MiB each, while the link is away."""
SAY_S = 1.0
HANDSHAKE_MS = 5_000
ZMTP_HEARTBEAT_MS = 2_000
ZMTP_TIMEOUT_MS = 8_000
RECONNECT_MS = 200
RECONNECT_MS_MAX = 2_000


class Courier:
    """One errand over one connection."""

    def __init__(self, errand: Errand, say: Callable[[Said], None]) -> None:
        self._errand = errand
        self._say = say
        self._context = zmq.Context[zmq.Socket[bytes]]()
        self._socket = _connected(self._context, errand)
        self._said_at = 0.0

    def close(self) -> None:
        """Hang up."""
        self._context.destroy(0)

    def run(self, orders: Iterable[str]) -> None:
        """Do the errand. Raises StagingFault, OSError."""
        match self._errand.do:
            case "fetch":
                for root in self._errand.roots:
                    self._fetch(root)
                cache = Path(self._errand.cache)
                evict(cache, self._errand.limit_bytes, {*self._errand.in_use, *self._errand.roots})
                self._say(Said(word="fetched"))
            case "bring":
                produced = self._bring()
                bare = [msgspec.structs.replace(file, chunks=[]) for file in produced]
                self._say(Said(word="brought", files=bare))
                self._publish(produced, orders)
            case "keep":
                self._say(Said(word="kept", text=self._keep(Path(self._errand.files[0].path))))

    # --- fetching -----------------------------------------------------------------------------------

    def _fetch(self, root: str) -> None:
        cache = Path(self._errand.cache)
        if tree_of(cache, root).is_dir():
            return
        listed = s.read_root(self._one(bytes.fromhex(root)))
        manifest = s.read_manifest(b"".join(self._one(digest) for digest in listed.chunks))
        builder = TreeBuilder(cache, root, manifest)
        wanted = list(builder.wanted)
        total, got = sum(size for _, size in wanted), 0
        for request, answer in self._all(_gets(wanted)):
            assert isinstance(request, s.Get)
            assert isinstance(answer, s.Chunks)
            for digest, data in zip(request.digests, answer.chunks, strict=True):
                if not builder.take(digest, data):
                    raise s.StagingFault("A staged chunk arrived that is not what its name says.")
                got += len(data)
            self._progress(f"staged files: {got / 1e6:.0f} of {total / 1e6:.0f} MB")
        builder.finish()

    def _one(self, digest: bytes) -> bytes:
        ((_, answer),) = self._all([s.Get([digest])])
        assert isinstance(answer, s.Chunks)
        if s.digest_of(answer.chunks[0]) != digest:
            raise s.StagingFault("A staged chunk arrived that is not what its name says.")
        return answer.chunks[0]

    # --- bringing -----------------------------------------------------------------------------------

    def _bring(self) -> list[s.Produced]:
        produced = [_produced(file) for file in self._errand.files]
        places = {
            digest: (Path(file.path), number)
            for file, made in zip(self._errand.files, produced, strict=True)
            for number, digest in enumerate(made.chunks)
        }
        self._put_missing(places)
        return produced

    def _put_missing(self, places: dict[bytes, tuple[Path, int]]) -> None:
        """Send what is not there: after a broken errand only the rest."""
        lacking: list[bytes] = []
        for request, answer in self._all(s.Missing(pack) for pack in _named(places)):
            assert isinstance(request, s.Missing)
            assert isinstance(answer, s.Lacks)
            lacking += [request.digests[at] for at in answer.indices]
        chunks = (_chunk(*places[digest]) for digest in lacking)
        sent = 0
        for request, _ in self._all(s.Put(pack) for pack in s.packs((c, len(c)) for c in chunks)):
            assert isinstance(request, s.Put)
            sent += len(request.chunks)
            self._progress(f"output: {sent} of {len(lacking)} chunks")

    def _publish(self, produced: list[s.Produced], orders: Iterable[str]) -> None:
        assert self._errand.ref is not None
        for order in orders:
            deadline = float(order.split()[1])
            answer: s.Answer = s.NoGrant()
            if platform.now() < deadline:
                ((_, answer),) = self._all([s.Publish(self._errand.ref, produced)])
            if isinstance(answer, s.Taken):
                self._say(Said(word="published"))
                return
            self._say(Said(word="late"))

    def _keep(self, path: Path) -> str:
        chunks = s.cut(path.read_bytes())
        file = s.StagedFile(path.name, path.stat().st_size, [s.digest_of(c) for c in chunks])
        root, more = s.pack_manifest([file])
        for _ in self._all(s.Put(pack) for pack in s.packs((c, len(c)) for c in [*chunks, *more])):
            pass
        return root

    # --- talking ------------------------------------------------------------------------------------

    def _all(self, requests: Iterable[s.Request]) -> Iterator[tuple[s.Request, s.Answer]]:
        """Ask all, a window at a time; yields each with its answer, in the order of the answers."""
        exchange = s.Exchange(requests)
        while True:
            for frame in exchange.due(time.monotonic()):
                with suppress(zmq.Again):  # no link for long: it is said again
                    self._socket.send(frame, zmq.NOBLOCK)
            if exchange.is_done:
                return
            if self._socket.poll(POLL_MS):
                pair = exchange.take(self._socket.recv())
                if pair is not None:
                    yield pair

    def _progress(self, text: str) -> None:
        if time.monotonic() - self._said_at > SAY_S:
            self._said_at = time.monotonic()
            self._say(Said(word="progress", text=text))


def _gets(wanted: list[tuple[bytes, int]]) -> Iterator[s.Request]:
    return (s.Get(pack) for pack in s.packs(wanted))


def _named(places: Iterable[bytes]) -> Iterator[list[bytes]]:
    return s.packs((digest, s.DIGEST_BYTES) for digest in places)


def _produced(file: Outgoing) -> s.Produced:
    path, whole, digests, size = Path(file.path), hashlib.sha256(), list[bytes](), 0
    with path.open("rb") as stream:
        while chunk := stream.read(s.CHUNK_BYTES):
            whole.update(chunk)
            digests.append(s.digest_of(chunk))
            size += len(chunk)
    return s.Produced(path.name, file.folder, size, whole.hexdigest(), digests)


def _chunk(path: Path, number: int) -> bytes:
    with path.open("rb") as stream:
        stream.seek(number * s.CHUNK_BYTES)
        return stream.read(s.CHUNK_BYTES)


def _connected(context: zmq.Context[zmq.Socket[bytes]], errand: Errand) -> zmq.Socket[bytes]:
    socket = context.socket(zmq.DEALER)
    socket.curve_serverkey = errand.server_key.encode("ascii")
    socket.curve_publickey = errand.public.encode("ascii")
    socket.curve_secretkey = errand.secret.encode("ascii")
    for option, value in (
        (zmq.LINGER, 0),
        (zmq.SNDHWM, SEND_QUEUE),
        (zmq.MAXMSGSIZE, s.MESSAGE_BYTES_MAX),
        (zmq.RECONNECT_IVL, RECONNECT_MS),
        (zmq.RECONNECT_IVL_MAX, RECONNECT_MS_MAX),
        (zmq.HANDSHAKE_IVL, HANDSHAKE_MS),
        (zmq.HEARTBEAT_IVL, ZMTP_HEARTBEAT_MS),
        (zmq.HEARTBEAT_TIMEOUT, ZMTP_TIMEOUT_MS),
        (zmq.IPV6, 1),
    ):
        socket.setsockopt(option, value)
    socket.connect(errand.address)
    return socket


def main() -> None:
    """Read the errand, do it, and say how it ended."""

    def say(said: Said) -> None:
        sys.stdout.buffer.write(msgspec.json.encode(said) + b"\n")
        sys.stdout.buffer.flush()

    errand = msgspec.json.decode(sys.stdin.readline(), type=Errand)
    platform.die_with_parent(errand.parent)
    courier = Courier(errand, say)
    try:
        courier.run(iter(sys.stdin.readline, ""))
    except s.StagingFault as fault:
        say(Said(word="fault", text=str(fault)))
    except OSError as error:
        say(Said(word="fault", text=f"Staged files: {error}."))
    finally:
        courier.close()


if __name__ == "__main__":
    main()
