"""Image files to linear float32 texels, once each, by OpenImageIO.

Texels are (h * w, 4) RGBA, bottom row first, as ``scene`` has them; scale and bias are applied here. Colour
textures of 8 bits without a word on their colour space are sRGB, as UsdUVTexture's ``auto`` has it.
"""

# usd-core has no type stubs, and fills its modules when they are imported.
# pyright: reportAttributeAccessIssue=false

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import OpenImageIO as oiio  # noqa: N813 -- its manual's own name
from numpy.typing import NDArray
from pxr import Ar

F32 = NDArray[np.float32]

SIDE_MAX = 16384
TEXELS_MAX = 2**28
"""In one scene: 4 GiB. Also keeps the offsets in int32."""
WRAPS = {"repeat": 0, "clamp": 1, "mirror": 2, "black": 3}
CHANNELS = {"rgb": -1, "r": 0, "g": 1, "b": 2, "a": 3}

_BYTE = np.arange(256, dtype=np.float64) / 255.0


def srgb_to_linear(x: NDArray) -> NDArray:
    """IEC 61966-2-1's curve."""
    return np.where(x <= 0.04045, x / 12.92, ((np.maximum(x, 0.0) + 0.055) / 1.055) ** 2.4)


SRGB_BYTES = srgb_to_linear(_BYTE).astype(np.float32)
PLAIN_BYTES = _BYTE.astype(np.float32)


class BadTexture(Exception):
    """Why an image cannot be used: the rest of the sentence that begins with its name."""


@dataclass(frozen=True, slots=True)
class TextureAsk:
    """One texture as a material uses it."""

    path: str
    """Resolved: a file, or a file inside a package such as ``a.usdz[b.png]``."""
    channel: str = "rgb"
    colour_space: str = "auto"
    """'auto', 'raw' or 'sRGB'."""
    scale: tuple[float, ...] = (1.0, 1.0, 1.0, 1.0)
    bias: tuple[float, ...] = (0.0, 0.0, 0.0, 0.0)
    wrap_s: str = "repeat"
    wrap_t: str = "repeat"

    @property
    def texels_key(self) -> tuple[object, ...]:
        """Equal where two uses can share their texels."""
        return (self.path, self.colour_space, self.scale, self.bias)


@dataclass(slots=True)
class TextureTable:
    """All textures of one scene, each image in memory once for each way to decode it."""

    warn: Callable[[str], None]
    rows: list[tuple[int, int, int, int, int, int]] = field(default_factory=list)
    """As ``scene.TEXTURE_WIDTH`` has it."""
    blocks: list[F32] = field(default_factory=list)
    """(h * w, 4) each."""
    size: int = 0
    """Texels in all blocks."""
    _places: dict[object, tuple[int, int, int] | None] = field(default_factory=dict)
    _known: dict[object, int | None] = field(default_factory=dict)

    def row(self, ask: TextureAsk) -> int | None:
        """The row of ``ask``; None, and a warning, where the file is missing or broken."""
        if ask not in self._known:
            place = self._place(ask)
            self._known[ask] = None if place is None else self._add_row(place, ask)
        return self._known[ask]

    def add_image(self, rgba: F32, wrap: tuple[int, int] = (0, 1), channel: int = -1) -> int:
        """A row for an image (h, w, 4) that is linear already, bottom row first."""
        self.rows.append((*self._store(rgba), channel, *wrap))
        return len(self.rows) - 1

    def texels(self) -> F32:
        """(n, 4) of all textures; at least one row, so that an empty scene has an address too."""
        return np.concatenate(self.blocks) if self.blocks else np.zeros((1, 4), np.float32)

    def _add_row(self, place: tuple[int, int, int], ask: TextureAsk) -> int:
        wraps = (WRAPS.get(ask.wrap_s, 0), WRAPS.get(ask.wrap_t, 0))
        self.rows.append((*place, CHANNELS.get(ask.channel, -1), *wraps))
        return len(self.rows) - 1

    def _place(self, ask: TextureAsk) -> tuple[int, int, int] | None:
        """(offset, width, height) of the texels; reads the file at the first call."""
        key = ask.texels_key
        if key not in self._places:
            try:
                self._places[key] = self._store(decode(ask, TEXELS_MAX - self.size))
            except BadTexture as why:
                self.warn(f"The texture {Path(ask.path).name or 'without a name'} {why}.")
                self._places[key] = None
        return self._places[key]

    def _store(self, rgba: F32) -> tuple[int, int, int]:
        height, width = rgba.shape[:2]
        place = (self.size, width, height)
        self.blocks.append(np.ascontiguousarray(rgba, np.float32).reshape(-1, 4))
        self.size += width * height
        return place


