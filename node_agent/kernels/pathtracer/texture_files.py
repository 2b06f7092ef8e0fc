"""Image files to textures, once each, by OpenImageIO, in the type that the file has them in.

``mipmaps`` makes their levels and says what they weigh; scale and bias belong to a texture's use, not to its
texels. Colour textures of 8 bits without a word on their colour space are sRGB, as UsdUVTexture's ``auto`` has it.
"""

# usd-core has no type stubs, and fills its modules when they are imported.
# pyright: reportAttributeAccessIssue=false

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import OpenImageIO as oiio  # noqa: N813 -- its manual's own name
from numpy.typing import NDArray
from pxr import Ar

from node_agent.kernels.pathtracer.mipmaps import HALF_MAX, Pool, Stored, srgb_to_linear, store
from node_agent.kernels.pathtracer.scene import CURVE_PLAIN, CURVE_SRGB

F32 = NDArray[np.float32]

SIDE_MAX = 16384
TEXTURE_BYTES = 2**32
"""Of one scene's textures, where the job says nothing else; also keeps offsets in int32."""
WRAPS = {"repeat": 0, "clamp": 1, "mirror": 2, "black": 3}
CHANNELS = {"rgb": -1, "r": 0, "g": 1, "b": 2, "a": 3}
UDIM = "<UDIM>"
UDIM_FIRST, UDIM_ACROSS, UDIM_LAST = 1001, 10, 1999


TYPES = {"uint8": oiio.UINT8, "uint16": oiio.UINT16, "half": oiio.HALF}


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
        return (self.path, self.colour_space)


class TextureTable:
    """All textures of one scene, each image in memory once, none of them more than ``limit`` bytes together."""

    def __init__(self, warn: Callable[[str], None], limit: int = TEXTURE_BYTES) -> None:
        self._warn, self._limit = warn, limit
        self._pool = Pool()
        self._images: dict[object, int | None] = {}
        self._known: dict[object, int | None] = {}
        self._came: list[tuple[str, int, int]] = []
        """(name, width, height) of each image, as it came."""

    def row(self, ask: TextureAsk) -> int | None:
        """The row of ``ask``; None, and a warning, where the file is missing or broken."""
        if ask not in self._known:
            self._known[ask] = self._tiles(ask) if UDIM in ask.path else self._plain(ask)
        return self._known[ask]

    def add_image(self, rgba: F32, wrap: tuple[int, int] = (0, 1), channel: int = -1) -> int:
        """A row for an image (h, w, 4) that is linear already, bottom row first, and is seen as it is from afar too."""
        image = self._keep(store(finite_floats(rgba), levels=1), "of the scene's own")
        return self._pool.add_row(image, channel, wrap)

    def linear(self, texture: int, texels_max: int = 2**62) -> F32:
        """(h, w, 4) of a texture after its scale and bias, bottom row first, by a level of at most so many texels."""
        return self._pool.linear(texture)

    def arrays(self) -> dict[str, NDArray]:
        """The tables of ``PackedScene``; tells which images had to become smaller."""
        for (name, width, height), image in zip(self._came, self._pool.images, strict=True):
            if image.sizes[0] != (width, height):
                w, h = image.sizes[0]
                self._warn(
                    f"The texture {name} is kept at {w} x {h} of its {width} x {height} pixels: all "
                    f"together may take {self._limit / 2**20:g} MiB."
                )
        return self._pool.arrays()

    def _plain(self, ask: TextureAsk) -> int | None:
        image = self._image(ask)
        return None if image is None else self._add_row(ask, image)

    def _add_row(self, ask: TextureAsk, image: int, tiles: tuple[int, int] = (0, 0)) -> int:
        wrap = (WRAPS.get(ask.wrap_s, 0), WRAPS.get(ask.wrap_t, 0))
        channel = CHANNELS.get(ask.channel, -1)
        return self._pool.add_row(image, channel, wrap, ask.scale, ask.bias, tiles)

    def _tiles(self, ask: TextureAsk) -> int | None:
        """A row for images in a grid of unit squares, numbered by UDIM; then theirs."""
        found = udim_files(ask.path)
        images = {at: self._image(replace(ask, path=path)) for at, path in found.items()}
        images = {at: image for at, image in images.items() if image is not None}
        if not images:
            if not found:
                self._warn(f"The texture {Path(ask.path).name} has no tile that is there.")
            return None
        across, up = (1 + max(at[axis] for at in images) for axis in (0, 1))
        row = self._add_row(ask, -1, (across, up))
        tile = replace(ask, wrap_s="clamp", wrap_t="clamp")
        for j in range(up):
            for i in range(across):
                self._add_row(tile, images.get((i, j), -1))
        return row

    def _image(self, ask: TextureAsk) -> int | None:
        """The image of a file; reads it at the first call."""
        key = ask.texels_key
        if key not in self._images:
            name = Path(ask.path).name or "without a name"
            try:
                self._images[key] = self._keep(decode(ask), name)
            except BadTexture as why:
                self._warn(f"The texture {name} {why}.")
                self._images[key] = None
        return self._images[key]

    def _keep(self, image: Stored, name: str) -> int:
        number = self._pool.add(image)
        self._came.append((name, *image.sizes[0]))
        self._pool.drop_to(self._limit)
        return number


