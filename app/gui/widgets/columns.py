"""Lets a person choose and order the columns of a list: by dragging its header, and by the header's menu."""

from __future__ import annotations

from collections.abc import Collection

from PySide6.QtCore import QByteArray, QObject, QPoint, Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHeaderView, QMenu

from app.gui.words import tr


class Columns(QObject):
    """The columns of one header. Those in ``always`` can be moved, not hidden; the first stays first."""

    changed = Signal()
    """Others are shown, or in another order or width."""

    def __init__(self, header: QHeaderView, always: Collection[int]) -> None:
        super().__init__(header)
        self._header, self._always = header, always
        self._first_state = QByteArray()
        header.setSectionsMovable(True)
        header.setFirstSectionMovable(False)
        header.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        header.customContextMenuRequested.connect(self._open_menu)
        header.sectionMoved.connect(lambda *_: self.changed.emit())
        header.sectionResized.connect(lambda *_: self.changed.emit())

    def begin(self, kept: object) -> None:
        """Take the columns as they are for what *Reset* gives back, then show those that were kept."""
        self._first_state = self._header.saveState()
        if isinstance(kept, QByteArray):
            self._header.restoreState(kept)
            for column in self._always:
                self._header.showSection(column)

    def state(self) -> QByteArray:
        """Return what ``begin`` takes the next day."""
        return self._header.saveState()

    def is_shown(self, column: int) -> bool:
        """Tell whether a person wants to see this column."""
        return not self._header.isSectionHidden(column)

    def set_shown(self, column: int, *, is_shown: bool) -> None:
        """Show or hide a column."""
        self._header.setSectionHidden(column, not is_shown)
        self.changed.emit()

    def reset(self) -> None:
        """Show all columns as they were at first."""
        self._header.restoreState(self._first_state)
        self.changed.emit()

    def menu(self) -> QMenu:
        """Return the menu that chooses columns."""
        menu = QMenu(self._header)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for column in range(self._header.count()):
            if column not in self._always:
                menu.addAction(self._choice(column, menu))
        menu.addSeparator()
        menu.addAction(tr("Reset columns"), self.reset)
        return menu

    def _choice(self, column: int, menu: QMenu) -> QAction:
        orientation, role = Qt.Orientation.Horizontal, Qt.ItemDataRole.DisplayRole
        title = str(self._header.model().headerData(column, orientation, role))
        choice = QAction(title, menu, checkable=True)
        choice.setChecked(self.is_shown(column))
        choice.toggled.connect(lambda is_shown: self.set_shown(column, is_shown=is_shown))
        return choice

    def _open_menu(self, at: QPoint) -> None:
        self.menu().popup(self._header.mapToGlobal(at))
