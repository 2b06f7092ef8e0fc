"""A table to be written: a header in plain words, and rows that are made one by one, when they are wanted.

No Qt. Whoever makes a table takes hold of the rows of the moment (they are never changed, only replaced), so
that what is written is one state of the farm although it is put together in pieces.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

Cell = str | int | float
BOM = "\ufeff"
"""Without it spreadsheets read UTF-8 as something else."""
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What begins so is run as a formula by spreadsheets: a shot may be named by anybody."""


@dataclass(frozen=True, slots=True)
class Table:
    """``name`` is what a file is called without further thought."""

    name: str
    header: tuple[str, ...]
    rows: Iterator[list[Cell]]


def lines(rows: Iterable[Iterable[Cell]]) -> str:
    """Return rows as RFC 4180; words that a spreadsheet would run are made words."""
    written = io.StringIO()
    csv.writer(written, lineterminator="\r\n").writerows([map(_safe, row) for row in rows])
    return written.getvalue()


def _safe(cell: Cell) -> Cell:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA) else cell


def moment(unix: float) -> str:
    """Return a time as spreadsheets read it, in local time; '' for 0 (not yet, not known)."""
    if not unix:
        return ""
    return datetime.fromtimestamp(unix).strftime("%Y-%m-%d %H:%M:%S")  # noqa: DTZ006 -- local, for people
