"""What a log tells: the line to open it at, and nothing but text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.gui.logs import lines


@pytest.mark.parametrize(
    ("line", "is_error"),
    [
        ("Error: no such file", True),
        ("Traceback (most recent call last):", True),
        ("RuntimeError: out of memory", True),
        ("finished with 0 errors", False),
        ("errors: 0, warnings: 2", False),
        ("mirror.png loaded", False),
        ("terrorist.tx", False),
        ("pass 4 / 64", False),
        ("CUDA error 2 at kernel", True),
        ("Killed", True),
        ('$ python -c "print(error)"', False),
    ],
)
def test_which_lines_look_like_the_cause(line, is_error):
    assert lines.is_error(line) is is_error


def test_the_log_opens_at_the_head_of_its_last_block_of_errors():
    log = ["error: texture missing", *["fine"] * 9, "error: disk full", "  at x", "error: gave up"]
    assert lines.error_line(log) == 10
    assert lines.error_line(["all fine"]) == -1


@given(st.binary(max_size=300))
def test_any_bytes_become_plain_text(data):
    text = lines.readable(data)
    assert not any(ord(sign) < 32 and sign != "\n" for sign in text)


def test_colours_of_terminals_are_taken_out():
    assert lines.readable(b"\x1b[31merror\x1b[0m\r\n10%\r20%\n") == "error\n10%\n20%\n"
    assert lines.readable(b"\xe2\x80\xaegnp.exe") == "gnp.exe"  # a reversal of direction


def test_a_piece_begins_with_a_whole_line():
    assert lines.whole_lines(b"of a line\nwhole\n") == (b"whole\n", 10)
    assert lines.whole_lines(b"no end") == (b"no end", 0)
