"""Every action of the window in one table: its words, its key, its icon, and when it can be done.

Menus, buttons and context menus show these same QActions, so that what is named once is named the same
everywhere and can be reached without a mouse.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QKeySequence

from app.gui import icons
from app.gui.words import tr


@dataclass(frozen=True, slots=True)
class Spec:
    """One action as people meet it. Its words are in English here, and translated where they are shown."""

    name: str
    text: str
    """With & before the letter of its menu key."""
    tip: str
    keys: str = ""
    """A second way after a blank."""
    icon: str = ""
    needs: str = ""
    """What must be so: words of 'live', 'shots', 'nodes', 'wakeable', 'sleepable', 'undo', 'redo', 'task'."""
    is_checkable: bool = False


SPECS = (
    Spec("submit", "&Add shot…", "Hand in a USD scene as a shot", "Ctrl+O", "add", "live"),
    Spec(
        "export_queue",
        "Export the &queue…",
        "Write the shots that are shown as CSV, for a spreadsheet",
        "Ctrl+E",
    ),
    Spec("export_nodes", "Export the &nodes…", "Write all nodes and their loads as CSV"),
    Spec(
        "export_frames",
        "Export the &frames of the shot…",
        "Write the frames of the chosen shot as CSV",
        needs="shots",
    ),
    Spec(
        "export_usage",
        "Export the &usage…",
        "Write what each project used each month as CSV",
        needs="live",
    ),
    Spec("quit", "&Quit", "Close the window", "Ctrl+Q"),
    Spec("undo", "&Undo", "Take back what was done last", "Ctrl+Z", "undo", "live undo"),
    Spec("redo", "&Redo", "Do again what was undone", "Ctrl+Shift+Z", "redo", "live redo"),
    Spec("find", "&Find", "Go to the search box", "Ctrl+F", "search"),
    Spec(
        "up", "Move &up", "Move the chosen shots one line up", "Alt+Up Ctrl+Up", "up", "live shots"
    ),
    Spec(
        "down", "Move &down", "Move them one line down", "Alt+Down Ctrl+Down", "down", "live shots"
    ),
    Spec("top", "Move to &top", "Render the chosen shots next", "Alt+Home", "top", "live shots"),
    Spec(
        "bottom",
        "Move to &bottom",
        "Render the chosen shots last",
        "Alt+End",
        "bottom",
        "live shots",
    ),
    Spec(
        "position",
        "Move to &position…",
        "Give the first of them a number in the queue",
        "Ctrl+G",
        "position",
        "live shots",
    ),
    Spec(
        "carry",
        "Move &before…",
        "Point at the place, or go there with the arrow keys; a click or Return puts them down",
        "Ctrl+M",
        "drop",
        "live shots",
    ),
    Spec(
        "promise",
        "Pro&mise…",
        "Promise the chosen shots for a day and time",
        "Ctrl+D",
        "pin",
        "live shots",
    ),
    Spec(
        "order_by_due",
        "&Order by due date",
        "Sort what is promised by its date; shots without one keep their places",
        "",
        "clock",
        "live",
    ),
    Spec("pause", "P&ause", "Assign nothing more; what runs ends", "Ctrl+P", "pause", "live shots"),
    Spec("resume", "&Resume", "Let them be assigned again", "Ctrl+R", "play", "live shots"),
    Spec(
        "retry",
        "R&etry failed",
        "Make failed and cancelled frames ready again",
        "Ctrl+Shift+R",
        "retry",
        "live shots",
    ),
    Spec(
        "cancel",
        "&Cancel",
        "End what is unfinished; running frames are stopped",
        "Ctrl+Backspace",
        "cancel",
        "live shots",
    ),
    Spec(
        "explain",
        "Why does it &wait?",
        "Say why the chosen shot is not running, and what would change it",
        "Ctrl+I",
        "clock",
        "live shots",
    ),
    Spec(
        "retry_task",
        "Retry this &frame",
        "Make the chosen frame ready again",
        "",
        "retry",
        "live task",
    ),
    Spec(
        "kill_task",
        "&Kill this frame",
        "End the chosen frame's attempt now; it will be rendered again",
        "Ctrl+K",
        "cancel",
        "live task",
    ),
    Spec("add_node", "&Add node…", "Let another machine of the studio render", "", "add", "live"),
    Spec(
        "drain",
        "&Drain",
        "Assign nothing more to the chosen nodes; what runs there ends",
        "",
        "drain",
        "live nodes",
    ),
    Spec("undrain", "&Put to work", "Let the chosen nodes work again", "", "play", "live nodes"),
    Spec(
        "reserve",
        "&Reserve until…",
        "Keep the chosen nodes for a project or an artist for a while",
        "",
        "clock",
        "live nodes",
    ),
    Spec("free", "&Free again", "End the reservation of the chosen nodes", "", "", "live nodes"),
    Spec(
        "pools",
        "P&ools and tags…",
        "Say to which pools the chosen nodes belong and what they can do",
        "",
        "tree",
        "live nodes",
    ),
    Spec(
        "wake",
        "&Wake up",
        "Switch on the chosen nodes' machines",
        "",
        "wake",
        "live wakeable",
    ),
    Spec(
        "sleep",
        "Put to &sleep",
        "Suspend the chosen nodes' machines until somebody wakes them; those that work go on",
        "",
        "sleep",
        "live sleepable",
    ),
    Spec(
        "node_detail",
        "&Look into it…",
        "Show the node's load, its work and what it did",
        "Ctrl+Return",
        "plots",
        "nodes",
    ),
    Spec(
        "flat",
        "&Queue order",
        "Shots in the order in which the farm takes them",
        "Ctrl+1",
        "queue",
        "",
        is_checkable=True,
    ),
    Spec(
        "grouped",
        "By &project",
        "Shots under their sequences and projects",
        "Ctrl+2",
        "tree",
        "",
        is_checkable=True,
    ),
    Spec(
        "lanes",
        "By &due date",
        "Shots under what they are promised for; drag from one to another to promise",
        "Ctrl+5",
        "pin",
        "",
        is_checkable=True,
    ),
    Spec(
        "compact",
        "&Compact lines",
        "One row of text a shot",
        "Ctrl+3",
        "compact",
        "",
        is_checkable=True,
    ),
    Spec(
        "finished_last",
        "&Finished at the bottom",
        "Done and cancelled shots below all others",
        "",
        "check",
        "",
        is_checkable=True,
    ),
    Spec(
        "flipbook",
        "P&lay frames…",
        "Play the shot's finished frames, look into pixels, compare versions",
        "Ctrl+Shift+P",
        "play",
        "shots",
    ),
    Spec(
        "frame_times",
        "Frame ti&mes",
        "Colour the frames that are done by how long they took",
        "Ctrl+T",
        "times",
        "",
        is_checkable=True,
    ),
    Spec("fit", "Picture: &fit", "Show the whole picture", "Ctrl+0", "fit", "", is_checkable=True),
    Spec(
        "full",
        "Picture: &100 %",
        "A pixel of the picture is a pixel of the screen",
        "Ctrl+Alt+0",
        "full",
        "",
        is_checkable=True,
    ),
    Spec(
        "morning",
        "&Morning",
        "What the night brought: finished, failed, stuck, idle, late",
        "Ctrl+6",
        "clock",
    ),
    Spec("wall", "Farm &wall", "Every node at a glance", "Ctrl+4", "nodes"),
    Spec("trends", "&Trends", "The farm over an hour, a day or 90 days", "Ctrl+7", "plots"),
    Spec("preferences", "&Settings…", "Theme, language, size, notifications", "Ctrl+,"),
    Spec("reset_layout", "Reset &layout", "Put all panels back where they were at first"),
    Spec("about", "&About Windfire", "Version and licence"),
)
NODE_ACTS = (
    *("drain", "undrain", "", "wake", "sleep", "", "reserve", "free", "", "pools", ""),
    "node_detail",
)
EXPORTS = ("export_queue", "export_nodes", "export_frames", "export_usage")
MENUS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("&File", ("submit", "", *EXPORTS, "", "preferences", "", "quit")),
    ("&Edit", ("undo", "redo", "", "find")),
    (
        "&Queue",
        (
            "up",
            "down",
            "top",
            "bottom",
            "position",
            "carry",
            "",
            "promise",
            "order_by_due",
            "",
            "pause",
            "resume",
            "retry",
            "cancel",
            "",
            "explain",
            "retry_task",
            "kill_task",
        ),
    ),
    ("&Nodes", ("add_node", "", *NODE_ACTS)),
    (
        "&View",
        (
            "flat",
            "grouped",
            "lanes",
            "",
            "compact",
            "finished_last",
            "",
            "flipbook",
            "frame_times",
            "fit",
            "full",
            "",
            "wall",
            "trends",
            "morning",
            "@docks",
            "",
            "reset_layout",
        ),
    ),
    ("&Help", ("about",)),
)
"""'' is a line; '@docks' stands for one entry a panel."""
SHOT_MENU = (
    "top",
    "up",
    "down",
    "bottom",
    "position",
    "carry",
    "",
    "promise",
    "",
    "pause",
    "resume",
    "retry",
    "",
    "flipbook",
    "explain",
    "",
    "cancel",
)
NODE_MENU = (*NODE_ACTS, "", "add_node")


class Actions:
    """The window's QActions by name."""

    def __init__(self, parent: QObject) -> None:
        self._made = {spec.name: _make(spec, parent) for spec in SPECS}
        self._needs = {spec.name: frozenset(spec.needs.split()) for spec in SPECS}

    def __getitem__(self, name: str) -> QAction:
        return self._made[name]

    def connect(self, slots: Mapping[str, Callable[[], object]]) -> None:
        """Say what each action does; panels that show actions are made before what they do is known."""
        for name, action in self._made.items():
            action.triggered.connect(_calling(slots[name]))

    def all(self) -> list[QAction]:
        """Return every action."""
        return list(self._made.values())

    def enable(self, given: set[str]) -> None:
        """Enable what needs no more than is given."""
        for name, action in self._made.items():
            action.setEnabled(self._needs[name] <= given)


def _make(spec: Spec, parent: QObject) -> QAction:
    action = QAction(tr(spec.text), parent, checkable=spec.is_checkable)
    action.setObjectName(spec.name)
    if spec.icon:
        action.setIcon(icons.icon(spec.icon))
    keys = spec.keys.split()
    action.setShortcuts([QKeySequence(each) for each in keys])
    tip = tr(spec.tip)
    action.setToolTip(f"{tip}  ({keys[0]})" if keys else tip)
    action.setStatusTip(tip)
    return action


def _calling(slot: Callable[[], object]) -> Callable[[], None]:
    """Return a slot without Qt's argument, which says whether the action is checked."""

    def call(*_checked: object) -> None:
        slot()

    return call
