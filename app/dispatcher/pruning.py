"""What of the staged files may go: the store keeps to its limit, and keeps what unfinished work needs.

The loop says which trees are needed (``roots_in_use``), for it alone has the farm's state; the staging thread
walks the folder and deletes the chunks that were used longest ago. What came within a day stays: its job may not be
submitted yet. Where all that is left is needed, the store grows past its limit, and says so.
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Iterable, Iterator

from app.core.ids import TaskState
from app.core.state import FarmState
from app.dispatcher.chunks import ChunkStore
from node_agent.wire import staging as s
from node_agent.wire.job import OpenJDWork

log = logging.getLogger("windfire.staging")

LIMIT_BYTES = 200 << 30
GRACE_S = 86_400.0
_ROOT = re.compile(r"[0-9a-f]{64}")


def roots_in_use(state: FarmState) -> frozenset[str]:
    """Return the trees of staged files that a step needs which is not over, and those of kept checkpoints."""
    return frozenset(root for root in _named(state) if _ROOT.fullmatch(root))


def _named(state: FarmState) -> Iterator[str]:
    for step in state.steps.values():
        is_over = not any(step.counts[: TaskState.DONE]) and not step.counts[TaskState.FAILED]
        if is_over or isinstance(step.work, OpenJDWork) or not step.work.staged:
            continue
        yield step.work.staged
        yield from (checkpoint for checkpoint, _ in step.kept.values())


def prune(
    store: ChunkStore, roots: Iterable[str], limit_bytes: int, now: float | None = None
) -> int:
    """Delete what was used longest ago and nobody needs, until the limit holds; return the bytes freed."""
    now = time.time() if now is None else now
    found = sorted(store.walk(), key=lambda chunk: chunk.used_at)
    total = sum(chunk.size for chunk in found)
    if total <= limit_bytes:
        return 0
    needed = {digest for root in roots for digest in _tree(store, root)}
    freed = 0
    for chunk in found:
        if total - freed <= limit_bytes or chunk.used_at > now - GRACE_S:
            break
        if chunk.digest not in needed and store.remove(chunk.digest):
            freed += chunk.size
    if total - freed > limit_bytes:
        log.warning("Staged files take %.1f GB, and all of them are needed.", (total - freed) / 1e9)
    return freed


def _tree(store: ChunkStore, root: str) -> Iterator[bytes]:
    """Every chunk of a tree, as far as it is here."""
    name = bytes.fromhex(root)
    yield name
    try:
        parts = s.read_root(store.get(name) or b"").chunks
        yield from parts
        manifest = b"".join(store.get(part) or b"" for part in parts)
        for file in s.read_manifest(manifest):
            yield from file.chunks
    except s.StagingFault:
        return  # not whole: nothing can be rendered of it
