"""Keeps the chosen nodes for a project, or free of work for an artist, until a moment."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLineEdit, QPushButton, QWidget

from app.client import moments
from app.core.views import NodeRow
from app.gui import text
from app.gui.dialogs.base import Dialog, primary
from app.gui.widgets.make import label
from app.gui.words import mark, tr

HINT = mark(
    "They take no other work until then, and join in again by themselves. What runs there now ends first."
)
SPANS = ("in 1 h", "in 4 h", "18:00", "tomorrow 9:00")
"""As ``moments.parse`` reads them."""


class ReserveDialog(Dialog):
    """Reserve…"""

    chosen = Signal(float, str)
    """Until when (Unix seconds), and for which project; '' keeps them free of work."""

    def __init__(
        self,
        rows: Sequence[NodeRow],
        projects: Sequence[str],
        now: float,
        parent: QWidget | None = None,
    ) -> None:
        name = rows[0].name if len(rows) == 1 else tr("{n} node(s)", "", len(rows))
        title = tr("Reserve {nodes}").format(nodes=name)
        super().__init__(title, tr(HINT), parent, width=520)
        self._now = now
        self.project = QComboBox()
        self.project.setAccessibleName(tr("For whom"))
        self.project.addItem(tr("Nobody: an artist works there"), "")
        for each in projects:
            self.project.addItem(each, each)
        self.field = QLineEdit("18:00", clearButtonEnabled=True)
        self.field.setAccessibleName(tr("Until when"))
        self.field.setPlaceholderText(tr("10:00   fri 18:00   tomorrow 9   in 3 h"))
        self.reading = label("", "Hint", wraps=True)
        self.keep, leave = primary(tr("Reserve")), QPushButton(tr("Cancel"))
        self._lay_out(leave)
        self.keep.clicked.connect(self._keep)
        leave.clicked.connect(self.reject)
        self.field.textChanged.connect(self._read)
        self._read()
        self.field.selectAll()
        self.field.setFocus()

    def _lay_out(self, leave: QPushButton) -> None:
        row = QHBoxLayout()
        row.setSpacing(8)
        for span in SPANS:
            at = moments.parse(span, self._now) or self._now
            button = QPushButton(text.clock(at, self._now))
            button.setAccessibleName(button.text())
            button.setAutoDefault(False)
            button.clicked.connect(lambda _=False, at=at: self.field.setText(moments.typed(at)))
            row.addWidget(button)
        row.addStretch()
        self.body.addWidget(label(tr("For"), "Section"))
        self.body.addWidget(self.project)
        self.body.addWidget(label(tr("Until"), "Section"))
        self.body.addLayout(row)
        self.body.addWidget(self.field)
        self.body.addWidget(self.reading)
        self.add_buttons(leave, self.keep)

    def moment(self) -> float | None:
        """Return what is typed; None while that is no moment to come."""
        at = moments.parse(self.field.text(), self._now)
        return at if at is not None and at > self._now else None

    def _read(self) -> None:
        at = self.moment()
        self.keep.setEnabled(at is not None)
        if at is None:
            self.reading.setText(tr("A moment to come looks like 18:00, fri 9:00 or in 3 h."))
        else:
            said = tr("{moment}, in {time}.")
            moment, time = text.clock(at, self._now), text.duration(at - self._now)
            self.reading.setText(said.format(moment=moment, time=time))

    def _keep(self) -> None:
        at = self.moment()
        if at is not None:
            self.accept()
            self.chosen.emit(at, self.project.currentData())
