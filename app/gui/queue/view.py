"""The list of shots as a widget: its ground, its drop line, and the hand that drags.

Drag and drop is done here from press to drop and decided by our mime type alone: Qt's own InternalMove
inserts and removes rows by itself, which a list that belongs to the farm must never do. From the press
to the end of a drag or a menu the model is frozen, so that no line moves under the hand.

``carry`` is the same without a drag, for whoever cannot hold a button down: the drop line follows the
pointer, or the arrow keys, and a click or Return lets go.
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
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QAbstractItemView, QMenu, QStyleOptionViewItem, QWidget

from app.core.commands import Move
from app.gui import style
from app.gui.keyed import AnyIndex
from app.gui.queue import drop_line
from app.gui.queue.card import card
from app.gui.queue.drops import Drop
from app.gui.queue.effect import Tip
from app.gui.queue.model import MIME, QueueModel, shots_in
from app.gui.widgets.ground import paint_ground
from app.gui.widgets.live_tree import LiveTree
from app.gui.words import tr

SCROLL_ZONE_PX = 36
SCROLL_MS = 30


@dataclass(frozen=True, slots=True)
class Gap:
    """Where a drop would go: above line ``row`` of ``parent``, and where that is painted."""

    parent: QPersistentModelIndex
    row: int
    y: int
    drop: Drop

    @property
    def move(self) -> Move | None:
        """The move in it, if there is one."""
        return self.drop.move


class QueueView(LiveTree):
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
        self._carried: list[int] = []
        self.describe_drop: Callable[[Drop], Tip] = _no_words
        """Says what a Drop is and what comes of it, for the tag beside the drop line."""
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
        self.setAccessibleName(tr("Queue of shots"))

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
        if self.selectionModel().isSelected(index):
            # Qt has laid a ground of its own there.
            painter.save()
            painter.setClipRect(rect)
            paint_ground(self, painter, rect, index, is_hovered=False)
            painter.restore()
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
        if self._carried:
            self._end_carry(is_dropped=event.button() == Qt.MouseButton.LeftButton)
            return
        self._queue.freeze("press")
        super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._carried:
            self._aim(event.position().toPoint(), event.modifiers())
            return
        super().mouseMoveEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        self._queue.thaw("press")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self._carried and self._steer(event):
            return
        if event.key() == Qt.Key.Key_Shift:
            self._queue.freeze("shift")  # whoever holds Shift is about to choose a range
        super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Shift:
            self._queue.thaw("shift")
        super().keyReleaseEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        # A release outside, or one that a window manager took, must not freeze the list for ever.
        if self.state() != QAbstractItemView.State.DraggingState:
            self._queue.thaw("press")
        self._queue.thaw("shift")
        self._end_carry(is_dropped=False)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self._end_carry(is_dropped=False)
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
        if gap is not None and gap.drop.command is not None:
            self._queue.drop_wanted.emit(gap.drop)

    def _answer(self, event: QDropEvent) -> None:
        if not event.mimeData().hasFormat(MIME):
            event.ignore()  # a file, say: the window behind may want it
            return
        gap = self.gap_at(event.position().toPoint(), shots_in(event.mimeData()))
        self._set_gap(self._with_keys(gap, event.modifiers()))
        event.setDropAction(Qt.DropAction.MoveAction)
        event.accept()

    def _with_keys(self, gap: Gap, keys: Qt.KeyboardModifier) -> Gap:
        """Return the gap whose drop makes room at once, where Shift is held."""
        if gap.move and keys & Qt.KeyboardModifier.ShiftModifier:
            move = structs.replace(gap.move, preempt=True)
            return replace(gap, drop=replace(gap.drop, move=move))
        return gap

    def gap_at(self, at: QPoint, shots: list[int]) -> Gap:
        """Return where a drop of ``shots`` at this point would go."""
        index = self.indexAt(QPoint(1, at.y())).siblingAtColumn(0)
        if not index.isValid():
            bottom = self._bottom_of_last()
            under = self._queue.index(self._queue.rowCount() - 1, 0)
            parent = under if self._queue.mode == "lanes" else QModelIndex()
            return self._gap_for(parent, self._queue.rowCount(parent), bottom, shots)
        box = self.visualRect(index)
        if self._queue.mode == "lanes" and not index.parent().isValid():
            return self._gap_at_lane(index, box, shots, is_above=at.y() < box.center().y())
        if at.y() < box.center().y():
            return self._gap_for(index.parent(), index.row(), box.top(), shots)
        if self.isExpanded(index) and self._queue.rowCount(index):
            return self._gap_for(index, 0, box.bottom(), shots)
        return self._gap_for(index.parent(), index.row() + 1, box.bottom(), shots)

    def _gap_at_lane(
        self, index: QModelIndex, box: QRect, shots: list[int], *, is_above: bool
    ) -> Gap:
        """Return the gap over a lane's own line: its first place, or the last of the lane above."""
        if is_above and index.row() > 0:
            upper = index.siblingAtRow(index.row() - 1)
            return self._gap_for(upper, self._queue.rowCount(upper), box.top(), shots)
        return self._gap_for(index, 0, box.bottom(), shots)

    def _gap_for(self, parent: QModelIndex, row: int, y: int, shots: list[int]) -> Gap:
        drop = self._queue.drop_for(shots, row, parent)
        return Gap(QPersistentModelIndex(parent), row, y, drop)

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

    # --- carrying without holding a button -----------------------------------------------------------

    @property
    def is_carrying(self) -> bool:
        """Whether the next click says where the chosen shots go."""
        return bool(self._carried)

    def carry(self) -> None:
        """Have the drop line follow the pointer or the arrow keys, until a click, Return or Esc."""
        self._carried = self.chosen_shots()
        if not self._carried:
            return
        self._queue.freeze("carry")
        self.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.setCursor(Qt.CursorShape.DragMoveCursor)
        box = self.visualRect(self._queue.index_of_shot(self._carried[0]))
        self._aim(box.topLeft() + QPoint(0, 1))

    def _aim(self, at: QPoint, keys: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        self._set_gap(self._with_keys(self.gap_at(at, self._carried), keys))

    def _steer(self, event: QKeyEvent) -> bool:
        """Take a key while shots are carried; return whether it was one for that."""
        key = Qt.Key(event.key())
        step = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(key, 0)
        if step:
            self._aim_line(step, event.modifiers())
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._end_carry(is_dropped=True)
        elif key == Qt.Key.Key_Escape:
            self._end_carry(is_dropped=False)
        return bool(step) or key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Escape)

    def _aim_line(self, step: int, keys: Qt.KeyboardModifier) -> None:
        """Take the drop line one row up or down, and the list with it."""
        height = self.rowHeight(self._queue.index(0, 0)) or 1
        y = (self._gap.y if self._gap else 0) + step * height
        view = self.viewport().height()
        if not 0 <= y <= view - height:
            bar = self.verticalScrollBar()
            before = bar.value()
            bar.setValue(before + step * height)
            y -= bar.value() - before
        self._aim(QPoint(1, min(max(y, 0), view - 1) + 1), keys)

    def _end_carry(self, *, is_dropped: bool) -> None:
        if not self._carried:
            return
        gap, self._carried = self._gap, []
        self._set_gap(None)
        self.unsetCursor()
        self._queue.thaw("carry")
        if is_dropped and gap is not None and gap.drop.command is not None:
            self._queue.drop_wanted.emit(gap.drop)

    # --- the drop line --------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        gap = self._gap
        if gap is not None:
            painter = QPainter(self.viewport())
            tip = self.describe_drop(gap.drop) if gap.drop.command else None
            drop_line.paint(painter, self.viewport().size(), gap.y, tip)
            painter.end()


def _no_words(_drop: Drop) -> Tip:
    return Tip("")
