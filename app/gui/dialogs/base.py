"""What all dialogs share: a title, a body, and a line of buttons at the end."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from app.gui.widgets.make import label, named


class Dialog(QDialog):
    """A dialog of ours; deleted when it closes."""

    def __init__(self, title: str, hint: str, parent: QWidget | None, width: int = 460) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumWidth(width)
        self.body = QVBoxLayout(self)
        self.body.setContentsMargins(24, 22, 24, 20)
        self.body.setSpacing(12)
        self.body.addWidget(label(title, "Title"))
        if hint:
            self.body.addWidget(label(hint, "Hint", wraps=True))

    def add_buttons(self, *buttons: QPushButton) -> None:
        """Put the buttons at the end, the one to press last."""
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addStretch()
        for button in buttons:
            button.setAccessibleName(button.text())
            row.addWidget(button)
        self.body.addSpacing(6)
        self.body.addLayout(row)


def primary(words: str) -> QPushButton:
    """Return the button of what the dialog is for."""
    button = named(QPushButton(words), "Primary")
    button.setDefault(True)
    return button
