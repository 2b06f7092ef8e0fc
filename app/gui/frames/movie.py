"""A shot's finished frames as a movie, made by a process of its own while the window goes on."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from PySide6.QtCore import QObject, QProcess, Signal

from app.gui.words import tr

MODULE = "node_agent.worker.media"


class MovieMaker(QObject):
    """One movie at a time; ``told`` says in words how far it is and how it ended."""

    told = Signal(str)
    ended = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._process: QProcess | None = None
        self._out, self._count, self._is_given_up = "", 0, False

    @property
    def is_busy(self) -> bool:
        """Whether a movie is being made."""
        return self._process is not None

    def start(self, out: str, files: Sequence[str], fps: int) -> None:
        """Make a movie of the files, in their order."""
        self._out, self._count, self._is_given_up = out, len(files), False
        process = self._process = QProcess(self)
        process.setProgram(sys.executable)
        words = ["movie", "--progress", "--fps", str(fps), "--out", out, *files]
        process.setArguments(["-m", MODULE, *words])
        process.readyReadStandardOutput.connect(self._take)
        process.finished.connect(self._end)
        process.errorOccurred.connect(self._take_error)
        self._say(0)
        process.start()

    def cancel(self) -> None:
        """End it; no half movie is left."""
        if self._process is not None:
            self._is_given_up = True
            self._process.terminate()

    def shut_down(self) -> None:
        """End it, and hear no more of it."""
        process, self._process = self._process, None
        if process is not None:
            process.blockSignals(True)  # noqa: FBT003 -- Qt takes no keyword here
            process.kill()
            process.waitForFinished(2000)
            process.deleteLater()

    def _take(self) -> None:
        if self._process is not None:
            lines = bytes(self._process.readAllStandardOutput().data()).split()
            if lines and lines[-1].isdigit():
                self._say(int(lines[-1]))

    def _say(self, done: int) -> None:
        words = tr("Movie: {done} of {count} frames")
        self.told.emit(words.format(done=done, count=self._count))

    def _take_error(self, error: QProcess.ProcessError) -> None:
        if error == QProcess.ProcessError.FailedToStart:
            self._end(-1)

    def _end(self, status: int) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        said = bytes(process.readAllStandardError().data()).decode("utf-8", "replace").strip()
        process.deleteLater()
        if status == 0 and process.exitStatus() == QProcess.ExitStatus.NormalExit:
            self.told.emit(tr("The movie is in {file}").format(file=self._out))
        elif self._is_given_up:
            self.told.emit(tr("The movie was given up"))
        else:
            self.told.emit(said.splitlines()[-1] if said else tr("The movie could not be made"))
        self.ended.emit()
