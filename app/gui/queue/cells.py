"""The columns of the queue and their words: for the ear, for the tool tip and for the clipboard.

No Qt widgets; what is painted is in ``delegates``.
"""

from __future__ import annotations

from enum import IntEnum

from app.gui import states, text
from app.gui.due import standing
from app.gui.queue.lines import Line
from app.gui.said import spoken
from app.gui.words import mark, tr


class Column(IntEnum):
    """What a line shows, from left to right."""

    POSITION = 0
    SHOT = 1
    STATE = 2
    PROGRESS = 3
    RUNNING = 4
    FINISH = 5
    DUE = 6
    USER = 7
    NOTE = 8


TITLES = (
    *("#", mark("Shot"), mark("State"), mark("Progress"), mark("Running"), mark("Finish")),
    *(mark("Due"), mark("Artist"), mark("Note")),
)


def words(line: Line, column: Column, now: float) -> str:
    """Return a cell as plain words."""
    match column:
        case Column.POSITION:
            return str(line.position or "")
        case Column.SHOT:
            return f"{line.title}, {line.subtitle}"
        case Column.STATE:
            return states.word(line.state)
        case Column.PROGRESS:
            return f"{line.done} / {line.total}"
        case Column.RUNNING:
            return str(line.running or "")
        case Column.FINISH:
            return text.clock(line.finish_p50 or line.finished_at, now)
        case Column.DUE:
            return due_words(line, now)
        case Column.USER:
            return line.user
        case Column.NOTE:
            return spoken(line.error or line.reason)


def due_words(line: Line, now: float) -> str:
    """Return a promise and how the shot stands to it: '10:00, late by 25 min'."""
    stands = standing.of(line, now)
    return f"{text.clock(line.due, now)}, {stands.words}" if stands.name else ""


def tip(line: Line, column: Column, now: float) -> str:
    """Return what a hover over the cell says; '' for nothing more than is seen."""
    match column:
        case Column.FINISH if line.finish_p50 and not line.is_finished:
            even, late = text.clock(line.finish_p50, now), text.clock(line.finish_p90, now)
            said = tr("As likely before as after {even}; nine times in ten by {late}.")
            return said.format(even=even, late=late)
        case Column.DUE if line.due:
            words = due_words(line, now)
            said = tr("{promise}. You will be told when it slips.")
            return said.format(promise=words) if line.due_pinned else words
        case Column.NOTE:
            return spoken(line.error or line.reason)
        case Column.PROGRESS:
            return _counts(line)
    return ""


def _counts(line: Line) -> str:
    parts = [tr("{done} of {n} task(s) done", "", line.total).format(done=line.done)]
    if line.running:
        parts.append(tr("{n} running", "", line.running))
    if line.failed:
        parts.append(tr("{n} failed", "", line.failed))
    if line.cancelled:
        parts.append(tr("{n} cancelled", "", line.cancelled))
    return ", ".join(parts)
