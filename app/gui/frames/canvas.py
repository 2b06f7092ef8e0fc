"""Paints one picture, or two with a line between them that the hand moves: the wipe.

Knows nothing of files. Places are parts of the picture, 0 to 1 from the top left, so that two pictures of
different sizes lie over each other.
"""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from app.gui import style
from app.gui.queue.delegates import write
from app.gui.words import tr

GRIP_PX = 8
ZOOM_MOST = 32.0
NUDGE = 0.02


class Canvas(QWidget):
    """The picture, the wipe and the hand's place on it."""

    pointed = Signal(float, float)
    """Where the pointer is on the picture; -1, -1: nowhere."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._image: QImage | None = None
        self._other: QImage | None = None
        self._words = ""
        self.wipe = 0.5
        self._zoom, self._offset = 1.0, QPointF()
        self._held: QPointF | None = None
        self._wipes = False
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(tr("Picture of the frame"))

    def sizeHint(self) -> QSize:
        return QSize(960, 540)

    def show_image(self, image: QImage | None, words: str = "") -> None:
        """Show this picture, or say why there is none."""
        self._image, self._words = image, words
        self.update()

    def compare(self, other: QImage | None) -> None:
        """Show another picture to the right of the wipe."""
        self._other = other
        self.update()

    def fit(self) -> None:
        """Show the whole picture."""
        self._zoom, self._offset = 1.0, QPointF()
        self.update()

    @property
    def zoom(self) -> float:
        """How many times larger than fitting."""
        return self._zoom

    # --- painting ---------------------------------------------------------------------------------------

    def place(self) -> QRectF:
        """Return where the picture lies."""
        image = self._image or self._other
        if image is None:
            return QRectF()
        width, height = float(image.width()), float(image.height())
        scale = min(self.width() / width, self.height() / height) * self._zoom
        place = QRectF(0, 0, width * scale, height * scale)
        place.moveCenter(QRectF(self.rect()).center() + self._offset)
        return place

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), style.colour("well"))
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, self._zoom < 4)
        place = self.place()
        if self._image is not None:
            painter.drawImage(place, self._image)
        if self._other is not None:
            self._paint_other(painter, place)
        if self._words:
            middle = Qt.AlignmentFlag.AlignCenter
            write(painter, QRectF(self.rect()), self._words, "text_dim", align=middle)
        painter.end()

    def _paint_other(self, painter: QPainter, place: QRectF) -> None:
        edge = self._edge()
        painter.save()
        painter.setClipRect(QRectF(edge, 0, self.width() - edge, self.height()))
        painter.fillRect(self.rect(), style.colour("well"))
        if self._other is not None:
            painter.drawImage(place, self._other)
        painter.restore()
        painter.setPen(QPen(style.colour("accent"), 2))
        painter.drawLine(QPointF(edge, 0), QPointF(edge, self.height()))

    def _edge(self) -> float:
        place = self.place()
        return place.left() + self.wipe * place.width()

    # --- the hand -----------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._wipes = self._other is not None and abs(event.position().x() - self._edge()) < GRIP_PX
        self._held = event.position() - self._offset

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._held is None:
            self._tell(event.position())
        elif self._wipes:
            self._set_wipe((event.position().x() - self.place().left()) / self.place().width())
        elif self._zoom > 1.0:
            self._offset = event.position() - self._held
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._held = None

    def leaveEvent(self, event: object) -> None:
        self.pointed.emit(-1.0, -1.0)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom about the pointer."""
        factor = 1.25 ** (event.angleDelta().y() / 120.0)
        zoom = min(max(self._zoom * factor, 1.0), ZOOM_MOST)
        from_middle = event.position() - QRectF(self.rect()).center()
        self._offset = from_middle - (from_middle - self._offset) * (zoom / self._zoom)
        self._zoom = zoom
        if zoom == 1.0:
            self._offset = QPointF()
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_BracketLeft, Qt.Key.Key_BracketRight):
            step = NUDGE if event.key() == Qt.Key.Key_BracketRight else -NUDGE
            self._set_wipe(self.wipe + step)
        elif event.key() == Qt.Key.Key_F:
            self.fit()
        else:
            super().keyPressEvent(event)

    def _set_wipe(self, wipe: float) -> None:
        self.wipe = min(max(wipe, 0.0), 1.0)
        self.update()

    def _tell(self, at: QPointF) -> None:
        place = self.place()
        if not place.contains(at):
            self.pointed.emit(-1.0, -1.0)
            return
        x, y = (at.x() - place.left()) / place.width(), (at.y() - place.top()) / place.height()
        self.pointed.emit(x, y)
