"""How the place of a drop is painted: a line between two rows, and a tag that says what would come of it."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QPainter, QPen

from app.gui import style
from app.gui.queue.delegates import advance, write
from app.gui.queue.effect import Tip
from app.gui.words import mark, tr

PAD, LINE_PX = 11, 19
BOLD = QFont.Weight.DemiBold
NOWHERE = mark("Already there")


def paint(painter: QPainter, view: QSize, y: float, tip: Tip | None) -> None:
    """Paint the line at ``y`` and its tag; no tip: a drop here would change nothing."""
    ink = style.colour("accent" if tip else "line_strong")
    y = min(max(y + 0.5, 2.0), view.height() - 2.0)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(ink, 2))
    painter.drawLine(QPointF(12, y), QPointF(view.width() - 8, y))
    painter.setBrush(style.colour("panel"))
    painter.drawEllipse(QPointF(9, y), 4, 4)
    _paint_tag(painter, view, y, tip or Tip(tr(NOWHERE)), is_idle=tip is None)


def _paint_tag(painter: QPainter, view: QSize, y: float, tip: Tip, *, is_idle: bool) -> None:
    """Paint the tag at the right end of the line.

    One with two lines stands on it, over rows that the drop does not touch: those below show their changes.
    """
    inks = ("text_dim", "text_dim") if is_idle else ("on_accent", "on_accent")
    wide = max(advance(tip.title, 12, BOLD), advance(tip.effect, 12)) + 2 * PAD + 2
    width = min(wide, view.width() - 40.0)
    height = 2 * LINE_PX + 6 if tip.effect else 24
    above = y - height + 1 if tip.effect else y - height / 2
    top = min(max(above, 2.0), max(2.0, view.height() - height - 2.0))
    tag = QRectF(view.width() - width - 14, top, width, height)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(style.colour("raised" if is_idle else "accent"))
    painter.drawRoundedRect(tag, 6, 6)
    inside = tag.adjusted(PAD, 3, -PAD + 2, -3)
    if not tip.effect:
        write(painter, inside, tip.title, inks[0], 12, BOLD)
        return
    upper = QRectF(inside.left(), inside.top(), inside.width(), LINE_PX)
    write(painter, upper, tip.title, inks[0], 12, BOLD)
    write(painter, upper.translated(0, LINE_PX), tip.effect, inks[1], 12)
