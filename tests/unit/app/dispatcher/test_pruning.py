"""The store of staged files keeps to its limit, and never deletes what somebody needs."""

import os
import time

import pytest

from app.core import commands as cmd
from app.dispatcher.chunks import ChunkStore
from app.dispatcher.pruning import GRACE_S, prune, roots_in_use
from node_agent.wire import staging as s
from node_agent.wire.job import Needs
from tests.unit.app.core.bench import GPU, Bench, kernel_work
from tests.unit.app.core.test_placing import assigns

OLD = GRACE_S * 3


@pytest.fixture
def store(tmp_path):
    return ChunkStore(tmp_path)


def put_tree(store, folder, name: bytes, age_s: float) -> str:
    """A tree of one file of 1,000 bytes; return its root."""
    data = name * (1000 // len(name))
    digest = s.digest_of(data)
    root, more = s.pack_manifest([s.StagedFile("a.bin", len(data), [digest])])
    for chunk in [data, *more]:
        store.put(chunk)
        path = folder / s.digest_of(chunk).hex()[:2] / s.digest_of(chunk).hex()[2:]
        at = time.time() - age_s
        os.utime(path, (at, at))
    return root


def names(folder) -> set[str]:
    return {
        path.read_bytes()[:3].decode() for path in folder.glob("*/*") if path.stat().st_size > 900
    }


def test_what_was_used_longest_ago_goes_first_and_what_is_needed_stays(store, tmp_path):
    needed = put_tree(store, tmp_path, b"one-", 9 * OLD)
    put_tree(store, tmp_path, b"two-", 8 * OLD)
    put_tree(store, tmp_path, b"six-", 2 * OLD)
    assert prune(store, [needed], 10_000) == 0
    assert prune(store, [needed], 2500) >= 1000
    assert names(tmp_path) == {"one", "six"}
    assert prune(store, [needed], 0) >= 1000
    assert names(tmp_path) == {"one"}
    # Whole: every chunk of the tree is there.
    parts = s.read_root(store.get(bytes.fromhex(needed))).chunks
    (file,) = s.read_manifest(b"".join(store.get(part) for part in parts))
    assert store.get(file.chunks[0]) == b"one-" * 250


def test_what_came_or_was_asked_for_within_a_day_stays(store, tmp_path):
    put_tree(store, tmp_path, b"new-", 60.0)
    put_tree(store, tmp_path, b"old-", OLD)
    other = ChunkStore(tmp_path)  # which has not seen it yet
    assert other.has(s.digest_of(b"old-" * 250))
    prune(other, [], 0)
    assert names(tmp_path) == {"new", "old"}


def test_what_was_deleted_is_missing(store, tmp_path):
    put_tree(store, tmp_path, b"two-", OLD)
    digest = s.digest_of(b"two-" * 250)
    assert store.has(digest)
    prune(store, [], 0, now=time.time() + 2 * GRACE_S)
    assert not store.has(digest)
    assert store.get(digest) is None


def test_a_tree_is_needed_until_its_step_is_over():
    bench, root = Bench(), "ab" * 32
    work = kernel_work(staged=root)
    bench.submit("a", "1-2", work=work, step={"needs": Needs(device="cuda")})
    bench.submit("b", "1", work=kernel_work(staged="cd" * 32))
    assert roots_in_use(bench.state) == {root, "cd" * 32}
    bench.node("n1", GPU)
    assert assigns(bench.said)
    bench.ask(cmd.Cancel(shots=[1]))
    assert roots_in_use(bench.state) == {"cd" * 32}
