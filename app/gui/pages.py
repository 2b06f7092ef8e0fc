"""The pages of the middle of the window, one at a time: the queue, the wall and whoever joins them.

A page is added by its name, its title and its widget; the row of buttons that switches stands in the top
line of the window, and each page may have an action that shows it too.
"""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QSizePolicy,
    QStackedWidget,
    QToolButton,
    QWidget,
)

from app.gui.widgets.make import named


class Pages(QStackedWidget):
    """Holds the pages; ``buttons`` is the row that switches between them."""

    page_changed = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.buttons = named(QFrame(), "Segments")
        # Words beside them give way, never these.
        self.buttons.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._row = QHBoxLayout(self.buttons)
        self._row.setContentsMargins(2, 2, 2, 2)
        self._row.setSpacing(0)
        self._group = QButtonGroup(self)
        self._names: list[str] = []
        self._by_name: dict[str, QToolButton] = {}

    @property
    def page(self) -> str:
        """The name of the page on show."""
        return self._names[self.currentIndex()]

    def add(self, name: str, title: str, tip: str, page: QWidget) -> None:
        """Add a page at the end; the first one is on show."""
        button = named(QToolButton(), "Segment")
        button.setText(title)
        button.setCheckable(True)
        button.setToolTip(tip)
        button.setAccessibleName(title)
        button.clicked.connect(lambda: self.show_page(name))
        self._group.addButton(button)
        self._row.addWidget(button)
        self._names.append(name)
        self._by_name[name] = button
        self.addWidget(page)
        button.setChecked(len(self._names) == 1)

    def pages(self) -> list[QWidget]:
        """Return every page."""
        return [page for at in range(self.count()) if (page := self.widget(at)) is not None]

    def show_page(self, name: str) -> None:
        """Show the page of that name; one that there is not leaves what is shown."""
        if name in self._names and name != self.page:
            self.setCurrentIndex(self._names.index(name))
            self.page_changed.emit(name)
        self._by_name[self.page].setChecked(True)
