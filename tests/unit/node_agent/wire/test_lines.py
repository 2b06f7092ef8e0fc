"""A program's bytes become bounded lines, however they arrive."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from node_agent.wire.lines import CUT, LINE_BYTES_MAX, LineSplitter


def split(*reads: bytes) -> list[str]:
    splitter = LineSplitter()
    return [line for read in reads for line in splitter.feed(read)] + splitter.end()


def test_lines_and_a_last_one_without_a_newline():
    assert split(b"one\ntwo\r\nth", b"ree") == ["one", "two", "three"]


def test_a_progress_bar_is_many_lines():
    assert split(b"1%\r2%\r3%\n") == ["1%", "2%", "3%"]


def test_a_character_cut_by_a_read_is_whole():
    assert split(b"\xc3", b"\xa9\n") == ["é"]


def test_bad_utf8_is_replaced():
    assert split(b"a\xffb\n") == ["a\ufffdb"]


def test_an_endless_line_is_cut_once_and_the_next_one_is_whole():
    first, second = split(*[b"x" * 1000] * 50, b"y\nnext\n")

    assert first.startswith("x" * 1000)
    assert first.endswith(CUT)
    assert len(first.encode()) <= LINE_BYTES_MAX
    assert second == "next"


@given(st.lists(st.binary(max_size=50), max_size=20))
def test_how_it_was_cut_into_reads_does_not_matter(reads):
    whole = b"".join(reads)
    if b"\r" in whole:  # a pair cut in two reads counts as two ends
        return
    assert split(*reads) == split(whole)