def udim_files(path: str) -> dict[tuple[int, int], str]:
    """(column, row) to file, of those that are there for a path with <UDIM> in it."""
    folder, name = Path(path).parent, Path(path).name
    before, _, after = name.partition(UDIM)
    found = {}
    for file in sorted(folder.iterdir()) if folder.is_dir() else []:
        number = file.name[len(before) : len(file.name) - len(after)]
        fits = file.name.startswith(before) and file.name.endswith(after) and number.isdecimal()
        if fits and len(number) == 4 and UDIM_FIRST <= int(number) <= UDIM_LAST:
            row, column = divmod(int(number) - UDIM_FIRST, UDIM_ACROSS)
            found[column, row] = str(file)
    return found


def decode(ask: TextureAsk) -> Stored:
    """An image file with all its levels, before scale and bias. Raises BadTexture."""
    pixels = read_pixels(ask.path)[::-1]
    is_byte, is_colour = pixels.dtype == np.uint8, pixels.shape[2] >= 3
    to_linear = ask.colour_space == "sRGB" or (ask.colour_space == "auto" and is_byte and is_colour)
    seen = is_colour and ask.colour_space != "raw"
    if is_byte:
        return store(pixels, CURVE_SRGB if to_linear else CURVE_PLAIN, seen)
    if to_linear:
        pixels = _without_curve(pixels)
    return store(pixels, weighted=seen)


def _without_curve(pixels: NDArray) -> F32:
    """Linear floats of what is meant in sRGB but has more than 8 bits; alpha is never curved."""
    scale = 65535.0 if pixels.dtype == np.uint16 else 1.0
    linear = pixels.astype(np.float32) / np.float32(scale)
    colours = 1 if pixels.shape[2] < 3 else 3
    linear[..., :colours] = srgb_to_linear(linear[..., :colours])
    return finite_floats(linear)


def finite_floats(values: NDArray) -> F32:
    """float32 without NaN or infinity: a broken texel must not blank its neighbours."""
    return np.nan_to_num(np.asarray(values, np.float32), posinf=1e20, neginf=-1e20)


def read_pixels(path: str) -> NDArray:
    """(h, w, c) of uint8, uint16, float16 or float32, top row first. Raises BadTexture."""
    if Path(path).is_file():
        return _read_file(path)
    asset = Ar.GetResolver().OpenAsset(Ar.ResolvedPath(path)) if path else None
    if not asset:
        raise BadTexture("is missing")
    # OpenImageIO reads names, not bytes, in its Python form.
    suffix = Path(path.rstrip("]")).suffix
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / f"texture{suffix}"
        file.write_bytes(asset.GetBuffer())
        return _read_file(str(file))


def _read_file(path: str) -> NDArray:
    config = oiio.ImageSpec()
    # PNG's colours are not premultiplied, and UsdUVTexture wants them as they are.
    config.attribute("oiio:UnassociatedAlpha", 1)
    file = oiio.ImageInput.open(path, config)
    if not file:
        oiio.geterror()
        raise BadTexture("is no image that can be read")
    try:
        spec = file.spec()
        if max(spec.width, spec.height) > SIDE_MAX:
            raise BadTexture(f"is too large with {spec.width} x {spec.height} pixels")
        kind = TYPES.get(str(spec.format), oiio.FLOAT)
        pixels = file.read_image(0, 0, 0, min(spec.nchannels, 4), kind)
    finally:
        file.close()
    if pixels is None:
        raise BadTexture("is damaged")
    if pixels.dtype.kind != "f":
        return pixels
    pixels = finite_floats(pixels)
    # Radiance's files have eight bits of mantissa, which a half has too; OpenImageIO gives halves as floats.
    small = kind == oiio.HALF or Path(path).suffix.lower() in (".hdr", ".rgbe", ".pic")
    if small and np.abs(pixels).max(initial=0.0) <= HALF_MAX:
        return pixels.astype(np.float16)
    return pixels
