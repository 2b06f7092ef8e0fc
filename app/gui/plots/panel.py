"""The plot panel: load of the farm, finished tasks a minute, and a heat map with a row for each node.

pyqtgraph takes half a second to import, so a thread does that while the window is already there; until
then the panel says so. Painting has its own slow timer, and stands still while nobody sees it.
"""

from __future__ import annotations

import importlib
import threading
from typing import Any

import numpy as np
from PySide6.QtCore import QSize, QTimer
from PySide6.QtGui import QFont, QHideEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedLayout, QVBoxLayout, QWidget
from shiboken6 import isValid

from app.client.replica import Batch
from app.gui import style
from app.gui.bridge import Bridge, Farm
from app.gui.nodes.model import natural
from app.gui.plots.heatmap import HeatMap
from app.gui.plots.legend import LineLegend
from app.gui.plots.rings import MINUTES, DoneRing, LoadRing
from app.gui.widgets.empty import Empty
from app.gui.widgets.make import label
from app.gui.words import mark, tr

PAINT_MS = 400
IDLE_TICKS = 20
SPAN_MIN = (2, 5, 10, 30)
"""Minutes that the load is shown for: the shortest that holds what is known."""
NAMES = {"cpu": mark("CPU"), "gpu": mark("GPU"), "memory": mark("Memory")}
TINTS = {"cpu": 0, "gpu": 1, "memory": 3}


