"""A monkey at the window: random clicks, keys, drags and actions, on a farm that changes at random meanwhile.

``make monkey`` lets it play for ten minutes (``python -m tests.gui.monkey --minutes 10 --seed 7``); the tests
have a short one. A seed gives the same play again. What fails: any exception in a slot, any warning of Qt's,
a list that is not what the farm says once both have come to rest, dialogs or menus that cannot be closed.
"""

import argparse
import random
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import (
    QMessageLogContext,
    QPoint,
    QPointF,
    Qt,
    QTimer,
    QtMsgType,
    qInstallMessageHandler,
)
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QMenu, QWidget

from app.client.connection import LinkState
from app.core.commands import Finish, Finishes, Forecast, GetMorning, PreemptionCost
from app.core.commands import GetPreemption as GetCost
from app.core.ids import TaskState
from app.core.views import TaskChange
from tests.gui import fakes
from tests.gui.fakes import LIVE, NOW, FakeLink, node_row, replaced, sample, shot_row, step_row
from tests.gui.fixtures import settle
from tests.gui.morning.nights import night

POPUP_MS = 200
SHOTS, NODES, FRAMES = 40, 6, 24
STATES = ("ready", "running", "waiting", "paused", "failed", "done", "cancelled")
# Not what closes the window or goes to the disk.
FORBIDDEN = {"quit", "submit", "export_queue", "export_nodes", "export_frames", "export_usage"}
KEYS = (
    *(Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Return),
    *(Qt.Key.Key_Home, Qt.Key.Key_End, Qt.Key.Key_Space, Qt.Key.Key_Tab, Qt.Key.Key_Escape),
    *(Qt.Key.Key_A, Qt.Key.Key_S, Qt.Key.Key_Colon, Qt.Key.Key_0, Qt.Key.Key_Backspace),
)
MODIFIERS = (
    Qt.KeyboardModifier.NoModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.AltModifier,
)
UNHEARD = "This plugin does not support "
"""What Qt says of a platform without a screen."""
LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
MOVE = Qt.DropAction.MoveAction


def farm_rows():
    """Return the farm that the monkey begins with."""
    numbers = range(1, SHOTS + 1)
    return fakes.snapshot(
        shots=[shot_row(n) for n in numbers],
        jobs=[fakes.job_row(n) for n in numbers],
        steps=[step_row(n, bytes([TaskState.READY] * FRAMES)) for n in numbers],
        nodes=[node_row(n) for n in range(1, NODES + 1)],
    )


