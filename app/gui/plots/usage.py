"""Who used the farm, and how far the forecasts were right: bars and figures beside the charts."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.core.commands import UsageTable
from app.core.views import BudgetRow, ScoreRow
from app.gui import states, style, text
from app.gui.queue.delegates import RIGHT, write
from app.gui.words import mark, tr

LINE_PX = 38
SHOWN_MAX = 8
BUDGET_LOOKS = {"ok": "done", "warned": "paused", "over": "failed"}
AHEAD = {
    "all": mark("All"),
    "under 1 h": mark("Under 1 h ahead"),
    "1 h to 8 h": mark("1 h to 8 h"),
    "8 h to 1 d": mark("8 h to 1 day"),
    "over 1 d": mark("Over 1 day"),
}


@dataclass(frozen=True, slots=True)
class Used:
    """A project's part of the farm in the span, and its budget if it has one."""

    project: str
    gpu_hours: float
    core_hours: float
    lost_hours: float
    budget: BudgetRow | None = None


def used_of(table: UsageTable, budgets: dict[str, BudgetRow]) -> list[Used]:
    """Return each project's hours, most first; one that has a budget is there whatever it used."""
    place = {name: at for at, name in enumerate(table.columns)}
    found: dict[str, list[float]] = {}
    for row in table.rows:
        sums = found.setdefault(str(row[place["project"]]), [0.0, 0.0, 0.0])
        for at, name in enumerate(("gpu_hours", "core_hours", "lost_hours")):
            sums[at] += float(row[place[name]])
    for name in budgets:
        found.setdefault(name, [0.0, 0.0, 0.0])
    used = [
        Used(name, gpu, core, lost, budgets.get(name)) for name, (gpu, core, lost) in found.items()
    ]
    return sorted(used, key=lambda each: (-each.gpu_hours, -each.core_hours, each.project))


class UsageBars(QWidget):
    """A bar a project: GPU-hours, or core-hours on a farm without GPUs; its budget below it in words."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.used: list[Used] = []
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(tr("Hours by project"))

    @property
    def has_gpus(self) -> bool:
        """Whether any GPU worked; else cores are what is shown."""
        return any(each.gpu_hours for each in self.used)

    def show_used(self, used: list[Used]) -> None:
        """Show these."""
        self.used = used[:SHOWN_MAX]
        self.setAccessibleDescription("; ".join(map(self.words, self.used)))
        self.updateGeometry()
        self.update()

    def hours(self, used: Used) -> float:
        """Return the hours that the bar shows."""
        return used.gpu_hours if self.has_gpus else used.core_hours

    def words(self, used: Used) -> str:
        """Return a project's hours as they are written."""
        said = tr("{n} GPU-h") if self.has_gpus else tr("{n} core-h")
        return f"{used.project}: {said.format(n=_hours(self.hours(used)))}"

    def sizeHint(self) -> QSize:
        return QSize(260, max(1, len(self.used)) * LINE_PX)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if not self.used:
            box = QRectF(0, 0, self.width(), 20)
            write(painter, box, tr("Nothing was rendered."), "text_faint", 12)
        most = max((self.hours(used) for used in self.used), default=0.0) or 1.0
        for at, used in enumerate(self.used):
            box = QRectF(0, at * LINE_PX, self.width(), LINE_PX - 6)
            self._line(painter, box, used, self.hours(used) / most)
        painter.end()

    def _line(self, painter: QPainter, box: QRectF, used: Used, part: float) -> None:
        figure = self.words(used).removeprefix(f"{used.project}: ")
        upper = QRectF(box.left(), box.top(), box.width(), 16)
        wide = write(painter, upper, figure, "text", 12, align=RIGHT)
        name = upper.adjusted(0, 0, -wide - 8, 0)
        taken = write(painter, name, used.project, "text", 12, QFont.Weight.Medium)
        if used.budget is not None:
            self._budget(painter, name.adjusted(taken + 10, 0, 0, 0), used.budget)
        track = QRectF(box.left(), box.top() + 20, box.width(), 7)
        _bar(painter, track, 1.0, "track")
        _bar(painter, track, part, "accent")

    def _budget(self, painter: QPainter, box: QRectF, budget: BudgetRow) -> None:
        states.paint_glyph(
            painter, QRectF(box.left(), box.top() + 3, 10, 10), BUDGET_LOOKS[budget.state]
        )
        write(painter, box.adjusted(14, 0, 0, 0), budget_words(budget), "text_dim", 11)


