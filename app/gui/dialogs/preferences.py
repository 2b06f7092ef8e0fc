"""Settings…: how the window looks, what it tells, and which farm it shows."""

from __future__ import annotations

import os

from PySide6.QtCore import QTime, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFormLayout,
    QHBoxLayout,
    QLayout,
    QPushButton,
    QTabWidget,
    QTimeEdit,
    QVBoxLayout,
    QWidget,
)

from app.gui import style, text
from app.gui.bridge import Farm
from app.gui.dialogs.base import Dialog, primary
from app.gui.preferences import NOTICES, SYSTEM, Preferences
from app.gui.widgets.link import sentence_of
from app.gui.widgets.make import label
from app.gui.words import LANGUAGES, mark, tr

THEMES = {
    SYSTEM: mark("As the desktop"),
    "dark": mark("Dark"),
    "light": mark("Light"),
}
KINDS = {
    "finished": mark("A shot is finished"),
    "failed": mark("A shot has failed frames"),
    "late": mark("A promise will be late"),
    "lost": mark("A node is lost"),
}
STATES = {
    "connecting": mark("Connecting"),
    "live": mark("Live"),
    "lost": mark("Lost"),
    "refused": mark("Not let in"),
}


class PreferencesDialog(Dialog):
    """Asks for the preferences, and gives those that were chosen."""

    chosen = Signal(object)
    """The new ``Preferences``."""
    asks_again = Signal()
    """The question at the close of the window is wanted again."""

    def __init__(
        self,
        farm: Farm,
        preferences: Preferences,
        parent: QWidget | None = None,
        *,
        is_close_known: bool = False,
    ) -> None:
        super().__init__(tr("Settings"), "", parent, width=520)
        self._farm = farm
        self._old = preferences
        self._make_fields(preferences)
        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        self.tabs.tabBar().setDrawBase(False)
        self.tabs.setAccessibleName(tr("Settings"))
        self.tabs.addTab(_page(self._look()), tr("Appearance"))
        self.tabs.addTab(_page(self._tell()), tr("Notifications"))
        self.tabs.addTab(_page(self._connection(is_close_known)), tr("Connection"))
        self.body.addWidget(self.tabs)
        keep, leave = primary(tr("Save")), QPushButton(tr("Cancel"))
        keep.clicked.connect(self._keep)
        leave.clicked.connect(self.reject)
        self.add_buttons(leave, keep)

    def value(self) -> Preferences:
        """Return what the fields say."""
        return Preferences(
            theme=self.theme.currentData(),
            language=self.language.currentData(),
            scale=self.scale.currentData(),
            notices=frozenset(kind for kind, box in self.notices.items() if box.isChecked()),
            is_quiet_kept=self.quiet.isChecked(),
            quiet_from=_minute(self.quiet_from),
            quiet_until=_minute(self.quiet_until),
        )

    def _keep(self) -> None:
        value = self.value()
        self.accept()
        self.chosen.emit(value)

    # --- fields -----------------------------------------------------------------------------------------

    def _make_fields(self, given: Preferences) -> None:
        themes = {name: tr(shown) for name, shown in THEMES.items()}
        self.theme = _choice(tr("Theme"), themes, given.theme)
        languages = {SYSTEM: tr("As the desktop"), **LANGUAGES}
        self.language = _choice(tr("Language"), languages, given.language)
        scales = {percent: f"{percent} %" for percent in style.SCALES}
        scales.setdefault(given.scale, f"{given.scale} %")
        self.scale = _choice(tr("Size of everything"), scales, given.scale)
        self.notices = {kind: _check(tr(KINDS[kind]), kind in given.notices) for kind in NOTICES}
        self.quiet = _check(tr("Quiet hours, when nothing is shown"), given.is_quiet_kept)
        self.quiet_from = _time(tr("Quiet from"), given.quiet_from)
        self.quiet_until = _time(tr("Quiet until"), given.quiet_until)
        for field in (self.quiet_from, self.quiet_until):
            field.setEnabled(given.is_quiet_kept)
            self.quiet.toggled.connect(field.setEnabled)

    def _look(self) -> QLayout:
        form = _form()
        form.addRow(tr("Theme"), self.theme)
        form.addRow(tr("Language"), self.language)
        form.addRow(tr("Size of everything"), self.scale)
        hint = tr("The size changes when Windfire is opened the next time.")
        if "QT_SCALE_FACTOR" in os.environ and self._old.scale == 100:
            hint = tr("QT_SCALE_FACTOR is set where Windfire was started, and decides the size.")
        form.addRow("", label(hint, "Faint", wraps=True))
        return form

    def _tell(self) -> QLayout:
        column = QVBoxLayout()
        column.setSpacing(10)
        column.addWidget(label(tr("Tell on the desktop when"), "Hint"))
        for box in self.notices.values():
            column.addWidget(box)
        column.addSpacing(8)
        column.addWidget(self.quiet)
        row = QHBoxLayout()
        row.setSpacing(8)
        for shown, field in ((tr("from"), self.quiet_from), (tr("until"), self.quiet_until)):
            row.addWidget(label(shown, "Hint"))
            row.addWidget(field)
        row.addStretch()
        column.addLayout(row)
        hint = tr("What came in the quiet hours is told in one line when they are over.")
        column.addWidget(label(hint, "Faint", wraps=True))
        return column

    def _connection(self, is_close_known: bool) -> QLayout:
        form = _form()
        state, info = self._farm.link_state, self._farm.replica.farm
        form.addRow(tr("State"), label(tr(STATES[state.name])))
        if sentence_of(state):
            form.addRow("", label(sentence_of(state), "Faint", wraps=True))
        if info is not None:
            form.addRow(tr("Version of the farm"), label(info.version))
            since = text.clock(info.started_at, self._farm.now())
            form.addRow(tr("Runs since"), label(since))
            form.addRow(tr("Data"), label(info.database or "–", wraps=True))
        if is_close_known:
            again = QPushButton(tr("Ask again when the window closes"))
            again.setAccessibleName(again.text())
            again.clicked.connect(self.asks_again.emit)
            again.clicked.connect(lambda: again.setEnabled(False))
            form.addRow("", again)
        return form


def _form() -> QFormLayout:
    form = QFormLayout()
    form.setHorizontalSpacing(18)
    form.setVerticalSpacing(12)
    return form


def _page(layout: QLayout) -> QWidget:
    page = QWidget()
    column = QVBoxLayout(page)
    column.setContentsMargins(4, 16, 4, 8)
    column.addLayout(layout)
    column.addStretch()
    return page


def _choice(name: str, shown: dict, now: object) -> QComboBox:
    box = QComboBox()
    box.setAccessibleName(name)
    for value, title in shown.items():
        box.addItem(title, value)
    box.setCurrentIndex(max(0, box.findData(now)))
    return box


def _check(title: str, is_on: bool) -> QCheckBox:
    box = QCheckBox(title)
    box.setAccessibleName(title)
    box.setChecked(is_on)
    return box


def _time(name: str, minute: int) -> QTimeEdit:
    field = QTimeEdit(QTime(minute // 60, minute % 60))
    field.setDisplayFormat("HH:mm")
    field.setButtonSymbols(QTimeEdit.ButtonSymbols.NoButtons)
    field.setAccessibleName(name)
    return field


def _minute(field: QTimeEdit) -> int:
    time = field.time()
    return time.hour() * 60 + time.minute()
