"""Chunks of staged files on the dispatcher's disk, one file each, named by their SHA-256.

Nothing is synced: what a power cut leaves half-written no longer has its name's content, is found when it is
read, and counts as missing.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from node_agent.wire.staging import digest_of

_NAME = re.compile(r"[0-9a-f]{64}")
TOUCH_S = 3600.0
"""That a chunk is used is noted on disk once in so long."""


class Kept(NamedTuple):
    """A chunk on disk."""

    digest: bytes
    size: int
    used_at: float
    """Unix seconds, within ``TOUCH_S``."""


class ChunkStore:
    """A folder of chunks. Raises OSError where the disk does."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._known: dict[bytes, float] = {}
        """Seen on disk by this process, and when (monotonic); saves a look for each."""

    def has(self, digest: bytes) -> bool:
        """Whether it is there; asking counts as use."""
        if time.monotonic() - self._known.get(digest, -TOUCH_S) < TOUCH_S:
            return True
        try:
            os.utime(self._path(digest))
        except OSError:
            self._known.pop(digest, None)
            return False
        self._known[digest] = time.monotonic()
        return True

    def walk(self) -> Iterator[Kept]:
        """Every chunk on disk."""
        for path in self._folder.glob("??/*"):
            name = path.parent.name + path.name
            with suppress(OSError):
                if _NAME.fullmatch(name):
                    told = path.stat()
                    yield Kept(bytes.fromhex(name), told.st_size, told.st_mtime)

    def remove(self, digest: bytes) -> bool:
        """Delete a chunk; tell whether it is gone."""
        self._known.pop(digest, None)
        try:
            self._path(digest).unlink(missing_ok=True)
        except OSError:
            return False
        return True

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
        self._known[digest] = time.monotonic()

    def get(self, digest: bytes) -> bytes | None:
        """The chunk, checked; None where it is not there."""
        path = self._path(digest)
        try:
            chunk = path.read_bytes()
        except OSError:
            self._known.pop(digest, None)
            return None
        if digest_of(chunk) == digest:
            return chunk
        self._known.pop(digest, None)
        with suppress(OSError):
            path.unlink()
        return None

    def _path(self, digest: bytes) -> Path:
        name = digest.hex()
        assert _NAME.fullmatch(name), "callers check lengths"
        return self._folder / name[:2] / name[2:]
