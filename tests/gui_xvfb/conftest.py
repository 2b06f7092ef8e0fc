"""Tests with a real mouse: a display without a screen, a window manager, and drags made by xdotool.

These run in a process of their own, since a process has one Qt platform and tests/gui has the
offscreen one. The display starts before Qt does and ends with the session.
"""

import itertools
import os
import subprocess
import time
from collections.abc import Callable, Iterator

import pytest

os.environ["QT_QPA_PLATFORM"] = "xcb"
os.environ.setdefault("QT_API", "pyside6")

from PySide6.QtCore import QObject, QPoint, QTimer
from PySide6.QtWidgets import QWidget

from tests.gui.fixtures import bridge, farm, link, operations, qapp, window
from tests.qt_checks import no_qt_leaks, watchdog

__all__ = ["bridge", "farm", "link", "no_qt_leaks", "operations", "qapp", "watchdog", "window"]

SCREEN = "1600x1000x24"
# A drag in fewer moves, or faster, is not seen as one: Qt wants a start distance, then an enter.
DRAG_MOVES = 8
MOVE_S = 0.03
START_S = 20.0
HAND_MS = 60_000


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "gui_xvfb" in item.path.parts:
            item.add_marker(pytest.mark.xvfb)


@pytest.fixture(scope="session")
def display() -> Iterator[str]:
    """Start Xvfb on a free number with a window manager, and make it this process's display."""
    reading, writing = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(writing), "-screen", "0", SCREEN, "-nolisten", "tcp"],
        pass_fds=[writing],
        stderr=subprocess.DEVNULL,
    )
    os.close(writing)
    with os.fdopen(reading) as told:
        number = told.readline().strip()  # Xvfb writes it when it is ready
    os.environ["DISPLAY"] = f":{number}"
    manager = subprocess.Popen(["openbox"], stderr=subprocess.DEVNULL)
    _wait_for_the_manager()
    yield os.environ["DISPLAY"]
    for process in (manager, server):
        process.terminate()
        process.wait(timeout=10)


def _wait_for_the_manager() -> None:
    """A window shown while the manager starts is never exposed; a desktop count says it is there."""
    deadline = time.monotonic() + START_S
    while subprocess.run(["xdotool", "get_num_desktops"], capture_output=True).returncode:
        assert time.monotonic() < deadline, "openbox does not start"
        time.sleep(MOVE_S)


@pytest.fixture(scope="session")
def qapp_args(display: str) -> list[str]:
    """Have pytest-qt start the display before it makes the application."""
    return ["windfire"]


Step = list[str] | Callable[[], bool]


class Hand(QObject):
    """Carries out steps one after the other: an xdotool call, or a wait until something is so.

    A drag runs a loop of its own inside Qt, so that a test cannot wait between its parts; a timer can. What
    waits for the window, and not for a time, holds on a slow machine too.
    """

    def __init__(self, steps: list[Step]) -> None:
        super().__init__()
        self._steps = steps
        self._process: subprocess.Popen[bytes] | None = None
        self._timer = QTimer(self, interval=5)
        self._timer.timeout.connect(self._go_on)
        self._timer.start()

    @property
    def is_done(self) -> bool:
        return not self._timer.isActive()

    def stop(self) -> None:
        self._timer.stop()
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
            self._process.wait()

    def _go_on(self) -> None:
        if self._process is not None:
            if self._process.poll() is None:
                return
            assert self._process.returncode == 0
            self._process = None
        if not self._steps:
            self._timer.stop()
        elif callable(self._steps[0]):
            if self._steps[0]():
                self._steps.pop(0)
        else:
            self._process = subprocess.Popen(["xdotool", *self._steps.pop(0)])


class Mouse:
    """Moves the display's real pointer, in another process, while this one's event loop runs."""

    def __init__(self, qtbot) -> None:
        self._qtbot = qtbot

    def drag(
        self,
        source: QWidget,
        start: QPoint,
        target: QWidget,
        end: QPoint,
        *,
        before_release: list[Step] | None = None,
        after: list[Step] | None = None,
    ) -> None:
        """Press at `start` in `source`, move by small steps to `end` in `target`, let go.

        `before_release` happens over the target, `after` when the button is up.
        """
        begin, stop = source.mapToGlobal(start), target.mapToGlobal(end)
        moves = (self._move(begin + (stop - begin) * n / DRAG_MOVES) for n in range(DRAG_MOVES + 1))
        first, *rest = moves
        # The last move is made twice: the first enters the target, the second is over it.
        way = [*first, "mousedown", "1", *itertools.chain(*rest), *rest[-1]]
        self._do([way, *(before_release or []), ["mouseup", "1"], *(after or [])])

    def click(self, widget: QWidget, at: QPoint) -> None:
        """Click the left button at `at` in `widget`."""
        self._do([[*self._move(widget.mapToGlobal(at)), "click", "1"]])

    def _move(self, to: QPoint) -> list[str]:
        return ["mousemove", str(to.x()), str(to.y()), "sleep", str(MOVE_S)]

    def _do(self, steps: list[Step]) -> None:
        hand = Hand(steps)
        try:
            self._qtbot.waitUntil(lambda: hand.is_done, timeout=HAND_MS)
        finally:
            hand.stop()
            hand.deleteLater()


@pytest.fixture
def mouse(qtbot) -> Mouse:
    return Mouse(qtbot)
