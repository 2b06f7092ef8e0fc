"""How the lines of the queue are painted: every column by one delegate, from a ``lines.Line``.

Nothing is asked here but the model and what is already in memory: a paint never waits.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, lru_cache

from PySide6.QtCore import QObject, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPainterPath, QPixmap
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem

from app.core.ids import TaskState
from app.gui import icons, states, style, text
from app.gui.bridge import Farm
from app.gui.due import standing
from app.gui.frames import cells
from app.gui.keyed import AnyIndex, plain
from app.gui.queue.cells import Column
from app.gui.queue.lines import Line
from app.gui.queue.model import LINE, QueueModel
from app.gui.queue.thumbnails import Thumbnails
from app.gui.said import spoken
from app.gui.words import tr

ROW_PX = 54
COMPACT_PX = 32
PAD = 10
THUMB = QSize(64, 36)
BAR_PX = 7
LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter

CELL_COLOURS = {
    TaskState.WAITING: "track",
    TaskState.READY: "track",
    TaskState.RUNNING: "running",
    TaskState.PUBLISHING: "publishing",
    TaskState.DONE: "done",
    TaskState.FAILED: "failed",
    TaskState.CANCELLED: "line_strong",
}
"""In the small bar what is still to do is the bar's own ground."""


class LineDelegate(QStyledItemDelegate):
    """Paints a cell; the row's ground is the view's."""

    def __init__(self, farm: Farm, thumbnails: Thumbnails, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._farm = farm
        self._thumbnails = thumbnails
        self.is_compact = False
        self._plain: dict[Column, Callable[[QPainter, QRectF, Line], None]] = {
            Column.POSITION: self._position,
            Column.SHOT: self._shot,
            Column.PROGRESS: self._progress,
            Column.RUNNING: self._running,
            Column.DUE: self._due,
            Column.USER: self._user,
            Column.NOTE: self._note,
        }

    def sizeHint(self, option: QStyleOptionViewItem, index: AnyIndex) -> QSize:
        return QSize(60, COMPACT_PX if self.is_compact else ROW_PX)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: AnyIndex) -> None:
        line = index.data(LINE)
        if line is None or (line.is_empty and index.column() != Column.SHOT):
            return
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(option.rect).adjusted(PAD, 0, -PAD, 0)
        if index.column() in (Column.STATE, Column.FINISH):
            paint_live = self._state if index.column() == Column.STATE else self._finish
            paint_live(painter, box, line, index)
        else:
            self._plain[Column(index.column())](painter, box, line)
        painter.restore()

    def _position(self, painter: QPainter, box: QRectF, line: Line) -> None:
        box = box.adjusted(-PAD, 0, PAD - 6, 0)
        write(painter, box, str(line.position or ""), "text_faint", 12, align=RIGHT)

    def _user(self, painter: QPainter, box: QRectF, line: Line) -> None:
        write(painter, box, line.user, "text_dim")

    def _shot(self, painter: QPainter, box: QRectF, line: Line) -> None:
        if line.shot:
            box = self._thumbnail(painter, box, line)
        ink = "text_dim" if line.is_finished else "text"
        if self.is_compact:
            used = write(painter, box, line.title, ink, weight=QFont.Weight.DemiBold)
            write(painter, box.adjusted(used + 10, 0, 0, 0), line.subtitle, "text_faint", 12)
            return
        upper, lower = halves(box)
        write(painter, upper, line.title, ink, weight=QFont.Weight.DemiBold)
        write(painter, lower, line.subtitle, "text_faint", 12)

    def _thumbnail(self, painter: QPainter, box: QRectF, line: Line) -> QRectF:
        """Paint the picture, or its empty place; return the rest of the box."""
        height = min(THUMB.height(), box.height() - 8)
        width = height * THUMB.width() / THUMB.height()
        place = QRectF(box.left(), box.center().y() - height / 2, width, height)
        clip = QPainterPath()
        clip.addRoundedRect(place, 4, 4)
        picture = self._thumbnails.of(line.shot)
        if picture is None:
            painter.fillPath(clip, style.colour("raised"))
            glyph = QRectF(0, 0, 12, 12)
            glyph.moveCenter(place.center())
            states.paint_glyph(painter, glyph, line.state, style.colour("line_strong"))
        else:
            self._picture(painter, place, clip, picture, line)
        return box.adjusted(width + 12, 0, 0, 0)

    def _picture(
        self, painter: QPainter, place: QRectF, clip: QPainterPath, picture: QPixmap, line: Line
    ) -> None:
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.setClipPath(clip)
        painter.setOpacity(0.55 if line.state in ("paused", "cancelled") else 1.0)
        painter.drawPixmap(place, picture, QRectF(picture.rect()))
        painter.restore()

    def _state(self, painter: QPainter, box: QRectF, line: Line, index: AnyIndex) -> None:
        glyph = QRectF(box.left(), box.center().y() - 6, 12, 12)
        states.paint_glyph(painter, glyph, line.state)
        beside = box.adjusted(20, 0, 0, 0)
        model = index.model()
        is_asked = isinstance(model, QueueModel) and bool(line.shot) and model.is_asked(line.shot)
        name = states.word(line.state)
        if not is_asked:
            write(painter, beside, name, _state_ink(line), weight=QFont.Weight.Medium)
            return
        if self.is_compact:
            write(painter, beside, f"{name}…", "accent", weight=QFont.Weight.Medium)
            return
        upper, lower = halves(beside)
        write(painter, upper, name, _state_ink(line), weight=QFont.Weight.Medium)
        write(painter, lower, "asked…", "accent", 11)

    def _progress(self, painter: QPainter, box: QRectF, line: Line) -> None:
        counts, share = f"{line.done} / {line.total}", f"{line.progress * 100:.0f} %"
        if self.is_compact:
            write(painter, box, counts, "text_dim", 12, align=RIGHT)
            middle = box.adjusted(0, 0, -86, 0)
            self._bar(
                painter, QRectF(middle.left(), middle.center().y() - 3, middle.width(), 6), line
            )
            return
        upper, lower = halves(box, gap=5)
        used = write(painter, upper, share, "text", 12, weight=QFont.Weight.Medium)
        rest = upper.adjusted(used + 8, 0, 0, 0)
        right = write(painter, rest, counts, "text_dim", 12, align=RIGHT)
        if line.failed:
            spare = rest.adjusted(0, 0, -right - 10, 0)
            self._failed(painter, spare, line)
        self._bar(painter, QRectF(lower.left(), lower.top(), lower.width(), BAR_PX), line)

    def _failed(self, painter: QPainter, box: QRectF, line: Line) -> None:
        states.paint_glyph(painter, QRectF(box.left(), box.center().y() - 4, 8, 8), "failed")
        write(painter, box.adjusted(12, 0, 0, 0), f"{line.failed}", "bad", 12)

    def _bar(self, painter: QPainter, bar: QRectF, line: Line) -> None:
        """Paint the tasks in the order of their frames; a group's as one share."""
        painter.save()
        clip = QPainterPath()
        clip.addRoundedRect(bar, bar.height() / 2, bar.height() / 2)
        painter.setClipPath(clip)
        painter.fillRect(bar, style.colour("track"))
        lanes = cells.lanes(self._farm.replica, line.shot) if line.shot else []
        if lanes:
            tasks = b"".join(bytes(lane.states) for lane in lanes)
            paint_cells(painter, bar, tasks)
        else:
            done = QRectF(bar.left(), bar.top(), bar.width() * line.progress, bar.height())
            painter.fillRect(done, style.colour("done"))
        painter.restore()

    def _running(self, painter: QPainter, box: QRectF, line: Line) -> None:
        if not line.running:
            return
        tasks = tr("{n} frame(s)", "", line.running)
        if self.is_compact or not line.nodes:
            write(painter, box, tasks, "text_dim", 12)
            return
        upper, lower = halves(box)
        write(painter, upper, tasks, "text", 12)
        write(painter, lower, tr("{n} node(s)", "", line.nodes), "text_faint", 12)

    def _finish(self, painter: QPainter, box: QRectF, line: Line, index: AnyIndex) -> None:
        now = self._farm.now()
        if line.is_finished:
            stamp = text.clock(line.finished_at, now)
            write(painter, box, stamp, "text_faint", 12)
            return
        model = index.model()
        tried = model.trial_of(plain(index)) if isinstance(model, QueueModel) else None
        trial, by = tried or (None, 0.0)
        p50 = trial.p50 if trial else line.finish_p50
        p90 = trial.p90 if trial else line.finish_p90
        if not p50:
            write(painter, box, tr("no forecast"), "text_faint", 12)
            return
        self._times(painter, box, (p50, p90), text.shift(by), now)

    def _times(
        self, painter: QPainter, box: QRectF, times: tuple[float, float], change: str, now: float
    ) -> None:
        p50, p90 = times
        upper, lower = (box, None) if self.is_compact else halves(box)
        used = write(painter, upper, text.clock(p50, now), "text", weight=QFont.Weight.DemiBold)
        beside = upper.adjusted(used + 7, 0, 0, 0)
        if change:
            self._change(painter, beside, change)
        elif text.clock(p90, now) != text.clock(p50, now):
            write(painter, beside, f"– {text.clock(p90, now)}", "text_faint", 12)
        if lower is not None:
            write(
                painter,
                lower,
                tr("in {time}").format(time=text.duration(p50 - now)),
                "text_faint",
                12,
            )

    def _change(self, painter: QPainter, box: QRectF, change: str) -> None:
        """Paint by how much the drop under the hand would shift the finish, as a small tag."""
        is_earlier = change.startswith("−")
        ink = style.colour("good" if is_earlier else "bad")
        width = advance(change, 11, QFont.Weight.Medium) + 12
        tag = QRectF(box.left(), box.center().y() - 8.5, min(width, box.width()), 17)
        ground = QColor(ink)
        ground.setAlphaF(0.18)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ground)
        painter.drawRoundedRect(tag, 5, 5)
        inside = tag.adjusted(6, 0, -4, 0)
        write(painter, inside, change, "good" if is_earlier else "bad", 11, QFont.Weight.Medium)

    def _due(self, painter: QPainter, box: QRectF, line: Line) -> None:
        now = self._farm.now()
        stands = standing.of(line, now)
        if not stands.name:
            return
        when = text.clock(line.due, now)
        ink = "text_faint" if line.is_finished else "text"
        upper, lower = (box, box) if self.is_compact else halves(box)
        sign = QRectF(box.left(), upper.center().y() - 5, 10, 10)
        standing.paint_sign(painter, sign, stands.name)
        beside = upper.adjusted(16, 0, 0, 0)
        used = write(painter, beside, when, ink, weight=QFont.Weight.DemiBold)
        if line.due_pinned:
            pin = QRectF(beside.left() + used + 6, upper.center().y() - 6, 12, 12)
            painter.drawPixmap(pin.toRect(), icons.pixmap("pin", 12, "text_dim"))
        if self.is_compact:
            write(painter, beside.adjusted(used + 22, 0, 0, 0), stands.words, stands.ink, 12)
        else:
            write(painter, lower.adjusted(16, 0, 0, 0), stands.words, stands.ink, 12)

    def _note(self, painter: QPainter, box: QRectF, line: Line) -> None:
        if line.error:
            glyph = QRectF(box.left(), box.center().y() - 5, 10, 10)
            states.paint_glyph(painter, glyph, "failed")
            box = box.adjusted(17, 0, 0, 0)
        words, ink = (
            (spoken(line.error), "bad") if line.error else (_why(line.reason), "text_faint")
        )
        first, rest = (words, "") if self.is_compact else broken(words, box.width(), 12)
        if not rest:
            write(painter, box, first, ink, 12)
            return
        upper, lower = halves(box, gap=0)
        write(painter, upper, first, ink, 12)
        write(painter, lower, rest, ink, 12)


