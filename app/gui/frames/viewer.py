"""The picture: the newest preview of the chosen frame, or of a frame that is being rendered.

Previews come by topic while somebody watches; watching is asked for again and again as long as the
picture is to be seen. Decoding is the pool's; here is only the painting of what is decoded.
"""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QFont,
    QHideEvent,
    QImage,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPixmap,
    QShowEvent,
)
from PySide6.QtWidgets import QWidget

from app.client.connection import Outcome
from app.client.replica import Batch
from app.core.commands import GetPreview, PreviewImage, WatchTask
from app.core.ids import TaskState
from app.core.views import PreviewNews
from app.gui import states, style
from app.gui.bridge import Farm
from app.gui.frames import cells
from app.gui.frames.decode import Decoder
from app.gui.queue.delegates import write
from app.gui.words import tr

WATCH_S = 10.0
RENEW_MS = 8_000
FOOT_PX = 30


@dataclass(frozen=True, slots=True)
class Shown:
    """Which picture of which frame is on show."""

    step: int
    task: int
    epoch: int
    frame: int
    passes_done: int
    passes: int

    def is_older_than(self, other: Shown) -> bool:
        """Whether ``other`` shows more of the same task, or another task."""
        if (self.step, self.task) != (other.step, other.task):
            return True
        return (self.epoch, self.passes_done) <= (other.epoch, other.passes_done)


