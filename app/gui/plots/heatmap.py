"""The heat map: a row a node, a column a tick; each node keeps its row, so that a pattern keeps its place.

Painted from a numpy array through a table of 256 colours into one QImage: as quick for 700 nodes as for
four, where a curve a node would take a second.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QEvent, QRectF
from PySide6.QtGui import QColor, QHelpEvent, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from app.gui import style
from app.gui.queue.delegates import write
from app.gui.words import tr

NAME_PX = 62
ROW_MAX_PX = 26.0
NAMES_FROM_PX = 12.0


class HeatMap(QWidget):
    """Shows percent by node and time."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._values = np.zeros((0, 1), dtype=np.float32)
        self._names: list[str] = []
        self._image = QImage()
        self.setAccessibleName(tr("Load by node and time"))
        self.setMinimumHeight(40)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def show_values(self, values: npt.NDArray[np.float32], names: list[str]) -> None:
        """Show these; (nodes, ticks) percent, NaN where nothing is known."""
        self._values, self._names = values, names
        self._image = image_of(values)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        box = self._box()
        if len(self._names) and not self._image.isNull():
            painter.drawImage(box, self._image)
            pitch = box.height() / len(self._names)
            for row, name in enumerate(self._names if pitch >= NAMES_FROM_PX else []):
                place = QRectF(0, box.top() + row * pitch, NAME_PX - 8, pitch)
                write(painter, place, name, "text_faint", 10)
                line = QRectF(box.left(), box.top() + (row + 1) * pitch - 1, box.width(), 1)
                painter.fillRect(line, style.colour("panel"))
        painter.end()

    def _box(self) -> QRectF:
        left = NAME_PX if self._pitch() >= NAMES_FROM_PX else 0
        tall = min(float(self.height()), ROW_MAX_PX * max(1, len(self._names)))
        return QRectF(left, 0, self.width() - left, tall)

    def _pitch(self) -> float:
        return min(ROW_MAX_PX, self.height() / max(1, len(self._names)))

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            box = self._box()
            row = int((event.pos().y() - box.top()) / max(1.0, self._pitch()))
            if 0 <= row < len(self._names):
                known = self._values[row][np.isfinite(self._values[row])]
                said = tr("{node}, {percent} % on average") if len(known) else "{node}"
                percent = f"{known.mean():.0f}" if len(known) else ""
                words = said.format(node=self._names[row], percent=percent)
                QToolTip.showText(event.globalPos(), words, self)
            return True
        return super().event(event)


def image_of(values: npt.NDArray[np.float32]) -> QImage:
    """Return an image of a pixel a value, in the theme's colours of heat; unknown ones are clear."""
    if not values.size:
        return QImage()
    known = np.isfinite(values)
    level = np.where(known, np.clip(values, 0, 100) * 2.55, 0).astype(np.uint8)
    pixels = np.where(known, _table()[level], 0).astype(np.uint32)
    pixels = np.ascontiguousarray(pixels)
    height, width = pixels.shape
    made = QImage(pixels.data, width, height, width * 4, QImage.Format.Format_ARGB32)
    return made.copy()  # the array goes away, the copy stays


def _table() -> npt.NDArray[np.uint32]:
    stops = [QColor(stop) for stop in style.theme().heat]
    places = np.linspace(0, 255, len(stops))
    red, green, blue = (
        np.interp(np.arange(256), places, [getattr(stop, name)() for stop in stops])
        for name in ("red", "green", "blue")
    )
    opaque = np.uint32(0xFF000000)
    return (
        opaque
        | red.astype(np.uint32) << np.uint32(16)
        | green.astype(np.uint32) << np.uint32(8)
        | blue.astype(np.uint32)
    )
