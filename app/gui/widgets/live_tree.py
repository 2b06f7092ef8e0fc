"""A list whose lines change many times a second: what is not on the screen costs nothing.

Qt's own answer to a change looks up the line's place among all that are there, for each of them. Lines here
have one height and no editor, so that a repaint of those that are seen is all that a change can need.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint
from PySide6.QtWidgets import QTreeView

AnyIndex = QModelIndex | QPersistentModelIndex


class LiveTree(QTreeView):
    """Repaints the changed lines that are seen."""

    def dataChanged(
        self, top_left: AnyIndex, bottom_right: AnyIndex, roles: Sequence[int] = ()
    ) -> None:
        first = self.indexAt(QPoint(1, 1))
        last = self.indexAt(QPoint(1, self.viewport().height() - 1))
        is_flat = not (self.rootIsDecorated() or top_left.parent().isValid())
        if not is_flat or not first.isValid():
            self.viewport().update()
            return
        end = last.row() if last.isValid() else self.model().rowCount() - 1
        top, bottom = max(top_left.row(), first.row()), min(bottom_right.row(), end)
        if top <= bottom:
            upper = self.visualRect(self.model().index(top, 0)).top()
            lower = self.visualRect(self.model().index(bottom, 0)).bottom()
            self.viewport().update(0, upper, self.viewport().width(), lower - upper + 1)
