"""Frame ranges as people write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import UserMistake
from app.submit.frames import check_frames, frame_numbers


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("7", [7]),
        ("1001-1004", [1001, 1002, 1003, 1004]),
        ("1-10x3", [1, 4, 7, 10]),
        (" 1, 5, 3-4 ", [1, 5, 3, 4]),
        ("1-3,2-4", [1, 2, 3, 4]),
        ("-2-1", [-2, -1, 0, 1]),
        ("-5--3", [-5, -4, -3]),
        # What fileseq's own FrameSet holds; of y it gives them in ascending order.
        ("1-10:3", [1, 4, 7, 10, 3, 5, 9, 2, 6, 8]),
        ("1-10y3", [2, 5, 8, 3, 6, 9]),
        ("1-3y5,20", [2, 3, 20]),
        ("-3-0:2", [-3, -1, -2, 0]),
    ],
)
def test_ranges(text, numbers):
    assert frame_numbers(text) == numbers


@pytest.mark.parametrize(
    "text",
    ["", " ", "a", "1-", "1--", "5-1", "1-5x0", "1,,2", "1-5x", "1.5", "1-99999999", "1-2000000", "１-２", "1;2",
     "1-5y1", "5-1y2", "5y2", "1-5:0", "1-5y", "0x10", "1," * 6000 + "1"],
)  # fmt: skip
def test_what_is_no_range_is_refused_in_one_sentence(text):
    with pytest.raises(UserMistake, match=r"^[^\n]{10,250}\.$"):
        check_frames(text)


@given(st.text(alphabet="0123456789-,x:y ", max_size=20))
def test_any_text_is_a_range_or_refused(text):
    try:
        numbers = frame_numbers(text)
    except UserMistake:
        return
    assert numbers
    assert len(numbers) == len(set(numbers))