def budget_words(budget: BudgetRow) -> str:
    """Say how much of a budget is used: '62 % of 1 200 GPU-h'."""
    parts = []
    for used, whole, said in (
        (budget.used_gpu_hours, budget.gpu_hours, tr("{percent} % of {n} GPU-h")),
        (budget.used_core_hours, budget.core_hours, tr("{percent} % of {n} core-h")),
    ):
        if whole >= 0:
            percent = round(used / whole * 100) if whole else 100
            parts.append(said.format(percent=percent, n=_hours(whole)))
    return ", ".join(parts)


class ScoreBars(QWidget):
    """How many of the forecasts came true, by how far ahead they were made, against what is honest."""

    HONEST = (0.5, 0.9)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.scores: list[ScoreRow] = []
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(tr("How far forecasts were right"))

    def show_scores(self, scores: list[ScoreRow]) -> None:
        """Show these, in the order of how far ahead."""
        order = list(AHEAD)
        known = [row for row in scores if row.forecasts and row.name in AHEAD]
        self.scores = sorted(known, key=lambda row: order.index(row.name))
        self.setAccessibleDescription("; ".join(map(score_words, self.scores)))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(260, max(1, len(self.scores)) * LINE_PX)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if not self.scores:
            box = QRectF(0, 0, self.width(), 20)
            words = tr("No forecast has been put to the test yet.")
            write(painter, box, words, "text_faint", 12)
        for at, row in enumerate(self.scores):
            self._line(painter, QRectF(0, at * LINE_PX, self.width(), LINE_PX - 6), row)
        painter.end()

    def _line(self, painter: QPainter, box: QRectF, row: ScoreRow) -> None:
        upper = QRectF(box.left(), box.top(), box.width(), 16)
        figure = tr("{p50} %  /  {p90} %").format(
            p50=round(row.by_p50 * 100), p90=round(row.by_p90 * 100)
        )
        wide = write(painter, upper, figure, "text", 12, align=RIGHT)
        name = upper.adjusted(0, 0, -wide - 8, 0)
        taken = write(painter, name, tr(AHEAD[row.name]), "text", 12)
        count = tr("{n} forecast(s)", "", row.forecasts)
        write(painter, name.adjusted(taken + 10, 0, 0, 0), count, "text_faint", 11)
        track = QRectF(box.left(), box.top() + 20, box.width(), 7)
        _bar(painter, track, 1.0, "track")
        _bar(painter, track, row.by_p90, "publishing")
        _bar(painter, track, row.by_p50, "running")
        painter.setPen(QPen(style.colour("text"), 1.4))
        for honest in self.HONEST:
            x = track.left() + track.width() * honest
            painter.drawLine(QPointF(x, track.top() - 2), QPointF(x, track.bottom() + 2))


def score_words(row: ScoreRow) -> str:
    """Say a score in a sentence."""
    said = tr("{ahead}: {p50} % done by the first time, {p90} % by the second")
    p50, p90 = round(row.by_p50 * 100), round(row.by_p90 * 100)
    return said.format(ahead=tr(AHEAD[row.name]), p50=p50, p90=p90)


def _bar(painter: QPainter, track: QRectF, part: float, ink: str) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(style.colour(ink))
    wide = track.width() * min(1.0, max(0.0, part))
    painter.drawRoundedRect(QRectF(track.left(), track.top(), wide, track.height()), 3, 3)


def _hours(hours: float) -> str:
    return text.number(round(hours)) if hours >= 10 else f"{hours:.1f}"