class PlotPanel(QWidget):
    """Live plots of the whole farm."""

    def __init__(self, farm: Farm, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._farm = farm
        self._bridge = bridge
        self.load = LoadRing()
        self.done = DoneRing()
        self._curves: dict[str, Any] = {}
        self._bars: Any = None
        self._is_wanted = False
        self._heat: HeatMap | None = None
        self._legend: LineLegend | None = None
        self._stack = QStackedLayout(self)
        self._stack.addWidget(Empty("", "", tr("Loading the plots…")))
        self._timer = QTimer(self, interval=PAINT_MS)
        self._timer.timeout.connect(self._paint_if_due)
        self._is_due = True
        self._idle_ticks = 0
        farm.changed.connect(self._take)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._timer.start()
        if not self._is_wanted:
            self._is_wanted = True
            threading.Thread(target=self._import, name="import pyqtgraph", daemon=True).start()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._timer.stop()

    def _import(self) -> None:
        pyqtgraph = importlib.import_module("pyqtgraph")
        # The window may have closed meanwhile.
        self._bridge.post(lambda: self._build(pyqtgraph) if isValid(self) else None)

    # --- data -------------------------------------------------------------------------------------------

    def _take(self, batch: Batch) -> None:
        replica = self._farm.replica
        self._is_due = self._is_due or bool(batch.reset or batch.samples or batch.nodes)
        if batch.reset:
            self.load.clear()
            self.done.clear()
            for ring in replica.samples.values():
                self.load.extend(ring)
        for node in batch.samples:
            ring = replica.samples.get(node)
            if ring:
                self.load.add(ring[-1])
        for node in replica.nodes if batch.reset else batch.nodes:
            row = replica.nodes.get(node)
            if row is not None:
                self.done.take(node, row.done, replica.at or self._farm.now())

    def _paint_if_due(self) -> None:
        """Paint when something came, and now and then when nothing did: an idle farm costs nothing."""
        self._idle_ticks += 1
        if self._is_due or self._idle_ticks >= IDLE_TICKS:
            self._is_due, self._idle_ticks = False, 0
            self.paint_now()

    def paint_now(self) -> None:
        """Put the rings on the screen; the timer's work."""
        if self._heat is None:
            return
        minutes = self.load.seconds() / 60
        # A farm of two minutes would be a hair at the edge of half an hour.
        span = next((m for m in SPAN_MIN if m * 60 >= self.load.known_s), SPAN_MIN[-1])
        self._curves["cpu"].getViewBox().setXRange(-span, span * 0.015, padding=0)
        for measure, curve in self._curves.items():
            curve.setData(minutes, self.load.farm(measure), connect="finite")
        self._show_legend(has_gpus=bool(np.isfinite(self.load.farm("gpu")).any()))
        counts = self.done.counts(self._farm.replica.at or self._farm.now())
        self._bars.setOpts(height=counts)
        rows = sorted(self._farm.replica.nodes.values(), key=lambda row: natural(row.name))
        values = self.load.nodes("cpu", [row.id for row in rows])
        self._heat.show_values(values[:, minutes >= -span], [row.name for row in rows])

    def _show_legend(self, *, has_gpus: bool) -> None:
        shown = [measure for measure in NAMES if has_gpus or measure != "gpu"]
        if self._legend is not None:
            entries = [(TINTS[measure], tr(NAMES[measure])) for measure in shown]
            self._legend.show_entries(entries)

    # --- parts ------------------------------------------------------------------------------------------

    def _build(self, pyqtgraph: Any) -> None:
        """Make the plots one by one: each takes some 20 ms, and the loop comes round between them."""
        pyqtgraph.setConfigOptions(antialias=True, background=style.colour("panel"))
        load = self._make_load(pyqtgraph)
        self._bridge.post(lambda: self._build_rest(pyqtgraph, load) if isValid(self) else None)

    def _build_rest(self, pyqtgraph: Any, load: Any) -> None:
        done = self._make_done(pyqtgraph)
        self._heat = HeatMap()
        self._legend = LineLegend()
        body = QWidget()
        row = QHBoxLayout(body)
        row.setContentsMargins(12, 0, 12, 10)
        row.setSpacing(18)
        row.addLayout(_titled(tr("Load of the farm, %"), load, self._legend), 4)
        row.addLayout(_titled(tr("Finished a minute"), done), 3)
        row.addLayout(_titled(tr("CPU by node"), self._heat), 4)
        self._stack.setCurrentIndex(self._stack.addWidget(body))
        self.paint_now()

    def _make_load(self, pyqtgraph: Any) -> Any:
        load = self._plot(pyqtgraph, tr("Load of the farm"), 100)
        load.setParent(self)
        for measure in NAMES:
            pen = pyqtgraph.mkPen(style.series_colour(TINTS[measure]), width=1.8)
            self._curves[measure] = load.plot(pen=pen)
        return load

    def _make_done(self, pyqtgraph: Any) -> Any:
        done = self._plot(pyqtgraph, tr("Finished a minute"), None)
        done.setXRange(-MINUTES, 0.6, padding=0)
        done.getAxis("bottom").setTicks([[(-10, tr("{m} min").format(m=10)), (0, tr("now"))]])
        self._bars = pyqtgraph.BarGraphItem(
            x=list(range(1 - MINUTES, 1)),
            height=[0] * MINUTES,
            width=0.62,
            brush=style.colour("done"),
            pen=None,
        )
        done.addItem(self._bars)
        return done

    def _plot(self, pyqtgraph: Any, name: str, top: float | None) -> Any:
        plot = pyqtgraph.PlotWidget()
        # Its own wish of 640 pixels would leave nothing for its neighbours.
        plot.setMinimumWidth(90)
        plot.sizeHint = lambda: QSize(120, 90)
        plot.setAccessibleName(name)
        plot.setFrameShape(plot.Shape.NoFrame)
        plot.setMouseEnabled(x=False, y=False)
        plot.setMenuEnabled(False)
        plot.hideButtons()
        plot.getViewBox().setDefaultPadding(0.0)
        plot.setXRange(-30, 0.6, padding=0)
        if top is not None:
            plot.setYRange(0, top, padding=0.02)
        else:
            plot.setLimits(yMin=0, minYRange=4)
        plot.showGrid(y=True, alpha=0.12)
        for side in ("left", "bottom"):
            self._dress_axis(plot.getAxis(side))
        plot.getAxis("bottom").tickStrings = _minutes_ago
        return plot

    def _dress_axis(self, axis: Any) -> None:
        axis.setTickFont(style.font(10))
        axis.setTextPen(style.colour("text_faint"))
        axis.setPen(style.colour("line"))
        axis.setStyle(tickLength=0, tickTextOffset=6, maxTickLevel=0)


def _minutes_ago(values: list[float], _scale: float, _spacing: float) -> list[str]:
    ago = tr("{m} min")
    return [
        # Halves of a minute stand too close for words.
        tr("now")
        if value == 0
        else ago.format(m=f"{-value:g}")
        if value < 0 and value % 1 == 0
        else ""
        for value in values
    ]


def _titled(words: str, widget: QWidget, beside: QWidget | None = None) -> QVBoxLayout:
    title = label(words, "Faint")
    title.setFont(style.font(11, QFont.Weight.Medium))
    line = QHBoxLayout()
    line.addWidget(title)
    line.addStretch()
    if beside is not None:
        line.addWidget(beside)
    column = QVBoxLayout()
    column.setSpacing(4)
    column.addLayout(line)
    column.addWidget(widget, 1)
    return column