class Viewer(QWidget):
    """Shows one frame; follows what is rendered until a frame is chosen."""

    shown_changed = Signal()
    opened = Signal()
    """The picture was double-clicked: more of it is wanted."""

    def __init__(self, farm: Farm, decoder: Decoder, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._farm = farm
        self._decoder = decoder
        self._shot = 0
        self._chosen: tuple[int, int] | None = None
        self._watched: tuple[int, int] | None = None
        self._picture: QPixmap | None = None
        self._shown: Shown | None = None
        self._is_full = False
        self._offset = QPointF()
        self._held: QPointF | None = None
        self._renewal = QTimer(self, interval=RENEW_MS)
        self._renewal.timeout.connect(self._watch)
        self.setAccessibleName(tr("Picture of the frame"))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        farm.changed.connect(self._take)
        farm.preview.connect(self._take_news)

    @property
    def shown(self) -> Shown | None:
        """What is on show; None while there is no picture."""
        return self._shown

    @property
    def is_full(self) -> bool:
        """Whether a pixel of the picture is a pixel of the screen."""
        return self._is_full

    def sizeHint(self) -> QSize:
        return QSize(520, 330)

    def show_shot(self, shot: int) -> None:
        """Follow what is rendered of this shot."""
        if shot != self._shot:
            self._shot, self._chosen, self._watched = shot, None, None
            self._clear()
            if shot:
                self._farm.ask(GetPreview(shot=shot), self._take_answer)
        self._follow()

    def show_task(self, step: int, task: int) -> None:
        """Show this frame, and go on with it while it is rendered."""
        self._chosen = (step, task)
        self._clear()
        self._farm.ask(GetPreview(step=step, task=task), self._take_answer)
        self._follow()

    def set_full(self, is_full: bool) -> None:
        """Show 100 %, or fit the picture into the panel."""
        self._is_full, self._offset = is_full, QPointF()
        self.update()

    # --- what is followed -----------------------------------------------------------------------------

    def _follow(self) -> None:
        wanted = self._chosen or self._running_task()
        if wanted != self._watched:
            self._watched = wanted
            self._watch()

    def _running_task(self) -> tuple[int, int] | None:
        """Return a task that is on a node now; the one that is watched for as long as it is."""
        for lane in cells.lanes(self._farm.replica, self._shot):
            running = self._farm.replica.steps[lane.step].running
            if self._watched and self._watched[0] == lane.step and self._watched[1] in running:
                return self._watched
            if running:
                return lane.step, max(running, key=lambda task: running[task].progress)
        return None

    def _watch(self) -> None:
        if self._watched and self.isVisible() and self._farm.is_live:
            step, task = self._watched
            self._farm.ask(WatchTask(step=step, task=task, seconds=WATCH_S))

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._renewal.start()
        self._watch()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._renewal.stop()

    def _take(self, batch: Batch) -> None:
        if batch.reset or batch.steps or batch.step_rows:
            self._follow()

    # --- pictures -------------------------------------------------------------------------------------

    def _take_news(self, news: PreviewNews) -> None:
        if news.shot == self._shot and self._wants(news.step, news.task):
            self._decode(
                Shown(news.step, news.task, news.epoch, news.frame, news.passes_done, news.passes),
                news.image,
            )

    def _take_answer(self, outcome: Outcome) -> None:
        if isinstance(outcome, PreviewImage) and self._wants(outcome.step, outcome.task):
            got = Shown(
                outcome.step,
                outcome.task,
                outcome.epoch,
                outcome.frame,
                outcome.passes_done,
                outcome.passes,
            )
            self._decode(got, outcome.image)

    def _wants(self, step: int, task: int) -> bool:
        if self._chosen:
            return (step, task) == self._chosen
        row = self._farm.replica.steps.get(step)
        is_ours = row is not None and row.row.shot == self._shot
        return (is_ours and self._watched in (None, (step, task))) or (is_ours and not self._shown)

    def _decode(self, shown: Shown, data: bytes) -> None:
        def take(image: QImage | None) -> None:
            # Two decodings may end in the other order, and the wish may have changed meanwhile.
            is_newer = self._shown is None or self._shown.is_older_than(shown)
            if image is not None and is_newer and self._wants(shown.step, shown.task):
                self._picture = QPixmap.fromImage(image)
                self._shown = shown
                self.update()
                self.shown_changed.emit()

        self._decoder.decode(data, take)

    def _clear(self) -> None:
        self._picture, self._shown = None, None
        self.update()
        self.shown_changed.emit()

    # --- painting ---------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        well = QRectF(self.rect()).adjusted(8, 0, -8, -FOOT_PX)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(style.colour("well"))
        painter.drawRoundedRect(well, 6, 6)
        if self._picture is None:
            words = tr("No picture of this frame yet") if self._shot else tr("Choose a shot")
            middle = Qt.AlignmentFlag.AlignCenter
            painter.setFont(style.font())
            painter.setPen(style.colour("text_faint"))
            inside = well.adjusted(12, 8, -12, -8)
            painter.drawText(inside, middle | Qt.TextFlag.TextWordWrap, words)
        else:
            painter.save()
            painter.setClipRect(well)
            painter.drawPixmap(self._place(well), self._picture, QRectF(self._picture.rect()))
            painter.restore()
        self._paint_foot(painter)
        painter.end()

    def _place(self, well: QRectF) -> QRectF:
        if self._picture is None:
            return QRectF()
        width, height = float(self._picture.width()), float(self._picture.height())
        scale = min(well.width() / width, well.height() / height)
        if self._is_full:
            scale = 1.0 / self.devicePixelRatioF()
        place = QRectF(0, 0, width * scale, height * scale)
        place.moveCenter(well.center() + self._offset)
        return place

    def _paint_foot(self, painter: QPainter) -> None:
        foot = QRectF(self.rect()).adjusted(12, self.height() - FOOT_PX, -12, 0)
        shown = self._shown
        if shown is None:
            return
        state = self._state()
        states.paint_glyph(painter, QRectF(foot.left(), foot.center().y() - 5, 10, 10), state)
        rest = foot.adjusted(17, 0, 0, 0)
        frame = tr("Frame {frame}").format(frame=shown.frame)
        used = write(painter, rest, frame, "text", weight=QFont.Weight.Medium)
        write(painter, rest.adjusted(used + 10, 0, 0, 0), self._where(), "text_faint", 12)
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        write(painter, rest, self._passes(shown), "text_dim", 12, align=right)

    def _state(self) -> str:
        step = self._farm.replica.steps.get(self._shown.step) if self._shown else None
        if step is None or self._shown is None or self._shown.task >= len(step.states):
            return "waiting"
        return states.TASK_NAMES[TaskState(step.states[self._shown.task])]

    def _where(self) -> str:
        """Return the node that renders the frame now."""
        step = self._farm.replica.steps.get(self._shown.step) if self._shown else None
        change = step.running.get(self._shown.task) if step and self._shown else None
        node = self._farm.replica.nodes.get(change.node) if change else None
        return tr("on {node}").format(node=node.name) if node else ""

    def _passes(self, shown: Shown) -> str:
        step = self._farm.replica.steps.get(shown.step)
        parts: list[str] = []
        if shown.passes:
            said = tr("pass {done} / {all}")
            parts.append(said.format(done=shown.passes_done, all=shown.passes))
        if step and step.row.samples and shown.passes:
            done = round(step.row.samples * shown.passes_done / shown.passes)
            said = tr("{done} of {n} sample(s)", "", step.row.samples)
            parts.append(said.format(done=done))
        return "   ".join(parts)

    # --- the hand -----------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._held = event.position() - self._offset

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if self._shot:
            self.opened.emit()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._held is not None and self._is_full:
            self._offset = event.position() - self._held
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._held = None
