"""The page of trends: the farm over an hour, a day or a quarter, from what the dispatcher kept of it.

Asks while it is on show, as often as the steps of the span allow news; draws nothing of its own memory, so
that a window that was just opened knows as much as one that stood open for months.
"""

from __future__ import annotations

import importlib
import threading
from typing import Any

import numpy as np
from PySide6.QtCore import QTimer
from PySide6.QtGui import QFont, QHideEvent, QShowEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QStackedLayout,
    QToolButton,
    QVBoxLayout,
    QWidget,
)
from shiboken6 import isValid

from app.client.connection import Outcome
from app.client.replica import Batch
from app.core.commands import GetHistory, GetUsage, History, UsageTable
from app.core.reports import Span
from app.gui import style, text
from app.gui.bridge import Bridge, Farm
from app.gui.plots.charts import CHARTS, SPANS, Chart, Drawing, moment
from app.gui.plots.legend import LineLegend
from app.gui.plots.series import Series, series_of
from app.gui.plots.usage import ScoreBars, UsageBars, used_of
from app.gui.settings import Settings
from app.gui.widgets.empty import Empty
from app.gui.widgets.make import label, named
from app.gui.words import mark, tr

SPAN = "trends/span"
TITLES = {"hour": mark("1 hour"), "day": mark("24 hours"), "quarter": mark("90 days")}
ASK_MS = {"hour": 5_000, "day": 30_000, "quarter": 300_000}
NAMES: dict[str, Span] = {"hour": "hour", "day": "day", "quarter": "quarter"}
SIDE_PX = 320


