"""A node's cache of staged files: whole trees or none, nothing fetched twice, nothing above the limit."""

import os

from node_agent.agent.cache import TreeBuilder, evict, tree_of
from node_agent.wire.staging import CHUNK_BYTES, StagedFile, cut, digest_of


def staged(files: dict[str, bytes]) -> tuple[list[StagedFile], dict[bytes, bytes]]:
    chunks = {digest_of(c): c for data in files.values() for c in cut(data)}
    listed = [StagedFile(n, len(d), [digest_of(c) for c in cut(d)]) for n, d in files.items()]
    return listed, chunks


def build(cache, root, files) -> int:
    """Return how many chunks had to come."""
    listed, chunks = staged(files)
    builder = TreeBuilder(cache, root, listed)
    wanted = list(builder.wanted)
    for digest, size in wanted:
        assert len(chunks[digest]) == size
        assert builder.take(digest, chunks[digest])
    builder.finish()
    for name, data in files.items():
        assert (tree_of(cache, root) / name).read_bytes() == data
    return len(wanted)


BIG = os.urandom(2 * CHUNK_BYTES + 17)


def test_a_tree_is_built_and_a_chunk_of_two_files_comes_once(tmp_path):
    assert build(tmp_path, "r1", {"a/x": b"one", "b/y": b"one", "big": BIG, "empty": b""}) == 4


def test_what_another_tree_brought_is_shared(tmp_path):
    build(tmp_path, "r1", {"a": b"one", "big": BIG})
    assert build(tmp_path, "r2", {"other/name": BIG, "new": b"two"}) == 1
    paths = [tree_of(tmp_path, "r1") / "big", tree_of(tmp_path, "r2") / "other" / "name"]
    assert paths[0].stat().st_ino == paths[1].stat().st_ino


def test_what_came_before_a_break_does_not_come_again(tmp_path):
    listed, chunks = staged({"big": BIG})
    first = TreeBuilder(tmp_path, "r", listed)
    first.take(listed[0].chunks[1], chunks[listed[0].chunks[1]])
    assert not tree_of(tmp_path, "r").exists()
    again = TreeBuilder(tmp_path, "r", listed)
    assert [digest for digest, _ in again.wanted] == [listed[0].chunks[0], listed[0].chunks[2]]


def test_a_chunk_that_is_not_what_its_name_says_is_not_taken(tmp_path):
    listed, _ = staged({"a": b"one"})
    builder = TreeBuilder(tmp_path, "r", listed)
    assert not builder.take(listed[0].chunks[0], b"two")


def test_the_trees_used_longest_ago_go_first_and_those_in_use_stay(tmp_path):
    for age, root in enumerate(["old", "used", "new"]):
        build(tmp_path, root, {"f": root.encode() * 100, "shared": b"s" * 1000})
        os.utime(tree_of(tmp_path, root), (age, age))
    assert evict(tmp_path, 10_000, ()) == 0
    assert evict(tmp_path, 1_750, {"used"}) == 1
    assert not tree_of(tmp_path, "old").exists()
    assert evict(tmp_path, 0, {"used"}) == 1
    assert (tree_of(tmp_path, "used") / "shared").read_bytes() == b"s" * 1000
    assert len(list((tmp_path / "files").iterdir())) == 2
