"""Asks which number in the queue the chosen shots are to have."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPushButton, QWidget

from app.gui.dialogs.base import Dialog, primary
from app.gui.widgets.number import NumberField
from app.gui.words import tr


class PositionDialog(Dialog):
    """Move to position…"""

    chosen = Signal(int)

    def __init__(self, last: int, parent: QWidget | None = None) -> None:
        hint = tr("The first of the chosen shots gets this number, from 1 to {last}.")
        hint = hint.format(last=max(1, last))
        super().__init__(tr("Move to position"), hint, parent, width=340)
        self.number = NumberField(1, max(1, last), tr("Position in the queue"))
        self.number.selectAll()
        move, leave = primary(tr("Move")), QPushButton(tr("Cancel"))
        move.clicked.connect(self.accept)
        leave.clicked.connect(self.reject)
        self.body.addWidget(self.number)
        self.add_buttons(leave, move)
        self.accepted.connect(lambda: self.chosen.emit(self.number.value()))
