"""Finished frames, decoded in a process of their own: this asks it and takes what it answers.

The process is ``node_agent.worker.media_server``; it starts with the first question and stays. A decoder that
dies on a file is told of as a sentence about that file, and another one is started for the next. Nothing
here waits: questions that are not sent yet can be taken back, so that whoever scrubs through a shot is not
behind his own hand.
"""

from __future__ import annotations

import json
import sys
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from PySide6.QtCore import QObject, QProcess
from PySide6.QtGui import QImage

from app.gui.words import tr

IN_FLIGHT = 2
"""Questions that the decoder holds: one to work on and one to go on with."""
MODULE = "node_agent.worker.media_server"


@dataclass(frozen=True, slots=True)
class Look:
    """What of a file is shown: also the key under which it is remembered."""

    file: str
    plane: str = "beauty"
    exposure: float = 0.0
    side: int = 1280
    stamp: int = 0
    """Another one where the file was rendered again."""


@dataclass(frozen=True, slots=True)
class Decoded:
    """A picture, or a sentence that says why there is none; or the values of a pixel."""

    image: QImage | None = None
    sentence: str = ""
    full_width: int = 0
    full_height: int = 0
    planes: tuple[str, ...] = ()
    values: tuple[float, ...] = ()


Taker = Callable[[Decoded], None]


@dataclass(slots=True)
class _Question:
    body: dict[str, object]
    look: Look
    taker: Taker = field(repr=False)


class FrameReader(QObject):
    """One decoder and what waits for it."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._waiting: deque[_Question] = deque()
        self._asked: deque[_Question] = deque()
        self._got = bytearray()
        self._head: dict[str, object] | None = None
        self._number = 0
        self._process: QProcess | None = None

    def read(self, look: Look, taker: Taker) -> None:
        """Have a picture decoded; ``taker`` gets it later."""
        wish = {"plane": look.plane, "exposure": look.exposure, "max": look.side}
        self._ask(look, wish, taker)

    def read_pixel(self, look: Look, pixel: tuple[int, int], taker: Taker) -> None:
        """Have the values of a pixel of the file read."""
        self._ask(look, {"plane": look.plane, "pixel": list(pixel)}, taker)

    def forget_waiting(self) -> list[Look]:
        """Take back what is not with the decoder yet, and say what that was; its takers hear nothing."""
        forgotten = [question.look for question in self._waiting]
        self._waiting.clear()
        return forgotten

    def shut_down(self) -> None:
        """End the decoder; nobody hears of it."""
        self._waiting.clear()
        self._asked.clear()
        process, self._process = self._process, None
        if process is not None:
            process.blockSignals(True)  # noqa: FBT003 -- Qt takes no keyword here
            process.closeWriteChannel()
            process.kill()
            process.waitForFinished(2000)
            process.deleteLater()

    def _ask(self, look: Look, wish: dict[str, object], taker: Taker) -> None:
        self._number += 1
        body = {"id": self._number, "file": look.file, **wish}
        self._waiting.append(_Question(body, look, taker))
        self._send()

    def _send(self) -> None:
        if not self._waiting:
            return
        if self._process is None:
            self._process = self._start()
        while self._waiting and len(self._asked) < IN_FLIGHT:
            question = self._waiting.popleft()
            self._asked.append(question)
            self._process.write(json.dumps(question.body).encode() + b"\n")

    def _start(self) -> QProcess:
        process = QProcess(self)
        process.setProgram(sys.executable)
        process.setArguments(["-m", MODULE])
        process.setStandardErrorFile(QProcess.nullDevice())
        process.readyReadStandardOutput.connect(self._take)
        process.finished.connect(self._take_end)
        process.errorOccurred.connect(self._take_error)
        process.start()
        return process

    # --- answers --------------------------------------------------------------------------------------

    def _take(self) -> None:
        if self._process is None:
            return
        self._got += self._process.readAllStandardOutput().data()
        while self._take_one():
            pass
        self._send()

    def _take_one(self) -> bool:
        """Hand over one answer, if it is here whole."""
        head = self._head or self._take_head()
        if head is None:
            return False
        self._head = head
        size = int(str(head["size"]))
        if len(self._got) < size:
            return False
        body = bytes(self._got[:size])
        del self._got[:size]
        self._head = None
        self._asked.popleft().taker(_decoded(head, body))
        return True

    def _take_head(self) -> dict[str, object] | None:
        end = self._got.find(b"\n")
        if end < 0:
            return None
        line = bytes(self._got[:end])
        del self._got[: end + 1]
        return json.loads(line)

    def _take_error(self, error: QProcess.ProcessError) -> None:
        if error == QProcess.ProcessError.FailedToStart:
            self._take_end()

    def _take_end(self) -> None:
        """The decoder died: the file it had is to blame, and the others are asked for again."""
        asked, self._asked = self._asked, deque()
        self._got.clear()
        self._head = None
        process, self._process = self._process, None
        if process is not None:
            process.deleteLater()
        if asked:
            culprit = asked.popleft()
            self._waiting.extendleft(reversed(asked))
            words = tr("The decoder ended while it read {file}.").format(file=culprit.look.file)
            culprit.taker(Decoded(sentence=words))
        self._send()


def _decoded(head: dict[str, object], body: bytes) -> Decoded:
    width, height = int(str(head["width"])), int(str(head["height"]))
    image = None
    if body:
        # A copy: the bytes do not live as long as the picture.
        image = QImage(body, width, height, 3 * width, QImage.Format.Format_RGB888).copy()
    names, values = head["planes"], head["values"]
    return Decoded(
        image=image,
        sentence=str(head["sentence"]),
        full_width=int(str(head["full_width"])),
        full_height=int(str(head["full_height"])),
        planes=tuple(map(str, names)) if isinstance(names, list) else (),
        values=tuple(map(float, values)) if isinstance(values, list) else (),
    )
