"""All of one node: what it is, how busy it is, what it works on and what it did."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QFont, QIcon, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import (
    QHeaderView,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QWidget,
)
from shiboken6 import isValid

from app.client.connection import Outcome
from app.client.replica import Batch
from app.core.commands import Attempts, GetAttempts
from app.core.views import AttemptRow, NodeRow, NodeSample
from app.gui import states, style, text
from app.gui.bridge import Farm
from app.gui.dialogs.base import Dialog
from app.gui.nodes.delegates import equipment, paint_sparkline
from app.gui.nodes.model import mean_gpu, running
from app.gui.queue.delegates import RIGHT, write
from app.gui.said import spoken
from app.gui.wall.measures import HOT_C
from app.gui.wall.sayings import reservation
from app.gui.widgets.make import label
from app.gui.words import mark, tr

PAST_MAX = 200
POINTS = 300
ASK_MS = 5_000
"""The past is asked for again so often while the dialog is open."""
OUTCOMES = {
    "running": mark("Rendering"),
    "done": mark("Done"),
    "failed": mark("Failed"),
    "yielded": mark("Made room"),
    "killed": mark("Ended"),
    "lost": mark("Lost"),
}
LOOKS = {"yielded": "paused", "killed": "cancelled", "lost": "failed"}


class NodeDialog(Dialog):
    """Stands beside the window until it is closed."""

    shot_wanted = Signal(int)

    def __init__(self, farm: Farm, node: int, parent: QWidget | None = None) -> None:
        row = farm.replica.nodes[node]
        super().__init__(row.name, "", parent, width=720)
        self._farm, self.node = farm, node
        self.facts = label("", "Hint", wraps=True)
        self.speed = label("", "Hint", wraps=True)
        self.curves = Curves(farm, node)
        self.now = label("", "", wraps=True)
        self.past = self._table()
        close = QPushButton(tr("Close"))
        close.clicked.connect(self.reject)
        self._lay_out(close)
        self._timer = QTimer(self, interval=ASK_MS)
        self._timer.timeout.connect(self._ask)
        self._timer.start()
        farm.changed.connect(self._take)
        self._show()
        self._ask()

    def _lay_out(self, close: QPushButton) -> None:
        self.body.addWidget(self.facts)
        self.body.addWidget(self.speed)
        self.body.addWidget(self.curves)
        self.body.addWidget(label(tr("Now"), "Section"))
        self.body.addWidget(self.now)
        self.body.addWidget(label(tr("What it did"), "Section"))
        self.body.addWidget(self.past, 1)
        self.add_buttons(close)

    def _table(self) -> QTreeWidget:
        table = QTreeWidget()
        table.setAccessibleName(tr("What it did"))
        titles = [tr("Shot"), tr("Frames"), tr("Outcome"), tr("Began"), tr("Took"), tr("Why")]
        table.setHeaderLabels(titles)
        table.setRootIsDecorated(False)
        table.setUniformRowHeights(True)
        table.setMinimumHeight(190)
        table.header().setSectionResizeMode(5, QHeaderView.ResizeMode.Stretch)
        for column, width in enumerate((150, 80, 110, 100, 80)):
            table.setColumnWidth(column, width)
        table.itemActivated.connect(self._open)
        return table

    def _take(self, batch: Batch) -> None:
        if batch.reset or self.node in batch.nodes or self.node in batch.samples:
            self._show()

    def _show(self) -> None:
        row = self._farm.replica.nodes.get(self.node)
        if row is None:
            self.facts.setText(tr("This node is no longer of the farm."))
            return
        self.facts.setText("  ·  ".join(facts_of(row, self._farm.now())))
        self.speed.setText("  ·  ".join(speed_of(row)))
        self.now.setText("\n".join(self._work(row)) or tr("Nothing."))
        self.curves.update()

    def _work(self, row: NodeRow) -> list[str]:
        lines = []
        for attempt in running(row):
            shot = self._farm.replica.shots.get(attempt.shot)
            name = f"{shot.project} / {shot.sequence} / {shot.name}" if shot else "–"
            since = text.duration(max(0.0, self._farm.now() - attempt.since))
            said = tr("{shot}, frame {frame}: {percent} % after {time}")
            percent = round(attempt.progress * 100)
            lines.append(said.format(shot=name, frame=attempt.frame, percent=percent, time=since))
        return lines

    # --- the past ---------------------------------------------------------------------------------------

    def _ask(self) -> None:
        self._farm.ask(GetAttempts(node=self.node, count=PAST_MAX), self._answer)

    def _answer(self, outcome: Outcome) -> None:
        if isinstance(outcome, Attempts) and isValid(self):
            self.past.setUpdatesEnabled(False)
            self.past.clear()
            self.past.addTopLevelItems([self._line(row) for row in outcome.rows])
            self.past.setUpdatesEnabled(True)

    def _line(self, row: AttemptRow) -> QTreeWidgetItem:
        shot = self._farm.replica.shots.get(row.shot)
        frames = f"{row.first}" if row.first == row.last else f"{row.first}–{row.last}"
        took = (row.ended_at or self._farm.now()) - row.started_at
        cells = [
            f"{shot.sequence} / {shot.name}" if shot else "–",
            frames,
            tr(OUTCOMES.get(row.outcome, row.outcome)),
            text.clock(row.started_at, self._farm.now()),
            text.exact_duration(max(0.0, took)),
            spoken(row.sentence),
        ]
        item = QTreeWidgetItem(cells)
        item.setIcon(2, _glyph(LOOKS.get(row.outcome, row.outcome)))
        item.setToolTip(5, spoken(row.sentence))
        item.setData(0, Qt.ItemDataRole.UserRole, row.shot)
        return item

    def _open(self, item: QTreeWidgetItem) -> None:
        self.shot_wanted.emit(item.data(0, Qt.ItemDataRole.UserRole))


class Curves(QWidget):
    """The newest minutes of a node, a curve a measure, with its figure."""

    def __init__(self, farm: Farm, node: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._farm, self._node = farm, node
        self.setFixedHeight(74)
        self.setAccessibleName(tr("Load of the node"))

    def series(self) -> list[tuple[str, str, list[float], int]]:
        """Return title, figure, values 0..1 and colour of each curve that the node has."""
        ring = self._farm.replica.samples.get(self._node) or []
        newest = [ring[-at] for at in range(min(len(ring), POINTS), 0, -1)]
        return curves_of(newest)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        shown = self.series()
        wide = self.width() / max(1, len(shown))
        for at, (title, figure, values, tint) in enumerate(shown):
            box = QRectF(at * wide, 0, wide - 18, 18)
            write(painter, box, title, "text_dim", 11)
            write(painter, box, figure, "text", 12, QFont.Weight.Medium, RIGHT)
            curve = QRectF(at * wide, 22, wide - 18, 48)
            room = max(2, len(values))
            paint_sparkline(painter, curve, values, style.series_colour(tint), room)
        painter.end()


def curves_of(newest: list[NodeSample]) -> list[tuple[str, str, list[float], int]]:
    """Return title, figure, values 0..1 and colour of each measure that the samples have."""
    if not newest:
        return []
    last = newest[-1]
    cpu = [sample.cpu_percent / 100 for sample in newest]
    made = [(tr("CPU"), f"{last.cpu_percent:.0f} %", cpu, 0)]
    with_gpus = [sample for sample in newest if sample.gpus]
    if with_gpus:
        last_gpus = with_gpus[-1].gpus
        load = [mean_gpu(sample.gpus) / 100 for sample in with_gpus]
        made.append((tr("GPU"), f"{mean_gpu(last_gpus):.0f} %", load, 1))
        hot = [max(gpu.temperature_c for gpu in each.gpus) for each in with_gpus]
        scaled = [value / HOT_C for value in hot]
        made.append((tr("Temperature"), f"{hot[-1]:.0f} °C", scaled, 5))
        watts = [sum(gpu.power_w for gpu in each.gpus) for each in with_gpus]
        most = max(watts) or 1.0
        made.append((tr("Power"), f"{watts[-1]:.0f} W", [each / most for each in watts], 4))
    full = [each.memory_used_bytes / max(1, each.memory_bytes) for each in newest]
    made.append((tr("Memory"), f"{full[-1] * 100:.0f} %", full, 3))
    return made


def facts_of(row: NodeRow, now: float) -> list[str]:
    """Return what a node is, in a few words each."""
    facts = [states.word(row.state), equipment(row), row.platform]
    if row.pools:
        facts.append(tr("pools: {pools}").format(pools=" ".join(row.pools)))
    if row.tags:
        facts.append(tr("tags: {tags}").format(tags=" ".join(row.tags)))
    if row.reserved_until > now:
        facts.append(reservation(row, now))
    if row.away:
        facts.append(spoken(row.away))
    return [fact for fact in facts if fact]


def speed_of(row: NodeRow) -> list[str]:
    """Return what was measured of a node, and what it did in all."""
    facts = []
    if row.gflops:
        facts.append(tr("{n} GFLOP/s").format(n=text.number(round(row.gflops))))
    if row.disk_bps:
        facts.append(tr("disk {rate}/s").format(rate=text.size(row.disk_bps)))
    facts.append(tr("{n} frame(s) done", "", row.done))
    facts.append(tr("{n} failed", "", row.failed))
    return facts


def _glyph(state: str) -> QIcon:
    picture = QPixmap(32, 32)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    states.paint_glyph(painter, QRectF(4, 4, 24, 24), state)
    painter.end()
    return QIcon(picture)
