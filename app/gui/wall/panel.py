"""The wall's panel: which measure is shown, what its colours mean, and the node under the hand in words."""

from __future__ import annotations

from collections import Counter

from PySide6.QtCore import QPoint, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QLinearGradient, QPainter, QPaintEvent, QShowEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QScrollArea,
    QStackedLayout,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.client.replica import Batch
from app.gui import states, style, text
from app.gui.bridge import Farm
from app.gui.queue.delegates import advance, write
from app.gui.settings import Settings
from app.gui.wall.measures import COLD_C, HOT_C, MEASURES
from app.gui.wall.sayings import node_sentence
from app.gui.wall.view import WallView, ink_on
from app.gui.widgets.empty import Empty
from app.gui.widgets.make import label, named
from app.gui.words import tr

REFRESH_MS = 400
MEASURE = "wall/measure"


class WallPanel(QFrame):
    """All nodes at a glance."""

    chosen_changed = Signal()
    opened = Signal(int)
    menu_wanted = Signal(QPoint)

    def __init__(self, farm: Farm, settings: Settings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("QueuePanel")
        self._farm, self._settings = farm, settings
        self._is_due = True
        self.view = WallView(farm)
        self.legend = Legend(self.view)
        self.counts = Counts(farm)
        self.line = label("", "Hint")
        self.buttons: dict[str, QToolButton] = {}
        self._lay_out()
        self._timer = QTimer(self, interval=REFRESH_MS)
        self._timer.timeout.connect(self.refresh)
        farm.changed.connect(self._take)
        self.view.chosen_changed.connect(self.chosen_changed)
        self.view.opened.connect(self.opened)
        self.view.menu_wanted.connect(self.menu_wanted)
        self.view.hovered.connect(self._say)
        kept = str(settings.get(MEASURE, "gpu"))
        self._show_measure(kept if kept in MEASURES else "gpu")

    def show_measure(self, measure: str) -> None:
        """Show this measure, now and the next day."""
        self._settings.set(MEASURE, measure)
        self._show_measure(measure)

    def _show_measure(self, measure: str) -> None:
        self.buttons[measure].setChecked(True)
        self.view.set_measure(measure)
        self.legend.update()

    def chosen(self) -> list[int]:
        """Return the chosen nodes' ids."""
        return sorted(self.view.chosen)

    def refresh(self) -> None:
        """Show what changed since the last time."""
        if self._is_due:
            self._is_due = False
            self._stack.setCurrentIndex(0 if self._farm.replica.nodes else 1)
            self.view.refresh()
            self.legend.update()
            self.counts.show_counts()

    def _take(self, batch: Batch) -> None:
        self._is_due |= bool(batch.reset or batch.nodes or batch.samples or batch.shots)

    def _say(self, node: int) -> None:
        self.line.setText(node_sentence(self._farm, node) if node else "")

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.refresh()
        self._timer.start()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._timer.stop()

    # --- parts ------------------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        scroll = QScrollArea(widgetResizable=True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setWidget(self.view)
        # The scroll area would lay the window's colour under it.
        scroll.viewport().setAutoFillBackground(False)
        self.view.setAutoFillBackground(False)
        wall = QWidget()
        column = QVBoxLayout(wall)
        column.setContentsMargins(16, 10, 16, 8)
        column.setSpacing(10)
        head = QHBoxLayout()
        head.addWidget(self._measures())
        head.addSpacing(12)
        head.addWidget(self.legend, 1)
        column.addLayout(head)
        column.addWidget(scroll, 1)
        foot = QHBoxLayout()
        foot.addWidget(self.line, 1)
        foot.addWidget(self.counts)
        column.addLayout(foot)
        sentence = tr("Each node of the farm will stand here, in a place of its own.")
        self._stack = QStackedLayout(self)
        self._stack.addWidget(wall)
        self._stack.addWidget(Empty("nodes", tr("No nodes yet"), sentence))

    def _measures(self) -> QFrame:
        frame = named(QFrame(), "Segments")
        row = QHBoxLayout(frame)
        row.setContentsMargins(2, 2, 2, 2)
        row.setSpacing(0)
        group = QButtonGroup(self)
        for measure, title in MEASURES.items():
            button = named(QToolButton(), "Segment")
            button.setText(tr(title))
            button.setCheckable(True)
            button.setAccessibleName(tr("Show {measure}").format(measure=tr(title)))
            button.clicked.connect(lambda _checked=False, name=measure: self.show_measure(name))
            group.addButton(button)
            row.addWidget(button)
            self.buttons[measure] = button
        return frame


class Counts(QWidget):
    """How many nodes are in each state: a glyph and a number, which is the key to the glyphs too."""

    def __init__(self, farm: Farm, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._farm = farm
        self.counted: dict[str, int] = {}
        self.setFixedHeight(22)

    def show_counts(self) -> None:
        """Count the nodes anew."""
        found = Counter(row.state for row in self._farm.replica.nodes.values())
        self.counted = {state: found[state] for state in states.NODE_LOOKS if found[state]}
        parts = (f"{states.word(state)}: {count}" for state, count in self.counted.items())
        self.setAccessibleName(", ".join(parts))
        self.setFixedWidth(round(sum(map(self._width, self.counted))) or 1)
        self.update()

    def _words(self, state: str) -> str:
        return f"{text.number(self.counted[state])} {states.word(state)}"

    def _width(self, state: str) -> float:
        return 17 + advance(self._words(state), 11) + 14

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        x = 0.0
        for state in self.counted:
            states.paint_glyph(painter, QRectF(x, 5.5, 11, 11), state)
            wide = self._width(state)
            write(painter, QRectF(x + 17, 0, wide, 22), self._words(state), "text_dim", 11)
            x += wide
        painter.end()


class Legend(QWidget):
    """What the colours mean: a bar from least to most, or the projects."""

    def __init__(self, view: WallView, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._view = view
        self.setFixedHeight(22)
        self.setAccessibleName(tr("What the colours mean"))

    def sizeHint(self) -> QSize:
        return QSize(160, 22)

    def ends(self) -> tuple[str, str]:
        """Return what stands at the ends of the bar."""
        match self._view.measure:
            case "temperature":
                return f"{COLD_C:.0f} °C", f"{HOT_C:.0f} °C"
            case "power":
                return "0 W", f"{text.number(round(self._view.full_w))} W"
        return "0 %", "100 %"

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self._view.measure == "project":
            self._projects(painter)
        else:
            self._bar(painter)
        painter.end()

    def _bar(self, painter: QPainter) -> None:
        least, most = self.ends()
        wide = min(120.0, self.width() - advance(least, 11) - advance(most, 11) - 16)
        if wide < 20:
            return
        x = write(painter, QRectF(0, 0, self.width(), 22), least, "text_faint", 11) + 6
        fade = QLinearGradient(x, 0, x + wide, 0)
        stops = style.theme().heat
        for at, stop in enumerate(stops):
            fade.setColorAt(at / (len(stops) - 1), stop)
        painter.setPen(style.colour("line_strong"))
        painter.setBrush(fade)
        painter.drawRoundedRect(QRectF(x, 6.5, wide, 9), 2, 2)
        box = QRectF(x + wide + 6, 0, self.width() - x - wide - 6, 22)
        write(painter, box, most, "text_faint", 11)

    def _projects(self, painter: QPainter) -> None:
        x = 0.0
        for name, colour in self._view.project_colours().items():
            wide = 20 + advance(name, 11)
            if x + wide > self.width():
                write(painter, QRectF(x, 0, 20, 22), "…", "text_faint", 11)
                return
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour)
            mark_ = QRectF(x, 4.5, 13, 13)
            painter.drawRoundedRect(mark_, 2, 2)
            painter.setFont(style.font(9))
            painter.setPen(ink_on(colour))
            painter.drawText(mark_, Qt.AlignmentFlag.AlignCenter, name[:1])
            write(painter, QRectF(x + 18, 0, wide, 22), name, "text_dim", 11)
            x += wide + 12
