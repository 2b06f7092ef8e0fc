"""Fixtures for all tests of the window, with a screen or without; their conftest files import them.

`no_qt_leaks` fails a test that leaves a top-level widget, a running QThread or an active QTimer: give
widgets to `qtbot.addWidget`, which closes them. `watchdog` measures how long the loop was held up.
Import this after QT_QPA_PLATFORM is set.

All objects that are there before a test are frozen (`gc.freeze`): the collector and the search for timers
then look at what the test made and nothing else, a hundredth of the process. It took two thirds of the
time of these tests.
"""

import gc
import time
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, QThread, QTimer
from PySide6.QtWidgets import QApplication
from shiboken6 import getCppPointer, isValid

BEAT_MS = 5


class Watchdog(QObject):
    """Beats every 5 ms on Qt's thread and keeps the longest gap between two beats."""

    def __init__(self) -> None:
        super().__init__()
        self.longest_gap_ms = 0.0
        self._last = time.perf_counter()
        self._timer = QTimer(self, interval=BEAT_MS, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._beat)
        self._timer.start()

    def restart(self) -> None:
        """Forget what was before: call it when the part to be measured begins."""
        self.longest_gap_ms = 0.0
        self._last = time.perf_counter()

    def stop(self) -> float:
        """Stop, and return the longest gap in ms, the one up to now included."""
        self._beat()
        self._timer.stop()
        return self.longest_gap_ms

    def _beat(self) -> None:
        now = time.perf_counter()
        self.longest_gap_ms = max(self.longest_gap_ms, (now - self._last) * 1e3)
        self._last = now


@pytest.fixture
def watchdog(qapp: QApplication) -> Iterator[Watchdog]:
    dog = Watchdog()
    yield dog
    dog.stop()


@pytest.fixture(autouse=True)
def no_qt_leaks(request: pytest.FixtureRequest, qapp: QApplication) -> Iterator[None]:
    before = {getCppPointer(widget)[0] for widget, _ in _widgets()}
    gc.freeze()
    yield
    _delete_what_asked_for_it()
    leaked = {key: text for key, text in _living().items() if key not in before}
    if leaked and not request.node.get_closest_marker("allows_leak"):
        pytest.fail("the test left behind: " + "; ".join(leaked.values()), pytrace=False)


def _delete_what_asked_for_it() -> None:
    # deleteLater waits for a return to the loop, which a test that has ended never makes.
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    QCoreApplication.processEvents()
    gc.collect()


def _living() -> dict[int, str]:
    """Describe the top-level widgets, and the test's running threads and active timers, by address."""
    return {getCppPointer(thing)[0]: text for thing, text in (*_widgets(), *_threads_and_timers())}


def _widgets() -> Iterator[tuple[QObject, str]]:
    for widget in QApplication.topLevelWidgets():
        yield widget, f"widget {widget!r}"


def _threads_and_timers() -> Iterator[tuple[QObject, str]]:
    # Qt keeps no list of them, so Python's collector must serve; it does not show what is frozen.
    qt_objects = [thing for thing in gc.get_objects() if isinstance(thing, (QTimer, QThread))]
    for thing in filter(isValid, qt_objects):
        if isinstance(thing, QTimer) and thing.isActive():
            yield thing, f"active timer {thing!r}, a child of {thing.parent()!r}"
        if isinstance(thing, QThread) and thing.isRunning() and thing != _main_thread():
            yield thing, f"running thread {thing!r}"


def _main_thread() -> QThread:
    return QApplication.instance().thread()
