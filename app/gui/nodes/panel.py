"""The node panel: the list, and what a person may do with a node."""

from __future__ import annotations

from PySide6.QtCore import (
    QItemSelection,
    QItemSelectionModel,
    QPersistentModelIndex,
    QPoint,
    Qt,
    Signal,
)
from PySide6.QtGui import QAction, QMouseEvent, QPainter, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStackedLayout,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from app.client.replica import Batch
from app.core.commands import DrainNode
from app.core.views import NodeRow
from app.gui.bridge import Farm
from app.gui.nodes.columns import WIDTHS, NodeColumns
from app.gui.nodes.delegates import AnyIndex, NodeDelegate
from app.gui.nodes.model import Column, NodeModel
from app.gui.operations import Operations
from app.gui.widgets.empty import Empty
from app.gui.widgets.ground import paint_ground
from app.gui.widgets.live_tree import LiveTree
from app.gui.words import tr


class NodeView(LiveTree):
    """The list of nodes, with the same ground under its lines as the queue."""

    resized = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._hovered = QPersistentModelIndex()
        self.setUniformRowHeights(True)
        self.setRootIsDecorated(False)
        self.setIndentation(0)
        self.setMouseTracking(True)
        self.setAllColumnsShowFocus(True)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setAccessibleName(tr("Nodes"))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.resized.emit()

    def drawRow(self, painter: QPainter, options: QStyleOptionViewItem, index: AnyIndex) -> None:
        is_hovered = index.sibling(index.row(), 0) == self._hovered
        paint_ground(self, painter, options.rect, index, is_hovered=is_hovered)
        super().drawRow(painter, options, index)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        under = self.indexAt(event.position().toPoint()).siblingAtColumn(0)
        self._hovered = QPersistentModelIndex(under)
        self.viewport().update()

    def leaveEvent(self, event: object) -> None:
        self._hovered = QPersistentModelIndex()
        self.viewport().update()


class NodePanel(QWidget):
    """All nodes; drains those that are chosen."""

    chosen_changed = Signal()
    abilities_changed = Signal()
    """What can be done with the chosen nodes may be another: one fell asleep, or has nothing left to do."""
    menu_wanted = Signal(QPoint)
    opened = Signal()
    """The chosen node was double clicked, or Enter pressed on it."""

    def __init__(
        self,
        farm: Farm,
        operations: Operations,
        add: QAction | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._operations = operations
        self._able: list[tuple[bool, bool]] = []
        self.model = NodeModel(farm, operations, self)
        self.view = NodeView()
        self.view.setModel(self.model)
        self.view.setItemDelegate(NodeDelegate(self.view))
        header = self.view.header()
        header.setStretchLastSection(False)
        header.setMinimumSectionSize(60)
        header.setSectionResizeMode(Column.WORK, QHeaderView.ResizeMode.Stretch)
        for column, width in WIDTHS.items():
            header.resizeSection(column, width)
        self.columns = NodeColumns(self.view)
        self.view.resized.connect(self.columns.fit)
        self.view.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.view.customContextMenuRequested.connect(
            lambda at: self.menu_wanted.emit(self.view.viewport().mapToGlobal(at))
        )
        self._empty = Empty(
            "nodes",
            tr("No nodes yet"),
            tr("Add this or any other machine of the studio: one line to paste there."),
            add,
        )
        self._stack = QStackedLayout()
        self._stack.addWidget(self.view)
        self._stack.addWidget(self._empty)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 4)
        column.addLayout(self._stack)
        self.model.shown_changed.connect(self._show_empty)
        farm.changed.connect(self._look_at_abilities)
        self.view.selectionModel().selectionChanged.connect(lambda *_: self.chosen_changed.emit())
        self.view.activated.connect(lambda _index: self.opened.emit())
        self._show_empty()

    def chosen(self) -> list[NodeRow]:
        """Return the selected nodes."""
        rows = map(self.model.node_of, self.view.selectionModel().selectedRows())
        return [row for row in rows if row is not None]

    def choose(self, nodes: list[int]) -> None:
        """Select these nodes, and bring the first of them into view."""
        items = [self.model.item_of(("node", node)) for node in nodes]
        places = [self.model.index_of(item) for item in items if item is not None]
        chosen = QItemSelection()
        for place in places:
            chosen.select(place, place)
        flag = QItemSelectionModel.SelectionFlag
        self.view.selectionModel().select(chosen, flag.ClearAndSelect | flag.Rows)
        if places:
            self.view.scrollTo(places[0])

    def drain(self) -> None:
        """Assign nothing more to the chosen nodes; what runs there ends."""
        self._set_drain(tr("Drain {nodes}"), on=True)

    def undrain(self) -> None:
        """Let the chosen nodes work again."""
        self._set_drain(tr("Put {nodes} to work"), on=False)

    def _set_drain(self, title: str, *, on: bool) -> None:
        rows = [row for row in self.chosen() if row.drain != on]
        if rows:
            what = rows[0].name if len(rows) == 1 else tr("{n} node(s)", "", len(rows))
            command = DrainNode(nodes=[row.id for row in rows], on=on)
            self._operations.do(command, title.format(nodes=what))

    def _look_at_abilities(self, batch: Batch) -> None:
        able = [(row.can_wake, row.can_sleep) for row in self.chosen()] if batch.nodes else []
        if batch.nodes and able != self._able:
            self._able = able
            self.abilities_changed.emit()

    def _show_empty(self) -> None:
        self._stack.setCurrentIndex(0 if len(self.model) else 1)
        self.columns.fit()
