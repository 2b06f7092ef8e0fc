"""The charts of the trends: three pyqtgraph plots over one axis of time, dressed in the theme.

pyqtgraph is given, not imported: a thread does that while the window is already there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from PySide6.QtCore import QSize

from app.gui import style, text
from app.gui.plots.series import Series
from app.gui.words import mark, tr

HOUR = 3600.0
DAY = 24 * HOUR
SPANS = {"hour": HOUR, "day": DAY, "quarter": 90 * DAY}
TICKS = {"hour": 600.0, "day": 4 * HOUR, "quarter": 14 * DAY}
AXIS_PX = 46
"""Of the left axes: the same for all, so that the times stand below each other."""


@dataclass(frozen=True)
class Line:
    """A curve: which measure, its name for people, its colour's number in the theme."""

    measure: str
    name: str
    tint: int


@dataclass(frozen=True)
class Chart:
    """A plot: its title, its lines, and where its axis ends (0: wherever the values do)."""

    title: str
    lines: tuple[Line, ...]
    top: float = 0.0


CHARTS = (
    Chart(
        mark("Devices at work, %"),
        (Line("gpus", mark("GPUs"), 1), Line("cores", mark("Cores"), 0)),
        100.0,
    ),
    Chart(
        mark("Tasks a minute"),
        (Line("done", mark("Done"), 2), Line("failed", mark("Failed"), 5)),
    ),
    Chart(
        mark("Tasks in the queue"),
        (Line("ready", mark("Ready"), 0), Line("waiting", mark("Waiting"), 3)),
    ),
)


class TimeTicks:
    """What an axis of time says. Not the drawing's own: an axis that knew its plot would never be let go."""

    def __init__(self) -> None:
        self.span = "day"

    def values(self, first: float, last: float, _size: float) -> list[tuple[float, list[float]]]:
        """Return where ticks stand, as pyqtgraph asks for it."""
        return [(TICKS[self.span], ticks_of(first, last, TICKS[self.span]))]

    def words(self, values: Sequence[float], _scale: float, _spacing: float) -> list[str]:
        """Return what stands at the ticks."""
        return [moment(value, self.span) for value in values]


class Drawing:
    """One chart as pyqtgraph draws it."""

    def __init__(self, pyqtgraph: Any, chart: Chart) -> None:
        self.chart = chart
        self.ticks = TimeTicks()
        self.plot = self._make_plot(pyqtgraph)
        self.curves = {line.measure: self._make_curve(pyqtgraph, line) for line in chart.lines}
        pen = pyqtgraph.mkPen(style.colour("line_strong"), width=1)
        self.cursor = pyqtgraph.InfiniteLine(angle=90, pen=pen)
        self.cursor.hide()
        self.plot.addItem(self.cursor, ignoreBounds=True)

    def show(self, series: Series, span: str, now: float) -> None:
        """Draw this history up to now."""
        self.ticks.span = span
        for measure, curve in self.curves.items():
            curve.setData(series.at, series.values[measure], connect="finite")
        self.plot.setXRange(now - SPANS[span], now, padding=0)
        if not self.chart.top:
            most = max((_most(series.values[name]) for name in self.curves), default=0.0)
            self.plot.setYRange(0, max(4.0, most * 1.12), padding=0)

    def _make_curve(self, pyqtgraph: Any, line: Line) -> Any:
        tint = style.series_colour(line.tint)
        curve = self.plot.plot(pen=pyqtgraph.mkPen(tint, width=1.8))
        # A spike of one step must not vanish where there are more points than pixels.
        curve.setDownsampling(auto=True, method="peak")
        curve.setClipToView(True)
        return curve

    def _make_plot(self, pyqtgraph: Any) -> Any:
        plot = pyqtgraph.PlotWidget()
        plot.setMinimumWidth(160)
        plot.sizeHint = lambda: QSize(320, 110)
        plot.setAccessibleName(tr(self.chart.title))
        plot.setFrameShape(plot.Shape.NoFrame)
        plot.setMouseEnabled(x=False, y=False)
        plot.setMenuEnabled(False)
        plot.hideButtons()
        plot.getViewBox().setDefaultPadding(0.0)
        plot.setYRange(0, self.chart.top or 4.0, padding=0.02)
        plot.showGrid(y=True, alpha=0.12)
        for side in ("left", "bottom"):
            dress(plot.getAxis(side))
        plot.getAxis("left").setWidth(AXIS_PX)
        plot.getAxis("bottom").tickValues = self.ticks.values
        plot.getAxis("bottom").tickStrings = self.ticks.words
        return plot


def ticks_of(first: float, last: float, step: float) -> list[float]:
    """Return the round times of the desktop's clock between two times."""
    offset = text.local(last).utcoffset()
    shift = offset.total_seconds() if offset is not None else 0.0
    start = np.ceil((first + shift) / step) * step - shift
    return [float(tick) for tick in np.arange(start, last, step)]


def moment(unix: float, span: str) -> str:
    """Return a time as the axis of that span says it: '14:20' or '12 Nov'."""
    then = text.local(unix)
    if span != "quarter":
        return f"{then:%H:%M}"
    return text.day(unix)


def dress(axis: Any) -> None:
    """Give an axis the theme's colours and small figures."""
    axis.setTickFont(style.font(10))
    axis.setTextPen(style.colour("text_faint"))
    axis.setPen(style.colour("line"))
    axis.setStyle(tickLength=0, tickTextOffset=6, maxTickLevel=0)


def _most(values: np.ndarray) -> float:
    return float(np.nanmax(values)) if np.isfinite(values).any() else 0.0
