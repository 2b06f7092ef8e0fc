"""A section of the morning: its title, its cards in the order in which they first came, and no more than fit."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from app.gui import text
from app.gui.morning.card import Card
from app.gui.morning.entries import Entry
from app.gui.widgets.make import label, named
from app.gui.words import tr

ALL_MAX = 200
"""Cards that are ever made."""


class Section(QWidget):
    """Cards of one kind."""

    answered = Signal(object, object)
    """A ``Card``, and the ``Remedy`` that a click on it asks for."""
    log_wanted = Signal(object)
    """Of the task of this ``Card``."""
    shot_wanted = Signal(int)

    def __init__(
        self, title: str, icon: str, ink: str, most: int, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._icon, self._ink, self._most = icon, ink, most
        self._title_words = title
        self.cards: dict[str, Card] = {}
        self._entries: dict[str, Entry] = {}
        self._is_all = False
        self._title = label(title, "Section")
        self._more = named(QPushButton(), "Small")
        self._more.clicked.connect(self._show_all)
        self._cards = QVBoxLayout()
        self._cards.setSpacing(6)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(self._title)
        column.addLayout(self._cards)
        column.addWidget(self._more)
        self._show_as_many_as_fit()

    def show_entries(self, entries: Sequence[Entry], *, afresh: bool) -> None:
        """Show these; unless ``afresh``, cards that are there stay, and new ones come at the end."""
        if afresh:
            self._clear()
        self._entries = {entry.key: entry for entry in entries}
        for key, card in self.cards.items():
            entry = self._entries.get(key)
            if entry is None:
                card.end(tr("This is no longer so."))
            elif not card.is_over:
                card.show_entry(entry)
        self._show_as_many_as_fit()

    def each_card(self, do: Callable[[Card], None]) -> None:
        """Do something with every card."""
        for card in self.cards.values():
            do(card)

    def _add(self, entry: Entry) -> None:
        card = Card(entry, self._icon, self._ink)
        card.answered.connect(lambda remedy: self.answered.emit(card, remedy))
        card.log_wanted.connect(lambda: self.log_wanted.emit(card))
        card.shot_wanted.connect(self.shot_wanted)
        self.cards[entry.key] = card
        self._cards.addWidget(card)
        card.show()

    def _clear(self) -> None:
        self._is_all = False
        for card in self.cards.values():
            card.hide()
            self._cards.removeWidget(card)
            card.deleteLater()
        self.cards.clear()

    def _show_all(self) -> None:
        self._is_all = True
        self._show_as_many_as_fit()

    def _show_as_many_as_fit(self) -> None:
        """Make cards of the first; a node a card would keep the window busy on the morning after a power cut."""
        most = ALL_MAX if self._is_all else self._most
        waiting = [entry for key, entry in self._entries.items() if key not in self.cards]
        for entry in waiting[: max(0, most - len(self.cards))]:
            self._add(entry)
        hidden = len(self._entries.keys() - self.cards.keys())
        self._more.setText(tr("Show {n} more", "", hidden))
        self._more.setAccessibleName(self._more.text())
        self._more.setVisible(hidden > 0 and not self._is_all)
        count = len(self._entries.keys() | self.cards.keys())
        self._title.setText(f"{self._title_words}   {text.number(count) if count else ''}".rstrip())
        self.setVisible(bool(self.cards))
