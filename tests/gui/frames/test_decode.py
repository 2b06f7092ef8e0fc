"""Pictures are decoded elsewhere, and bytes that are none do no harm."""

import struct
import threading
import zlib

import pytest
from PySide6.QtCore import QSize

from app.gui.frames.decode import Decoder, read
from tests.gui.pictures import png


@pytest.fixture
def decoder(bridge):
    made = Decoder(bridge)
    yield made
    made.shut_down()


def test_a_picture_comes_back_on_qts_thread(qtbot, decoder):
    got = []
    decoder.decode(png("#336699", 64, 36), lambda image: got.append((image, threading.get_ident())))
    qtbot.waitUntil(lambda: bool(got))
    image, thread = got[0]
    assert thread == threading.get_ident()
    assert (image.width(), image.height()) == (64, 36)
    assert image.pixelColor(5, 5).name() == "#336699"


def test_it_fills_the_size_asked_for(qtbot, decoder):
    got = []
    decoder.decode(png("#336699", 100, 20), got.append, QSize(32, 32))
    qtbot.waitUntil(lambda: bool(got))
    assert got[0].size() == QSize(32, 32)


def claiming(width, height):
    """A PNG's head that claims a size, with nothing behind it."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunk = b"IHDR" + head
    return (
        b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + chunk + struct.pack(">I", zlib.crc32(chunk))
    )


@pytest.mark.parametrize(
    "data",
    [b"", b"not a picture", png()[:40], png()[:-20][:60], claiming(60_000, 60_000), b"GIF89a"],
)
def test_what_is_no_picture_is_none(qtbot, data):
    assert read(data, QSize(16, 16)) is None
