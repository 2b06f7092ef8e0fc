"""Names of staged files, what is no such name, packs, and an exchange that loses messages."""

import random

import pytest

from node_agent.wire import staging as s

DIGEST = bytes(32)


def manifest(*files: s.StagedFile) -> bytes:
    _, chunks = s.pack_manifest(files)
    return b"".join(chunks[:-1])


def test_a_root_names_a_manifest_of_any_order():
    a = s.StagedFile("a/b.usda", 3, [DIGEST])
    b = s.StagedFile("c.png", s.CHUNK_BYTES + 1, [DIGEST, DIGEST])
    assert s.pack_manifest([a, b])[0] == s.pack_manifest([b, a])[0]
    assert s.read_manifest(manifest(a, b)) == [a, b]
    root, chunks = s.pack_manifest([a, b])
    assert s.digest_of(chunks[-1]).hex() == root
    assert s.read_root(chunks[-1]).chunks == [s.digest_of(chunk) for chunk in chunks[:-1]]


@pytest.mark.parametrize(
    "path",
    ["", "/etc/passwd", "../x", "a/../b", "a//b", "./a", "a\\b", "C:x", "a\nb", "a\0b", "x" * 2000],
)
def test_a_path_that_could_escape_is_refused(path):
    with pytest.raises(s.StagingFault, match=r"\.$"):
        s.read_manifest(manifest(s.StagedFile(path, 0, [])))


@pytest.mark.parametrize(
    "files",
    [
        [s.StagedFile("a", 1, [])],
        [s.StagedFile("a", 0, [DIGEST])],
        [s.StagedFile("a", -1, [])],
        [s.StagedFile("a", 1, [b"short"])],
        [s.StagedFile("a", 0, []), s.StagedFile("A", 0, [])],
    ],
)
def test_a_manifest_that_contradicts_itself_is_refused(files):
    with pytest.raises(s.StagingFault):
        s.read_manifest(manifest(*files))


def test_ten_thousand_small_files_are_some_twenty_messages():
    sizes = [2000] * 10_000
    groups = list(s.packs(enumerate(sizes)))
    assert sum(map(len, groups)) == 10_000
    assert len(groups) <= 22
    assert max(sum(sizes[i] for i in group) for group in groups) <= s.PACK_BYTES


def test_one_thing_larger_than_a_pack_goes_alone():
    assert list(s.packs([("a", 1), ("b", 10**7), ("c", 1)])) == [["a"], ["b"], ["c"]]


@pytest.mark.parametrize("seed", range(20))
def test_every_request_gets_its_answer_over_a_line_that_loses_half(seed):
    draw = random.Random(seed)
    requests = [s.Get([bytes([n]) * 32]) for n in range(50)]
    exchange = s.Exchange(requests, window=4, retry_s=1.0)
    answered, now = [], 0.0
    while True:
        frames = exchange.due(now)
        if exchange.is_done:
            break
        for frame in frames:
            ask = s.decode_ask(frame)
            for _ in range(draw.choice([0, 1, 2])):
                pair = exchange.take(s.encode(s.Reply(ask.id, s.Chunks(ask.body.digests))))
                answered += [pair] if pair else []
        now += 0.5
    assert sorted(request.digests for request, _ in answered) == [r.digests for r in requests]
    assert all(answer.chunks == request.digests for request, answer in answered)


def test_a_refusal_is_raised_and_nonsense_too():
    exchange = s.Exchange([s.Get([DIGEST])])
    (frame,) = exchange.due(0.0)
    with pytest.raises(s.StagingFault, match="not here"):
        exchange.take(s.encode(s.Reply(s.decode_ask(frame).id, s.Refused("It is not here."))))
    for data in (b"", b"\xc1", b"\x91" * 500, b"\x92\x01\x92\xa3put\x05"):
        with pytest.raises(s.StagingFault):
            s.decode_ask(data)
