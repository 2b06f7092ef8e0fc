"""A dock with a title line of our own: quiet, and still to be dragged, floated and closed."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDockWidget,
    QFrame,
    QHBoxLayout,
    QMainWindow,
    QVBoxLayout,
    QWidget,
)

from app.gui.widgets.make import label, named, tool
from app.gui.words import tr


class Dock(QDockWidget):
    """Holds a panel. ``extras`` stand in the title line, at its right."""

    def __init__(
        self, name: str, title: str, body: QWidget, parent: QMainWindow, extras: Sequence[QWidget]
    ) -> None:
        super().__init__(title, parent)
        self.setObjectName(name)
        self.setAccessibleName(title)
        frame = named(QFrame(), "DockBody")
        column = QVBoxLayout(frame)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(body)
        self.setWidget(frame)
        self.setTitleBarWidget(self._title_line(title, extras))

    def set_subject(self, words: str) -> None:
        """Say beside the title what is shown."""
        self._subject.setText(words)

    def _title_line(self, title: str, extras: Sequence[QWidget]) -> QFrame:
        line = named(QFrame(), "DockTitle")
        row = QHBoxLayout(line)
        row.setContentsMargins(12, 5, 6, 5)
        row.setSpacing(2)
        # A label that takes no mouse lets the press through to the dock, which is what drags it.
        words = label(title, "DockTitleText")
        words.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        row.addWidget(words)
        self._subject = label("", "Faint")
        self._subject.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        row.addSpacing(8)
        row.addWidget(self._subject)
        row.addStretch()
        for extra in extras:
            row.addWidget(extra)
        row.addWidget(
            tool("float", tr("Float {panel}").format(panel=title), self._toggle_float, "text_faint")
        )
        row.addWidget(
            tool("close", tr("Close {panel}").format(panel=title), self.close, "text_faint")
        )
        return line

    def _toggle_float(self) -> None:
        self.setFloating(not self.isFloating())
