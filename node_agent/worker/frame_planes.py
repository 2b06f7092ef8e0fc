"""Planes of a frame that was written, by OpenImageIO: what ``media`` shows of an EXR or any other image.

Only ever called in a process made for it: decoders have memory bugs, and the file is whatever lies there.
"""

# OpenImageIO's stubs leave arrays untyped.
# pyright: basic

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import OpenImageIO as oiio  # noqa: N813 -- its manual's own name
from numpy.typing import NDArray

from node_agent.kernels.display import from_display, to_display, to_srgb
from node_agent.worker.decoder_words import plain

F32 = NDArray[np.float32]
Picture = NDArray[np.uint8]
"""(height, width, 3), top row first."""

PIXELS_MAX = 2**28
CHANNELS_MAX = 64
BEAUTY = "beauty"
PLANES = (BEAUTY, "denoised", "albedo", "normal", "depth", "variance", "samples")
LAYER_ORDER = "RGBAXYZW"


class BadImage(Exception):
    """The file cannot be shown; the message is one sentence that names it."""


@dataclass(frozen=True, slots=True)
class Plane:
    """One plane, decoded."""

    name: str
    values: F32
    """(height, width, channels), top row first; linear for colours, display values / 255 where encoded."""
    is_encoded: bool = False
    """The file holds sRGB display values, as a PNG does."""


def read_plane(path: Path, name: str = BEAUTY) -> Plane:
    """The plane ``name`` of a file of one or several parts. Raises BadImage."""
    if not path.is_file():
        raise BadImage(f"{path} does not exist.")
    file = oiio.ImageInput.open(str(path))
    if file is None:
        oiio.geterror()
        raise BadImage(f"{path} is no image that can be read.")
    try:
        part, channels = _find(file, path, name)
        spec = file.spec(part, 0)
        values = file.read_image(part, 0, channels[0], channels[-1] + 1, oiio.FLOAT)
        if values is None or file.has_error:
            raise BadImage(f"{path} is damaged: {plain(file.geterror())}.")
        is_encoded = spec.format == oiio.UINT8 or path.suffix.lower() in (".png", ".jpg", ".jpeg")
    finally:
        file.close()
    picked = values.reshape(spec.height, spec.width, -1)[..., [c - channels[0] for c in channels]]
    return Plane(name, np.ascontiguousarray(picked, np.float32), is_encoded and name == BEAUTY)


def _find(file: oiio.ImageInput, path: Path, name: str) -> tuple[int, list[int]]:
    """(part, its channels) that hold plane ``name``, the channels in the order R, G, B, A or X, Y, Z."""
    there: list[str] = []
    part = 0
    while file.seek_subimage(part, 0):
        spec = file.spec()
        if spec.width * spec.height > PIXELS_MAX or spec.nchannels > CHANNELS_MAX:
            raise BadImage(f"{path} is too large with {spec.width} x {spec.height} pixels.")
        layers = _layers(list(spec.channelnames))
        if name in layers:
            return part, layers[name]
        there += layers
        part += 1
    raise BadImage(f"{path} has no plane {name}; it has {', '.join(there) or 'none'}.")


def _layers(names: list[str]) -> dict[str, list[int]]:
    """Plane name to its channels: 'albedo.R' is of plane albedo; a bare name is of the beauty."""
    layers: dict[str, list[tuple[int, int]]] = {}
    for number, channel in enumerate(names):
        layer, _, last = channel.rpartition(".")
        is_beauty = not layer and channel.upper() in ("R", "G", "B", "A", "Y")
        key = layer or (BEAUTY if is_beauty else channel)
        order = LAYER_ORDER.find(last[:1].upper())
        layers.setdefault(key, []).append((order, number))
    return {layer: [number for _, number in sorted(found)] for layer, found in layers.items()}


