"""From an image to what lookups read: levels, each half as wide as the one before, in tiles of whole pages.

A level's texels are 32-bit words, as small as the image's own: a byte for grey, four for RGBA of 8 bits, eight
for 16 bits and half floats. Tiles of TILE x TILE texels lie row by row, so that what a ray needs lies close
together. A level narrower than a tile is one narrow tile.

Levels are filtered by area in linear light, for odd sizes too, so that the mean of an image is that of its levels. A texel that an image's alpha makes invisible
lends no colour to the levels of a colour image. ``textures`` has the lookup, and the columns are in ``scene``.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from node_agent.kernels.pathtracer import scene as s

F32 = NDArray[np.float32]
I32 = NDArray[np.int32]
U32 = NDArray[np.uint32]

TILE = 32
"""Texels along a tile's edge: 4 KiB where a texel has four bytes. ``textures`` has it as a shift and a mask."""
ROWS = 512
"""Of an image that are filtered at a time, so that a large one is never held in floats whole."""
HALF_MAX = 65504.0
ONES, ZEROS = (1.0,) * 4, (0.0,) * 4


def srgb_to_linear(x: NDArray) -> NDArray:
    """IEC 61966-2-1's curve."""
    return np.where(x <= 0.04045, x / 12.92, ((np.maximum(x, 0.0) + 0.055) / 1.055) ** 2.4)


_BYTE = np.arange(256, dtype=np.float64) / 255.0
CURVES = np.stack([_BYTE, srgb_to_linear(_BYTE)]).astype(np.float32)
"""Bytes as numbers: by CURVE_PLAIN and by CURVE_SRGB."""
POWERS = np.ldexp(np.float32(1.0), np.arange(256) - 150).astype(np.float32)
"""What the mantissa of a float32 of each exponent is multiplied by."""


def tables() -> F32:
    """What the kernels decode by: both curves, then the powers."""
    return np.concatenate([CURVES.ravel(), POWERS])


def _nearest_bytes(curve: F32) -> NDArray[np.uint8]:
    """The byte whose number is nearest to k / 65535."""
    middles = (curve[1:] + curve[:-1]) / 2
    return np.searchsorted(middles, np.arange(65536) / 65535.0).astype(np.uint8)


_NEAREST = [_nearest_bytes(curve) for curve in CURVES]


@dataclass(slots=True)
class Stored:
    """One image, level by level, the finest first."""

    format: int
    """FORMAT_* of ``scene``."""
    curve: int
    """CURVE_* of ``scene``, of the colours of an image of bytes."""
    sizes: list[tuple[int, int]]
    """(width, height) of each level."""
    words: list[U32]

    @property
    def nbytes(self) -> int:
        """Of all levels."""
        return sum(level.nbytes for level in self.words)

    def linear(self, texels_max: int = 2**62) -> F32:
        """(h, w, 4) linear RGBA, bottom row first, of the finest level of at most so many texels."""
        fits = [w * h <= texels_max for w, h in self.sizes]
        level = fits.index(True) if any(fits) else len(fits) - 1
        return decoded(self.format, self.curve, self.words[level], self.sizes[level])