BUSY = "All nodes that can run it are busy with earlier shots."
"""What most of a queue waits for; the tip and the doctor say it whole."""


def _why(reason: str) -> str:
    return tr("Waits for its turn.") if reason == BUSY else spoken(reason)


def _state_ink(line: Line) -> str:
    match line.state:
        case "running":
            return "text"
        case "failed":
            return "bad"
        case "paused":
            return "warn"
    return "text_dim"


def paint_cells(painter: QPainter, bar: QRectF, tasks: bytes) -> None:
    """Paint tasks side by side into the bar, neighbours of one state as one rectangle."""
    columns = cells.columns(tasks, max(1, int(bar.width())))
    pitch = bar.width() / max(1, len(columns))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
    for first, count, state in cells.spans(columns):
        # Rounded to whole pixels at both ends, so that neighbours neither overlap nor part.
        left = round(bar.left() + first * pitch)
        right = max(left + 1, round(bar.left() + (first + count) * pitch))
        ground = style.colour(CELL_COLOURS[TaskState(state)])
        painter.fillRect(QRectF(left, bar.top(), right - left, bar.height()), ground)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)


def halves(box: QRectF, gap: float = 2) -> tuple[QRectF, QRectF]:
    """Return the places of two lines of text, centred together in the box."""
    middle = box.center().y()
    return (
        QRectF(box.left(), middle - 17 - gap / 2, box.width(), 17),
        QRectF(box.left(), middle + gap / 2, box.width(), 17),
    )