def plane_names(path: Path) -> list[str]:
    """What ``read_plane`` may be asked for, in the order of the file. Raises BadImage."""
    file = oiio.ImageInput.open(str(path))
    if file is None:
        oiio.geterror()
        raise BadImage(f"{path} is no image that can be read.")
    names: list[str] = []
    part = 0
    try:
        while file.seek_subimage(part, 0):
            names += [name for name in _layers(list(file.spec().channelnames)) if name not in names]
            part += 1
        file.geterror()  # the end of the parts is said as an error
    finally:
        file.close()
    return names


def fitted_plane(plane: Plane, width: int, height: int) -> Plane:
    """The plane no larger than (width, height): to tone a small picture costs less than to shrink a toned one."""
    h, w, channels = plane.values.shape
    share = min(width / w, height / h)
    if share >= 1:
        return plane
    size = (max(round(w * share), 1), max(round(h * share), 1))
    target = oiio.ImageBuf(oiio.ImageSpec(*size, channels, oiio.FLOAT))
    # A filter with negative lobes would ring around lamps.
    if not oiio.ImageBufAlgo.resize(target, oiio.ImageBuf(plane.values), "triangle"):
        raise BadImage(f"A picture cannot be made smaller: {plain(target.geterror())}.")
    values = np.asarray(target.get_pixels(oiio.FLOAT)).reshape(size[1], size[0], channels)
    return Plane(plane.name, values, plane.is_encoded)


def show(plane: Plane, exposure: float = 0.0) -> Picture:
    """What a screen shows of a plane."""
    values = plane.values
    if plane.name == "normal":
        return np.clip(np.nan_to_num(values[..., :3] + 1) * 127.5 + 0.5, 0, 255).astype(np.uint8)
    if plane.name in ("depth", "variance", "samples"):
        return _grey(_spread(values[..., 0], is_depth=plane.name == "depth"))
    rgb = values[..., :3] if values.shape[2] >= 3 else np.repeat(values[..., :1], 3, axis=2)
    if not plane.is_encoded:
        return to_display(rgb, exposure)
    encoded = np.clip(rgb * 255 + 0.5, 0, 255).astype(np.uint8)
    return encoded if exposure == 0 else to_srgb(from_display(encoded), exposure)


def _spread(values: F32, *, is_depth: bool) -> F32:
    """Values over 0 to 1: near is bright where depth is shown, and background (0 or infinite) black."""
    good = np.isfinite(values) & (values > 0)
    if not good.any():
        return np.zeros_like(values)
    if not is_depth:
        return np.where(good, values / values[good].max(), 0)
    near, far = np.percentile(values[good], (1, 99))
    # In reciprocal distance, as the eye judges it.
    scaled = (1 / np.maximum(values, 1e-9) - 1 / far) / max(1 / near - 1 / far, 1e-12)
    return np.where(good, np.clip(scaled, 0, 1) * 0.95 + 0.05, 0)


def _grey(values: F32) -> Picture:
    return np.repeat(np.clip(values * 255 + 0.5, 0, 255).astype(np.uint8)[..., None], 3, axis=2)


def fitted(picture: Picture, width: int, height: int) -> Picture:
    """The picture no larger than (width, height), its shape kept; a smaller one as it is."""
    h, w = picture.shape[:2]
    share = min(width / w, height / h)
    if share >= 1:
        return picture
    size = (max(round(w * share), 1), max(round(h * share), 1))
    target = oiio.ImageBuf(oiio.ImageSpec(*size, 3, oiio.UINT8))
    if not oiio.ImageBufAlgo.resize(target, oiio.ImageBuf(np.ascontiguousarray(picture))):
        raise BadImage(f"A picture cannot be made smaller: {plain(target.geterror())}.")
    return np.asarray(target.get_pixels(oiio.UINT8))


def write_picture(path: Path, picture: Picture) -> None:
    """A PNG or JPEG by its suffix, whole or not at all. Raises BadImage."""
    temporary = path.with_name(f".{path.stem}.tmp{path.suffix}")
    buffer = oiio.ImageBuf(np.ascontiguousarray(picture))
    if not buffer.write(str(temporary)):
        temporary.unlink(missing_ok=True)
        raise BadImage(f"{path} cannot be written: {plain(buffer.geterror())}.")
    temporary.replace(path)