class Monkey:
    """Plays with a window from a seed."""

    def __init__(self, window, link: FakeLink, farm, seed: int) -> None:
        self.window, self.link, self.farm = window, link, farm
        self.chance = random.Random(seed)
        self.steps = 0
        # A menu under a button runs a loop of its own until it is closed.
        self._closer = QTimer(interval=POPUP_MS)
        self._closer.timeout.connect(close_menus)
        self._closer.start()
        self._answer()
        self._acts: list[tuple[int, Callable[[], None]]] = [
            (6, self._key),
            (5, self._click),
            (4, self._trigger),
            (4, self._drag),
            (3, self._change),
            (3, self._tasks),
            (2, self._wheel),
            (2, self._answers),
            (2, self._close),
            (1, self._menu),
            (1, self._link),
            (1, self._reset),
        ]

    def play(self) -> None:
        """Do one thing."""
        self.steps += 1
        weights, acts = zip(*self._acts, strict=True)
        self.chance.choices(acts, weights)[0]()
        if self.chance.random() < 0.3:
            settle(self.farm)

    def stop(self) -> None:
        """Play no more."""
        self.rest()
        self._closer.stop()

    def rest(self) -> None:
        """Let go of everything; then the list must be what the farm says."""
        self._close()
        self.link.at_once = True
        self.link.deliver()
        self._close()  # what an answer opened
        self.link.tell_state(LIVE)
        view, model = self.window.queue.view, self.window.queue.model
        view._end_carry(is_dropped=False)
        for why in ("press", "drag", "menu", "shift", "carry"):
            model.thaw(why)
        self.link.change()
        settle(self.farm)
        queue = [row.id for row in self.link.replica.queue()]
        assert model.order == queue, f"after {self.steps} steps"
        assert not self.window.operations.asked_shots()
        assert not dialogs(), f"{dialogs()} cannot be closed"

    # --- what a person may do -------------------------------------------------------------------------

    def _somewhere(self, widget: QWidget) -> QPoint:
        size = widget.size()
        return QPoint(
            self.chance.randrange(max(1, size.width())),
            self.chance.randrange(max(1, size.height())),
        )

    def _target(self) -> QWidget:
        open_ones = [each for each in dialogs() if each.isVisible()]
        return open_ones[-1] if open_ones else self.window

    def _key(self) -> None:
        widget = self._target().focusWidget() or self.window.queue.view
        QTest.keyClick(widget, self.chance.choice(KEYS), self.chance.choice(MODIFIERS))

    def _click(self) -> None:
        target = self._target()
        at = self._somewhere(target)
        under = target.childAt(at) or target
        local = under.mapFrom(target, at)
        # A press and a release at one place: a drag by hand would wait for the desktop.
        QTest.mouseClick(under, LEFT, self.chance.choice(MODIFIERS), local)

    def _trigger(self) -> None:
        names = [each.objectName() for each in self.window.actions_.all() if each.isEnabled()]
        self.window.actions_[self.chance.choice([n for n in names if n not in FORBIDDEN])].trigger()

    def _drag(self) -> None:
        view = self.window.queue.view
        shown = self.window.queue.model.visible_shots()
        if not shown or not view.isVisible():
            return
        view.choose(self.chance.sample(shown, min(len(shown), self.chance.randint(1, 5))))
        rows = view.selectionModel().selectedRows()
        data = self.window.queue.model.mimeData(rows)
        keys = self.chance.choice(MODIFIERS)
        at = self._somewhere(view.viewport())
        view.dragEnterEvent(QDragEnterEvent(at, MOVE, data, LEFT, keys))
        for _ in range(self.chance.randint(1, 3)):
            at = self._somewhere(view.viewport())
            view.dragMoveEvent(QDragMoveEvent(at, MOVE, data, LEFT, keys))
            view.viewport().grab()
        if self.chance.random() < 0.7:
            view.dropEvent(QDropEvent(QPointF(at), MOVE, data, LEFT, keys))
        else:
            view._end_drag()

    def _wheel(self) -> None:
        view = self.chance.choice(
            (self.window.queue.view, self.window.strip, self.window.nodes.view)
        )
        by = QPoint(0, self.chance.choice((-240, 240)))
        at = QPointF(self._somewhere(view.viewport()))
        phase = Qt.ScrollPhase.NoScrollPhase
        keys = self.chance.choice((NONE, Qt.KeyboardModifier.ControlModifier))
        buttons = Qt.MouseButton.NoButton
        is_inverted = False
        QApplication.sendEvent(
            view.viewport(), QWheelEvent(at, at, by, by, buttons, keys, phase, is_inverted)
        )

    def _menu(self) -> None:
        self.window._open_shot_menu(self.window.mapToGlobal(QPoint(200, 200)))

    def _close(self) -> None:
        close_menus()
        for each in dialogs():
            each.close()

    # --- what the farm may do -------------------------------------------------------------------------

    def _answer(self) -> None:
        def forecast(question):
            by = self.chance.randint(-900, 900) if question.move else 0
            rows = self.link.replica.shots.values()
            return Finishes(
                rows=[
                    Finish(row.id, NOW + 600 * row.id + by, NOW + 700 * row.id + by) for row in rows
                ]
            )

        cost = PreemptionCost(yields=2, kills=0, lost_s=0.0, sentence="2 frames yield.")
        self.link.answers[Forecast] = forecast
        self.link.answers[GetCost] = lambda _: cost
        self.link.answers[GetMorning] = lambda _: night(failures=self.chance.randint(0, 9))

    def _answers(self) -> None:
        self.link.refuse_with = self.chance.choice(("", "", "", "Somebody was faster."))
        self.link.at_once = self.chance.random() < 0.5
        self.link.deliver()

    def _change(self) -> None:
        shot = self.chance.randint(1, SHOTS + 10)
        row = self.link.replica.shots.get(shot)
        match self.chance.randrange(4):
            case 0 if row and len(self.link.replica.shots) > 5:
                self.link.change(removed=[shot])
            case 1:
                ranks = {each.rank for each in self.link.replica.shots.values()}
                rank = next(r for r in iter(self.chance.random, None) if r not in ranks)
                self.link.change(replaced(row or shot_row(shot), rank=rank * 60))
            case 2 if row:
                due = self.chance.choice((0.0, NOW - 60, NOW + 3600, NOW + 90_000))
                self.link.change(replaced(row, due=due, due_pinned=self.chance.random() < 0.5))
            case _ if row:
                self.link.change(replaced(row, state=self.chance.choice(STATES)))

    def _tasks(self) -> None:
        node = self.chance.randint(1, NODES)
        tasks = [
            TaskChange(
                self.chance.randint(1, SHOTS),
                self.chance.randrange(FRAMES),
                self.chance.choice(list(TaskState)),
                1,
                node,
                self.chance.random(),
            )
            for _ in range(8)
        ]
        at = NOW + self.steps
        self.link.change(tasks=tasks, samples=[sample(node, at, 50.0, [self.chance.random()], 9.0)])

    def _link(self) -> None:
        lost = LinkState("lost", 9.0, "The farm has not been heard for 9 s.")
        self.link.tell_state(self.chance.choice((LIVE, LIVE, lost)))

    def _reset(self) -> None:
        if self.chance.random() < 0.2:
            self.link.show(farm_rows())


