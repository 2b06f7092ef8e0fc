"""Asks, once, whether rendering goes on when the window closes."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QPushButton, QWidget

from app.gui.dialogs.base import Dialog, primary
from app.gui.words import mark, tr

HINT = mark(
    "This desktop's own dispatcher and agent can go on without the window; "
    "the next `windfire` shows them again, and `windfire stop` ends them."
)


class CloseDialog(Dialog):
    """Shown at the first close of a window that has started a farm of its own."""

    chosen = Signal(bool, bool)
    """Whether rendering goes on, and whether to remember that."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("Go on rendering?"), tr(HINT), parent)
        self.remember = QCheckBox(tr("Do not ask again"))
        self.remember.setAccessibleName(tr("Do not ask again"))
        self.remember.setChecked(True)
        go_on, stop, stay = (
            primary(tr("Go on rendering")),
            QPushButton(tr("Stop all")),
            QPushButton(tr("Cancel")),
        )
        go_on.clicked.connect(lambda: self._choose(goes_on=True))
        stop.clicked.connect(lambda: self._choose(goes_on=False))
        stay.clicked.connect(self.reject)
        self.body.addWidget(self.remember)
        self.add_buttons(stay, stop, go_on)

    def _choose(self, *, goes_on: bool) -> None:
        self.chosen.emit(goes_on, self.remember.isChecked())
        self.accept()