def decode(ask: TextureAsk, texels_max: int = TEXELS_MAX) -> F32:
    """(h, w, 4) linear float32 RGBA, bottom row first, after scale and bias. Raises BadTexture."""
    pixels = read_pixels(ask.path, texels_max)
    is_byte = pixels.dtype == np.uint8
    is_colour = pixels.shape[2] >= 3
    to_linear = ask.colour_space == "sRGB" or (ask.colour_space == "auto" and is_byte and is_colour)
    rgba = _rgba(pixels, to_linear)
    if ask.scale != (1.0,) * 4 or ask.bias != (0.0,) * 4:
        rgba = rgba * np.array(ask.scale, np.float32) + np.array(ask.bias, np.float32)
    return rgba[::-1]


def _rgba(pixels: NDArray, to_linear: bool) -> F32:
    """Four channels of float32: grey spreads to three, alpha is never curved and 1 where there is none."""
    count = pixels.shape[2]
    sources = {1: (0, 0, 0, None), 2: (0, 0, 0, 1), 3: (0, 1, 2, None)}.get(count, (0, 1, 2, 3))
    rgba = np.ones((*pixels.shape[:2], 4), np.float32)
    for channel, source in enumerate(sources):
        if source is not None:
            rgba[..., channel] = _decoded(pixels[..., source], to_linear and channel < 3)
    return rgba


def _decoded(values: NDArray, to_linear: bool) -> F32:
    if values.dtype == np.uint8:
        return (SRGB_BYTES if to_linear else PLAIN_BYTES)[values]
    if to_linear:
        values = srgb_to_linear(values)
    return np.nan_to_num(values.astype(np.float32), posinf=1e20, neginf=-1e20)


def read_pixels(path: str, texels_max: int = TEXELS_MAX) -> NDArray:
    """(h, w, c) of uint8, or float32 for every other type, top row first. Raises BadTexture."""
    if Path(path).is_file():
        return _read_file(path, texels_max)
    asset = Ar.GetResolver().OpenAsset(Ar.ResolvedPath(path)) if path else None
    if not asset:
        raise BadTexture("is missing")
    # OpenImageIO reads names, not bytes, in its Python form.
    suffix = Path(path.rstrip("]")).suffix
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / f"texture{suffix}"
        file.write_bytes(asset.GetBuffer())
        return _read_file(str(file), texels_max)


def _read_file(path: str, texels_max: int) -> NDArray:
    config = oiio.ImageSpec()
    # PNG's colours are not premultiplied, and UsdUVTexture wants them as they are.
    config.attribute("oiio:UnassociatedAlpha", 1)
    file = oiio.ImageInput.open(path, config)
    if not file:
        oiio.geterror()
        raise BadTexture("is no image that can be read")
    try:
        spec = file.spec()
        if max(spec.width, spec.height) > SIDE_MAX or spec.width * spec.height > texels_max:
            raise BadTexture(f"is too large with {spec.width} x {spec.height} pixels")
        kind = oiio.UINT8 if spec.format == oiio.UINT8 else oiio.FLOAT
        pixels = file.read_image(0, 0, 0, min(spec.nchannels, 4), kind)
    finally:
        file.close()
    if pixels is None:
        raise BadTexture("is damaged")
    return pixels
