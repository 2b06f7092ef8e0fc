"""Where the panels stand at first, and how they come back the next day."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtWidgets import QMainWindow, QWidget

from app.gui.widgets.dock import Dock
from app.gui.widgets.make import tool_for
from app.gui.words import tr

if TYPE_CHECKING:
    from app.gui.main_window import MainWindow

VERSION = 1
"""Of what is remembered: raise it when panels come or go, and everybody starts from the default."""
SIZE = QSize(1560, 960)
BELOW = ("frames", "nodes", "plots")
TOOLS = ("undo", "redo")
AREA = Qt.DockWidgetArea


def make_docks(window: MainWindow) -> dict[str, Dock]:
    """Make a dock a panel and put each in its place."""
    window.setDockOptions(
        QMainWindow.DockOption.AllowTabbedDocks | QMainWindow.DockOption.AllowNestedDocks
    )
    # The picture and the log keep the whole height at the right.
    window.setCorner(Qt.Corner.BottomRightCorner, AREA.RightDockWidgetArea)
    window.setCorner(Qt.Corner.TopRightCorner, AREA.RightDockWidgetArea)
    zoom = [tool_for(window.actions_[name]) for name in ("fit", "full")]
    times = [tool_for(window.actions_["frame_times"])]
    add = [tool_for(window.actions_[name]) for name in ("wake", "sleep", "drain", "add_node")]
    docks = {
        "frames": Dock("frames", tr("Frames"), window.strip, window, times),
        "viewer": Dock("viewer", tr("Picture"), window.viewer, window, zoom),
        "log": Dock("log", tr("Log"), window.log, window, []),
        "nodes": Dock("nodes", tr("Nodes"), window.nodes, window, add),
        "plots": Dock("plots", tr("Farm"), window.plots, window, []),
    }
    _place(window, docks)
    return docks


def panels(window: MainWindow) -> list[QWidget]:
    """Return the panels that show the farm, and so can be old."""
    return [window.strip, window.viewer, window.nodes, window.plots]


def _place(window: MainWindow, docks: dict[str, Dock]) -> None:
    window.addDockWidget(AREA.RightDockWidgetArea, docks["viewer"])
    window.addDockWidget(AREA.RightDockWidgetArea, docks["log"])
    window.addDockWidget(AREA.BottomDockWidgetArea, docks["frames"])
    window.splitDockWidget(docks["frames"], docks["nodes"], Qt.Orientation.Vertical)
    window.splitDockWidget(docks["nodes"], docks["plots"], Qt.Orientation.Horizontal)
    _share(window, docks)


def _share(window: MainWindow, docks: dict[str, Dock]) -> None:
    """Give each panel its part of the window."""
    wide, tall = Qt.Orientation.Horizontal, Qt.Orientation.Vertical
    window.resizeDocks([docks["viewer"]], [516], wide)
    window.resizeDocks([docks["viewer"], docks["log"]], [372, 452], tall)
    window.resizeDocks([docks["frames"], docks["nodes"]], [106, 276], tall)
    window.resizeDocks([docks["nodes"], docks["plots"]], [640, 500], wide)


def make_room(window: MainWindow, *, is_wanted: bool) -> None:
    """Hide the panels below while a page wants the whole height, and show them again after it."""
    if is_wanted and not window.docks_away:
        window.docks_away = [
            dock
            for name in BELOW
            if not (dock := window.docks[name]).isHidden() and not dock.isFloating()
        ]
        window.docks_heights = [dock.height() for dock in window.docks_away]
        for dock in window.docks_away:
            dock.hide()
    elif not is_wanted:
        away, window.docks_away = window.docks_away, []
        heights = window.docks_heights
        for dock in away:
            dock.show()
        if away:
            # Qt shares the room out anew; the queue wants what it had.
            tall = Qt.Orientation.Vertical
            QTimer.singleShot(0, window, lambda: window.resizeDocks(away, heights, tall))


def reset(window: MainWindow) -> None:
    """Put every panel back where it was at first."""
    window.docks_away = []
    for dock in window.docks.values():
        dock.setFloating(False)
        window.removeDockWidget(dock)
    _place(window, window.docks)
    for dock in window.docks.values():
        dock.show()
    # Sizes are shared out among what is there, and that is settled when the loop comes round.
    QTimer.singleShot(0, window, lambda: _share(window, window.docks))


def restore(window: MainWindow) -> None:
    """Put the window where it was; one that was never opened gets the default."""
    window.resize(SIZE)
    geometry, state = window.settings.get("window/geometry"), window.settings.get("window/state")
    if geometry is not None:
        window.restoreGeometry(geometry)
    if state is not None:
        window.restoreState(state, VERSION)