def close_menus() -> None:
    """Close the menus that are open."""
    for each in QApplication.topLevelWidgets():
        if isinstance(each, QMenu) and each.isVisible():
            each.close()


def dialogs() -> list[QDialog]:
    """Return the dialogs that are open."""
    return [
        each
        for each in QApplication.topLevelWidgets()
        if isinstance(each, QDialog) and each.isVisible()
    ]


def main(argv: list[str]) -> int:
    """Play for so many minutes; say which step failed."""
    from app.gui.application import make_application
    from app.gui.bridge import Bridge, Farm
    from app.gui.main_window import MainWindow
    from app.gui.settings import Settings

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--seed", type=int, default=time.time_ns() % 1_000_000)
    parser.add_argument("--settings", help="(default: a file of its own, gone afterwards)")
    options = parser.parse_args(argv)
    print(f"seed {options.seed}", flush=True)
    application = make_application()
    raised: list[BaseException] = []

    def remember(_kind: object, error: BaseException, _trace: object) -> None:
        raised.append(error)
        traceback.print_exception(error)

    def hear(kind: QtMsgType, _where: QMessageLogContext, said: str) -> None:
        if said.startswith(UNHEARD):
            return
        print(said, flush=True)
        if kind != QtMsgType.QtDebugMsg:
            raised.append(RuntimeError(said))

    sys.excepthook = remember
    qInstallMessageHandler(hear)
    link, farm = FakeLink(), Farm()
    farm.now = lambda: NOW
    farm.attach(link)
    # Never a device: Qt saves by renaming a new file over the old one, which root may do to any.
    own = tempfile.TemporaryDirectory()
    file = options.settings or str(Path(own.name) / "window.ini")
    window = MainWindow(farm, Bridge(), Settings(file))
    link.show(farm_rows())
    link.start()
    window.show()
    monkey = Monkey(window, link, farm, options.seed)
    end = time.monotonic() + options.minutes * 60
    while time.monotonic() < end:
        monkey.play()
        application.processEvents()
        if monkey.steps % 500 == 0:
            monkey.rest()
            print(f"{monkey.steps} steps", flush=True)
        if raised:
            print(f"It broke: seed {options.seed}, step {monkey.steps}.", flush=True)
            return 1
    monkey.stop()
    qInstallMessageHandler(None)
    print(f"{monkey.steps} steps, and the window lives")
    window.hide()
    window.shut_down()
    own.cleanup()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
