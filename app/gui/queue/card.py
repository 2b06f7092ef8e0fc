"""The small card that hangs under the pointer while shots are dragged."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFont, QPainter, QPixmap

from app.core.views import ShotRow
from app.gui import style
from app.gui.queue.delegates import write

WIDTH, HEIGHT, LEAF = 190, 34, 4


def card(row: ShotRow | None, count: int, scale: float) -> QPixmap:
    """Paint the first shot's name, and how many more there are behind it."""
    picture = QPixmap(round((WIDTH + 2 * LEAF) * scale), round((HEIGHT + 2 * LEAF) * scale))
    picture.setDevicePixelRatio(scale)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for behind in range(min(count - 1, 2), -1, -1):
        leaf = QRectF(behind * LEAF + 0.5, behind * LEAF + 0.5, WIDTH - 1, HEIGHT - 1)
        painter.setPen(style.colour("accent" if behind == 0 else "line_strong"))
        painter.setBrush(style.colour("raised"))
        painter.drawRoundedRect(leaf, 7, 7)
    _write(painter, row, count)
    painter.end()
    return picture


def _write(painter: QPainter, row: ShotRow | None, count: int) -> None:
    box = QRectF(12, 0, WIDTH - 24, HEIGHT)
    name = f"{row.sequence} / {row.name}" if row else ""
    used = write(painter, box, name, "text", weight=QFont.Weight.DemiBold)
    if count > 1:
        write(painter, box.adjusted(used + 8, 0, 0, 0), f"and {count - 1} more", "text_dim", 12)
