"""Asks which number in the queue the chosen shots are to have."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPushButton, QSpinBox, QWidget

from app.gui.dialogs.base import Dialog, primary


class PositionDialog(Dialog):
    """Move to position…"""

    chosen = Signal(int)

    def __init__(self, last: int, parent: QWidget | None = None) -> None:
        hint = f"The first of the chosen shots gets this number, from 1 to {max(1, last)}."
        super().__init__("Move to position", hint, parent, width=340)
        self.number = QSpinBox(minimum=1, maximum=max(1, last))
        self.number.setAccessibleName("Position in the queue")
        self.number.selectAll()
        move, leave = primary("Move"), QPushButton("Cancel")
        move.clicked.connect(self.accept)
        leave.clicked.connect(self.reject)
        self.body.addWidget(self.number)
        self.add_buttons(leave, move)
        self.accepted.connect(lambda: self.chosen.emit(self.number.value()))
