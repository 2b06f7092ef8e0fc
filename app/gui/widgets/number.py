"""A field for a whole number: a plain line, whose arrow keys and wheel count."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QIntValidator, QKeyEvent, QWheelEvent
from PySide6.QtWidgets import QLineEdit, QWidget


class NumberField(QLineEdit):
    """Holds a number from ``least`` to ``most``; what is typed beyond is held at the nearer end."""

    value_changed = Signal(int)

    def __init__(self, least: int, most: int, name: str, parent: QWidget | None = None) -> None:
        super().__init__(str(least), parent)
        self._least, self._most = least, most
        self.setValidator(QIntValidator(least, most, self))
        self.setAccessibleName(name)
        self.textChanged.connect(lambda _words: self.value_changed.emit(self.value()))
        self.editingFinished.connect(lambda: self.set_value(self.value()))

    def value(self) -> int:
        """Return the number; of an empty field the least."""
        words = self.text().strip()
        typed = int(words) if words.isdecimal() else self._least
        return min(max(typed, self._least), self._most)

    def set_value(self, value: int) -> None:
        """Show this number."""
        self.setText(str(min(max(value, self._least), self._most)))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Up: 1, Qt.Key.Key_Down: -1}.get(Qt.Key(event.key()))
        if step is None:
            super().keyPressEvent(event)
        else:
            self.set_value(self.value() + step)

    def wheelEvent(self, event: QWheelEvent) -> None:
        # Only in the field that is being edited: a wheel that passes over must not change a number.
        if self.hasFocus():
            self.set_value(self.value() + (1 if event.angleDelta().y() > 0 else -1))
