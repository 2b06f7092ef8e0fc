"""The small card that hangs under the pointer while shots are dragged."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFont, QPainter, QPixmap

from app.core.views import ShotRow
from app.gui import style
from app.gui.queue.delegates import advance, write
from app.gui.words import tr

HEIGHT, LEAF = 34, 4
BOLD = QFont.Weight.DemiBold


def card(row: ShotRow | None, count: int, scale: float) -> QPixmap:
    """Paint the first shot's name, and how many more there are behind it."""
    name, more = _words(row, count)
    wide = advance(name, style.FONT_PX, BOLD) + (advance(more, 12) + 8 if more else 0) + 26
    picture = QPixmap(round((wide + 2 * LEAF) * scale), round((HEIGHT + 2 * LEAF) * scale))
    picture.setDevicePixelRatio(scale)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for behind in range(min(count - 1, 2), -1, -1):
        leaf = QRectF(behind * LEAF + 0.5, behind * LEAF + 0.5, wide - 1, HEIGHT - 1)
        painter.setPen(style.colour("accent" if behind == 0 else "line_strong"))
        painter.setBrush(style.colour("raised"))
        painter.drawRoundedRect(leaf, 7, 7)
    box = QRectF(13, 0, wide - 20, HEIGHT)
    used = write(painter, box, name, "text", weight=BOLD)
    write(painter, box.adjusted(used + 8, 0, 0, 0), more, "text_dim", 12)
    painter.end()
    return picture


def _words(row: ShotRow | None, count: int) -> tuple[str, str]:
    name = f"{row.sequence} / {row.name}" if row else ""
    return name, tr("and {n} more", "", count - 1) if count > 1 else ""
