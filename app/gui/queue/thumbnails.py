"""A small picture a shot, asked for when it is first seen, decoded off Qt's thread.

The farm is asked for a few at a time; the end of each frame brings a newer one by itself.
"""

from __future__ import annotations

from collections import deque

from PySide6.QtCore import QObject, QSize, Signal
from PySide6.QtGui import QImage, QPixmap

from app.client.connection import Outcome
from app.core.commands import GetPreview, PreviewImage
from app.core.views import PreviewNews
from app.gui.bridge import Farm
from app.gui.frames.decode import Decoder

SIZE = QSize(128, 72)
"""Device pixels: 64 x 36 on a screen of double density."""
ASKED_MAX = 4
FRESH_S = 1.0
"""A shot's picture changes at most this often, or a wall of fast frames would flicker."""


class Thumbnails(QObject):
    """Pictures by shot id; ``changed`` says that one is there or newer."""

    changed = Signal(int)

    def __init__(self, farm: Farm, decoder: Decoder, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._farm = farm
        self._decoder = decoder
        self._pictures: dict[int, QPixmap | None] = {}
        self._waiting: deque[int] = deque()
        self._asked = 0
        self._since: dict[int, float] = {}
        farm.preview.connect(self._take_news)
        farm.link_changed.connect(self._ask_more)

    def of(self, shot: int) -> QPixmap | None:
        """Return the picture if there is one; if it was never asked for, ask."""
        if shot not in self._pictures:
            self._pictures[shot] = None
            # The newest wish first: that is where the person has scrolled to.
            self._waiting.appendleft(shot)
            self._ask_more()
        return self._pictures[shot]

    def _ask_more(self) -> None:
        while self._waiting and self._asked < ASKED_MAX and self._farm.is_live:
            self._asked += 1
            self._ask(self._waiting.popleft())

    def _ask(self, shot: int) -> None:
        def take(outcome: Outcome) -> None:
            self._asked -= 1
            if isinstance(outcome, PreviewImage) and outcome.image:
                self._decode(shot, outcome.image)
            self._ask_more()

        self._farm.ask(GetPreview(shot=shot), take)

    def _take_news(self, news: PreviewNews) -> None:
        now = self._farm.now()
        if now - self._since.get(news.shot, 0.0) >= FRESH_S:
            self._since[news.shot] = now
            self._decode(news.shot, news.image)

    def _decode(self, shot: int, data: bytes) -> None:
        def take(image: QImage | None) -> None:
            if image is not None:
                picture = QPixmap.fromImage(image)
                picture.setDevicePixelRatio(2.0)
                self._pictures[shot] = picture
                self.changed.emit(shot)

        self._decoder.decode(data, take, SIZE)
