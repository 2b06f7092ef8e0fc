"""Promises the chosen shots for a moment: one of the day's, or one that is typed."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLineEdit, QPushButton, QWidget

from app.client.moments import parse, typed
from app.core.views import ShotRow
from app.gui import text
from app.gui.dialogs.base import Dialog, primary
from app.gui.due import moments
from app.gui.widgets.make import label
from app.gui.words import tr


class PromiseDialog(Dialog):
    """Promise…"""

    chosen = Signal(float, bool)
    """The moment (Unix seconds; 0 takes the promise back), and whether to warn when it slips."""

    def __init__(
        self, rows: Sequence[ShotRow], name: str, now: float, parent: QWidget | None = None
    ) -> None:
        super().__init__(tr("Promise {shots}").format(shots=name), "", parent, width=520)
        self._rows, self._now = rows, now
        self.moments = [
            self._button(each) for each in moments.coming(now) if each.key != "next_week"
        ]
        self.field = QLineEdit(_known(rows), clearButtonEnabled=True)
        self.field.setPlaceholderText(tr("10:00   fri 18:00   tomorrow 9   in 3 h"))
        self.field.setAccessibleName(tr("Day and time"))
        self.reading = label("", "Hint", wraps=True)
        self.pinned = QCheckBox(tr("Warn when it slips"))
        self.pinned.setAccessibleName(self.pinned.text())
        self.pinned.setChecked(any(row.due_pinned for row in rows) or not any(r.due for r in rows))
        self._lay_out()
        self.field.textChanged.connect(self._read)
        self._read()
        self.field.selectAll()
        self.field.setFocus()

    def _button(self, moment: moments.Moment) -> QPushButton:
        words = f"{tr(moment.name)}  {text.clock(moment.at, self._now)}"
        button = QPushButton(words)
        button.setAccessibleName(words)
        button.setAutoDefault(False)
        button.clicked.connect(lambda: self.field.setText(typed(moment.at)))
        return button

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(8)
        for button in self.moments:
            row.addWidget(button)
        row.addStretch()
        self.body.addLayout(row)
        self.body.addWidget(self.field)
        self.body.addWidget(self.reading)
        self.body.addWidget(self.pinned)
        self.keep, leave = primary(tr("Promise")), QPushButton(tr("Cancel"))
        self.keep.clicked.connect(self._keep)
        leave.clicked.connect(self.reject)
        self.back = QPushButton(tr("Take back"))
        self.back.clicked.connect(self._take_back)
        self.back.setVisible(any(each.due for each in self._rows))
        self.add_buttons(self.back, leave, self.keep)

    def moment(self) -> float | None:
        """Return what is typed; None while that is no moment to come."""
        at = parse(self.field.text(), self._now)
        return at if at is not None and at > self._now else None

    def _read(self) -> None:
        at = self.moment()
        self.keep.setEnabled(at is not None)
        if at is not None:
            self.reading.setText(_reading(self._rows, at, self._now))
        elif not self.field.text().strip():
            self.reading.setText(tr("Choose a moment, or type one."))
        elif parse(self.field.text(), self._now) is None:
            self.reading.setText(tr("A moment looks like 10:00, fri 18:00 or 2026-12-04 18:00."))
        else:
            self.reading.setText(tr("That is past."))

    def _keep(self) -> None:
        at = self.moment()
        if at is not None:
            self.chosen.emit(at, self.pinned.isChecked())
            self.accept()

    def _take_back(self) -> None:
        is_pinned = False
        self.chosen.emit(0.0, is_pinned)
        self.accept()


def _known(rows: Sequence[ShotRow]) -> str:
    """Return the promise that all of these shots have, as it can be typed."""
    dues = {row.due for row in rows}
    return typed(dues.pop()) if len(dues) == 1 and rows[0].due else ""


def _reading(rows: Sequence[ShotRow], at: float, now: float) -> str:
    """Say the moment in full, and whether the forecast is there by then."""
    said = tr("{moment}, in {time}.").format(
        moment=text.clock(at, now), time=text.duration(at - now)
    )
    ends = [row.finish_p90 for row in rows if row.state not in ("done", "cancelled")]
    if not ends or not all(ends):
        return said
    last = text.clock(max(ends), now)
    if max(ends) <= at:
        more = tr("As the queue stands, nine times in ten all is done by {last}.")
    else:
        more = tr("As the queue stands it may take until {last}: move it up to keep this.")
    return f"{said} {more.format(last=last)}"
