"""The window: its panels, its menus, and who listens to whom.

Nothing is decided here. Panels read the ``Farm`` and say what a person wants; this connects the one to
the other: the chosen shot to its frames, the chosen frame to its picture and its log, a drop of a scene
to the dialog that submits it.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtGui import (
    QCloseEvent,
    QDragEnterEvent,
    QDropEvent,
    QKeySequence,
    QMoveEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QMainWindow, QMenu, QStatusBar, QVBoxLayout, QWidget

from app.core.commands import Explain, Kill, Retry
from app.core.ids import TaskState
from app.gui import layout, text
from app.gui.actions import MENUS, NODE_MENU, SHOT_MENU, Actions
from app.gui.bridge import Bridge, Farm
from app.gui.dialogs.about import AboutDialog
from app.gui.dialogs.doctor import DoctorDialog
from app.gui.dialogs.position import PositionDialog
from app.gui.dialogs.submit import SubmitDialog, scenes_in
from app.gui.dialogs.token import TokenDialog
from app.gui.due.watch import PromiseWatch
from app.gui.frames.decode import Decoder
from app.gui.frames.flipbook import Flipbook
from app.gui.frames.strip import FrameStrip
from app.gui.frames.viewer import Viewer
from app.gui.logs.panel import LogPanel
from app.gui.morning.page import MorningPage
from app.gui.nodes.acts import NodeActs
from app.gui.nodes.model import running
from app.gui.nodes.panel import NodePanel
from app.gui.operations import Operations
from app.gui.pages import Pages
from app.gui.plots.panel import PlotPanel
from app.gui.plots.trends import TrendsPanel
from app.gui.queue.acts import QueueActs, running_frame
from app.gui.queue.panel import QueuePanel
from app.gui.queue.saved import SavedSearches
from app.gui.queue.thumbnails import Thumbnails
from app.gui.settings import Settings
from app.gui.tables.acts import ExportActs
from app.gui.wall.panel import WallPanel
from app.gui.widgets.dock import Dock
from app.gui.widgets.link import Banner, Lamp
from app.gui.widgets.make import bare, label
from app.gui.widgets.toast import Toast
from app.gui.widgets.top_bar import TopBar
from app.gui.widgets.veil import Veil
from app.gui.words import tr

MODES = ("flat", "grouped", "lanes")


class MainWindow(QMainWindow):
    """The one window of Windfire."""

    def __init__(
        self,
        farm: Farm,
        bridge: Bridge,
        settings: Settings,
        operations: Operations | None = None,
    ) -> None:
        super().__init__()
        self.farm = farm
        self.bridge = bridge
        self.settings = settings
        self.operations = operations or Operations(farm, self)
        self.decoder = Decoder(bridge)
        self.thumbnails = Thumbnails(farm, self.decoder, self)
        self.may_close: Callable[[], bool] = _always
        """Asked before the window closes; False keeps it open."""
        self.actions_ = Actions(self)
        self._make_panels()
        self._make_frame()
        self.docks = layout.make_docks(self)
        self.docks_away: list[Dock] = []
        """Hidden for as long as a page wants their room."""
        self.docks_heights: list[int] = []
        """What those had."""
        self._make_menus()
        self._veils = [Veil(panel) for panel in (*self.pages.pages(), *layout.panels(self))]
        self.actions_.connect(self._slots())
        self._connect()
        self._restore()
        self._show_link()
        # Else the first button would have it, with a ring that says: press me.
        self.pages.setFocus()

    # --- parts --------------------------------------------------------------------------------------

    def _make_panels(self) -> None:
        self.queue = QueuePanel(
            self.farm, self.operations, self.thumbnails, self.actions_["submit"]
        )
        self.acts = QueueActs(self.farm, self.operations, self.queue)
        self.searches = SavedSearches(self.settings)
        self.queue.bar.addWidget(self.searches)
        self.promises = PromiseWatch(self.farm, self)
        self.exports = ExportActs(self.farm, self.bridge, self.queue, self.settings, self)
        self.strip = FrameStrip(self.farm)
        self.viewer = Viewer(self.farm, self.decoder)
        self.log = LogPanel(self.farm)
        self.nodes = NodePanel(self.farm, self.operations, self.actions_["add_node"])
        self.node_acts = NodeActs(self.farm, self.operations, self.nodes, self)
        self.node_acts.shot_wanted.connect(lambda shot: self.queue.view.choose([shot]))
        self.wall = WallPanel(self.farm, self.settings)
        self.pages = Pages()
        self.pages.add("queue", tr("Queue"), tr("Shots in order"), self.queue)
        self.pages.add("wall", tr("Wall"), tr("Every node at a glance"), self.wall)
        self.morning = MorningPage(self.farm, self.operations)
        self.pages.add("morning", tr("Morning"), tr("What the night brought"), self.morning)
        self.trends = TrendsPanel(self.farm, self.bridge, self.settings)
        self.pages.add("trends", tr("Trends"), tr("The farm over time"), self.trends)
        self.plots = PlotPanel(self.farm, self.bridge)

    def _make_frame(self) -> None:
        self.setWindowTitle("Windfire")
        self.setAcceptDrops(True)
        self.top_bar = TopBar(
            self.farm,
            [self.actions_[name] for name in layout.TOOLS],
            self.actions_["submit"],
            self.pages.buttons,
        )
        self.banner = Banner()
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.pages)
        self.setContentsMargins(6, 0, 6, 0)
        self.setCentralWidget(body)
        head = QWidget()
        lines = QVBoxLayout(head)
        lines.setContentsMargins(0, 0, 0, 0)
        lines.setSpacing(0)
        self._menu_bar = self.menuBar()
        lines.addWidget(self._menu_bar)
        lines.addWidget(self.top_bar)
        lines.addWidget(self.banner)
        self.setMenuWidget(head)
        self._make_status_bar()
        self.toast = Toast(self)

    def _make_status_bar(self) -> None:
        bar = QStatusBar(sizeGripEnabled=False)
        self.lamp = Lamp()
        self._totals = label("", "Hint")
        self._totals.setContentsMargins(0, 0, 8, 0)
        bar.addWidget(self.lamp)
        bar.addPermanentWidget(self._totals)
        self.setStatusBar(bar)

    def _make_menus(self) -> None:
        for title, names in MENUS:
            menu = self._menu_bar.addMenu(tr(title))
            menu.setToolTipsVisible(False)
            for name in names:
                if name == "@docks":
                    menu.addActions([dock.toggleViewAction() for dock in self.docks.values()])
                else:
                    self._add(menu, name)
        self.addActions(self.actions_.all())
        self.actions_["flat"].setChecked(True)
        self.actions_["fit"].setChecked(True)

    def _add(self, menu: QMenu, name: str) -> None:
        if name:
            menu.addAction(self.actions_[name])
        else:
            menu.addSeparator()

    def _slots(self) -> dict[str, Callable[[], object]]:
        """Return what each action does."""
        return {
            "submit": self.open_submit,
            "quit": self.close,
            "undo": self.operations.undo,
            "redo": self.operations.redo,
            "find": self._find,
            "up": self.queue.move_up,
            "down": self.queue.move_down,
            "top": self.queue.move_to_top,
            "bottom": self.queue.move_to_bottom,
            "position": self._ask_position,
            "carry": self.queue.view.carry,
            **self.acts.slots(),
            **self.exports.slots(),
            "morning": lambda: self.pages.show_page("morning"),
            "pause": self.queue.pause,
            "resume": self.queue.resume,
            "retry": self.queue.retry,
            "cancel": self.queue.cancel,
            "explain": self._explain,
            "retry_task": self._retry_task,
            "kill_task": self._kill_task,
            "add_node": lambda: TokenDialog(self.operations, self).open(),
            "drain": self.nodes.drain,
            "undrain": self.nodes.undrain,
            **self.node_acts.slots(),
            "flat": lambda: self._show_queue("flat"),
            "grouped": lambda: self._show_queue("grouped"),
            "lanes": lambda: self._show_queue("lanes"),
            "compact": lambda: self._set_compact(self.actions_["compact"].isChecked()),
            "finished_last": self._set_finished_last,
            "flipbook": self._open_flipbook,
            "frame_times": lambda: self._set_hot(self.actions_["frame_times"].isChecked()),
            "fit": lambda: self._set_full(is_full=False),
            "full": lambda: self._set_full(is_full=True),
            "wall": self._show_wall,
            "trends": lambda: self.pages.show_page("trends"),
            "preferences": lambda: None,  # the session's, which may make this window anew
            "reset_layout": lambda: layout.reset(self),
            "about": lambda: AboutDialog(self.farm, self).open(),
        }

    def _connect(self) -> None:
        self.queue.shot_changed.connect(self._show_shot)
        self.queue.chosen_changed.connect(self._enable)
        self.queue.search_changed.connect(self.searches.set_words)
        self.searches.chosen.connect(self.queue.search_for)
        self.queue.mode_changed.connect(self._set_mode)
        self.queue.view.menu_wanted.connect(self._open_shot_menu)
        self.nodes.chosen_changed.connect(self._enable)
        self.nodes.abilities_changed.connect(self._enable)
        self.nodes.menu_wanted.connect(self._open_node_menu)
        self.wall.chosen_changed.connect(lambda: self.nodes.choose(self.wall.chosen()))
        self.wall.menu_wanted.connect(self._open_node_menu)
        self.wall.opened.connect(self._open_node)
        self.strip.task_chosen.connect(self._show_task)
        self.strip.times.changed.connect(self._name_frames)
        self.viewer.opened.connect(self._open_flipbook)
        self.operations.said.connect(self.toast.say)
        self.exports.said.connect(self.toast.say)
        self.promises.slipped.connect(lambda _shot, words: self.toast.say(words, "refused"))
        self.operations.stack_changed.connect(self._name_undo)
        self.pages.page_changed.connect(self._turn_page)
        self.morning.task_wanted.connect(self.show_task_of)
        self.morning.shot_wanted.connect(self.show_in_queue)
        self.farm.link_changed.connect(self._show_link)
        self.farm.summary_due.connect(self._show_totals)

    # --- what is on show ------------------------------------------------------------------------------

    def _show_shot(self, shot: int) -> None:
        self.strip.show_shot(shot)
        self.viewer.show_shot(shot)
        failed = self.strip.first_in(TaskState.FAILED)
        if failed is not None:
            # Whoever looks at a shot that failed wants to know why.
            self.strip.choose(*failed)
        self._name_frames()

    def _name_frames(self) -> None:
        """Say over the frames whose they are, and what they took."""
        shots = self.queue.view.chosen_shots()[:1]
        parts = [self.queue.name_of(shots) if shots else "", self.strip.times.summary()]
        self.docks["frames"].set_subject("    ".join(filter(None, parts)))

    def _show_task(self, step: int, task: int) -> None:
        self.viewer.show_task(step, task)
        self.log.show_task(step, task)
        self._enable()

    def _show_link(self, _state: object = None) -> None:
        state = self.farm.link_state
        self.lamp.show_state(state)
        self.banner.show_state(state)
        is_stale = state.name in ("lost", "refused")
        for veil in self._veils:
            veil.set_stale(is_stale)
        self.queue.view.setDragEnabled(self.farm.is_live)
        self._enable()

    def _show_totals(self, _batch: object = None) -> None:
        shots = self.farm.replica.shots.values()
        done, total = sum(row.done for row in shots), sum(row.total for row in shots)
        frames = tr("{done} of {n} frame(s) done", "", total).format(done=text.number(done))
        words = f"{tr('{n} shot(s)', '', len(shots))}    {frames}"
        self._totals.setText(words if shots else "")

    def _enable(self) -> None:
        """Enable the actions that can be done now; cut off, nothing can be changed."""
        given = {
            "live": self.farm.is_live,
            "shots": bool(self.queue.view.selectionModel().hasSelection()),
            "nodes": bool(nodes := self.nodes.chosen()),
            "wakeable": any(row.can_wake for row in nodes),
            "sleepable": any(row.can_sleep for row in nodes),
            "undo": bool(self.operations.undo_title),
            "redo": bool(self.operations.redo_title),
            "task": self.strip.chosen is not None,
        }
        self.actions_.enable({name for name, is_so in given.items() if is_so})

    def _name_undo(self) -> None:
        for name, said, title in (
            ("undo", tr("&Undo {what}"), self.operations.undo_title),
            ("redo", tr("&Redo {what}"), self.operations.redo_title),
        ):
            words = said.format(what=_lower_first(title)).rstrip()
            keys = self.actions_[name].shortcut().toString(QKeySequence.SequenceFormat.NativeText)
            self.actions_[name].setText(words)
            self.actions_[name].setToolTip(f"{bare(words)}  ({keys})")
        self._enable()

    # --- what a person wants ----------------------------------------------------------------------------

    def _ask_position(self) -> None:
        dialog = PositionDialog(len(self.queue.model.numbered), self)
        dialog.chosen.connect(self.queue.move_to_position)
        dialog.open()

    def _explain(self) -> None:
        shots = self.queue.view.chosen_shots()
        if shots:
            DoctorDialog(self.farm, self.operations, Explain(shot=shots[0]), self).open()

    def _open_flipbook(self) -> None:
        shots = self.queue.view.chosen_shots()
        if shots:
            book = Flipbook(self.farm, shots[0], self)
            if self.strip.chosen is not None:
                book.show_task(*self.strip.chosen)
            book.show()

    def _retry_task(self) -> None:
        if self.strip.chosen is not None:
            self.operations.do(Retry(tasks=[self.strip.chosen]), tr("Retry a frame"))

    def _kill_task(self) -> None:
        """End the chosen frame's attempt, and say which one that was."""
        chosen = self.strip.chosen
        name = running_frame(self.farm.replica, *chosen) if chosen else ""
        if chosen is None or not name:
            self.toast.say(tr("This frame does not run now."), "refused")
            return
        title = tr("Kill {frame}").format(frame=name)
        said = tr("Killed {frame}. It will be rendered again.").format(frame=name)
        kill = Kill(tasks=[chosen])
        self.operations.do(kill, title, lambda _: self.toast.say(said, "done"))

    def _open_shot_menu(self, at: QPoint) -> None:
        self.queue.open_menu(self._menu(SHOT_MENU), at)

    def _open_node_menu(self, at: QPoint) -> None:
        self._menu(NODE_MENU).popup(at)

    def show_node(self, node: int) -> None:
        """Show a node in the list."""
        self.nodes.choose([node])
        self.docks["nodes"].show()
        self.docks["nodes"].raise_()

    def _open_node(self, node: int) -> None:
        """Show a node of the wall in the list, and the shot that it works on."""
        self.show_node(node)
        row = self.farm.replica.nodes.get(node)
        busy = running(row) if row is not None else []
        if busy:
            self.queue.view.choose([busy[0].shot])

    def _turn_page(self, name: str) -> None:
        self.settings.set("window/page", name)
        layout.make_room(self, is_wanted=name in ("morning", "trends"))

    def show_task_of(self, shot: int, step: int, task: int) -> None:
        """Show this frame's picture and log; the page stays."""
        self.queue.view.choose([shot])
        self._show_shot(shot)
        self.strip.choose(step, task)
        self.docks["log"].show()
        self.docks["log"].raise_()

    def show_in_queue(self, shot: int) -> None:
        """Show the shot among the others."""
        self.pages.show_page("queue")
        self.queue.view.choose([shot])
        self.queue.view.scrollTo(self.queue.view.currentIndex())

    def _find(self) -> None:
        self.pages.show_page("queue")
        self.queue.search.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _show_wall(self) -> None:
        self.pages.show_page("wall")
        self.wall.view.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _menu(self, names: tuple[str, ...]) -> QMenu:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for name in names:
            self._add(menu, name)
        return menu

    def open_submit(self, *scenes: Path) -> None:
        """Open the dialog that hands in a shot, filled from a scene if one is given; of several one by one."""
        first, rest = (scenes[0], scenes[1:]) if scenes else (None, ())
        dialog = SubmitDialog(self.farm, self.operations, self.bridge, first, self, self.settings)
        if rest:
            dialog.finished.connect(lambda _: self.open_submit(*rest))
        dialog.open()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if scenes_in(event.mimeData()) and self.farm.is_live:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        scenes = scenes_in(event.mimeData())
        if scenes:
            event.acceptProposedAction()
            # After the drop has ended: a dialog inside it would hold the other program's drag.
            QTimer.singleShot(0, self, lambda: self.open_submit(*scenes))

    # --- what is remembered -------------------------------------------------------------------------------

    def _show_queue(self, mode: str) -> None:
        self.pages.show_page("queue")
        self._set_mode(mode)

    def _set_mode(self, mode: str) -> None:
        self.queue.set_mode(mode)
        for name in MODES:
            self.actions_[name].setChecked(name == mode)
        self.settings.set("queue/mode", mode)

    def _set_compact(self, is_compact: bool) -> None:
        self.actions_["compact"].setChecked(is_compact)
        self.queue.set_compact(is_compact)
        self.settings.set("queue/compact", is_compact)

    def _set_finished_last(self) -> None:
        is_last = self.actions_["finished_last"].isChecked()
        self.queue.model.set_finished_last(is_last)
        self.settings.set("queue/finished_last", is_last)

    def _set_hot(self, is_hot: bool) -> None:
        self.actions_["frame_times"].setChecked(is_hot)
        self.strip.set_hot(is_hot=is_hot)
        self.settings.set("frames/times", is_hot)

    def _set_full(self, *, is_full: bool) -> None:
        self.viewer.set_full(is_full)
        self.actions_["full"].setChecked(is_full)
        self.actions_["fit"].setChecked(not is_full)

    def _restore(self) -> None:
        self.actions_["finished_last"].setChecked(
            self.settings.flag("queue/finished_last", default=True)
        )
        self._set_finished_last()
        self._set_compact(self.settings.flag("queue/compact", default=False))
        self._set_hot(self.settings.flag("frames/times", default=False))
        mode = self.settings.get("queue/mode", "flat")
        self._set_mode(mode if mode in MODES else "flat")
        layout.restore(self)
        self.pages.show_page(str(self.settings.get("window/page", "queue")))
        self.queue.columns.begin(self.settings.get("queue/columns"))
        self.queue.columns.changed.connect(self.remember)
        self.nodes.columns.begin(self.settings.get("nodes/columns"))
        self.nodes.columns.hide_unwanted(self.settings.get("nodes/hidden"))
        self.nodes.columns.changed.connect(self.remember)
        for dock in self.docks.values():
            # The method itself: Qt lets go of it with the window, of a lambda it does not.
            dock.dockLocationChanged.connect(self.remember)
            dock.topLevelChanged.connect(self.remember)
            dock.visibilityChanged.connect(self.remember)

    def remember(self, *_: object) -> None:
        """Keep the layout; the settings write it a moment after the last change."""
        if self.isVisible():
            self.settings.set("window/geometry", self.saveGeometry())
            if not self.docks_away:
                self.settings.set("window/state", self.saveState(layout.VERSION))
            self.settings.set("queue/columns", self.queue.columns.state())
            self.settings.set("nodes/columns", self.nodes.columns.state())
            self.settings.set("nodes/hidden", self.nodes.columns.unwanted)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.remember()

    def moveEvent(self, event: QMoveEvent) -> None:
        super().moveEvent(event)
        self.remember()

    def closeEvent(self, event: QCloseEvent) -> None:
        if not self.may_close():
            event.ignore()
            return
        self.remember()
        super().closeEvent(event)

    def shut_down(self) -> None:
        """Let go of threads; when the window has closed."""
        self.let_go()
        self.settings.shut_down()

    def let_go(self) -> None:
        """End what this window alone uses: another one may take its place."""
        for book in self.findChildren(Flipbook):
            book.close()
        self.decoder.shut_down()


def _always() -> bool:
    return True


def _lower_first(title: str) -> str:
    return title[:1].lower() + title[1:]
