"""What the command line writes: lines, tables, and a block that is redrawn while something goes on.

On a terminal the block is live; in a file or a pipe the same news come as lines, now and then. What the
terminal's encoding cannot show is replaced, never an error.
"""

from __future__ import annotations

import os
import shutil
import sys
import time
import unicodedata
from collections.abc import Sequence
from typing import Self, TextIO

LINEWISE_S = 5.0
"""Between two progress lines where nobody watches live."""
REDRAW_S = 0.1
WIDTH_MIN = 40
COLUMN_MIN = 6


def prepare_streams() -> None:
    """Let no character end the program: a C locale or an old code page shows '?' instead."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="replace")


def say(text: str = "") -> None:
    """Write a line of the result to stdout."""
    print(text, flush=True)


def note(text: str) -> None:
    """Write a line about the result to stderr, where it does not get into a pipe."""
    print(text, file=sys.stderr, flush=True)


def can_show(text: str, stream: TextIO | None = None) -> bool:
    """Tell whether the stream's encoding has these characters."""
    stream = stream or sys.stdout
    try:
        text.encode(getattr(stream, "encoding", None) or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def width(stream: TextIO | None = None) -> int:
    """Return the columns of the terminal; 100 where there is none."""
    stream = stream or sys.stdout
    return (
        max(WIDTH_MIN, shutil.get_terminal_size((100, 24)).columns - 1) if is_live(stream) else 100
    )


def is_live(stream: TextIO | None = None) -> bool:
    """Tell whether somebody watches a terminal that can be redrawn."""
    return (stream or sys.stdout).isatty() and os.environ.get("TERM") != "dumb"


def columns(text: str) -> int:
    """Return how many cells of a terminal the text takes; East Asian characters take two."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def clip(text: str, size: int) -> str:
    """Cut to ``size`` cells, with a mark where something is missing."""
    if columns(text) <= size:
        return text
    mark = "…" if can_show("…") else "~"
    while text and columns(text) > size - 1:
        text = text[:-1]
    return text + mark if size > 0 else ""


def pad(text: str, size: int, align: str = "<") -> str:
    """Clip and fill to exactly ``size`` cells."""
    text = clip(text, size)
    blank = " " * (size - columns(text))
    return blank + text if align == ">" else text + blank


def bar(share: float, size: int) -> str:
    """Draw 0..1 as ``size`` cells."""
    full, empty = ("█", "·") if can_show("█·") else ("#", ".")
    filled = round(min(max(share, 0.0), 1.0) * size)
    # A frame that is missing must be seen: full only when all is done.
    if filled == size and share < 1.0:
        filled -= 1
    return full * filled + empty * (size - filled)


def table(headings: Sequence[str], rows: Sequence[Sequence[str]], align: str) -> list[str]:
    """Lay out as lines; ``align`` has '<' or '>' a column. Columns without a value are left out; on a
    terminal the longest gives way, in a pipe nothing is cut."""
    shown = [index for index in range(len(headings)) if any(row[index] for row in rows)]
    picked = [[row[index] for index in shown] for row in (headings, *rows)]
    sizes = [max(map(columns, column)) for column in zip(*picked, strict=True)]
    room = width() if is_live() else sum(sizes) + 2 * len(sizes)
    while sizes and sum(sizes) + 2 * (len(sizes) - 1) > room and max(sizes) > COLUMN_MIN:
        sizes[sizes.index(max(sizes))] -= 1
    sides = [align[index] for index in shown]
    return ["  ".join(map(pad, row, sizes, sides)).rstrip() for row in picked]


class Live:
    """A block of lines that stands at the end of the output and is drawn anew; use with ``with``."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stdout
        self._is_live = is_live(self._stream)
        self._height = 0
        self._drawn_at = 0.0
        self._last = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.leave()

    def update(self, lines: Sequence[str], summary: str, *, now: bool = False) -> None:
        """Show ``lines`` on a terminal; elsewhere print ``summary`` when it has changed, not too often."""
        clock = time.monotonic()
        if not now and clock - self._drawn_at < (REDRAW_S if self._is_live else LINEWISE_S):
            return
        self._drawn_at = clock
        if not self._is_live:
            if summary != self._last:
                print(summary, file=self._stream, flush=True)
            self._last = summary
            return
        room = max(2, shutil.get_terminal_size().lines - 1)
        if len(lines) > room:
            lines = [*lines[: room - 1], f"and {len(lines) - room + 1} more; {summary.strip()}"]
        self._draw([clip(line, width(self._stream)) for line in lines])

    def say(self, text: str) -> None:
        """Print a line that stays, above the block."""
        if self._is_live:
            self._erase()
        print(text, file=self._stream, flush=True)

    def leave(self) -> None:
        """Let the block stand and go on below it."""
        self._height = 0

    def _draw(self, lines: Sequence[str]) -> None:
        up = f"\x1b[{self._height}A" if self._height else ""
        text = "".join(f"\x1b[2K{line}\n" for line in lines)
        # Fewer lines than before: what stands below is old.
        print(f"{up}\r{text}\x1b[J", end="", file=self._stream, flush=True)
        self._height = len(lines)

    def _erase(self) -> None:
        if self._height:
            print(f"\x1b[{self._height}A\r\x1b[J", end="", file=self._stream, flush=True)
            self._height = 0
