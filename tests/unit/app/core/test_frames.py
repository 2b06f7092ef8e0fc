"""Frame ranges: what artists write, and what fileseq makes of it."""

import fileseq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.frames import parse_tasks
from app.errors import UserMistake
from node_agent.wire.job import Frames

PART = st.builds(
    lambda first, span, step: f"{first}-{first + span}x{step}" if span else str(first),
    st.integers(-20, 100),
    st.integers(0, 30),
    st.integers(1, 7),
)


@pytest.mark.parametrize(
    ("text", "chunk", "tasks"),
    [
        ("7", 1, [(7, 7, 1)]),
        ("1-3", 1, [(1, 1, 1), (2, 2, 1), (3, 3, 1)]),
        ("1-7x3", 2, [(1, 4, 3), (7, 7, 1)]),
        ("1-5", 3, [(1, 3, 1), (4, 5, 1)]),
        ("-2-0", 5, [(-2, 0, 1)]),
        (" 1 , 5-6 ", 1, [(1, 1, 1), (5, 5, 1), (6, 6, 1)]),
        ("1-3,2-4", 1, [(1, 1, 1), (2, 2, 1), (3, 3, 1), (4, 4, 1)]),
    ],
)
def test_ranges(text, chunk, tasks):
    assert parse_tasks(text, chunk, 100) == [Frames(*task) for task in tasks]


@given(st.lists(PART, min_size=1, max_size=4), st.integers(1, 5))
def test_the_frames_are_those_of_fileseq(parts, chunk):
    text = ",".join(parts)
    frames = [frame for task in parse_tasks(text, chunk, 10_000) for frame in task.numbers()]
    assert frames == list(fileseq.FrameSet(text))


@pytest.mark.parametrize("text", ["", "a", "1-", "1--", "1-5x", "1,,2", "1-5y2", "9" * 10])
def test_nonsense_is_a_mistake(text):
    with pytest.raises(UserMistake):
        parse_tasks(text, 1, 100)


def test_a_huge_range_is_refused_before_it_is_counted_out():
    with pytest.raises(UserMistake, match="more than 100 frames"):
        parse_tasks("1-999999999", 1, 100)
