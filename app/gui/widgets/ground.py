"""What lies under a line of a list: chosen, hovered or plain, and the hairline below it."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QTreeView

from app.gui import style

BAR_PX = 3


def paint_ground(
    view: QTreeView,
    painter: QPainter,
    rect: QRect,
    index: QModelIndex | QPersistentModelIndex,
    *,
    is_hovered: bool,
) -> None:
    """Paint the ground of a whole line, from edge to edge of the view."""
    box = QRect(0, rect.top(), view.viewport().width(), rect.height())
    is_chosen = view.selectionModel().isSelected(index)
    if is_chosen:
        ground = "selection" if view.hasFocus() else "selection_idle"
        painter.fillRect(box, style.colour(ground))
    elif is_hovered:
        painter.fillRect(box, style.colour("hover"))
    painter.fillRect(box.adjusted(0, box.height() - 1, 0, 0), style.colour("line"))
    if is_chosen:
        bar = QRect(0, box.top(), BAR_PX, box.height() - 1)
        painter.fillRect(bar, style.colour("accent"))
