"""Tables, bars and the live block, on a terminal and in a pipe."""

import io

import pytest

from app.cli import console


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    encoding = "utf-8"

    def isatty(self):
        return True


def test_columns_without_a_value_are_left_out(monkeypatch):
    lines = console.table(
        ["#", "shot", "failed", "why"], [["1", "a", "", "x"], ["12", "bb", "", ""]], "><><"
    )
    assert lines == [" #  shot  why", " 1  a     x", "12  bb"]


def test_a_terminal_cuts_the_longest_and_a_pipe_nothing(monkeypatch):
    rows = [["a" * 70, "b" * 70]]
    assert len(console.table(["x", "y"], rows, "<<")[1]) == 142
    monkeypatch.setattr("sys.stdout", Terminal())
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "80")
    assert console.columns(console.table(["x", "y"], rows, "<<")[1]) <= 79


def test_wide_letters_take_two_cells():
    assert console.pad("镜头", 6) == "镜头  "
    assert console.columns(console.clip("镜头镜头", 5)) <= 5


@pytest.mark.parametrize(
    ("share", "filled"), [(0, 0), (0.5, 5), (0.99, 9), (1.0, 10), (7, 10), (-1, 0)]
)
def test_a_bar_is_full_only_when_all_is_done(share, filled):
    assert sum(cell in "█#" for cell in console.bar(share, 10)) == filled


def test_an_old_terminal_gets_plain_bars(monkeypatch):
    monkeypatch.setattr("sys.stdout", io.TextIOWrapper(io.BytesIO(), encoding="ascii"))
    assert console.bar(0.5, 4) == "##.."


def test_a_pipe_gets_a_line_now_and_then(monkeypatch):
    clock = iter([10.0, 11.0, 16.0, 22.0, 23.0])
    monkeypatch.setattr("app.cli.console.time.monotonic", lambda: next(clock))
    out = io.StringIO()
    live = console.Live(out)
    for number in (1, 2, 3, 3):
        live.update(["block"], f"{number} done")
    live.update(["block"], "all done", now=True)
    assert out.getvalue().splitlines() == ["1 done", "3 done", "all done"]


def test_a_terminal_is_drawn_over_and_shrinks(monkeypatch):
    monkeypatch.setenv("TERM", "xterm")
    out = Terminal()
    with console.Live(out) as live:
        live.update(["one", "two"], "", now=True)
        live.update(["three"], "", now=True)
        live.say("above")
    text = out.getvalue()
    assert text.startswith("\r\x1b[2Kone\n\x1b[2Ktwo\n\x1b[J")
    assert "\x1b[2A\r\x1b[2Kthree\n\x1b[J" in text
    assert text.endswith("\x1b[1A\r\x1b[Jabove\n")