def store(
    pixels: NDArray, curve: int = s.CURVE_PLAIN, weighted: bool = False, levels: int = 32
) -> Stored:
    """An image (h, w, 1 to 4) of uint8, uint16, float16 or float32, bottom row first, with its levels, at most so many.

    ``curve``: of the colours of uint8. ``weighted``: its alpha says how much of each texel is seen."""
    kind = _format_of(pixels)
    channels = pixels.shape[2]
    weighted = weighted and channels in (2, 4)
    width, height = pixels.shape[1], pixels.shape[0]
    sizes, words = [(width, height)], [_words(_finest(pixels, kind), kind)]
    image = None
    while max(width, height) > 1 and len(sizes) < levels:
        source = _Source(pixels, curve) if image is None else image
        image = _halved(source, (width, height), weighted)
        width, height = max(width // 2, 1), max(height // 2, 1)
        sizes.append((width, height))
        words.append(_words(_encoded(image, kind, curve), kind))
    return Stored(kind, curve, sizes, words)


def _format_of(pixels: NDArray) -> int:
    if pixels.dtype == np.uint8:
        return s.FORMAT_GREY8 if pixels.shape[2] == 1 else s.FORMAT_RGBA8
    formats = {"uint16": s.FORMAT_RGBA16, "float16": s.FORMAT_HALF, "float32": s.FORMAT_FLOAT}
    return formats[pixels.dtype.name]


def four_channels(pixels: NDArray) -> NDArray:
    """RGBA of the same type: grey spreads to three, alpha is one where there is none."""
    sources = {1: (0, 0, 0), 2: (0, 0, 0, 1), 3: (0, 1, 2)}.get(pixels.shape[2], (0, 1, 2, 3))
    whole = np.iinfo(pixels.dtype).max if pixels.dtype.kind == "u" else 1
    rgba = np.full((*pixels.shape[:2], 4), whole, pixels.dtype)
    for channel, source in enumerate(sources):
        rgba[..., channel] = pixels[..., source]
    return rgba


def _finest(pixels: NDArray, kind: int) -> NDArray:
    """The image itself, (h, w, channels) as its format has them."""
    return pixels if kind == s.FORMAT_GREY8 else four_channels(pixels)


class _Source:
    """An image's rows as linear floats, a few at a time."""

    def __init__(self, pixels: NDArray, curve: int) -> None:
        self._pixels, self._curve = pixels, curve

    def __getitem__(self, rows: slice) -> F32:
        return _linear(four_channels(self._pixels[rows]), self._curve)


def _linear(rgba: NDArray, curve: int) -> F32:
    """Numbers of an RGBA image of any stored type."""
    if rgba.dtype == np.uint8:
        linear = CURVES[curve][rgba]
        linear[..., 3] = CURVES[s.CURVE_PLAIN][rgba[..., 3]]
        return linear
    scale = np.float32(1 / 65535.0) if rgba.dtype == np.uint16 else np.float32(1.0)
    return rgba.astype(np.float32) * scale


def _halved(source: _Source | F32, size: tuple[int, int], weighted: bool) -> F32:
    """The next level (h / 2, w / 2, 4) of one of ``size`` (width, height)."""
    width, height = size
    below = max(height // 2, 1)
    parts = []
    for first in range(0, below, ROWS):
        count = min(ROWS, below - first)
        rows = source[slice(2 * first, min(2 * (first + count) + height % 2, height))]
        if weighted:
            rows = np.concatenate([rows[..., :3] * rows[..., 3:], rows[..., 3:], rows], axis=2)
        rows = _narrowed(rows, height, first, count)
        parts.append(_narrowed(rows.swapaxes(0, 1), width, 0, max(width // 2, 1)).swapaxes(0, 1))
    level = np.concatenate(parts)
    if not weighted:
        return level
    alpha = level[..., 3:4]
    seen = level[..., :3] / np.where(alpha > 0, alpha, 1)
    colour = np.where(alpha > 0, seen, level[..., 4:7])
    return np.concatenate([colour, alpha], axis=2)


def _narrowed(rows: F32, length: int, first: int, count: int) -> F32:
    """Pairs along the first axis of an image of ``length`` as entries [first, first + count) of half as many;
    three to one, by the area that each covers, where the length is odd."""
    if length == 1:
        return rows
    if length % 2 == 0:
        return (rows[0::2] + rows[1::2]) * np.float32(0.5)
    at = np.arange(first, first + count, dtype=np.float32)[:, None, None]
    half, scale = np.float32(length // 2), np.float32(1.0 / length)
    low, middle, high = rows[0:-1:2], rows[1::2], rows[2::2]
    total = low * (half - at) + middle * half + high * (at + np.float32(1))
    return (total * scale).astype(np.float32, copy=False)


def _encoded(image: F32, kind: int, curve: int) -> NDArray:
    """A level as numbers of its format's type; the inverse of ``_linear``, to the nearest."""
    if kind == s.FORMAT_GREY8:
        return _NEAREST[curve][_shorts(image[..., :1])]
    if kind == s.FORMAT_RGBA8:
        level = _NEAREST[curve][_shorts(image)]
        level[..., 3] = _NEAREST[s.CURVE_PLAIN][_shorts(image[..., 3])]
        return level
    if kind == s.FORMAT_RGBA16:
        return _shorts(image)
    return image.astype(np.float16 if kind == s.FORMAT_HALF else np.float32)


def _shorts(values: F32) -> NDArray[np.uint16]:
    return np.rint(np.clip(values, 0.0, 1.0) * 65535.0).astype(np.uint16)


def _words(level: NDArray, kind: int) -> U32:
    """A level's tiles as words; what a tile at the edge holds beyond the image is zero."""
    height, width, channels = level.shape
    tall, wide = min(TILE, height), min(TILE, width)
    down, across = -(-height // tall), -(-width // wide)
    padded = level
    if (down * tall, across * wide) != (height, width):
        padded = np.zeros((down * tall, across * wide, channels), level.dtype)
        padded[:height, :width] = level
    tiles = padded.reshape(down, tall, across, wide, channels).swapaxes(1, 2)
    flat = np.ascontiguousarray(tiles).reshape(-1)
    if kind == s.FORMAT_GREY8 and len(flat) % 4:
        flat = np.concatenate([flat, np.zeros(-len(flat) % 4, np.uint8)])
    return flat.view(np.uint32)


def words_of(kind: int, width: int, height: int) -> int:
    """How many words a level takes. KeyError for no format."""
    sizes = {s.FORMAT_RGBA8: 4, s.FORMAT_GREY8: 1, s.FORMAT_FLOAT: 16}
    sizes |= {s.FORMAT_RGBA16: 8, s.FORMAT_HALF: 8}
    tall, wide = min(TILE, height), min(TILE, width)
    texels = -(-height // tall) * tall * -(-width // wide) * wide
    return -(-texels * sizes[kind] // 4)


def decoded(kind: int, curve: int, words: U32, size: tuple[int, int]) -> F32:
    """(h, w, 4) linear RGBA, bottom row first, of a level of ``size`` (width, height)."""
    types = {s.FORMAT_RGBA16: np.uint16, s.FORMAT_HALF: np.float16, s.FORMAT_FLOAT: np.float32}
    (width, height), channels = size, 1 if kind == s.FORMAT_GREY8 else 4
    tall, wide = min(TILE, height), min(TILE, width)
    down, across = -(-height // tall), -(-width // wide)
    flat = words.view(types.get(kind, np.uint8))[: down * tall * across * wide * channels]
    tiles = flat.reshape(down, across, tall, wide, channels).swapaxes(1, 2)
    level = tiles.reshape(down * tall, across * wide, channels)[:height, :width]
    return _linear(four_channels(level), curve)


def image_of(packed: s.PackedScene, texture: int, columns_max: int = 2**31) -> F32:
    """(h, w, 4) linear RGBA of a texture, scaled, bottom row first: its finest level of at most so many columns."""
    row, scale = packed.textures[texture], packed.texture_scales[texture]
    if row[s.TEX_LEVELS] == 0:
        return np.zeros((1, 1, 4), np.float32)
    levels = packed.levels[row[s.TEX_LEVEL] :][: row[s.TEX_LEVELS]]
    wide = int((levels[:, s.LEVEL_W] > columns_max).sum())
    first, width, height = (int(x) for x in levels[min(wide, len(levels) - 1)])
    kind, curve = int(row[s.TEX_FORMAT]), int(row[s.TEX_CURVE])
    words = packed.texels[first : first + words_of(kind, width, height)]
    return decoded(kind, curve, words, (width, height)) * scale[:4] + scale[4:]


@dataclass(slots=True)
class Pool:
    """All textures of a scene while they are collected."""

    images: list[Stored] = field(default_factory=list)
    rows: list[tuple[int, ...]] = field(default_factory=list)
    """(image, channel, wrap s, wrap t, tiles across, tiles up); image -1: nothing."""
    scales: list[tuple[float, ...]] = field(default_factory=list)
    """Four numbers that texels are multiplied by, and four that are added then."""

    def add(self, image: Stored) -> int:
        """Keep an image; returns its number."""
        self.images.append(image)
        return len(self.images) - 1

    def add_row(
        self,
        image: int,
        channel: int = -1,
        wrap: tuple[int, int] = (0, 0),
        scale: tuple[float, ...] = ONES,
        bias: tuple[float, ...] = ZEROS,
        tiles: tuple[int, int] = (0, 0),
    ) -> int:
        """A texture: one use of an image. ``tiles``: the next rows are so many times so many others, from
        the square [0, 1) on to the right and then up, of which this one is made."""
        self.rows.append((image, channel, *wrap, *tiles))
        self.scales.append((*scale, *bias))
        return len(self.rows) - 1

    @property
    def nbytes(self) -> int:
        """Of all images."""
        return sum(image.nbytes for image in self.images)

    def linear(self, texture: int, texels_max: int = 2**62) -> F32:
        """(h, w, 4) of a texture, scaled, at most so many texels; a black one where it has no image."""
        image = self.rows[texture][0]
        if image < 0:
            return np.zeros((1, 1, 4), np.float32)
        scale = np.array(self.scales[texture], np.float32)
        return self.images[image].linear(texels_max) * scale[:4] + scale[4:]

    def drop_to(self, limit: int) -> None:
        """Let the largest of the finest levels go until all fit into ``limit`` bytes."""
        total = self.nbytes
        while total > limit:
            sizes = [image.words[0].nbytes if len(image.words) > 1 else 0 for image in self.images]
            largest = int(np.argmax(sizes))
            if not sizes[largest]:
                break
            image = self.images[largest]
            total -= image.words.pop(0).nbytes
            image.sizes.pop(0)

    def arrays(self) -> dict[str, NDArray]:
        """``textures``, ``texture_scales``, ``levels`` and ``texels`` as ``PackedScene`` has them."""
        firsts = np.cumsum([0, *(len(image.words) for image in self.images)])
        words = [level for image in self.images for level in image.words]
        offsets = np.cumsum([0, *map(len, words)])[:-1]
        sizes = [size for image in self.images for size in image.sizes]
        levels = np.array(sizes, np.int64).reshape(-1, 2)
        table = np.zeros((len(self.rows), s.TEXTURE_WIDTH), np.int32)
        for row, (image, *rest) in zip(table, self.rows, strict=True):
            row[s.TEX_CHANNEL : s.TEX_TILES_T + 1] = rest
            if image >= 0:
                held = self.images[image]
                row[: s.TEX_CHANNEL] = firsts[image], len(held.words), held.format, held.curve
        return {
            "textures": table,
            "texture_scales": np.array(self.scales, np.float32).reshape(-1, 8),
            "levels": np.concatenate([offsets[:, None], levels], axis=1).astype(np.int32),
            "texels": np.concatenate(words) if words else np.zeros(1, np.uint32),
        }
