"""How a node is painted: its name and state, what it works on, and small curves of its load."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QLinearGradient, QPainter, QPainterPath, QPen
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem

from app.core.views import NodeRow, NodeSample
from app.gui import states, style, text
from app.gui.nodes.model import (
    ASKED,
    HISTORY,
    HISTORY_MAX,
    NODE,
    Column,
    NodeModel,
    hottest,
    mean_gpu,
    running,
)
from app.gui.queue.delegates import RIGHT, halves, write
from app.gui.wall.measures import HOT_C
from app.gui.words import tr

ROW_PX = 50
PAD = 10
AnyIndex = QModelIndex | QPersistentModelIndex


class NodeDelegate(QStyledItemDelegate):
    """Paints a cell of the node list."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)

    def sizeHint(self, option: QStyleOptionViewItem, index: AnyIndex) -> QSize:
        return QSize(60, ROW_PX)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: AnyIndex) -> None:
        row = index.data(NODE)
        if row is None:
            return
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(option.rect).adjusted(PAD, 0, -PAD, 0)
        match index.column():
            case Column.NODE:
                self._node(painter, box, row, is_asked=bool(index.data(ASKED)))
            case Column.WORK:
                self._work(painter, box, row, index)
            case Column.DONE:
                self._done(painter, box, row)
            case _:
                self._load(painter, box, index)
        painter.restore()

    def _node(self, painter: QPainter, box: QRectF, row: NodeRow, *, is_asked: bool) -> None:
        upper, lower = halves(box.adjusted(20, 0, 0, 0))
        states.paint_glyph(painter, QRectF(box.left(), upper.center().y() - 5.5, 11, 11), row.state)
        write(painter, upper, row.name, "text", weight=QFont.Weight.Medium)
        if is_asked:
            write(painter, lower, tr("asked…"), "accent", 11)
        elif row.reserved_until:
            write(painter, lower, _kept(row), "accent", 11)
        else:
            write(painter, lower, f"{states.word(row.state)}  {equipment(row)}", "text_faint", 11)

    def _work(self, painter: QPainter, box: QRectF, row: NodeRow, index: AnyIndex) -> None:
        model = index.model()
        busy = running(row)
        if not isinstance(model, NodeModel):
            return
        if not busy:
            write(painter, box, model.idle_words(row), "text_faint", 12)
            return
        shown = busy[:2]
        places = [box] if len(shown) == 1 else _two(box)
        for attempt, place in zip(shown, places, strict=True):
            self._attempt(painter, place, model.work(attempt), attempt.progress)

    def _attempt(self, painter: QPainter, box: QRectF, words: str, progress: float) -> None:
        """Paint which frame it is, over a thin bar of how far it is."""
        share = f"{progress * 100:.0f} %"
        is_alone = box.height() > 20
        line = box.adjusted(0, 0, 0, -7 if is_alone else -4)
        used = write(painter, line, share, "text_dim", 11, align=RIGHT)
        write(painter, line.adjusted(0, 0, -used - 8, 0), words, "text", 12)
        top = box.center().y() + 10 if is_alone else box.bottom() - 1.5
        track = QRectF(box.left(), top, box.width(), 3)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(style.colour("track"))
        painter.drawRoundedRect(track, 1.5, 1.5)
        painter.setBrush(style.colour("running"))
        track.setWidth(max(3.0, track.width() * progress))
        painter.drawRoundedRect(track, 1.5, 1.5)

    def _done(self, painter: QPainter, box: QRectF, row: NodeRow) -> None:
        upper, lower = halves(box) if row.failed else (box, box)
        write(painter, upper, text.number(row.done), "text", 12, align=RIGHT)
        if row.failed:
            write(painter, lower, tr("{n} failed", "", row.failed), "bad", 11, align=RIGHT)

    def _load(self, painter: QPainter, box: QRectF, index: AnyIndex) -> None:
        history: list[NodeSample] = index.data(HISTORY) or []
        values, words, tint = _series(Column(index.column()), history)
        if not values:
            write(painter, box, "–", "text_faint", 12)
            return
        figure = QRectF(box.right() - 44, box.top(), 44, box.height())
        write(painter, figure, words, "text", 12, align=RIGHT)
        curve = box.adjusted(0, 9, -52, -9)
        if curve.width() > 16:
            paint_sparkline(painter, curve, values, style.series_colour(tint))


