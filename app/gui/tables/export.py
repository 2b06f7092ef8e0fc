"""Writes a table to a file and never holds the window: rows are made in pieces between other events, and a
thread of the pool puts them on the disk, under another name until they are all there.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from itertools import islice
from pathlib import Path

from PySide6.QtCore import QObject, QRunnable, QThreadPool, QTimer, Signal

from app.gui import text
from app.gui.bridge import Bridge
from app.gui.tables.table import BOM, Table, lines
from app.gui.words import tr

PIECE_S = 0.003
"""Of work a turn of Qt's loop: a painting still fits into a screen's frame beside it."""
STEP_ROWS = 8
"""Made between two looks at the clock."""


class Export(QObject):
    """One table on its way to a file; lives until it has ended."""

    ended = Signal(str, str)
    """A sentence, and its kind: 'done' or 'refused'."""

    def __init__(self, table: Table, file: Path, bridge: Bridge, parent: QObject) -> None:
        super().__init__(parent)
        self._table, self._file, self._bridge = table, file, bridge
        self._pieces: list[str] = [BOM, lines([table.header])]
        self._count = 0
        self._timer = QTimer(self, interval=0)
        self._timer.timeout.connect(self._go_on)

    def start(self) -> None:
        """Begin; ``ended`` says how it went."""
        self._timer.start()

    def _go_on(self) -> None:
        end = time.perf_counter() + PIECE_S
        while time.perf_counter() < end:
            made = [row for row in islice(self._table.rows, STEP_ROWS) if row]
            if not made:
                self._timer.stop()
                self._write()
                return
            self._pieces.append(lines(made))
            self._count += len(made)

    def _write(self) -> None:
        def told(problem: str) -> None:
            self._bridge.post(lambda: self._end(problem))

        QThreadPool.globalInstance().start(_Writing(self._file, self._pieces, told))

    def _end(self, problem: str) -> None:
        if problem:
            self.ended.emit(problem, "refused")
        else:
            rows = text.number(self._count)
            words = tr("{rows} rows are in {file}.").format(rows=rows, file=self._file)
            self.ended.emit(words, "done")
        self.deleteLater()


class _Writing(QRunnable):
    def __init__(self, file: Path, pieces: list[str], told: Callable[[str], None]) -> None:
        super().__init__()
        self._file, self._pieces, self._told = file, pieces, told

    def run(self) -> None:
        part = self._file.with_name(f"{self._file.name}.part")
        try:
            with part.open("w", encoding="utf-8", newline="") as opened:
                opened.writelines(self._pieces)
            part.replace(self._file)
        except OSError as error:
            why = error.strerror or str(error)
            words = tr("{file} cannot be written: {why}. Choose another folder.")
            self._told(words.format(file=self._file, why=why))
        else:
            self._told("")
