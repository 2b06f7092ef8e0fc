"""The frame strip: one cell a task of the chosen shot, all painted in one go.

A lane a step, newest job first. Cells are as wide as fits; where there are more tasks than pixels a
column shows its most urgent one. Ctrl and the wheel zoom about the pointer, + and - about the middle. With frame
times shown, what is done has the heat of how long it took; a frame that runs far longer than its like is framed.
"""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QEvent, QPoint, QRectF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFontMetricsF,
    QHelpEvent,
    QHideEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QShowEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QToolTip, QWidget

from app.client.connection import Outcome
from app.client.replica import Batch
from app.core.commands import Attempts, GetAttempts
from app.core.ids import TaskState
from app.core.views import AttemptRow
from app.gui import states, style, text
from app.gui.bridge import Farm
from app.gui.frames import cells
from app.gui.frames.cells import Lane
from app.gui.frames.times import FrameTimes
from app.gui.queue.delegates import write
from app.gui.said import spoken
from app.gui.wall.view import HEAT_STEPS, heat, ink_on
from app.gui.words import tr
from node_agent.wire.job import frames_at

LABEL_PX = 76
LANE_PX = 30
GAP_PX = 6
RULER_PX = 20
CELL_MAX_PX = 48.0
GLYPH_FROM_PX = 12
NUMBER_FROM_PX = 34
ROUND_FROM_PX = 7
FILLS = {
    TaskState.WAITING: 0.16,
    TaskState.READY: 0.20,
    TaskState.RUNNING: 0.32,
    TaskState.PUBLISHING: 0.75,
    TaskState.DONE: 0.80,
    TaskState.FAILED: 0.90,
    TaskState.CANCELLED: 0.30,
}
"""How strongly a cell is filled; its edge and glyph have the full colour."""
DARK_GLYPHS = (TaskState.DONE, TaskState.FAILED, TaskState.PUBLISHING)
ZOOMS = {
    Qt.Key.Key_Plus: 1.25,
    Qt.Key.Key_Equal: 1.25,
    Qt.Key.Key_Minus: 0.8,
    Qt.Key.Key_0: 1e-6,
}
"""By keys; 0 shows the whole shot."""
TICKS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000)


