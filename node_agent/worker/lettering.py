"""Words on pictures: by FreeType where OpenImageIO finds a font, else by dots of its own.

The render farm's nodes need not have any font installed, and a sheet without names is of no use.
"""

# OpenImageIO's stubs leave arrays untyped.
# pyright: basic

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import OpenImageIO as oiio  # noqa: N813 -- its manual's own name
from numpy.typing import NDArray

from node_agent.worker.frame_planes import Picture

FONTS = ("Inter-SemiBold", "Inter", "DejaVuSans-Bold", "DejaVuSans", "DejaVu Sans")
_HERE = Path(__file__).resolve().parents[2]
FONT_FILES = tuple(
    _HERE / folder / "fonts" / "Inter-SemiBold.otf" for folder in ("resources", "app/resources")
)
"""Windfire's own font, in the source tree and in an installed wheel."""
GLYPH_ROWS, GLYPH_COLUMNS = 7, 5


def draw(
    picture: Picture, x: int, y: int, text: str, size: int, colour: tuple[int, int, int], font: str
) -> None:
    """Draw ``text`` into ``picture``: (x, y) is where its baseline begins, ``size`` in pixels."""
    mask = _by_font(text, size, font or default_font()) if font or default_font() else None
    if mask is None:
        mask = _by_dots(text, size)
    top = y - size
    rows, columns = mask.shape
    # What would reach over the edge is cut.
    first, left = max(top, 0), max(x, 0)
    target = picture[first : top + rows, left : x + columns]
    share = mask[first - top :, left - x :][: target.shape[0], : target.shape[1], None]
    target[...] = (target * (1 - share) + np.array(colour) * share + 0.5).astype(np.uint8)


def width_of(text: str, size: int, font: str) -> int:
    """Pixels that ``text`` takes."""
    name = font or default_font()
    if name:
        area = oiio.ImageBufAlgo.text_size(text, size, name)
        if area.defined:
            return area.xend
    return _by_dots(text, size).shape[1]


def shortened(text: str, size: int, font: str, width: int) -> str:
    """``text``, or its end behind an ellipsis where it is too wide: the end of a shot's name says most."""
    if width_of(text, size, font) <= width:
        return text
    for cut in range(1, len(text)):
        if width_of("..." + text[cut:], size, font) <= width:
            return "..." + text[cut:]
    return ""


@cache
def default_font() -> str:
    """The first font that can be used; '' where there is none."""
    for name in (*map(str, filter(Path.is_file, FONT_FILES)), *FONTS):
        if oiio.ImageBufAlgo.text_size("A", 16, name).defined:
            return name
    return ""


def _by_font(text: str, size: int, font: str) -> NDArray[np.float32] | None:
    """(rows, columns) coverage with the baseline ``size`` below the top; None where the font is unknown."""
    area = oiio.ImageBufAlgo.text_size(text, size, font)
    if not area.defined:
        return None
    spec = oiio.ImageSpec(area.xend + 2, size + size // 2, 1, oiio.FLOAT)
    buffer = oiio.ImageBuf(spec)
    oiio.ImageBufAlgo.zero(buffer)
    if not oiio.ImageBufAlgo.render_text(buffer, 0, size, text, size, font, (1.0,)):
        return None
    return np.clip(np.asarray(buffer.get_pixels(oiio.FLOAT))[..., 0], 0, 1)


def _by_dots(text: str, size: int) -> NDArray[np.float32]:
    """As ``_by_font``, from letters of 5 x 7 dots; small letters are drawn as capitals."""
    scale = max(size // (GLYPH_ROWS + 2), 1)
    cells = [_glyph(character) for character in text.upper()]
    gap = np.zeros((GLYPH_ROWS, 1), np.float32)
    dots = np.concatenate([part for cell in cells for part in (cell, gap)] or [gap], axis=1)
    dots = dots.repeat(scale, axis=0).repeat(scale, axis=1)
    above = np.zeros((max(size - dots.shape[0], 0), dots.shape[1]), np.float32)
    return np.concatenate([above, dots])


def _glyph(character: str) -> NDArray[np.float32]:
    rows = DOTS.get(character, DOTS["?"])
    bits = [[(row >> (GLYPH_COLUMNS - 1 - k)) & 1 for k in range(GLYPH_COLUMNS)] for row in rows]
    return np.array(bits, np.float32)


DOTS = {
    character: tuple(int(digits, 16) for digits in rows.split())
    for character, rows in {
        " ": "0 0 0 0 0 0 0",
        "A": "0e 11 11 1f 11 11 11",
        "B": "1e 11 11 1e 11 11 1e",
        "C": "0e 11 10 10 10 11 0e",
        "D": "1e 11 11 11 11 11 1e",
        "E": "1f 10 10 1e 10 10 1f",
        "F": "1f 10 10 1e 10 10 10",
        "G": "0e 11 10 17 11 11 0f",
        "H": "11 11 11 1f 11 11 11",
        "I": "0e 04 04 04 04 04 0e",
        "J": "07 02 02 02 02 12 0c",
        "K": "11 12 14 18 14 12 11",
        "L": "10 10 10 10 10 10 1f",
        "M": "11 1b 15 15 11 11 11",
        "N": "11 11 19 15 13 11 11",
        "O": "0e 11 11 11 11 11 0e",
        "P": "1e 11 11 1e 10 10 10",
        "Q": "0e 11 11 11 15 12 0d",
        "R": "1e 11 11 1e 14 12 11",
        "S": "0f 10 10 0e 01 01 1e",
        "T": "1f 04 04 04 04 04 04",
        "U": "11 11 11 11 11 11 0e",
        "V": "11 11 11 11 11 0a 04",
        "W": "11 11 11 15 15 15 0a",
        "X": "11 11 0a 04 0a 11 11",
        "Y": "11 11 11 0a 04 04 04",
        "Z": "1f 01 02 04 08 10 1f",
        "0": "0e 11 13 15 19 11 0e",
        "1": "04 0c 04 04 04 04 0e",
        "2": "0e 11 01 02 04 08 1f",
        "3": "1f 02 04 02 01 11 0e",
        "4": "02 06 0a 12 1f 02 02",
        "5": "1f 10 1e 01 01 11 0e",
        "6": "06 08 10 1e 11 11 0e",
        "7": "1f 01 02 04 08 08 08",
        "8": "0e 11 11 0e 11 11 0e",
        "9": "0e 11 11 0f 01 02 0c",
        ".": "0 0 0 0 0 0c 0c",
        ",": "0 0 0 0 0c 04 08",
        ":": "0 0c 0c 0 0c 0c 0",
        "-": "0 0 0 1f 0 0 0",
        "_": "0 0 0 0 0 0 1f",
        "/": "01 01 02 04 08 10 10",
        "(": "02 04 08 08 08 04 02",
        ")": "08 04 02 02 02 04 08",
        "+": "0 04 04 1f 04 04 0",
        "#": "0a 0a 1f 0a 1f 0a 0a",
        "?": "0e 11 01 02 04 0 04",
    }.items()
}
"""Seven rows a letter, the left dot in the highest of five bits."""
