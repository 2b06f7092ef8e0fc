"""The line at the top of the window: the program's name, the farm in one sentence, the main actions."""

from __future__ import annotations

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QWidget

from app.client.replica import Replica
from app.core.views import ABSENT
from app.gui import icons, text
from app.gui.bridge import Farm
from app.gui.queue.lines import FINISHED
from app.gui.widgets.elided import ElidedLabel
from app.gui.widgets.make import bare, label, named, tool_for
from app.gui.words import tr


class TopBar(QFrame):
    """Says how the farm is, whenever it changes."""

    def __init__(
        self,
        farm: Farm,
        tools: list[QAction],
        primary: QAction,
        pages: QWidget | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("TopBar")
        self._farm = farm
        self._strong = ElidedLabel("SummaryStrong")
        self._summary = ElidedLabel("Summary")
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 8, 12, 8)
        row.setSpacing(8)
        mark = QLabel()
        mark.setPixmap(icons.pixmap("windfire", 24))
        row.addWidget(mark)
        row.addWidget(label("Windfire", "Brand"))
        row.addSpacing(18)
        if pages is not None:
            row.addWidget(pages)
            row.addSpacing(18)
        row.addWidget(self._strong)
        row.addWidget(self._summary)
        row.addStretch()
        for action in tools:
            row.addWidget(tool_for(action, 18))
        row.addSpacing(8)
        row.addWidget(_primary(primary))
        farm.summary_due.connect(self._show)
        farm.link_changed.connect(self._show)
        self._show()

    def _show(self, _change: object = None) -> None:
        replica = self._farm.replica
        if not replica.shots and not replica.nodes:
            self._strong.setText("")
            self._summary.setText("")
            return
        self._strong.setText(finish_sentence(replica, self._farm.now()))
        point = "\N{MIDDLE DOT}  " if self._strong.text() and replica.nodes else ""
        self._summary.setText(point + farm_sentence(replica))


def finish_sentence(replica: Replica, now: float) -> str:
    """Say when the queue will be done; nothing is said while one open shot has no forecast."""
    waiting = [row for row in replica.shots.values() if row.state not in FINISHED]
    moving = [row for row in waiting if row.state not in ("paused", "failed")]
    if not moving:
        return tr("Queue done") if replica.shots and not waiting else ""
    if not all(row.finish_p50 for row in moving):
        return tr("{n} shot(s) to go", "", len(moving))
    last = max(row.finish_p50 for row in moving)
    return tr("Queue done at {time}").format(time=text.clock(last, now))


def farm_sentence(replica: Replica) -> str:
    """Say how much of the farm works: '4 nodes, 5 of 6 devices busy'."""
    rows = replica.nodes.values()
    nodes = [row for row in rows if row.state not in ABSENT]
    devices = [device for row in nodes for device in row.devices]
    busy = sum(bool(device.attempts) for device in devices)
    parts = [
        tr("{n} node(s)", "", len(nodes)),
        tr("{busy} of {n} device(s) busy", "", len(devices)).format(busy=text.number(busy)),
    ]
    asleep = sum(row.state in ("asleep", "waking") for row in rows)
    if asleep:
        parts.append(tr("{n} node(s) asleep", "", asleep))
    if gone := len(replica.nodes) - len(nodes) - asleep:
        parts.append(tr("{n} node(s) away", "", gone))
    return tr(", ", "between clauses").join(parts) if replica.nodes else ""


def _primary(action: QAction) -> QPushButton:
    words = bare(action.text()).rstrip("…")
    button = named(QPushButton(icons.icon("add", "on_accent"), words), "Primary")
    button.setAccessibleName(words)
    button.setToolTip(action.toolTip())
    button.clicked.connect(action.trigger)
    button.setEnabled(action.isEnabled())
    action.changed.connect(lambda: button.setEnabled(action.isEnabled()))
    return button