class TrendsPanel(QFrame):
    """Charts at the left; projects and forecasts at the right."""

    def __init__(
        self, farm: Farm, bridge: Bridge, settings: Settings, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("QueuePanel")
        self._farm, self._bridge, self._settings = farm, bridge, settings
        kept = str(settings.get(SPAN, "day"))
        self.span = kept if kept in SPANS else "day"
        self.drawings: list[Drawing] = []
        self.series: Series | None = None
        self._legends: list[LineLegend] = []
        self._is_wanted = False
        self.buttons: dict[str, QToolButton] = {}
        self.usage, self.scores = UsageBars(), ScoreBars()
        self._hours_title = _title(tr("Hours by project"))
        self._note = label("", "Faint")
        # Ours from the start, though they come to their places when the charts do.
        self._beside = self._side()
        for waiting in (self._note, self._beside):
            waiting.setParent(self)
            waiting.hide()
        self._stack = QStackedLayout(self)
        self._stack.addWidget(Empty("", "", tr("Loading the plots…")))
        self._timer = QTimer(self)
        self._timer.timeout.connect(self.ask)
        farm.changed.connect(self._take)
        farm.link_changed.connect(self._hear)

    # --- asking -----------------------------------------------------------------------------------------

    def show_span(self, span: str) -> None:
        """Show this span, now and the next day."""
        self.span = span
        self._settings.set(SPAN, span)
        self.buttons[span].setChecked(True)
        self._timer.start(ASK_MS[span])
        self.ask()

    def _choose_span(self, button: QAbstractButton) -> None:
        self.show_span(next(span for span, each in self.buttons.items() if each is button))

    def ask(self) -> None:
        """Ask for the history and for the hours of the span on show."""
        span = self.span
        question = GetHistory(span=NAMES[span])
        self._farm.ask(question, lambda outcome: self._take_history(span, outcome))
        since = (self._farm.now() - SPANS[span]) // 3600 * 3600
        self._farm.ask(GetUsage(since=since, by=["project"]), self._take_usage)

    def _take_history(self, span: str, outcome: Outcome) -> None:
        # The person may have chosen another span, or closed the window, since it was asked.
        if isinstance(outcome, History) and isValid(self) and span == self.span:
            self.series = series_of(outcome)
            self.paint_now()

    def _take_usage(self, outcome: Outcome) -> None:
        if isinstance(outcome, UsageTable) and isValid(self):
            self.usage.show_used(used_of(outcome, self._farm.replica.budgets))
            is_gpu = self.usage.has_gpus
            self._hours_title.setText(
                tr("GPU-hours by project") if is_gpu else tr("Core-hours by project")
            )

    def _take(self, batch: Batch) -> None:
        if batch.reset or batch.scores:
            self.scores.show_scores(list(self._farm.replica.scores.values()))

    def _hear(self, _state: object = None) -> None:
        if self._farm.is_live and self.isVisible():
            self.ask()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._timer.start(ASK_MS[self.span])
        if not self._is_wanted:
            self._is_wanted = True
            threading.Thread(target=self._import, name="import pyqtgraph", daemon=True).start()
        self.ask()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._timer.stop()

    # --- drawing ----------------------------------------------------------------------------------------

    def paint_now(self) -> None:
        """Draw what was answered last."""
        if self.series is None or not self.drawings:
            return
        for drawing, legend in zip(self.drawings, self._legends, strict=True):
            drawing.show(self.series, self.span, self._farm.now())
            legend.show_entries(self._legend(drawing.chart, -1))
        is_new = len(self.series) < 2
        self._note.setText(tr("The farm keeps its history from now on.") if is_new else "")

    def read_at(self, unix: float | None) -> None:
        """Say the values of a time in the legends, and draw a line there; None: of no time."""
        if self.series is None:
            return
        at = self.series.near(unix) if unix is not None else -1
        for drawing, legend in zip(self.drawings, self._legends, strict=True):
            drawing.cursor.setVisible(at >= 0)
            if at >= 0:
                drawing.cursor.setPos(float(self.series.at[at]))
            legend.show_entries(self._legend(drawing.chart, at))
        if at >= 0:
            when = float(self.series.at[at])
            short = text.clock(when, self._farm.now())
            self._note.setText(
                short if self.span == "hour" else moment(when, "quarter") + " " + short
            )
        else:
            self._note.setText("")

    def _legend(self, chart: Chart, at: int) -> list[tuple[int, str]]:
        entries: list[tuple[int, str]] = []
        for line in chart.lines:
            if self.series is not None and not self.series.has(line.measure):
                continue
            value = self.series.values[line.measure][at] if self.series and at >= 0 else np.nan
            figure = f" {value:.0f}" if np.isfinite(value) else ""
            entries.append((line.tint, f"{tr(line.name)}{figure}"))
        return entries

    # --- parts ------------------------------------------------------------------------------------------

    def _import(self) -> None:
        pyqtgraph = importlib.import_module("pyqtgraph")
        # The window may have closed meanwhile.
        self._bridge.post(lambda: self._build(pyqtgraph) if isValid(self) else None)

    def _build(self, pyqtgraph: Any) -> None:
        """Make the charts, one a turn of the loop: each takes some 20 ms."""
        pyqtgraph.setConfigOptions(antialias=True, background=style.colour("panel"))
        if len(self.drawings) < len(CHARTS):
            drawing = Drawing(pyqtgraph, CHARTS[len(self.drawings)])
            drawing.plot.setParent(self)
            drawing.plot.hide()
            drawing.plot.scene().sigMouseMoved.connect(self._hover)
            self.drawings.append(drawing)
            self._bridge.post(lambda: self._build(pyqtgraph) if isValid(self) else None)
            return
        self._stack.setCurrentIndex(self._stack.addWidget(self._lay_out()))
        self.paint_now()

    def _hover(self, at: Any) -> None:
        # A lambda that named its plot would hold it for ever, by way of the plot's own scene.
        drawing = next((each for each in self.drawings if each.plot.underMouse()), None)
        if drawing is None:
            return
        box = drawing.plot.getViewBox()
        is_inside = box.sceneBoundingRect().contains(at)
        self.read_at(float(box.mapSceneToView(at).x()) if is_inside else None)

    def leaveEvent(self, event: object) -> None:
        self.read_at(None)

    def _lay_out(self) -> QWidget:
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(16, 10, 16, 12)
        column.setSpacing(10)
        head = QHBoxLayout()
        head.addWidget(self._spans())
        head.addSpacing(12)
        head.addWidget(self._note, 1)
        self._note.show()
        column.addLayout(head)
        row = QHBoxLayout()
        row.setSpacing(24)
        row.addLayout(self._charts(), 1)
        row.addWidget(self._beside)
        self._beside.show()
        column.addLayout(row, 1)
        return body

    def _spans(self) -> QFrame:
        frame = named(QFrame(), "Segments")
        row = QHBoxLayout(frame)
        row.setContentsMargins(2, 2, 2, 2)
        row.setSpacing(0)
        group = QButtonGroup(self)
        group.buttonClicked.connect(self._choose_span)
        for span, title in TITLES.items():
            button = named(QToolButton(), "Segment")
            button.setText(tr(title))
            button.setCheckable(True)
            button.setAccessibleName(tr("The last {span}").format(span=tr(title)))
            button.setChecked(span == self.span)
            group.addButton(button)
            row.addWidget(button)
            self.buttons[span] = button
        return frame

    def _charts(self) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setSpacing(4)
        for drawing in self.drawings:
            legend = LineLegend()
            self._legends.append(legend)
            line = QHBoxLayout()
            line.addWidget(_title(tr(drawing.chart.title)))
            line.addStretch()
            line.addWidget(legend)
            column.addLayout(line)
            column.addWidget(drawing.plot, 1)
            drawing.plot.show()
        return column

    def _side(self) -> QScrollArea:
        inner = QWidget()
        column = QVBoxLayout(inner)
        column.setContentsMargins(0, 0, 8, 0)
        column.setSpacing(8)
        column.addWidget(self._hours_title)
        column.addWidget(self.usage)
        column.addSpacing(10)
        column.addWidget(_title(tr("How far forecasts were right")))
        hint = tr(
            "Done by the first time, and by the second: an honest forecast has 50 % and 90 %."
        )
        column.addWidget(label(hint, "Faint", wraps=True))
        column.addWidget(self.scores)
        column.addStretch()
        scroll = QScrollArea(widgetResizable=True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setFixedWidth(SIDE_PX)
        scroll.setAccessibleName(tr("Projects and forecasts"))
        scroll.setWidget(inner)
        # The scroll area would lay the window's colour under it.
        scroll.viewport().setAutoFillBackground(False)
        inner.setAutoFillBackground(False)
        return scroll


def _title(words: str) -> QLabel:
    title = label(words, "Faint")
    title.setFont(style.font(11, QFont.Weight.Medium))
    return title
