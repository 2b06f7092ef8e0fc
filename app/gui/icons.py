"""Icons: resources/icons in the theme's colours, drawn once for each size and colour."""

from __future__ import annotations

from functools import cache

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from app import resources
from app.gui import style

SIZES = (16, 20, 24, 32, 48)


def forget() -> None:
    """Draw all icons anew: their colours are another theme's now."""
    for each in (icon, pixmap, _renderer):
        each.cache_clear()


@cache
def icon(name: str, colour: str = "text_dim") -> QIcon:
    """Return the icon in that colour, faint where it is disabled."""
    made = QIcon()
    for size in SIZES:
        made.addPixmap(pixmap(name, size, colour), QIcon.Mode.Normal)
        made.addPixmap(pixmap(name, size, "text"), QIcon.Mode.Active)
        made.addPixmap(pixmap(name, size, "line_strong"), QIcon.Mode.Disabled)
    return made


@cache
def pixmap(name: str, size: int, colour: str = "text_dim", scale: float = 2.0) -> QPixmap:
    """Return the icon ``size`` wide, sharp at up to ``scale`` device pixels a pixel."""
    drawn = QPixmap(round(size * scale), round(size * scale))
    drawn.fill(Qt.GlobalColor.transparent)
    painter = QPainter(drawn)
    _renderer(name, colour).render(painter, QRectF(0, 0, size * scale, size * scale))
    painter.end()
    drawn.setDevicePixelRatio(scale)
    return drawn


@cache
def _renderer(name: str, colour: str) -> QSvgRenderer:
    text = resources.find(f"icons/{name}.svg").read_text("utf-8")
    return QSvgRenderer(
        QByteArray(text.replace("currentColor", style.colour(colour).name()).encode())
    )
