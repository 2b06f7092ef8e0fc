"""The queue with what stands above it: the two ways to see it, the states, the search.

The panel turns hands into commands: a drop, a menu or a key becomes a ``Move`` or a ``Pause`` that
``Operations`` asks for.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QLineEdit,
    QMenu,
    QStackedLayout,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.core.commands import Cancel, Move, Pause, Resume, Retry, SetDue
from app.gui import icons, states, text
from app.gui.bridge import Farm
from app.gui.operations import Operations
from app.gui.queue import order
from app.gui.queue.cells import Column
from app.gui.queue.delegates import LineDelegate
from app.gui.queue.drops import Drop
from app.gui.queue.model import QueueModel
from app.gui.queue.thumbnails import Thumbnails
from app.gui.queue.trial import Trial
from app.gui.queue.view import QueueView
from app.gui.widgets.columns import Columns
from app.gui.widgets.empty import Empty
from app.gui.widgets.make import label, named
from app.gui.words import mark, tr

CHIPS = ("", "running", "ready", "failed", "paused", "done")
"""The states that one click leaves; '' is all."""
MODES = (
    ("flat", mark("Queue order"), mark("Shots in the order in which the farm takes them")),
    ("grouped", mark("By project"), mark("Shots under their sequences and projects")),
    ("lanes", mark("By due date"), mark("Shots under what they are promised for; drag to promise")),
)
WIDTHS = {
    Column.POSITION: 40,
    Column.SHOT: 206,
    Column.STATE: 112,
    Column.PROGRESS: 196,
    Column.RUNNING: 84,
    Column.FINISH: 146,
    Column.DUE: 136,
    Column.USER: 74,
}
INDENT_PX = 18


class QueuePanel(QFrame):
    """The central panel of the window."""

    shot_changed = Signal(int)
    """Another shot is the one that the other panels are about; 0 for none."""
    chosen_changed = Signal()
    search_changed = Signal(str)
    """The list holds what these words find."""
    mode_changed = Signal(str)
    """The person wants another shape of the list: 'flat', 'grouped' or 'lanes'."""

    def __init__(
        self,
        farm: Farm,
        operations: Operations,
        thumbnails: Thumbnails,
        submit: QAction | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("QueuePanel")
        self._farm = farm
        self._operations = operations
        self.model = QueueModel(farm, operations, self)
        self.view = QueueView(self.model)
        self.delegate = LineDelegate(farm, thumbnails, self.view)
        self.search = QLineEdit(clearButtonEnabled=True, placeholderText=tr("Search shots"))
        self._modes = {name: _segment(tr(words), tr(tip)) for name, words, tip in MODES}
        self.trial = Trial(farm, self)
        self._badge = label("", "Hint")
        self._chips: dict[str, QToolButton] = {}
        self._empty = Empty(
            "drop",
            tr("Nothing to render yet"),
            tr(
                "Drop a USD or glTF scene, a .blend or a job bundle here. windfire demo renders a small film."
            ),
            submit,
        )
        self._lay_out()
        self.columns = Columns(self.view.header(), (Column.POSITION, Column.SHOT))
        self._connect(thumbnails)

    # --- moves ------------------------------------------------------------------------------------

    def move(self, move: Move | None) -> None:
        """Ask for the move; one that changes nothing is not asked for."""
        if move is not None:
            self._operations.do(move, self.describe(move))

    def _let_go(self, drop: Drop) -> None:
        """Ask for what a drop means: a move, a promise, or both as one."""
        if drop.due is None or drop.command is None:
            self.move(drop.move)
        else:
            self._operations.do(drop.command, describe_promise(self, drop.due, self._farm.now()))

    def move_up(self) -> None:
        """Move the chosen shots one line up."""
        self._move_by(order.step_up)

    def move_down(self) -> None:
        """Move the chosen shots one line down."""
        self._move_by(order.step_down)

    def move_to_top(self) -> None:
        """Move the chosen shots to the head of the queue."""
        self.move(order.top(self.model.order, self.view.chosen_shots()))

    def move_to_bottom(self) -> None:
        """Move the chosen shots to the end of the queue."""
        self.move(order.bottom(self.model.order, self.view.chosen_shots()))

    def move_to_position(self, position: int) -> None:
        """Move the chosen shots so that the first of them has that number."""
        chosen = self.view.chosen_shots()
        self.move(order.to_position(self.model.numbered, self.model.order, chosen, position))

    def _move_by(self, step: Callable[..., Move | None]) -> None:
        visible = [shot for shot in self.model.visible_shots() if self.model.has_number(shot)]
        self.move(step(visible, self.model.order, self.view.chosen_shots()))
        current = self.view.currentIndex()
        if current.isValid():
            self.view.scrollTo(current)

    def describe(self, move: Move) -> str:
        """Say the move as menus and tips do: 'Move 3 shots before sq020 / sh0040'."""
        what = self.name_of(move.shots)
        if move.place != "before":
            said = (
                tr("Move {shots} to the top")
                if move.place == "top"
                else tr("Move {shots} to the bottom")
            )
            return said.format(shots=what)
        target = self.model.row_of(move.before)
        if target is None:
            return tr("Move {shots}").format(shots=what)
        other = f"{target.sequence} / {target.name}"
        return tr("Move {shots} before {other}").format(shots=what, other=other)

    def name_of(self, shots: list[int]) -> str:
        """Return the shot's name where it is one, and how many they are otherwise."""
        row = self.model.row_of(shots[0]) if len(shots) == 1 else None
        return f"{row.sequence} / {row.name}" if row else tr("{n} shot(s)", "", len(shots))

    # --- other commands on the chosen shots -----------------------------------------------------------

    def pause(self) -> None:
        """Assign nothing more of the chosen shots."""
        self._do(Pause, tr("Pause {shots}"))

    def resume(self) -> None:
        """Let the chosen shots be assigned again."""
        self._do(Resume, tr("Resume {shots}"))

    def cancel(self) -> None:
        """End what is unfinished of the chosen shots."""
        self._do(Cancel, tr("Cancel {shots}"))

    def retry(self) -> None:
        """Make failed and cancelled tasks of the chosen shots ready again."""
        self._do(Retry, tr("Retry {shots}"))

    def _do(self, kind: type[Pause | Resume | Cancel | Retry], title: str) -> None:
        shots = self.view.chosen_shots()
        if shots:
            self._operations.do(kind(shots=shots), title.format(shots=self.name_of(shots)))

    # --- how it is shown ------------------------------------------------------------------------------

    def set_mode(self, mode: str) -> None:
        """Show the list in this shape; the chosen shots stay chosen."""
        chosen = self.view.chosen_shots()
        is_grouped = mode != "flat"
        self.view.setRootIsDecorated(is_grouped)
        self.view.setIndentation(INDENT_PX if is_grouped else 0)
        self.view.setTreePosition(Column.SHOT if is_grouped else Column.POSITION)
        self.model.set_mode(mode)
        self.view.expandAll()
        self.view.choose(chosen)
        self._modes[mode].setChecked(True)

    def set_compact(self, is_compact: bool) -> None:
        """Show lines of one row of text, or of two."""
        self.delegate.is_compact = is_compact
        self.view.scheduleDelayedItemsLayout()

    def open_menu(self, menu: QMenu, at: QPoint) -> None:
        """Show a menu about the chosen shots."""
        self.view.open_menu(menu, at)

    # --- parts ----------------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        self._set_up_view()
        bar = QHBoxLayout()
        bar.setContentsMargins(10, 8, 10, 8)
        bar.setSpacing(6)
        bar.addWidget(self._mode_switch())
        bar.addSpacing(8)
        for chip in self._make_chips():
            bar.addWidget(chip)
        bar.addStretch()
        bar.addWidget(self._badge)
        bar.addWidget(self._set_up_search())
        self.bar = bar
        """The line above the list, for what joins the search."""
        self._stack = QStackedLayout()
        self._stack.addWidget(self.view)
        self._stack.addWidget(self._empty)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(bar)
        column.addLayout(self._stack, 1)

    def _set_up_view(self) -> None:
        self.view.setItemDelegate(self.delegate)
        self.view.describe_drop = self.trial.tip
        header = self.view.header()
        header.setMinimumSectionSize(36)
        header.setStretchLastSection(True)
        for column, width in WIDTHS.items():
            header.resizeSection(column, width)
        header.setSectionResizeMode(Column.POSITION, QHeaderView.ResizeMode.Fixed)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)

    def _mode_switch(self) -> QFrame:
        frame = named(QFrame(), "Segments")
        row = QHBoxLayout(frame)
        row.setContentsMargins(2, 2, 2, 2)
        row.setSpacing(2)
        group = QButtonGroup(frame)
        for button in self._modes.values():
            group.addButton(button)
            row.addWidget(button)
            button.clicked.connect(self._tell_mode)
        self._modes["flat"].setChecked(True)
        return frame

    def _tell_mode(self) -> None:
        self.mode_changed.emit(next(n for n, each in self._modes.items() if each.isChecked()))

    def _make_chips(self) -> list[QToolButton]:
        group = QButtonGroup(self)
        for state in CHIPS:
            chip = _segment(states.word(state) if state else tr("All"), "")
            group.addButton(chip)
            chip.clicked.connect(self._filter)
            self._chips[state] = chip
        self._chips[""].setChecked(True)
        return list(self._chips.values())

    def _set_up_search(self) -> QLineEdit:
        self.search.setAccessibleName(tr("Search shots"))
        self.search.setToolTip(
            tr("Words, or a field: state:failed,paused  user:ann  due:late,risk  node:ember")
        )
        self.search.addAction(icons.icon("search"), QLineEdit.ActionPosition.LeadingPosition)
        self.search.setFixedWidth(230)
        self.search.textChanged.connect(self._filter)
        return self.search

    def _connect(self, thumbnails: Thumbnails) -> None:
        self.model.drop_wanted.connect(self._let_go)
        self.model.waiting_changed.connect(self._show_waiting)
        self.model.rowsInserted.connect(self._open_branches)
        self.view.chosen_changed.connect(self._tell_chosen)
        self.view.trial_changed.connect(self.trial.set_move)
        self.trial.forecast_changed.connect(self.model.set_forecast)
        self.trial.words_changed.connect(self.view.viewport().update)
        thumbnails.changed.connect(self._show_thumbnail)
        self._farm.summary_due.connect(self._count)
        self.model.shown_changed.connect(self._count)
        self._farm.link_changed.connect(self._count)
        self._count()

    def _tell_chosen(self) -> None:
        self.chosen_changed.emit()
        self.shot_changed.emit(self.view.current_shot())

    def _open_branches(self) -> None:
        if self.model.is_grouped:
            self.view.expandAll()

    def _show_thumbnail(self, shot: int) -> None:
        index = self.model.index_of_shot(shot, Column.SHOT)
        if index.isValid():
            self.view.update(index)

    def _show_waiting(self, waiting: int) -> None:
        """Say that the list would change were it not held still."""
        self._badge.setText(tr("{n} change(s) waiting", "", waiting) if waiting else "")

    def search_for(self, words: str) -> None:
        """Leave the shots that these words find, and no others."""
        self._chips[""].setChecked(True)
        self.search.setText(words)
        self._filter()

    def _filter(self) -> None:
        state = next(name for name, chip in self._chips.items() if chip.isChecked())
        words = self.search.text()
        words = f"{words} state:{state}" if state else words
        self.model.set_filter(words)
        self.search_changed.emit(words)
        self._count()

    def _count(self, _change: object = None) -> None:
        counts = self.model.counts()
        for state, chip in self._chips.items():
            number = counts.get(state, 0) if state else sum(counts.values())
            name = states.word(state) if state else tr("All")
            chip.setText(f"{name}  {number}" if number else name)
            chip.setVisible(bool(not state or number or chip.isChecked()))
        self._show_empty(sum(counts.values()))

    def _show_empty(self, shots: int) -> None:
        is_empty = self.model.rowCount() == 0
        if is_empty and shots:
            self._empty.say(tr("No shot matches"), tr("Clear the search to see all of them."))
        elif is_empty and self._farm.link_state.name == "connecting":
            self._empty.say(tr("Connecting to the farm…"), "")
        elif is_empty:
            self._empty.say(
                tr("Nothing to render yet"),
                tr("Drop a USD file here, or run  make demo  for a small film."),
            )
        self._stack.setCurrentIndex(1 if is_empty else 0)


def describe_promise(panel: QueuePanel, due: SetDue, now: float) -> str:
    """Say a promise as undo names it: 'Promise sq020 / sh0040 for 10:00'."""
    name = panel.name_of(due.shots)
    if not due.due:
        return tr("Take back the promise of {shots}").format(shots=name)
    return tr("Promise {shots} for {due}").format(shots=name, due=text.clock(due.due, now))


def _segment(words: str, tip: str) -> QToolButton:
    button = named(QToolButton(), "Segment")
    button.setText(words)
    button.setToolTip(tip)
    button.setCheckable(True)
    button.setAccessibleName(words)
    return button