class FrameStrip(QAbstractScrollArea):
    """The tasks of one shot; a click chooses one."""

    task_chosen = Signal(int, int)
    """Step and task index."""

    def __init__(self, farm: Farm, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._farm = farm
        self._shot = 0
        self._lanes: list[Lane] = []
        self._chosen: tuple[int, int] | None = None
        self._zoom = 1.0
        self._known: dict[tuple[int, int, int], AttemptRow] = {}
        self._hover: tuple[int, int] | None = None
        self.times = FrameTimes(farm, self)
        self._is_hot = False
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self.setAccessibleName(tr("Frames of the shot"))
        self.viewport().setMouseTracking(True)
        farm.changed.connect(self._take)
        self.times.changed.connect(self.viewport().update)

    @property
    def chosen(self) -> tuple[int, int] | None:
        """The chosen (step, task)."""
        return self._chosen

    def show_shot(self, shot: int) -> None:
        """Show this shot's tasks; 0 for none."""
        if shot != self._shot:
            self._shot, self._chosen, self._zoom = shot, None, 1.0
            self._known.clear()
        self.times.show_shot(shot)
        self._reload()

    def set_hot(self, *, is_hot: bool) -> None:
        """Colour what is done by how long it took, or by its state again."""
        self._is_hot = is_hot
        self.viewport().update()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.times.set_watched(is_watched=True)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.times.set_watched(is_watched=False)

    def choose(self, step: int, task: int) -> None:
        """Choose a task, as a click on its cell does."""
        self._chosen = (step, task)
        self.viewport().update()
        self.task_chosen.emit(step, task)

    def first_in(self, state: TaskState) -> tuple[int, int] | None:
        """Return the first (step, task) in that state, newest job first."""
        for lane in self._lanes:
            at = lane.states.find(state)
            if at >= 0:
                return lane.step, at
        return None

    def task_at(self, at: QPoint) -> tuple[int, int] | None:
        """Return the (step, task) under a point of the viewport."""
        lane_at = (at.y() - GAP_PX + self.verticalScrollBar().value()) // (LANE_PX + GAP_PX)
        if not 0 <= lane_at < len(self._lanes) or at.x() < LABEL_PX:
            return None
        lane = self._lanes[lane_at]
        across = at.x() - LABEL_PX + self.horizontalScrollBar().value()
        count, pitch = len(lane.states), self._pitch(lane)
        if not count or across > count * pitch + 1:
            return None
        return lane.step, min(int(across / pitch), count - 1)

    def cell_rect(self, step: int, task: int) -> QRectF:
        """Return where in the viewport a task is; empty if it is not here."""
        for row, lane in enumerate(self._lanes):
            if lane.step == step and task < len(lane.states):
                pitch = self._pitch(lane)
                left = LABEL_PX + task * pitch - self.horizontalScrollBar().value()
                return QRectF(left, self._lane_top(row), max(pitch, 1.0), LANE_PX)
        return QRectF()

    # --- changes ----------------------------------------------------------------------------------

    def _take(self, batch: Batch) -> None:
        if batch.reset or batch.step_rows or self._shot in batch.shots:
            self._reload()
        elif any(lane.step in batch.steps for lane in self._lanes):
            self.viewport().update()

    def _reload(self) -> None:
        self._lanes = cells.lanes(self._farm.replica, self._shot)
        self._lay_out()
        self.viewport().update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._lay_out()

    def _lay_out(self) -> None:
        room = self._room()
        widest = max((self._pitch(lane) * len(lane.states) for lane in self._lanes), default=0)
        bar = self.horizontalScrollBar()
        bar.setRange(0, max(0, math.ceil(widest - room)))
        bar.setPageStep(int(room))
        tall = GAP_PX + len(self._lanes) * (LANE_PX + GAP_PX) + RULER_PX
        self.verticalScrollBar().setRange(0, max(0, tall - self.viewport().height()))
        self.verticalScrollBar().setPageStep(self.viewport().height())

    def _room(self) -> float:
        return max(1.0, self.viewport().width() - LABEL_PX - 12.0)

    def _pitch(self, lane: Lane) -> float:
        """Return the width of a task in this lane, its gap to the next included."""
        return min(CELL_MAX_PX, self._room() / max(1, len(lane.states)) * self._zoom)

    def _lane_top(self, row: int) -> float:
        return GAP_PX + row * (LANE_PX + GAP_PX) - self.verticalScrollBar().value()

    # --- painting -----------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for row, lane in enumerate(self._lanes):
            self._paint_lane(painter, row, lane)
        if self._lanes:
            self._paint_ruler(painter, self._lanes[0], self._lane_top(len(self._lanes)))
            self._paint_chosen(painter)
        painter.end()

    def _paint_lane(self, painter: QPainter, row: int, lane: Lane) -> None:
        top = self._lane_top(row)
        write(painter, QRectF(12, top, LABEL_PX - 18, LANE_PX), lane.name, "text_dim", 12)
        painter.save()
        painter.setClipRect(QRectF(LABEL_PX, top - 2, self.viewport().width(), LANE_PX + 4))
        if self._pitch(lane) >= ROUND_FROM_PX:
            self._paint_cells(painter, top, lane)
        else:
            self._paint_columns(painter, top, lane)
        painter.restore()

    def _paint_cells(self, painter: QPainter, top: float, lane: Lane) -> None:
        """Paint cells one by one: at this width a screen holds some hundreds."""
        pitch, scrolled = self._pitch(lane), self.horizontalScrollBar().value()
        first = max(0, int(scrolled / pitch))
        last = min(len(lane.states), first + int(self.viewport().width() / pitch) + 2)
        running = self._farm.replica.steps[lane.step].running if self._has(lane) else {}
        for task in range(first, last):
            left = LABEL_PX + task * pitch - scrolled
            gap = 3.0 if pitch > 16 else 2.0
            box = QRectF(left + 0.5, top + 0.5, pitch - gap, LANE_PX - 1)
            change = running.get(task)
            self._paint_cell(painter, box, lane, task, change.progress if change else 0.0)

    def _paint_cell(
        self, painter: QPainter, box: QRectF, lane: Lane, task: int, progress: float
    ) -> None:
        state = TaskState(lane.states[task])
        name = states.TASK_NAMES[state]
        hot = self._heat_of(lane, task)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(hot or states.colour(name, FILLS[state]))
        painter.drawRoundedRect(box, 4, 4)
        if state == TaskState.RUNNING and self.times.is_runaway(lane.step, task):
            painter.setPen(QPen(style.colour("warn"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(box.adjusted(1, 1, -1, -1), 4, 4)
            painter.setPen(Qt.PenStyle.NoPen)
        if state == TaskState.RUNNING:
            painter.setBrush(states.colour(name, 0.95))
            grown = QRectF(box.left(), box.bottom() - 4, box.width() * progress, 4)
            painter.drawRoundedRect(grown, 2, 2)
        ink = style.colour("on_accent" if state in DARK_GLYPHS else name)
        if hot:
            ink = ink_on(hot)
        if box.width() >= NUMBER_FROM_PX:
            self._paint_number(painter, box, lane, task, ink)
        elif box.width() >= GLYPH_FROM_PX:
            side = min(12.0, box.width() - 4)
            place = QRectF(0, 0, side, side)
            place.moveCenter(box.center())
            states.paint_glyph(painter, place, name, ink)

    def _heat_of(self, lane: Lane, task: int) -> QColor | None:
        """Return the colour of how long a done frame took, where that is wanted and known."""
        wall = self.times.wall_s(lane.step, task) if self._is_hot else 0.0
        if not wall or lane.states[task] != TaskState.DONE:
            return None
        return heat(wall / self.times.steps[lane.step].longest_s)

    def _paint_number(
        self, painter: QPainter, box: QRectF, lane: Lane, task: int, ink: QColor
    ) -> None:
        """Paint the glyph over the frame's number."""
        name = states.TASK_NAMES[TaskState(lane.states[task])]
        place = QRectF(box.center().x() - 4.5, box.top() + 3.5, 9, 9)
        states.paint_glyph(painter, place, name, ink)
        below = QRectF(box.left(), box.top() + 13, box.width(), 14)
        label = lane.label(task)
        painter.setFont(style.font(10))
        painter.setPen(ink)
        painter.drawText(below, Qt.AlignmentFlag.AlignCenter, label)

    def _paint_columns(self, painter: QPainter, top: float, lane: Lane) -> None:
        """Paint neighbours of one state as one rectangle: a hundred for ten thousand tasks."""
        wide = self._pitch(lane) * len(lane.states)
        columns = cells.columns(lane.states, max(1, int(wide)))
        pitch = wide / max(1, len(columns))
        scrolled = self.horizontalScrollBar().value()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
        for first, count, state in cells.spans(columns):
            left = round(LABEL_PX + first * pitch - scrolled)
            right = max(left + 1, round(LABEL_PX + (first + count) * pitch - scrolled))
            box = QRectF(left, top, right - left, LANE_PX)
            name = states.TASK_NAMES[TaskState(state)]
            painter.fillRect(box, states.colour(name, max(0.3, FILLS[TaskState(state)])))
        if self._is_hot:
            self._paint_hot_columns(painter, top, lane, columns, pitch)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)

    def _paint_hot_columns(
        self, painter: QPainter, top: float, lane: Lane, shown: cells.States, pitch: float
    ) -> None:
        """Paint over what is done the longest time of each column."""
        levels = cells.longest(self.times.levels(lane.step, len(lane.states)), len(shown))
        levels[shown != TaskState.DONE] = -1
        scrolled = self.horizontalScrollBar().value()
        for first, count, step in cells.spans((levels * HEAT_STEPS).astype(np.int16)):
            if step >= 0:
                left = round(LABEL_PX + first * pitch - scrolled)
                right = max(left + 1, round(LABEL_PX + (first + count) * pitch - scrolled))
                painter.fillRect(QRectF(left, top, right - left, LANE_PX), heat(step / HEAT_STEPS))

    def _paint_ruler(self, painter: QPainter, lane: Lane, top: float) -> None:
        """Write frame numbers below, as many as stand apart."""
        pitch, scrolled = self._pitch(lane), self.horizontalScrollBar().value()
        if pitch >= NUMBER_FROM_PX + 3:
            return
        widest = QFontMetricsF(style.font(10)).horizontalAdvance("00000") + 14
        every = next((tick for tick in TICKS if tick * pitch >= widest), TICKS[-1])
        for task in range(0, len(lane.states), every):
            left = LABEL_PX + task * pitch - scrolled
            if left >= LABEL_PX - 1:
                box = QRectF(left, top - 3, widest, 14)
                write(painter, box, str(frames_at(lane.runs, task).first), "text_faint", 10)

    def _paint_chosen(self, painter: QPainter) -> None:
        box = self.cell_rect(*self._chosen) if self._chosen else QRectF()
        if box.isEmpty() or box.right() < LABEL_PX:
            return
        edge = box.adjusted(-1, -1.5, -1.5, 1.5) if box.width() >= ROUND_FROM_PX else box
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(style.colour("accent"), 2))
        painter.drawRoundedRect(edge, 5, 5)

    def _has(self, lane: Lane) -> bool:
        return lane.step in self._farm.replica.steps

    # --- the hand -------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        found = self.task_at(event.position().toPoint())
        if found and event.button() == Qt.MouseButton.LeftButton:
            self.choose(*found)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        event.accept()

    def wheelEvent(self, event: QWheelEvent) -> None:
        if not event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            bar = self.horizontalScrollBar()
            steps = event.angleDelta()
            bar.setValue(bar.value() - (steps.x() or steps.y()))
            return
        self.zoom_by(1.25 ** (event.angleDelta().y() / 120), event.position().x())

    def zoom_by(self, factor: float, about: float) -> None:
        """Make cells wider or narrower; what is under the x ``about`` stays there."""
        bar = self.horizontalScrollBar()
        place = (about - LABEL_PX + bar.value()) / self._zoom
        self._zoom = min(max(1.0, self._zoom * factor), 400.0)
        self._lay_out()
        bar.setValue(round(place * self._zoom - about + LABEL_PX))
        self.viewport().update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        zoom = ZOOMS.get(Qt.Key(event.key()))
        if zoom is not None:
            self.zoom_by(zoom, LABEL_PX + self._room() / 2)
            return
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()))
        if step is None or not self._lanes:
            super().keyPressEvent(event)
            return
        chosen = self._chosen or (self._lanes[0].step, -step)
        lane = next((lane for lane in self._lanes if lane.step == chosen[0]), self._lanes[0])
        task = min(max(0, chosen[1] + step), len(lane.states) - 1)
        self.choose(lane.step, task)

    def viewportEvent(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            self._hover = self.task_at(event.pos())
            self._show_tip(event.globalPos())
            return True
        return super().viewportEvent(event)

    def _show_tip(self, at: QPoint) -> None:
        if self._hover is None:
            QToolTip.hideText()
            return
        QToolTip.showText(at, self.tip(*self._hover), self.viewport())
        key = self._key(*self._hover)
        if key is not None and key not in self._known:
            step, task = self._hover
            question = GetAttempts(shot=self._shot, step=step, task=task, count=1)
            self._farm.ask(question, lambda outcome: self._learn(key, at, outcome))

    def _learn(self, key: tuple[int, int, int], at: QPoint, outcome: Outcome) -> None:
        if isinstance(outcome, Attempts) and outcome.rows:
            self._known[key] = outcome.rows[0]
            if self._hover == key[:2] and QToolTip.isVisible():
                QToolTip.showText(at, self.tip(*key[:2]), self.viewport())

    def _key(self, step: int, task: int) -> tuple[int, int, int] | None:
        lane = next((lane for lane in self._lanes if lane.step == step), None)
        return (step, task, lane.states[task]) if lane else None

    def tip(self, step: int, task: int) -> str:
        """Say what is known of a task: frame and state at once, node and time once they were asked."""
        lane = next((lane for lane in self._lanes if lane.step == step), None)
        if lane is None or task >= len(lane.states):
            return ""
        state = TaskState(lane.states[task])
        frame = lane.label(task)
        named = tr("{step}, frame {frame}").format(step=lane.name, frame=frame)
        parts = [named, states.word(states.TASK_NAMES[state])]
        change = self._farm.replica.steps[step].running.get(task) if self._has(lane) else None
        if change:
            node = self._farm.replica.nodes.get(change.node)
            said = tr("{percent} % on {node}")
            percent = round(change.progress * 100)
            parts += [said.format(percent=percent, node=node.name) if node else ""]
            if self.times.is_runaway(step, task):
                factor = f"{self.times.slowness(step, task):.1f}"
                parts += [tr("{n} times as long as the median").format(n=factor)]
        known = self._known.get((step, task, lane.states[task]))
        if known is not None and not change:
            parts += [
                f"{known.node_name}, {text.exact_duration(known.wall_s)}",
                spoken(known.sentence),
            ]
        return "\n".join(filter(None, parts))
