"""A card of the morning: what is wrong, and a button for each answer.

A card stays where it is while the morning is refreshed. One that was answered, or whose trouble is gone,
says so and fades; it goes when the morning is opened the next time.
"""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.gui import icons
from app.gui.morning.entries import Entry
from app.gui.said import spoken
from app.gui.widgets.flow import Flow
from app.gui.widgets.make import label, named
from app.gui.words import tr


class Card(QFrame):
    """Shows one entry."""

    answered = Signal(object)
    """A click asks for this ``Remedy``."""
    log_wanted = Signal()
    """Show the task with its log at the error."""
    shot_wanted = Signal(int)

    def __init__(self, entry: Entry, icon: str, ink: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("Card")
        self.entry = entry
        self.is_over = False
        """Answered, or gone by itself: it waits to be cleared away."""
        self.title = label("", "", wraps=True)
        self.detail = label("", "Hint", wraps=True)
        self.result = label("", "Good", wraps=True)
        self.result.hide()
        self.buttons: list[QPushButton] = []
        picture = QLabel()
        picture.setPixmap(icons.pixmap(icon, 16, ink))
        # Of what finished there is much, and one button each: it stands beside the words.
        self._is_small = entry.section == "finished"
        self._flow = QHBoxLayout() if self._is_small else Flow()
        self._lay_out(picture)
        self._fill()

    def _lay_out(self, picture: QLabel) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 10, 12, 10)
        row.setSpacing(10)
        row.addWidget(picture, alignment=Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout()
        column.setSpacing(3)
        for words in (self.title, self.detail, self.result):
            column.addWidget(words)
        row.addLayout(column, 1)
        if self._is_small:
            row.addLayout(self._flow)
        else:
            column.addSpacing(3)
            column.addLayout(self._flow)

    def show_entry(self, entry: Entry) -> None:
        """Show newer numbers; buttons that stay the same keep the keyboard's focus."""
        if entry == self.entry:
            return
        old, self.entry = self.entry, entry
        self._say()
        if [each.text for each in entry.remedies] != [each.text for each in old.remedies]:
            self._make_buttons()

    def end(self, words: str) -> None:
        """Fade, and say why nothing is left to do here."""
        if self.is_over:
            return
        self.is_over = True
        self.result.setText(words)
        self.result.show()
        for button in self.buttons:
            button.setEnabled(False)
        for each in (self.title, self.detail):
            each.setEnabled(False)

    def set_asking(self, *, is_asking: bool, is_live: bool) -> None:
        """Let nothing be asked twice, nor while the farm cannot be reached."""
        for button in self.buttons:
            is_command = bool(button.property("command"))
            button.setEnabled(not self.is_over and not (is_command and (is_asking or not is_live)))

    def _fill(self) -> None:
        self._say()
        self._make_buttons()

    def _say(self) -> None:
        self.title.setText(self.entry.title)
        self.detail.setText(self.entry.detail)
        self.detail.setVisible(bool(self.entry.detail))
        self.setAccessibleName(f"{self.entry.title}. {self.entry.detail}")

    def _make_buttons(self) -> None:
        held = next((n for n, each in enumerate(self.buttons) if each.hasFocus()), -1)
        while self._flow.count():
            item = self._flow.takeAt(0)
            if item is not None and (widget := item.widget()):
                widget.hide()
                widget.deleteLater()
        self.buttons.clear()
        for remedy in self.entry.remedies:
            button = self._button(spoken(remedy.text), is_command=remedy.command is not None)
            button.setEnabled(remedy.command is not None)
            button.clicked.connect(lambda _=False, it=remedy: self.answered.emit(it))
        if self.entry.task is not None:
            self._button(tr("Open log")).clicked.connect(self.log_wanted)
        elif self.entry.shot:
            words = tr("Show") if self._is_small else tr("Show shot")
            show = self._button(words)
            show.setAccessibleName(tr("Show shot"))
            show.clicked.connect(lambda: self.shot_wanted.emit(self.entry.shot))
        if 0 <= held < len(self.buttons):
            self.buttons[held].setFocus()

    def _button(self, words: str, *, is_command: bool = False) -> QPushButton:
        button = named(QPushButton(words), "Small")
        button.setAccessibleName(words)
        button.setAccessibleDescription(self.entry.title)
        button.setProperty("command", is_command)
        self.buttons.append(button)
        self._flow.addWidget(button)
        return button
