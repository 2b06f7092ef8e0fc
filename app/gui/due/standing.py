"""How a shot stands to its promise: on time, at risk or late, with its words, colour and sign.

No widgets. *On time*: nine times in ten it is done by then (p90). *At risk*: more likely than not (p50).
*Late*: less likely than that, or the moment is past.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen, QPolygonF

from app.gui import style, text
from app.gui.words import tr

ON_TIME, AT_RISK, LATE, UNKNOWN = "on_time", "at_risk", "late", "unknown"
INKS = {ON_TIME: "good", AT_RISK: "warn", LATE: "bad", UNKNOWN: "text_faint"}
RANK = {LATE: 3, AT_RISK: 2, UNKNOWN: 1, ON_TIME: 0, "": -1}
"""The worse, the higher."""


class Promised(Protocol):
    """A shot's row, or a line of the queue."""

    @property
    def state(self) -> str: ...
    @property
    def due(self) -> float: ...
    @property
    def finish_p50(self) -> float: ...
    @property
    def finish_p90(self) -> float: ...
    @property
    def finished_at(self) -> float: ...


@dataclass(frozen=True, slots=True)
class Standing:
    """``name`` is '' where nothing is promised."""

    name: str
    words: str = ""

    @property
    def ink(self) -> str:
        """The theme's colour of it."""
        return INKS.get(self.name, "text_faint")


NOTHING = Standing("")


def of(row: Promised, now: float) -> Standing:
    """Return how the shot stands now."""
    if not row.due or row.state == "cancelled":
        return NOTHING
    if row.state == "done":
        return _of_finished(row)
    if row.due <= now:
        return Standing(LATE, tr("{time} over").format(time=text.duration(now - row.due)))
    return _of_forecast(row.due, row.finish_p50, row.finish_p90)


def _of_finished(row: Promised) -> Standing:
    if row.finished_at <= row.due:
        return Standing(ON_TIME, tr("kept"))
    by = text.duration(row.finished_at - row.due)
    return Standing(LATE, tr("late by {time}").format(time=by))


def _of_forecast(due: float, p50: float, p90: float) -> Standing:
    if not p50:
        return Standing(UNKNOWN, tr("no forecast"))
    if p50 > due:
        return Standing(LATE, tr("late by {time}").format(time=text.duration(p50 - due)))
    if p90 > due:
        return Standing(AT_RISK, tr("at risk"))
    return Standing(ON_TIME, tr("{time} spare").format(time=text.duration(due - p90)))


def paint_sign(painter: QPainter, box: QRectF, name: str) -> None:
    """Draw the sign of a standing: a tick, an open triangle, a full one; each a shape of its own."""
    painter.save()
    painter.setPen(QPen(style.colour(INKS.get(name, "text_faint")), 1.7))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    left, top, side = box.left(), box.top(), box.width()
    if name == ON_TIME:
        tick = [(0.1, 0.55), (0.4, 0.85), (0.9, 0.2)]
        painter.drawPolyline(QPolygonF([QPointF(left + x * side, top + y * side) for x, y in tick]))
    elif name in (AT_RISK, LATE):
        if name == LATE:
            painter.setBrush(style.colour("bad"))
        corners = [(0.5, 0.08), (0.96, 0.9), (0.04, 0.9)]
        painter.drawPolygon(
            QPolygonF([QPointF(left + x * side, top + y * side) for x, y in corners])
        )
    elif name == UNKNOWN:
        painter.drawEllipse(box.center(), side * 0.12, side * 0.12)
    painter.restore()
