"""The staging socket: takes and gives chunks of files, and puts outputs together under a grant.

A thread and a ZeroMQ context of its own, so that bulk never delays the loop: it shares the allow-list with
it, which it only reads, and the table of grants, which the loop writes before a grant is sent. Commands and
the queue are never seen here.
"""

from __future__ import annotations

import hashlib
import logging
import os
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import zmq

from app.core.ids import Role
from app.dispatcher.access import Access
from app.dispatcher.chunks import ChunkStore
from app.dispatcher.pruning import LIMIT_BYTES, prune
from app.dispatcher.sockets import Incoming, StagingSocket
from app.errors import EnvironmentFault
from app.store.home import KeyPair
from node_agent.wire import staging as s
from node_agent.wire.messages import AttemptRef
from node_agent.wire.templates import TemplateFault, check_directory, check_name, temporary_name

log = logging.getLogger("windfire.staging")

POLL_S = 0.5
GRANTS_MAX = 100_000
MESSAGES_A_TURN = 16


@dataclass(frozen=True, slots=True)
class Granted:
    """Where an attempt may publish, and until when (monotonic)."""

    directory: str
    preview_directory: str
    until: float


class Grants:
    """What the loop allows and the staging thread looks up. Operations of one dict: no lock is needed."""

    def __init__(self) -> None:
        self._granted: dict[tuple[str, AttemptRef], Granted] = {}
        self.roots: frozenset[str] | None = None
        """Trees of staged files that unfinished work needs; None until the loop said so. Only replaced."""

    def allow(self, key: str, ref: AttemptRef, granted: Granted) -> None:
        """Called before the Grant is sent."""
        self._granted[key, ref] = granted
        while len(self._granted) > GRANTS_MAX:
            self._granted.pop(next(iter(self._granted)), None)

    def find(self, key: str, ref: AttemptRef) -> Granted | None:
        """What this node's attempt may still do."""
        granted = self._granted.get((key, ref))
        return granted if granted is not None and time.monotonic() < granted.until else None


