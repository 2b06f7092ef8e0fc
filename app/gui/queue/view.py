"""The list of shots as a widget: its ground, its drop line, and the hand that drags.

Drag and drop is done here from press to drop and decided by our mime type alone: Qt's own InternalMove
inserts and removes rows by itself, which a list that belongs to the farm must never do. From the press
to the end of a drag or a menu the model is frozen, so that no line moves under the hand.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from msgspec import structs
from PySide6.QtCore import (
    QEvent,
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QPointF,
    QRect,
    QRectF,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import (
    QContextMenuEvent,
    QDrag,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QFocusEvent,
    QFontMetricsF,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QAbstractItemView, QMenu, QStyleOptionViewItem, QTreeView, QWidget

from app.core.commands import Move
from app.gui import style
from app.gui.queue.card import card
from app.gui.queue.delegates import write
from app.gui.queue.model import MIME, QueueModel, shots_in
from app.gui.widgets.ground import paint_ground

SCROLL_ZONE_PX = 36
SCROLL_MS = 30
AnyIndex = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True, slots=True)
class Gap:
    """Where a drop would go: above line ``row`` of ``parent``, and where that is painted."""

    parent: QPersistentModelIndex
    row: int
    y: int
    move: Move | None
    """None: nothing would change."""


class QueueView(QTreeView):
    """Shows a ``QueueModel``; says which shots are chosen and which move a drag is over."""

    chosen_changed = Signal()
    """Other shots are selected, or the same ones in another order."""
    trial_changed = Signal(object)
    """The ``Move`` that a drop here and now would make; None when there is none."""
    menu_wanted = Signal(QPoint)

    def __init__(self, model: QueueModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._queue = model
        self._gap: Gap | None = None
        self._hovered = QPersistentModelIndex()
        self._scroller = QTimer(self, interval=SCROLL_MS)
        self._scroller.timeout.connect(self._scroll)
        self._scroll_by = 0
        self.describe_move: Callable[[Move], str] = _no_words
        """Says a Move as a sentence, for the tip beside the drop line."""
        self._configure()
        self.setModel(model)
        # A reset forgets what was chosen; the farm's shots are the same ones.
        model.modelAboutToBeReset.connect(self._keep_choice)
        model.modelReset.connect(self._give_choice_back)
        self._kept: list[int] = []

    def _configure(self) -> None:
        self.setUniformRowHeights(True)
        self.setAllColumnsShowFocus(True)
        self.setRootIsDecorated(False)
        self.setIndentation(0)
        self.setMouseTracking(True)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DragDrop)
        self.setDefaultDropAction(Qt.DropAction.MoveAction)
        self.setDragDropOverwriteMode(False)
        self.setDropIndicatorShown(False)
        self.setAutoScroll(False)
        self.entered.connect(self._hover)
        self.setAccessibleName("Queue of shots")

    # --- what is chosen ---------------------------------------------------------------------------

    def chosen_shots(self) -> list[int]:
        """Return the selected shots in queue order; a selected group stands for all of its shots."""
        rows = self.selectionModel().selectedRows()
        chosen = {shot for index in rows for shot in self._queue.shots_of(index)}
        return [shot for shot in self._queue.order if shot in chosen]

    def current_shot(self) -> int:
        """Return the shot with the keyboard's focus; 0 for none or a group."""
        shots = self._queue.shots_of(self.currentIndex()) if self.currentIndex().isValid() else []
        return shots[0] if len(shots) == 1 else 0

    def choose(self, shots: list[int]) -> None:
        """Select exactly these shots, as far as they are shown, and go to the first."""
        wanted = QItemSelection()
        indexes = [self._queue.index_of_shot(shot) for shot in shots]
        for index in filter(QModelIndex.isValid, indexes):
            wanted.select(index, index)
        flag = QItemSelectionModel.SelectionFlag
        if indexes and indexes[0].isValid():
            self.selectionModel().setCurrentIndex(indexes[0], flag.NoUpdate)
        self.selectionModel().select(wanted, flag.ClearAndSelect | flag.Rows)

    def selectionChanged(self, selected: QItemSelection, deselected: QItemSelection) -> None:
        super().selectionChanged(selected, deselected)
        self.chosen_changed.emit()

    def _keep_choice(self) -> None:
        self._kept = self.chosen_shots()

    def _give_choice_back(self) -> None:
        self.expandAll()
        if self._kept:
            self.choose(self._kept)

    # --- the ground of a row ------------------------------------------------------------------------

    def drawRow(self, painter: QPainter, options: QStyleOptionViewItem, index: AnyIndex) -> None:
        is_hovered = index.sibling(index.row(), 0) == self._hovered
        paint_ground(self, painter, options.rect, index, is_hovered=is_hovered)
        super().drawRow(painter, options, index)

    def drawBranches(self, painter: QPainter, rect: QRect, index: AnyIndex) -> None:
        """Paint the arrow of a group, and no lines."""
        if not self.model().hasChildren(index):
            return
        middle = QPointF(rect.right() - 6, rect.center().y())
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.translate(middle)
        painter.rotate(90 if self.isExpanded(index) else 0)
        painter.setPen(QPen(style.colour("text_dim"), 1.6))
        painter.drawPolyline([QPointF(-2, -4), QPointF(2, 0), QPointF(-2, 4)])
        painter.restore()

    def _hover(self, index: QModelIndex) -> None:
        self._hovered = QPersistentModelIndex(index.siblingAtColumn(0))
        self.viewport().update()

    def leaveEvent(self, event: QEvent) -> None:
        self._hover(QModelIndex())
        super().leaveEvent(event)

    # --- from press to drop -------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._queue.freeze("press")
        super().mousePressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        self._queue.thaw("press")

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        # A release outside, or one that a window manager took, must not freeze the list for ever.
        if self.state() != QAbstractItemView.State.DraggingState:
            self._queue.thaw("press")

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self.menu_wanted.emit(event.globalPos())

    def open_menu(self, menu: QMenu, at: QPoint) -> None:
        """Show the menu; until it is gone, what it is about stays where it is."""
        self._queue.freeze("menu")
        menu.aboutToHide.connect(lambda: self._queue.thaw("menu"))
        menu.popup(at)

    def startDrag(self, actions: Qt.DropAction) -> None:
        """Drag the chosen shots. The drop asks for a move; nothing is taken out of the list here."""
        shots = self.chosen_shots()
        if not shots:
            return
        drag = QDrag(self)
        drag.setMimeData(self._queue.mimeData(self.selectionModel().selectedRows()))
        picture = card(self._queue.row_of(shots[0]), len(shots), self.devicePixelRatioF())
        drag.setPixmap(picture)
        drag.setHotSpot(QPoint(-14, -10))
        self._queue.freeze("drag")
        drag.exec(Qt.DropAction.MoveAction)
        self._end_drag()

    def _end_drag(self) -> None:
        self._set_gap(None)
        self._scroller.stop()
        self.setState(QAbstractItemView.State.NoState)
        self._queue.thaw("drag")
        self._queue.thaw("press")

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        self._answer(event)

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        self._answer(event)
        self._aim_scroll(event.position().toPoint().y())

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self._set_gap(None)
        self._scroller.stop()

    def dropEvent(self, event: QDropEvent) -> None:
        self._answer(event)
        gap = self._gap
        self._set_gap(None)
        self._scroller.stop()
        if gap is not None and gap.move is not None:
            self._queue.move_wanted.emit(gap.move)

    def _answer(self, event: QDropEvent) -> None:
        if not event.mimeData().hasFormat(MIME):
            event.ignore()  # a file, say: the window behind may want it
            return
        gap = self.gap_at(event.position().toPoint(), shots_in(event.mimeData()))
        if gap.move and event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            gap = replace(gap, move=structs.replace(gap.move, preempt=True))
        self._set_gap(gap)
        event.setDropAction(Qt.DropAction.MoveAction)
        event.accept()

    def gap_at(self, at: QPoint, shots: list[int]) -> Gap:
        """Return where a drop of ``shots`` at this point would go."""
        index = self.indexAt(QPoint(1, at.y())).siblingAtColumn(0)
        if not index.isValid():
            rows = self._queue.rowCount()
            bottom = self._bottom_of_last()
            return self._gap_for(QModelIndex(), rows, bottom, shots)
        box = self.visualRect(index)
        if at.y() < box.center().y():
            return self._gap_for(index.parent(), index.row(), box.top(), shots)
        if self.isExpanded(index) and self._queue.rowCount(index):
            return self._gap_for(index, 0, box.bottom(), shots)
        return self._gap_for(index.parent(), index.row() + 1, box.bottom(), shots)

    def _gap_for(self, parent: QModelIndex, row: int, y: int, shots: list[int]) -> Gap:
        move = self._queue.move_for_drop(shots, row, parent)
        return Gap(QPersistentModelIndex(parent), row, y, move)

    def _bottom_of_last(self) -> int:
        last = self._queue.index(self._queue.rowCount() - 1, 0)
        while self.isExpanded(last) and self._queue.rowCount(last):
            last = self._queue.index(self._queue.rowCount(last) - 1, 0, last)
        return self.visualRect(last).bottom()

    def _set_gap(self, gap: Gap | None) -> None:
        old, self._gap = self._gap, gap
        if (old.move if old else None) != (gap.move if gap else None):
            self.trial_changed.emit(gap.move if gap else None)
        if old != gap:
            self.viewport().update()

    def _aim_scroll(self, y: int) -> None:
        height = self.viewport().height()
        above, below = SCROLL_ZONE_PX - y, y - (height - SCROLL_ZONE_PX)
        self._scroll_by = -above if above > 0 else max(0, below)
        if self._scroll_by and not self._scroller.isActive():
            self._scroller.start()
        elif not self._scroll_by:
            self._scroller.stop()

    def _scroll(self) -> None:
        bar = self.verticalScrollBar()
        bar.setValue(bar.value() + self._scroll_by // 2)

    # --- the drop line --------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self._gap is not None:
            painter = QPainter(self.viewport())
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            self._paint_gap(painter, self._gap)
            painter.end()

    def _paint_gap(self, painter: QPainter, gap: Gap) -> None:
        ink = style.colour("accent" if gap.move else "line_strong")
        y = min(max(gap.y + 0.5, 2.0), self.viewport().height() - 2.0)
        painter.setPen(QPen(ink, 2))
        painter.drawLine(QPointF(12, y), QPointF(self.viewport().width() - 8, y))
        painter.setBrush(style.colour("panel"))
        painter.drawEllipse(QPointF(9, y), 4, 4)
        words = self.describe_move(gap.move) if gap.move else "Already there"
        self._paint_tip(painter, words, y, is_idle=gap.move is None)

    def _paint_tip(self, painter: QPainter, words: str, y: float, *, is_idle: bool) -> None:
        width = QFontMetricsF(style.font(12)).horizontalAdvance(words) + 22
        top = min(max(y - 12, 2.0), self.viewport().height() - 26.0)
        tag = QRectF(self.viewport().width() - width - 14, top, width, 24)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(style.colour("raised" if is_idle else "accent"))
        painter.drawRoundedRect(tag, 6, 6)
        write(painter, tag.adjusted(11, 0, 0, 0), words, "text_dim" if is_idle else "on_accent", 12)


def plain(index: AnyIndex) -> QModelIndex:
    """Return a persistent index as the plain one that models take."""
    return (
        index.model().index(index.row(), index.column(), index.parent())
        if index.isValid()
        else QModelIndex()
    )


def _no_words(_move: Move) -> str:
    return ""
