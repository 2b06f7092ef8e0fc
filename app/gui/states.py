"""How a state looks: its word, its colour and its glyph. Never a colour alone.

Shots have states by name (``ShotRow.state``), tasks by number (``TaskState``); both are drawn the same.
"""

from __future__ import annotations

from functools import cache

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen

from app.core.ids import TaskState
from app.gui import style
from app.gui.words import mark, tr

TASK_NAMES = {state: state.name.lower() for state in TaskState}
"""The theme's name of each TaskState."""

WORDS = {
    "running": mark("Rendering"),
    "publishing": mark("Publishing"),
    "ready": mark("Ready"),
    "waiting": mark("Waiting"),
    "paused": mark("Paused"),
    "failed": mark("Failed"),
    "done": mark("Done"),
    "cancelled": mark("Cancelled"),
    "idle": mark("Idle"),
    "busy": mark("Busy"),
    "draining": mark("Draining"),
    "drained": mark("Drained"),
    "lost": mark("Lost"),
    "offline": mark("Offline"),
    "asleep": mark("Asleep"),
    "waking": mark("Waking"),
}
NODE_LOOKS = {
    "idle": "ready",
    "busy": "running",
    "draining": "paused",
    "drained": "paused",
    "lost": "failed",
    "offline": "waiting",
    "asleep": "waiting",
    "waking": "publishing",
}
"""A node's state borrows the colour and glyph of a task's."""


def word(state: str) -> str:
    """Return the state as a person reads it."""
    return tr(WORDS[state]) if state in WORDS else state.capitalize()


def colour(state: str, alpha: float = 1.0) -> QColor:
    """Return the colour of a shot's, task's or node's state."""
    return style.colour(NODE_LOOKS.get(state, state), alpha)


def paint_glyph(painter: QPainter, rect: QRectF, state: str, tint: QColor | None = None) -> None:
    """Draw the state's glyph into the square ``rect``; each state has a shape of its own."""
    look = NODE_LOOKS.get(state, state)
    path, is_filled = _glyph("asleep" if state == "asleep" else look)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(rect.topLeft())
    painter.scale(rect.width() / 16, rect.height() / 16)
    ink = tint or style.colour(look)
    pen = QPen(ink, 2.0, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)
    painter.setPen(Qt.PenStyle.NoPen if is_filled else pen)
    painter.setBrush(ink if is_filled else Qt.BrushStyle.NoBrush)
    painter.drawPath(path)
    painter.restore()


@cache
def _glyph(state: str) -> tuple[QPainterPath, bool]:
    """Return the shape in a square of 16, and whether it is filled."""
    path = QPainterPath()
    match state:
        case "running":
            _lines(path, [(5, 3), (13, 8), (5, 13), (5, 3)])
            return path, True
        case "publishing":
            _lines(path, [(8, 13), (8, 3.5)], [(4, 7.5), (8, 3.5), (12, 7.5)])
        case "ready":
            path.addEllipse(QPointF(8, 8), 4.5, 4.5)
        case "waiting":
            for x in (3.5, 8.0, 12.5):
                path.addEllipse(QPointF(x, 8), 1.5, 1.5)
            return path, True
        case "paused":
            path.addRoundedRect(QRectF(4, 3, 3, 10), 1, 1)
            path.addRoundedRect(QRectF(9.5, 3, 3, 10), 1, 1)
            return path, True
        case "asleep":
            path.addEllipse(QPointF(7.5, 8), 5.5, 5.5)
            bite = QPainterPath()
            bite.addEllipse(QPointF(10.4, 6), 4.6, 4.6)
            return path.subtracted(bite), True
        case "failed":
            _lines(path, [(4, 4), (12, 12)], [(12, 4), (4, 12)])
        case "done":
            _lines(path, [(3, 8.5), (6.5, 12), (13, 4.5)])
        case _:
            path.addEllipse(QPointF(8, 8), 5, 5)
            _lines(path, [(4.7, 11.3), (11.3, 4.7)])
    return path, False


def _lines(path: QPainterPath, *runs: list[tuple[float, float]]) -> None:
    for first, *rest in runs:
        path.moveTo(*first)
        for point in rest:
            path.lineTo(*point)
