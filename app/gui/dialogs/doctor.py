"""Why a shot is not running, in the farm's own sentences, each with the button that would change it."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from app.client.connection import Outcome
from app.core.commands import Explain, Explanation, Reason, Receipt, Refusal, Remedy
from app.errors import WindfireError
from app.gui.bridge import Farm
from app.gui.dialogs.base import Dialog, primary
from app.gui.operations import Operations
from app.gui.said import spoken
from app.gui.widgets.make import label, named
from app.gui.words import mark, tr

WAITS = mark("Asking the farm…")


class DoctorDialog(Dialog):
    """Why does it wait?"""

    def __init__(
        self, farm: Farm, operations: Operations, query: Explain, parent: QWidget | None = None
    ) -> None:
        super().__init__(tr("Why does it wait?"), "", parent, width=560)
        self._farm, self._operations, self._query = farm, operations, query
        self._is_open = True
        self.finished.connect(self._end)
        self.title = label(tr(WAITS), "Hint", wraps=True)
        self.buttons: list[QPushButton] = []
        """Of the remedies, in order."""
        self._reasons = QVBoxLayout()
        self._reasons.setSpacing(10)
        again, close = QPushButton(tr("Ask again")), primary(tr("Close"))
        again.clicked.connect(self.ask)
        close.clicked.connect(self.reject)
        self.body.addWidget(self.title)
        self.body.addLayout(self._reasons)
        self.add_buttons(again, close)
        self.ask()

    def ask(self) -> None:
        """Ask the farm now; the answer replaces what is shown."""
        self._farm.ask(self._query, self._show)

    def _end(self) -> None:
        self._is_open = False

    def _show(self, outcome: Outcome) -> None:
        if not self._is_open:
            return
        self._clear()
        if isinstance(outcome, Explanation):
            self.title.setText(spoken(outcome.title))
            for reason in outcome.reasons:
                self._reasons.addWidget(self._card(reason))
        elif isinstance(outcome, (Refusal, WindfireError)):
            self.title.setText(spoken(outcome.sentence))
        self.adjustSize()

    def _clear(self) -> None:
        self.buttons.clear()
        while item := self._reasons.takeAt(0):
            if widget := item.widget():
                widget.deleteLater()

    def _card(self, reason: Reason) -> QFrame:
        card = named(QFrame(), "Card")
        column = QVBoxLayout(card)
        column.setContentsMargins(14, 12, 14, 12)
        column.setSpacing(8)
        column.addWidget(label(spoken(reason.sentence), "", wraps=True))
        if reason.tasks:
            column.addWidget(label(tr("{n} frame(s)", "", reason.tasks), "Hint"))
        row = QHBoxLayout()
        row.setSpacing(8)
        for remedy in reason.remedies:
            row.addWidget(self._button(remedy))
        row.addStretch()
        column.addLayout(row)
        return card

    def _button(self, remedy: Remedy) -> QPushButton:
        button = QPushButton(spoken(remedy.text))
        button.setAccessibleName(button.text())
        button.setEnabled(remedy.command is not None and self._farm.is_live)
        button.clicked.connect(lambda: self._do(remedy))
        self.buttons.append(button)
        return button

    def _do(self, remedy: Remedy) -> None:
        if remedy.command is not None:
            self.title.setText(tr(WAITS))
            self._operations.do(remedy.command, spoken(remedy.text), self._done)

    def _done(self, _receipt: Receipt) -> None:
        """Look again: there may be another reason behind the first."""
        if self._is_open:
            self.ask()
