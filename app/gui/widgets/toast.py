"""A sentence that comes and goes: what was refused and why, or what was just undone."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QWidget

from app.gui import icons
from app.gui.widgets.make import label

SHOWN_MS = {"done": 3_000, "refused": 8_000}
MARGIN_PX = 18
WIDTH_MAX_PX = 560


class Toast(QFrame):
    """Stands at the bottom of its parent, over everything; a click sends it away."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("Toast")
        self._around = parent
        self._picture = QLabel()
        self.label = label("", wraps=True)
        self.label.setMaximumWidth(WIDTH_MAX_PX)
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 10, 16, 10)
        row.setSpacing(10)
        row.addWidget(self._picture)
        row.addWidget(self.label)
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self.hide)
        parent.installEventFilter(self)
        self.hide()

    def say(self, sentence: str, kind: str) -> None:
        """Show the sentence; 'refused' stays longer than 'done'."""
        is_bad = kind == "refused"
        name, tint = ("warning", "warn") if is_bad else ("check", "good")
        self._picture.setPixmap(icons.pixmap(name, 18, tint))
        self.label.setText(sentence)
        self.setAccessibleName(sentence)
        metrics = self.label.fontMetrics()
        self.label.setMinimumWidth(min(WIDTH_MAX_PX, metrics.horizontalAdvance(sentence) + 4))
        self.adjustSize()
        self._place()
        self.show()
        self.raise_()
        self._timer.start(SHOWN_MS[kind])

    def mousePressEvent(self, event: object) -> None:
        self.hide()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and self.isVisible():
            self._place()
        return False

    def _place(self) -> None:
        around = self._around.rect()
        left = (around.width() - self.width()) // 2
        self.move(left, around.height() - self.height() - MARGIN_PX - 24)