def broken(words: str, width: float, px: int) -> tuple[str, str]:
    """Break a sentence after the last word that fits the width; ('all of it', '') where it does."""
    if advance(words, px) <= width:
        return words, ""
    parts = words.split(" ")
    fits = 1
    while fits < len(parts) and advance(" ".join(parts[: fits + 1]), px) <= width:
        fits += 1
    return " ".join(parts[:fits]), " ".join(parts[fits:])


def write(
    painter: QPainter,
    box: QRectF,
    words: str,
    ink: str,
    px: int = style.FONT_PX,
    weight: QFont.Weight = QFont.Weight.Normal,
    align: Qt.AlignmentFlag = LEFT,
) -> float:
    """Write one line, cut with … where it does not fit; return the width it took."""
    if not words or box.width() <= 0:
        return 0.0
    wide = advance(words, px, weight)
    shown = words
    if wide > box.width():
        elide = Qt.TextElideMode.ElideRight
        shown = _metrics(px, weight).elidedText(words, elide, box.width())
        wide = box.width()
    painter.setFont(style.font(px, weight))
    painter.setPen(style.colour(ink))
    painter.drawText(box, align, shown)
    return wide


@lru_cache(maxsize=8192)
def advance(words: str, px: int, weight: QFont.Weight = QFont.Weight.Normal) -> float:
    """Return how wide the words are; a queue writes the same ones again and again."""
    return _metrics(px, weight).horizontalAdvance(words)


@cache
def _metrics(px: int, weight: QFont.Weight) -> QFontMetricsF:
    return QFontMetricsF(style.font(px, weight))
