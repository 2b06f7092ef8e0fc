"""The nodes as a Qt model: one line a node, by name."""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import IntEnum
from functools import lru_cache

from PySide6.QtCore import QModelIndex, QObject, Qt, Signal

from app.client.replica import Batch
from app.core.views import ABSENT, AttemptCell, GpuSample, NodeRow, NodeSample
from app.gui import states, text
from app.gui.bridge import Farm
from app.gui.keyed import Branch, KeyedTreeModel
from app.gui.operations import Operations
from app.gui.said import spoken
from app.gui.words import mark, tr

NODE = Qt.ItemDataRole.UserRole + 1
"""Role of a line's ``NodeRow``."""
ASKED = Qt.ItemDataRole.UserRole + 2
HISTORY = Qt.ItemDataRole.UserRole + 3
"""Role of the newest samples of a node, oldest first."""
HISTORY_MAX = 60


class Column(IntEnum):
    """What a line shows, from left to right."""

    NODE = 0
    WORK = 1
    CPU = 2
    GPU = 3
    MEMORY = 4
    TEMPERATURE = 5
    DONE = 6


TITLES = (
    *(mark("Node"), mark("Working on"), mark("CPU"), mark("GPU"), mark("Memory")),
    *(mark("Temperature"), mark("Done")),
)
OF_GPUS = (Column.GPU, Column.TEMPERATURE)


class NodeModel(KeyedTreeModel):
    """All nodes of the farm."""

    shown_changed = Signal()

    def __init__(self, farm: Farm, operations: Operations, parent: QObject | None = None) -> None:
        super().__init__(len(Column), parent)
        self._farm = farm
        self._operations = operations
        farm.changed.connect(self._take)
        operations.pending_changed.connect(self._take_pending)

    @property
    def has_gpus(self) -> bool:
        """Whether any node has a GPU."""
        nodes = self._farm.replica.nodes.values()
        return any(device.kind == "cuda" for row in nodes for device in row.devices)

    def node_of(self, index: QModelIndex) -> NodeRow | None:
        """Return the row of a line."""
        node = self.item(index).key[1]
        return self._farm.replica.nodes.get(node) if isinstance(node, int) else None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> object:
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return tr(TITLES[section])
        return None

    def flags(self, index: QModelIndex) -> Qt.ItemFlag:
        if not index.isValid():
            return Qt.ItemFlag.NoItemFlags
        flag = Qt.ItemFlag
        return flag.ItemIsEnabled | flag.ItemIsSelectable | flag.ItemNeverHasChildren

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        row = self.node_of(index) if index.isValid() else None
        if row is None:
            return None
        match role:
            case _ if role == NODE:
                return row
            case _ if role == ASKED:
                return row.id in self._operations.asked_nodes()
            case _ if role == HISTORY:
                return self.history(row.id)
            case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.AccessibleTextRole:
                return self._words(row, Column(index.column()))
        return None

    def history(self, node: int) -> list[NodeSample]:
        """Return the newest samples of a node, oldest first."""
        ring = self._farm.replica.samples.get(node)
        if not ring:
            return []
        # A deque is slow in its middle and quick at its ends.
        newest = [ring[-at] for at in range(1, min(len(ring), HISTORY_MAX) + 1)]
        return newest[::-1]

    def _words(self, row: NodeRow, column: Column) -> str:
        newest = self.history(row.id)[-1:]
        match column:
            case Column.NODE:
                return f"{row.name}, {states.word(row.state)}"
            case Column.WORK:
                return ", ".join(filter(None, map(self.work, running(row))))
            case Column.CPU:
                return f"{newest[0].cpu_percent:.0f} %" if newest else ""
            case Column.GPU:
                gpus = newest[0].gpus if newest else []
                return f"{mean_gpu(gpus):.0f} %" if gpus else ""
            case Column.MEMORY:
                sample = newest[0] if newest else None
                full = sample.memory_used_bytes / max(1, sample.memory_bytes) if sample else 0
                return f"{full * 100:.0f} %" if sample else ""
            case Column.TEMPERATURE:
                gpus = newest[0].gpus if newest else []
                return f"{hottest(gpus):.0f} °C" if gpus else ""
            case Column.DONE:
                failed = tr("{n} failed", "", row.failed) if row.failed else ""
                return ", ".join(filter(None, [text.number(row.done), failed]))

    def work(self, attempt: AttemptCell) -> str:
        """Say which frame of which shot an attempt renders."""
        shot = self._farm.replica.shots.get(attempt.shot)
        return f"{shot.sequence} / {shot.name}  {attempt.frame}" if shot else ""

    def idle_words(self, row: NodeRow) -> str:
        """Say why a node does nothing, or else how quick it would be."""
        if row.away:
            return spoken(row.away)
        if row.state in ABSENT:
            return unheard(row, self._farm.now())
        if row.gflops:
            return tr("{n} GFLOP/s").format(n=text.number(round(row.gflops)))
        return ""

    def _take(self, batch: Batch) -> None:
        nodes = self._farm.replica.nodes
        before = len(self)
        if batch.reset or any(self.item_of(("node", node)) is None for node in batch.nodes):
            names = sorted(nodes.values(), key=lambda row: natural(row.name))
            self.become([Branch(("node", row.id)) for row in names])
        if batch.reset or before != len(self):
            self.shown_changed.emit()
        self._tell(nodes if batch.reset else batch.nodes | batch.samples)

    def _take_pending(self) -> None:
        self.tell_all(0, 0)

    def _tell(self, nodes: Iterable[int]) -> None:
        for node in nodes:
            item = self.item_of(("node", node))
            if item is not None:
                self.dataChanged.emit(self.index_of(item), self.index_of(item, len(Column) - 1))


def unheard(row: NodeRow, now: float) -> str:
    """Say since when an absent node sleeps, or has not been heard."""
    if row.asleep_since:
        return tr("asleep for {time}").format(time=text.duration(max(0.0, now - row.asleep_since)))
    return tr("last heard {when}").format(when=text.age(max(0.0, now - row.seen_at)))


def running(row: NodeRow) -> list[AttemptCell]:
    """Return what runs on a node, by device."""
    return [attempt for device in row.devices for attempt in device.attempts]


@lru_cache(maxsize=8192)
def natural(name: str) -> tuple[tuple[int, int, str], ...]:
    """Return a key by which node2 comes before node10; plots ask for all of them again and again."""
    parts = re.split(r"(\d+)", name.casefold())
    return tuple((1, int(part), "") if part.isdecimal() else (0, 0, part) for part in parts if part)


def hottest(gpus: list[GpuSample]) -> float:
    """Return the temperature of a node's hottest GPU in °C."""
    return max((gpu.temperature_c for gpu in gpus), default=0.0)


def mean_gpu(gpus: list[GpuSample]) -> float:
    """Return the mean utilisation of a node's GPUs in percent."""
    return sum(gpu.utilisation_percent for gpu in gpus) / len(gpus) if gpus else 0.0
