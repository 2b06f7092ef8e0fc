"""The wall itself: paints every node in its place, and knows which one the hand is on.

Painted into a pixmap when something changed, a few times a second at most, and copied from there.
"""

from __future__ import annotations

import time
from functools import cache

from PySide6.QtCore import QEvent, QPoint, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import (
    QColor,
    QFont,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QResizeEvent,
)
from PySide6.QtWidgets import QToolTip, QWidget

from app.core.views import ABSENT, NodeRow
from app.gui import states, style, text
from app.gui.bridge import Farm
from app.gui.nodes.model import natural
from app.gui.queue.delegates import write
from app.gui.wall.measures import Parts, full_power, groups_of, parts_of
from app.gui.wall.places import Places, place
from app.gui.wall.sayings import node_sentence, tip
from app.gui.words import tr

HEAT_STEPS = 64
SLICE_S = 0.004
"""Of painting a turn of the loop: many nodes change each second, and the window must not stand still for it."""
Look = tuple[tuple[int, ...], str, str, bool]
GLYPH_FROM_PX = 11
LETTER_FROM_PX = 13
IDLE = "track"
STEPS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}


class WallView(QWidget):
    """Shows one measure of all nodes."""

    chosen_changed = Signal()
    opened = Signal(int)
    """A node was double clicked, or Enter pressed on it."""
    menu_wanted = Signal(QPoint)
    hovered = Signal(int)
    """The node under the pointer, or else the current one; 0 for none."""

    def __init__(self, farm: Farm, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._farm = farm
        self.measure = "gpu"
        self.places = Places()
        self.parts: dict[int, Parts] = {}
        self.full_w = 0.0
        self.chosen: set[int] = set()
        self.current: int | None = None
        self._pixmap = QPixmap()
        self._is_stale = True
        self._looks: dict[int, Look] = {}
        self._pending: dict[int, None] = {}
        self._slicer = QTimer(self, interval=0, singleShot=True)
        self._slicer.timeout.connect(self._draw_slice)
        self.setAccessibleName(tr("Farm wall"))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setMinimumSize(160, 60)

    # --- what is shown ----------------------------------------------------------------------------------

    def set_measure(self, measure: str) -> None:
        """Show another measure; every node keeps its place. Painted a few cells each turn of the loop."""
        self.measure = measure
        self._looks = {}
        self.refresh()

    def refresh(self) -> None:
        """Read the replica, place and paint anew."""
        replica = self._farm.replica
        groups = groups_of(sorted(replica.nodes.values(), key=lambda row: natural(row.name)))
        newest = {node: ring[-1] for node, ring in replica.samples.items() if ring}
        self.full_w = full_power(newest.values())
        self.parts = {
            row.id: parts_of(self.measure, row, newest.get(row.id), replica.shots, self.full_w)
            for row in replica.nodes.values()
        }
        ids = {name: [row.id for row in rows] for name, rows in groups.items()}
        places = place(ids, self.width(), self._room())
        self._is_stale |= places != self.places
        self.places = places
        self.setMinimumHeight(round(min(self.places.height, 4000.0)))
        self.chosen &= self.parts.keys()
        if self.current not in self.parts:
            self.current = None
        self._find_changes()
        self.update()

    def _room(self) -> float:
        """Return the height that may be filled: the scroll area's, not one that an earlier wall asked for."""
        above = self.parentWidget()
        return float(above.height() if above is not None else self.height())

    def _find_changes(self) -> None:
        """Have the cells painted that look otherwise now: all at once, or a few each turn of the loop."""
        now, nodes = self._farm.now(), self._farm.replica.nodes
        looks = {node: _look(parts, nodes[node], now) for node, parts in self.parts.items()}
        if not self._is_stale:
            changed = (node for node, look in looks.items() if self._looks.get(node) != look)
            self._pending.update(dict.fromkeys(changed))
            if self._pending:
                self._slicer.start()
        self._looks = looks

    def _draw_slice(self) -> None:
        """Paint what is pending for a few milliseconds, and go on after the loop came round."""
        if self._is_stale:
            return  # the next paint paints all of it
        end = time.perf_counter() + SLICE_S
        painter = QPainter(self._pixmap)
        colours = self.project_colours() if self.measure == "project" else {}
        while self._pending and time.perf_counter() < end:
            node = next(iter(self._pending))
            del self._pending[node]
            box, row = self.box_of(node), self._farm.replica.nodes.get(node)
            if box is not None and row is not None and node in self.parts:
                self._cell(painter, box, row, colours)
        painter.end()
        self.update()
        if self._pending:
            self._slicer.start()

    def project_colours(self) -> dict[str, QColor]:
        """Return the colour of each project, by name, so that it stays when others come to an end."""
        names = sorted({row.project for row in self._farm.replica.shots.values()})
        return {name: style.series_colour(at) for at, name in enumerate(names)}

    # --- painting ---------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._is_stale:
            self._draw()
        painter = QPainter(self)
        painter.drawPixmap(0, 0, self._pixmap)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for node in self.chosen:
            self._outline(painter, node, "accent")
        if self.current is not None and self.hasFocus():
            self._outline(painter, self.current, "text")
        painter.end()

    def _outline(self, painter: QPainter, node: int, ink: str) -> None:
        """Frame a cell, with a gap of the ground: the frame's colour may be that of the heat."""
        box = self.box_of(node)
        if box is not None:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            for name, thick, by in (("panel", 2.0, 1.0), (ink, 2.2, 2.6)):
                painter.setPen(QPen(style.colour(name), thick))
                painter.drawRoundedRect(box.adjusted(-by, -by, by, by), 3, 3)

    def box_of(self, node: int) -> QRectF | None:
        """Return where a node is painted."""
        corner = self.places.cells.get(node)
        side = self.places.side
        return QRectF(*corner, side, side) if corner is not None else None

    def _draw(self) -> None:
        self._is_stale = False
        self._pending.clear()
        ratio = self.devicePixelRatioF()
        self._pixmap = QPixmap(self.size() * ratio)
        self._pixmap.setDevicePixelRatio(ratio)
        self._pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(self._pixmap)
        colours = self.project_colours() if self.measure == "project" else {}
        for node, corner in self.places.cells.items():
            box = QRectF(*corner, self.places.side, self.places.side)
            self._cell(painter, box, self._farm.replica.nodes[node], colours)
        for title in self.places.titles:
            box = QRectF(title.x, title.y, title.width, 15)
            count = text.number(title.count)
            is_beside = title.width < self.width() - 1
            used = write(painter, box, title.name or tr("No pool"), "text_dim", 11, MEDIUM)
            if is_beside and self.places.side * 2 > 20:
                write(painter, box.translated(0, 14), count, "text_faint", 10)
            elif not is_beside:
                write(painter, box.adjusted(used + 8, 0, 0, 0), count, "text_faint", 10)
        painter.end()

    def _cell(
        self, painter: QPainter, box: QRectF, row: NodeRow, colours: dict[str, QColor]
    ) -> None:
        parts = self.parts[row.id]
        if self.measure == "project":
            is_marked = row.state not in ("idle", "busy")
            ground = self._project(painter, box, parts, colours, is_marked=is_marked)
        else:
            ground = self._levels(painter, box, parts)
        if row.reserved_until > self._farm.now():
            _corner(painter, box, ink_on(ground))
        if box.width() >= GLYPH_FROM_PX and row.state not in ("idle", "busy"):
            inset = max(1.5, box.width() * 0.16)
            is_away = row.state in ABSENT
            ink = states.colour(row.state) if is_away else ink_on(ground)
            place_ = box.adjusted(inset, inset, -inset, -inset)
            states.paint_glyph(painter, place_, row.state, ink)
        elif row.state == "lost":
            painter.fillRect(box, states.colour("lost"))

    def _levels(self, painter: QPainter, box: QRectF, parts: Parts) -> QColor:
        """Fill the cell with a strip a part; return a colour that stands for it."""
        wide = box.width() / len(parts.levels)
        strip = QRectF(box.left(), box.top(), wide, box.height())
        ground = style.colour("well")
        for level in parts.levels:
            ground = heat(level) if level >= 0 else style.colour("well")
            painter.fillRect(strip, ground)
            if level < 0:
                _hollow(painter, strip)
            strip.translate(wide, 0)
        return ground

    def _project(
        self,
        painter: QPainter,
        box: QRectF,
        parts: Parts,
        colours: dict[str, QColor],
        *,
        is_marked: bool,
    ) -> QColor:
        ground = colours.get(parts.project, style.colour(IDLE))
        if parts.levels[0] < 0:
            _hollow(painter, box)
            return style.colour("well")
        painter.fillRect(box, ground)
        if parts.project and not is_marked and box.width() >= LETTER_FROM_PX:
            # Its first letter: two projects are never told apart by a colour alone.
            painter.setFont(style.font(min(12, round(box.width() * 0.62)), QFont.Weight.DemiBold))
            painter.setPen(ink_on(ground))
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, parts.project[0])
        return ground

    # --- the hand ---------------------------------------------------------------------------------------

    def node_at(self, at: QPoint) -> int | None:
        """Return the node at a point of the wall."""
        return self.places.at(at.x(), at.y())

    def choose(self, nodes: set[int], current: int | None = None) -> None:
        """Choose these nodes."""
        self.chosen = nodes & self.parts.keys()
        if current is not None:
            self.current = current
            self.setAccessibleDescription(node_sentence(self._farm, current))
        self.update()
        self.chosen_changed.emit()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        node = self.node_at(event.position().toPoint())
        if node is None:
            self.choose(set())
        elif event.button() == Qt.MouseButton.RightButton:
            self.choose(self.chosen if node in self.chosen else {node}, node)
        else:
            self.choose(self._with(node, event.modifiers()), node)

    def _with(self, node: int, keys: Qt.KeyboardModifier) -> set[int]:
        if keys & Qt.KeyboardModifier.ControlModifier:
            return self.chosen ^ {node}
        if keys & Qt.KeyboardModifier.ShiftModifier and self.current is not None:
            every = [each for row in self.places.rows for each in row]
            first, last = sorted((every.index(self.current), every.index(node)))
            return set(every[first : last + 1])
        return {node}

    def contextMenuEvent(self, event: object) -> None:
        node = self.current
        box = self.box_of(node) if node is not None else None
        if box is not None:
            self.menu_wanted.emit(self.mapToGlobal(box.center().toPoint()))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        node = self.node_at(event.position().toPoint())
        if node is not None:
            self.opened.emit(node)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self.hovered.emit(self.node_at(event.position().toPoint()) or self.current or 0)

    def leaveEvent(self, event: QEvent) -> None:
        self.hovered.emit(self.current or 0)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        if key in STEPS:
            self._go(self.places.step(self.current, *STEPS[key]), event.modifiers())
        elif key in (Qt.Key.Key_Home, Qt.Key.Key_End) and self.places.rows:
            rows = self.places.rows
            self._go(rows[0][0] if key == Qt.Key.Key_Home else rows[-1][-1], event.modifiers())
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.current is not None:
            self.opened.emit(self.current)
        else:
            super().keyPressEvent(event)

    def _go(self, node: int | None, keys: Qt.KeyboardModifier) -> None:
        if node is not None:
            is_more = keys & Qt.KeyboardModifier.ShiftModifier
            self.choose(self.chosen | {node} if is_more else {node}, node)
            self.hovered.emit(node)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            node = self.node_at(event.pos())
            QToolTip.showText(event.globalPos(), tip(self._farm, node) if node else "", self)
            return True
        return super().event(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._is_stale = True
        self.refresh()


MEDIUM = QFont.Weight.Medium


def _look(parts: Parts, row: NodeRow, now: float) -> Look:
    """Return all by which a cell's picture is told from another."""
    steps = tuple(int(level * HEAT_STEPS) for level in parts.levels)
    return steps, parts.project, row.state, row.reserved_until > now


def heat(level: float) -> QColor:
    """Return the theme's colour of a level, 0..1."""
    return _heats(style.theme().name)[min(HEAT_STEPS - 1, int(level * HEAT_STEPS))]


@cache
def _heats(name: str) -> tuple[QColor, ...]:
    stops = [QColor(stop) for stop in style.theme(name).heat]
    made: list[QColor] = []
    for at in range(HEAT_STEPS):
        along = at / (HEAT_STEPS - 1) * (len(stops) - 1)
        low = min(int(along), len(stops) - 2)
        made.append(mixed(stops[low], stops[low + 1], along - low))
    return tuple(made)


def mixed(one: QColor, other: QColor, part: float) -> QColor:
    """Return a colour between two."""
    pairs = (
        (one.redF(), other.redF()),
        (one.greenF(), other.greenF()),
        (one.blueF(), other.blueF()),
    )
    return QColor.fromRgbF(*(low + (high - low) * part for low, high in pairs))


def ink_on(ground: QColor) -> QColor:
    """Return black or white, whichever is read on the ground."""
    return QColor(_ink_on(ground.rgb()))


@cache
def _ink_on(rgb: int) -> Qt.GlobalColor:
    ground = QColor.fromRgb(rgb)
    red, green, blue = (part**2.2 for part in (ground.redF(), ground.greenF(), ground.blueF()))
    is_bright = 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.18
    return Qt.GlobalColor.black if is_bright else Qt.GlobalColor.white


def _hollow(painter: QPainter, box: QRectF) -> None:
    """A box with an edge alone: nothing is known of it."""
    painter.fillRect(box, style.colour("well"))
    painter.setPen(QPen(style.colour("line_strong"), 1))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRect(box.adjusted(0.5, 0.5, -0.5, -0.5))


def _corner(painter: QPainter, box: QRectF, ink: QColor) -> None:
    """Fold the corner of a node that is reserved."""
    side = max(4.0, box.width() * 0.4)
    corner = [box.topRight(), box.topRight() - QPoint(round(side), 0)]
    painter.save()
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(ink)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.drawPolygon([*corner, box.topRight() + QPoint(0, round(side))])
    painter.restore()
