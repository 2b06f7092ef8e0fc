"""An eye for tests: tells over a local pipe where things are on the screen. Off unless asked for.

A real drag needs screen coordinates of rows, which only the program itself knows. With the environment
variable ``WINDFIRE_TEST_FILE`` set, the window writes what it shows, as JSON, to that file a few times a
second. It reads nothing and does nothing else.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QPoint, QRunnable, QThreadPool, QTimer
from PySide6.QtWidgets import QWidget

from app.gui.main_window import MainWindow

VARIABLE = "WINDFIRE_TEST_FILE"
TELL_MS = 100


class _Writing(QRunnable):
    def __init__(self, file: Path, words: str) -> None:
        super().__init__()
        self._file, self._words = file, words

    def run(self) -> None:
        # Renamed into place, so that a reader never sees half of it.
        part = self._file.with_suffix(".part")
        part.write_text(self._words)
        part.replace(self._file)


class Probe(QObject):
    """Writes where rows are."""

    def __init__(self, window: MainWindow, file: Path) -> None:
        super().__init__(window)
        self._window = window
        self._file = file
        self._pool = QThreadPool()
        self._pool.setMaxThreadCount(1)
        self._timer = QTimer(self, interval=TELL_MS)
        self._timer.timeout.connect(self._tell)
        self._timer.start()

    @classmethod
    def from_environment(cls, window: MainWindow) -> Probe | None:
        """Return a probe if the environment asks for one."""
        named = os.environ.get(VARIABLE)
        return cls(window, Path(named)) if named else None

    def shut_down(self) -> None:
        """Write no more."""
        self._timer.stop()
        self._pool.waitForDone(1000)

    def _tell(self) -> None:
        self._pool.start(_Writing(self._file, json.dumps(self.report())))

    def report(self) -> dict[str, Any]:
        """Return what the window shows, and where on the screen."""
        queue = self._window.queue
        rows = {}
        for shot in queue.model.visible_shots():
            index = queue.model.index_of_shot(shot, 2)
            box = queue.view.visualRect(index)
            if box.isValid():
                rows[str(shot)] = [*_place(queue.view.viewport(), box.center()), box.height()]
        return {
            "link": self._window.farm.link_state.name,
            "order": queue.model.order,
            "rows": rows,
            "chosen": queue.view.chosen_shots(),
            "seq": self._window.farm.replica.seq,
            "may_undo": self._window.actions_["undo"].isEnabled(),
            "toast": self._window.toast.label.text() if self._window.toast.isVisible() else "",
        }


def _place(widget: QWidget, at: QPoint) -> list[int]:
    on_screen = widget.mapToGlobal(at)
    return [on_screen.x(), on_screen.y()]
