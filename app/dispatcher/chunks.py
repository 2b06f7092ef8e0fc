"""Chunks of staged files on the dispatcher's disk, one file each, named by their SHA-256.

Nothing is synced: what a power cut leaves half-written no longer has its name's content, is found when it is
read, and counts as missing.
"""

from __future__ import annotations

import os
import re
from contextlib import suppress
from pathlib import Path

from node_agent.wire.staging import digest_of

_NAME = re.compile(r"[0-9a-f]{64}")


class ChunkStore:
    """A folder of chunks. Raises OSError where the disk does."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._known: set[bytes] = set()
        """Seen on disk by this process; saves a look for each."""

    def has(self, digest: bytes) -> bool:
        """Whether it is there."""
        if digest not in self._known and self._path(digest).is_file():
            self._known.add(digest)
        return digest in self._known

    def put(self, chunk: bytes) -> None:
        """Keep a chunk; one that is there is left alone."""
        digest = digest_of(chunk)
        if self.has(digest):
            return
        path = self._path(digest)
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_suffix(f".{os.getpid()}.tmp")
        temporary.write_bytes(chunk)
        temporary.replace(path)
        self._known.add(digest)

    def get(self, digest: bytes) -> bytes | None:
        """The chunk, checked; None where it is not there."""
        path = self._path(digest)
        try:
            chunk = path.read_bytes()
        except OSError:
            self._known.discard(digest)
            return None
        if digest_of(chunk) == digest:
            return chunk
        self._known.discard(digest)
        with suppress(OSError):
            path.unlink()
        return None

    def _path(self, digest: bytes) -> Path:
        name = digest.hex()
        assert _NAME.fullmatch(name), "callers check lengths"
        return self._folder / name[:2] / name[2:]
