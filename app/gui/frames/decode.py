"""Pictures from bytes, off Qt's thread: previews of the farm are small PNG or JPEG files.

A QImage may be made on any thread; a QPixmap may not. So a pool decodes and scales to QImage, and the
result comes back through ``Bridge``. Bytes that are no picture give None: whoever sent them is shown as
having none, and the window goes on.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QRunnable, QSize, Qt, QThreadPool
from PySide6.QtGui import QImage, QImageReader

from app.gui.bridge import Bridge

PIXELS_MAX = 64_000_000
"""A picture that says it is larger is not decoded: a few bytes can claim gigabytes."""

Taker = Callable[[QImage | None], None]


class _Decoding(QRunnable):
    def __init__(
        self, data: bytes, fit: QSize | None, done: Callable[[QImage | None], None]
    ) -> None:
        super().__init__()
        self._data, self._fit, self._done = data, fit, done

    def run(self) -> None:
        self._done(read(self._data, self._fit))


class Decoder:
    """A pool of its own, so that a flood of thumbnails waits here and nowhere else."""

    def __init__(self, bridge: Bridge, threads: int = 2) -> None:
        self._bridge = bridge
        self._pool = QThreadPool()
        self._pool.setMaxThreadCount(threads)
        self._pool.setExpiryTimeout(1000)

    def decode(self, data: bytes, taker: Taker, fit: QSize | None = None) -> None:
        """Decode, fill ``fit`` (cropped) if given, and hand over on Qt's thread; returns at once."""

        def hand_over(image: QImage | None) -> None:
            self._bridge.post(lambda: taker(image))

        self._pool.start(_Decoding(data, fit, hand_over))

    def shut_down(self) -> None:
        """Forget what waits, and let what runs end: when the window has closed."""
        self._pool.clear()
        self._pool.waitForDone(2000)


def read(data: bytes, fit: QSize | None) -> QImage | None:
    """Return the picture, or None where there is none in ``data``. Any thread."""
    held = QByteArray(data)
    buffer = QBuffer(held)
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    reader = QImageReader(buffer)
    claimed = reader.size()
    if not claimed.isValid() or claimed.width() * claimed.height() > PIXELS_MAX:
        return None
    image = reader.read()
    if image.isNull():
        return None
    return image if fit is None else _filling(image, fit)


def _filling(image: QImage, fit: QSize) -> QImage:
    """Scale so that ``fit`` is covered, and cut what stands over."""
    mode = Qt.AspectRatioMode.KeepAspectRatioByExpanding
    grown = image.scaled(fit, mode, Qt.TransformationMode.SmoothTransformation)
    left, above = (grown.width() - fit.width()) // 2, (grown.height() - fit.height()) // 2
    return grown.copy(left, above, fit.width(), fit.height())
