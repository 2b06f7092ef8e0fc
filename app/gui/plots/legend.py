"""What the lines of a plot are: a dot in each line's colour and its name, in one row at the right."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.gui import style
from app.gui.queue.delegates import advance, write

DOT_PX, GAP_PX, TALL_PX = 13, 12, 16


class LineLegend(QWidget):
    """Entries are a colour's number in the theme, and the words."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._entries: list[tuple[int, str]] = []
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def show_entries(self, entries: list[tuple[int, str]]) -> None:
        """Show these."""
        if entries != self._entries:
            self._entries = entries
            self.setAccessibleName(self.text())
            self.updateGeometry()
            self.update()

    def text(self) -> str:
        """Return what is written."""
        return ", ".join(words for _, words in self._entries)

    def sizeHint(self) -> QSize:
        wide = sum(DOT_PX + advance(words, 11) + GAP_PX for _, words in self._entries)
        return QSize(round(wide + 1), TALL_PX)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        x = float(GAP_PX)
        for tint, words in self._entries:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(style.series_colour(tint))
            painter.drawEllipse(QPointF(x + 4, TALL_PX / 2), 4, 4)
            wide = advance(words, 11) + 1
            write(painter, QRectF(x + DOT_PX, 0, wide, TALL_PX), words, "text_dim", 11)
            x += DOT_PX + wide + GAP_PX - 1
        painter.end()