def _two(box: QRectF) -> list[QRectF]:
    """Return the places of two devices, one above the other."""
    middle = box.center().y()
    return [
        QRectF(box.left(), middle - 22, box.width(), 20),
        QRectF(box.left(), middle + 1, box.width(), 20),
    ]


def _series(column: Column, history: Sequence[NodeSample]) -> tuple[list[float], str, int]:
    """Return the values 0..1 of a column, what is written beside them, and their colour's number."""
    match column:
        case Column.CPU:
            values = [sample.cpu_percent / 100 for sample in history]
            return values, f"{values[-1] * 100:.0f} %" if values else "", 0
        case Column.GPU:
            values = [mean_gpu(sample.gpus) / 100 for sample in history if sample.gpus]
            return values, f"{values[-1] * 100:.0f} %" if values else "", 1
        case Column.TEMPERATURE:
            values = [hottest(sample.gpus) / HOT_C for sample in history if sample.gpus]
            return values, f"{values[-1] * HOT_C:.0f} °C" if values else "", 5
        case _:
            values = [
                sample.memory_used_bytes / sample.memory_bytes
                for sample in history
                if sample.memory_bytes
            ]
            return values, f"{values[-1] * 100:.0f} %" if values else "", 3


def paint_sparkline(
    painter: QPainter, box: QRectF, values: Sequence[float], tint: QColor, room: int = HISTORY_MAX
) -> None:
    """Paint values 0..1, newest at the right end; ``room`` of them fill the width."""
    pitch = box.width() / max(1, room - 1)
    left = box.right() - pitch * (len(values) - 1)
    points = [
        QPointF(left + at * pitch, box.bottom() - box.height() * min(1.0, max(0.0, value)))
        for at, value in enumerate(values)
    ]
    painter.setPen(QPen(style.colour("line"), 1))
    painter.drawLine(
        QPointF(box.left(), box.bottom() + 0.5), QPointF(box.right(), box.bottom() + 0.5)
    )
    line = QPainterPath(points[0])
    for point in points[1:]:
        line.lineTo(point)
    under = QPainterPath(line)
    under.lineTo(points[-1].x(), box.bottom())
    under.lineTo(points[0].x(), box.bottom())
    painter.fillPath(under, _fade(box, tint))
    painter.setPen(QPen(tint, 1.4))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPath(line)


def _fade(box: QRectF, tint: QColor) -> QLinearGradient:
    fade = QLinearGradient(box.topLeft(), box.bottomLeft())
    for at, alpha in ((0.0, 0.35), (1.0, 0.03)):
        shade = QColor(tint)
        shade.setAlphaF(alpha)
        fade.setColorAt(at, shade)
    return fade


def _kept(row: NodeRow) -> str:
    """Say in a list's few words that a node is reserved."""
    until = text.local(row.reserved_until).strftime("%H:%M")
    if row.reserved_for:
        return tr("{project} until {time}").format(project=row.reserved_for, time=until)
    return tr("Kept free until {time}").format(time=until)


def equipment(row: NodeRow) -> str:
    """Say what a node has: '1 GPU, 16 cores, 64 GiB'."""
    gpus = sum(device.kind == "cuda" for device in row.devices)
    parts = [tr("{n} GPU(s)", "", gpus)] if gpus else []
    parts.append(tr("{n} core(s)", "", row.cores))
    if row.memory_bytes:
        parts.append(text.size(row.memory_bytes))
    return ", ".join(parts)