class Staging(threading.Thread):
    """Serves from ``start`` to ``stop``."""

    def __init__(
        self,
        pair: KeyPair,
        listen: str,
        port: int,
        folder: Path,
        access: Access,
        limit_bytes: int = LIMIT_BYTES,
    ) -> None:
        """Bind. Raises EnvironmentFault where the port is taken."""
        super().__init__(name="staging", daemon=True)
        self._socket = StagingSocket(pair, listen, port)
        self.port = self._socket.port
        self.grants = Grants()
        self._store = ChunkStore(folder)
        self._access = access
        self._limit_bytes = limit_bytes
        self._pruned_for: frozenset[str] | None = None
        self._is_stopping = threading.Event()

    def run(self) -> None:
        """Answer until told to stop."""
        try:
            while not self._is_stopping.is_set():
                self._turn()
        except zmq.ZMQError as error:
            log.error("the staging socket ended: %s", error)  # noqa: TRY400 -- no use of a traceback
        finally:
            self._socket.close()

    def stop(self) -> None:
        """End the thread, started or not."""
        self._is_stopping.set()
        if self.is_alive():
            self.join(2 * POLL_S + 5)
        else:
            self._socket.close()

    def _turn(self) -> None:
        self._prune()
        self._socket.wait(POLL_S)
        wall = time.time()
        self._socket.answer_handshakes(lambda _door, key: self._role(key, wall) is not None)
        for message in self._socket.receive(MESSAGES_A_TURN):
            role = self._role(message.key, wall)
            if role is not None and message.body is not None:
                self._take(message, message.body, role)

    def _prune(self) -> None:
        """Keep to the limit each time that the loop says anew what is needed."""
        roots = self.grants.roots
        if roots is None or roots is self._pruned_for:
            return
        self._pruned_for = roots
        try:
            freed = prune(self._store, roots, self._limit_bytes)
        except OSError as error:
            log.warning("The staged files cannot be looked through: %s.", error)
            return
        if freed:
            log.info("Deleted %.1f GB of staged files that no work needs.", freed / 1e9)

    def _role(self, key: str, wall: float) -> Role | None:
        """Nodes and whoever may submit."""
        role = self._access.role(key, wall)
        return role if role is not None and (role is Role.NODE or role >= Role.ARTIST) else None

    def _take(self, message: Incoming, body: bytes, role: Role) -> None:
        try:
            ask = s.decode_ask(body)
        except s.StagingFault as fault:
            log.warning("key %s: %s", message.key, fault)
            return
        try:
            answer = self._answer(message.key, ask.body, role)
        except (s.StagingFault, TemplateFault, EnvironmentFault) as fault:
            answer = s.Refused(str(fault))
        except OSError as error:
            answer = s.Refused(f"The dispatcher's disk does not take it: {error}.")
        self._socket.send(message.route, s.encode(s.Reply(ask.id, answer)))

    def _answer(self, key: str, body: s.Request, role: Role) -> s.Answer:
        match body:
            case s.Missing(digests):
                _check(digests)
                has = self._store.has
                return s.Lacks([at for at, digest in enumerate(digests) if not has(digest)])
            case s.Put(chunks):
                for chunk in chunks:
                    self._put(chunk)
                return s.Taken()
            case s.Get(digests):
                return s.Chunks(self._chunks(digests))
            case s.Publish(ref, files):
                granted = self._grant(key, ref, role)
                if granted is None:
                    return s.NoGrant()
                publish(granted, ref.epoch, files, self._store)
                return s.Taken()

    def _grant(self, key: str, ref: AttemptRef, role: Role) -> Granted | None:
        return self.grants.find(key, ref) if role is Role.NODE else None

    def _put(self, chunk: bytes) -> None:
        if len(chunk) > s.CHUNK_BYTES:
            raise s.StagingFault(f"A chunk has at most {s.CHUNK_BYTES} bytes.")
        self._store.put(chunk)

    def _chunks(self, digests: list[bytes]) -> list[bytes]:
        _check(digests)
        chunks: list[bytes] = []
        total = 0
        for digest in digests:
            chunk = self._store.get(digest)
            if chunk is None:
                raise s.StagingFault(
                    f"The staged chunk {digest.hex()} is not here: submit the job again."
                )
            total += len(chunk)
            if total > s.PACK_BYTES:
                raise s.StagingFault(f"Ask for at most {s.PACK_BYTES} bytes at once.")
            chunks.append(chunk)
        return chunks


def _check(digests: list[bytes]) -> None:
    if len(digests) > s.PACK_COUNT_MAX or any(len(d) != s.DIGEST_BYTES for d in digests):
        raise s.StagingFault("These are no names of chunks, or too many at once.")


def publish(granted: Granted, epoch: int, files: list[s.Produced], store: ChunkStore) -> None:
    """Write all under temporary names, check and sync them, then rename; the folders are synced last.

    Raises StagingFault, TemplateFault, OSError; then nothing was renamed, or all will be anew."""
    waiting: list[tuple[Path, Path]] = []
    for file in files:
        folder = granted.preview_directory if file.folder == s.PREVIEW else granted.directory
        check_directory(folder)
        check_name(file.name)
        final = Path(folder) / file.name
        final.parent.mkdir(parents=True, exist_ok=True)
        temporary = final.with_name(temporary_name(file.name, epoch))
        _write(temporary, file, store)
        waiting.append((temporary, final))
    for temporary, final in waiting:
        temporary.replace(final)
    for folder in {final.parent for _, final in waiting}:
        _sync(folder)


def _write(path: Path, file: s.Produced, store: ChunkStore) -> None:
    whole = hashlib.sha256()
    try:
        with path.open("wb") as out:
            for chunk in _read(file, store):
                whole.update(chunk)
                out.write(chunk)
            out.flush()
            os.fsync(out.fileno())
            size = out.tell()
        if (size, whole.hexdigest()) != (file.size, file.sha256):
            raise s.StagingFault(f"The output {file.name} is not what its node made.")
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def _read(file: s.Produced, store: ChunkStore) -> Iterator[bytes]:
    for digest in file.chunks:
        chunk = store.get(digest) if len(digest) == s.DIGEST_BYTES else None
        if chunk is None:
            raise s.StagingFault(f"A chunk of the output {file.name} did not arrive.")
        yield chunk


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
