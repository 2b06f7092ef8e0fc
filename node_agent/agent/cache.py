"""Staged files on a node: trees to render from, and a store of files by content that they share.

::

    DATA/cache/files/<key>          whole files, named by their chunks
    DATA/cache/trees/<root>/        a manifest's files, hard links into ``files``
    DATA/cache/trees/<root>.partial files that are still coming; what is whole of them survives a restart

A tree appears by rename, so that it is there whole or not at all. Used by the courier alone (and one courier
at a time for each root); the agent's parent only looks whether a tree is there.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from node_agent.wire.staging import (
    CHUNK_BYTES,
    StagedFile,
    chunk_sizes,
    digest_of,
    file_key,
)

Place = tuple[int, int]
"""(file, chunk) of a manifest."""


def tree_of(cache: Path, root: str) -> Path:
    """Where a root's files are, once they are."""
    return cache / "trees" / root


class TreeBuilder:
    """Fills one tree: says which chunks it wants, takes them, and finishes by a rename."""

    def __init__(self, cache: Path, root: str, files: Sequence[StagedFile]) -> None:
        self._cache = cache
        self._tree = tree_of(cache, root)
        self._partial = self._tree.with_name(f"{root}.partial")
        self._files = files
        self._wanted: dict[bytes, list[Place]] = {}
        for folder in (self._partial, cache / "files"):
            folder.mkdir(parents=True, exist_ok=True)
        for number, file in enumerate(files):
            if not self._take_known(file):
                self._want(number, file)

    @property
    def wanted(self) -> Iterator[tuple[bytes, int]]:
        """Each missing chunk once, with its size."""
        for digest, places in self._wanted.items():
            number, chunk = places[0]
            yield digest, chunk_sizes(self._files[number].size)[chunk]

    def take(self, digest: bytes, data: bytes) -> bool:
        """Write a chunk wherever it belongs; False where it is not what its name says."""
        if digest_of(data) != digest:
            return False
        for number, chunk in self._wanted.get(digest, ()):
            with self._path(number).open("r+b") as file:
                file.seek(chunk * CHUNK_BYTES)
                file.write(data)
        return True

    def finish(self) -> Path:
        """Share the files by content, and give the tree its name."""
        for number, file in enumerate(self._files):
            path, known = self._path(number), self._known(file)
            path.chmod(0o444)
            if not known.exists():
                with suppress(FileExistsError):
                    os.link(path, known)
        self._partial.replace(self._tree)
        return self._tree

    def _take_known(self, file: StagedFile) -> bool:
        """Link a file that another tree brought."""
        path, known = self._partial / file.path, self._known(file)
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            if known.stat().st_size != file.size:
                return False
            path.unlink(missing_ok=True)
            os.link(known, path)
        except OSError:
            return False
        return True

    def _want(self, number: int, file: StagedFile) -> None:
        path = self._path(number)
        if not path.exists():
            path.touch()
        with path.open("r+b") as stream:
            stream.truncate(file.size)
            for chunk, digest in enumerate(file.chunks):
                # What an earlier courier brought need not come again.
                if digest_of(stream.read(CHUNK_BYTES)) != digest:
                    self._wanted.setdefault(digest, []).append((number, chunk))

    def _path(self, number: int) -> Path:
        return self._partial / self._files[number].path

    def _known(self, file: StagedFile) -> Path:
        return self._cache / "files" / file_key(file.chunks)


def evict(cache: Path, limit_bytes: int, in_use: Collection[str]) -> int:
    """Delete the trees that were used longest ago until the files are within the limit; return how many."""
    size = sum(entry.stat().st_size for entry in _entries(cache / "files"))
    trees = [entry for entry in _entries(cache / "trees") if entry.name not in in_use]
    trees = [entry for entry in trees if entry.name.removesuffix(".partial") not in in_use]
    trees.sort(key=lambda entry: entry.stat().st_mtime)
    gone = 0
    while size > limit_bytes and trees:
        shutil.rmtree(trees.pop(0), ignore_errors=True)
        gone += 1
        size -= _delete_unlinked(cache / "files")
    return gone


def _entries(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError:
        return []


def _delete_unlinked(folder: Path) -> int:
    """Delete the files that no tree has; return their bytes."""
    freed = 0
    for path in _entries(folder):
        stat = path.stat()
        if stat.st_nlink == 1:
            path.unlink(missing_ok=True)
            freed += stat.st_size
    return freed
