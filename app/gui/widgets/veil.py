"""A hatched veil over what may be old: while the farm cannot be heard, nothing looks as if it were now."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QBrush, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from app.gui import style


class Veil(QWidget):
    """Covers its parent whole; lets the mouse through, so that the person can still look around."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._under = parent
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        parent.installEventFilter(self)
        self.hide()

    def set_stale(self, is_stale: bool) -> None:
        """Cover, or uncover."""
        self.setGeometry(self._under.rect())
        self.setVisible(is_stale)
        self.raise_()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self.setGeometry(self._under.rect())
        return False

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), style.colour("window", 0.55))
        painter.fillRect(
            self.rect(), QBrush(style.colour("line_strong", 0.35), Qt.BrushStyle.BDiagPattern)
        )
        painter.end()
