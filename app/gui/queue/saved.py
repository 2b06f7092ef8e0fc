"""Searches that are kept by name: a menu beside the search box, and the dialog that names one."""

from __future__ import annotations

import json
from typing import cast

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLineEdit, QMenu, QPushButton, QToolButton, QWidget

from app.gui import icons
from app.gui.dialogs.base import Dialog, primary
from app.gui.settings import Settings
from app.gui.words import tr

NAME = "queue/searches"
SAVED_MAX = 50


class SavedSearches(QToolButton):
    """The button; its menu applies, keeps and forgets searches."""

    chosen = Signal(str)
    """Search for this."""

    def __init__(self, settings: Settings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._settings = settings
        self._words = ""
        self.searches = _read(settings.get(NAME, ""))
        self.setIcon(icons.icon("bookmark"))
        self.setToolTip(tr("Saved searches"))
        self.setAccessibleName(tr("Saved searches"))
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._menu = QMenu(self)
        self.setMenu(self._menu)
        self._menu.aboutToShow.connect(self.fill)
        self.fill()

    def set_words(self, words: str) -> None:
        """Say what is searched for now, and so could be kept."""
        self._words = " ".join(words.split())

    def fill(self) -> None:
        """Make the menu's entries."""
        self._menu.clear()
        for name, words in self.searches.items():
            self._menu.addAction(f"{name}\t{words}", lambda it=words: self.chosen.emit(it))
        if self.searches:
            self._menu.addSeparator()
        keep = self._menu.addAction(tr("Save this search…"), self._ask_name)
        keep.setEnabled(bool(self._words))
        if self.searches:
            forget = self._menu.addMenu(tr("Forget"))
            for name in self.searches:
                forget.addAction(name, lambda it=name: self.forget(it))

    def keep(self, name: str) -> None:
        """Keep what is searched for now under this name."""
        self.searches[name] = self._words
        while len(self.searches) > SAVED_MAX:
            del self.searches[next(iter(self.searches))]
        self._store()

    def forget(self, name: str) -> None:
        """Keep it no more."""
        self.searches.pop(name, None)
        self._store()

    def _store(self) -> None:
        self._settings.set(NAME, json.dumps(self.searches))

    def _ask_name(self) -> None:
        dialog = NameDialog(self._words, self.window())
        dialog.named.connect(self.keep)
        dialog.open()


class NameDialog(Dialog):
    """Names a search."""

    named = Signal(str)

    def __init__(self, words: str, parent: QWidget | None = None) -> None:
        super().__init__(tr("Save this search"), words, parent, width=360)
        self.field = QLineEdit()
        self.field.setAccessibleName(tr("Name"))
        self.field.setPlaceholderText(tr("A name, such as: mine that failed"))
        save, leave = primary(tr("Save")), QPushButton(tr("Cancel"))
        save.setEnabled(False)
        self.field.textChanged.connect(lambda name: save.setEnabled(bool(name.strip())))
        save.clicked.connect(self.accept)
        leave.clicked.connect(self.reject)
        self.body.addWidget(self.field)
        self.add_buttons(leave, save)
        self.accepted.connect(lambda: self.named.emit(self.field.text().strip()))
        self.field.setFocus()


def _read(stored: object) -> dict[str, str]:
    """Read what was kept; what is no such thing is none."""
    try:
        found: object = json.loads(str(stored or "{}"))
    except ValueError:
        return {}
    pairs = cast("dict[object, object]", found).items() if isinstance(found, dict) else ()
    return {str(name): str(words) for name, words in pairs}
