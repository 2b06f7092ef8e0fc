"""A finished frame as a multi-part OpenEXR file, and the proof that the file is whole.

Called by the kernel runner alone: ``write_exr`` under a temporary name in the destination folder, then
``verify_exr``, which decodes every pixel (merely opening a truncated EXR only warns). Renaming is
``output``'s. The first part is RGBA in half floats, so that any viewer shows the beauty; the others keep
what compositors expect (OpenEXR "Multi-Part" and "Standard Attributes" specifications).
"""

# OpenEXR and OpenImageIO have no type stubs.
# pyright: basic

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import OpenEXR
import OpenImageIO
from numpy.typing import NDArray

from node_agent import __version__
from node_agent.kernels.interface import Planes
from node_agent.worker.decoder_words import plain

HALF_MAX = 65504.0
REC_709 = (0.64, 0.33, 0.30, 0.60, 0.15, 0.06, 0.3127, 0.3290)
"""Red, green, blue and white, x and y each."""
DWA_LEVEL = "dwaCompressionLevel"
LIGHT = "light_"
"""The names of the planes of light groups begin so."""
CRYPTO = "Crypto"
"""The names of cryptomatte planes begin so, by its specification."""


class BadFrame(Exception):
    """The file is no whole frame; the message is one sentence that names it."""


@dataclass(frozen=True, slots=True)
class PlaneFormat:
    """How a plane lies in the file."""

    channels: tuple[str, ...]
    dtype: type[np.floating]
    is_colour: bool = False
    """Light or albedo, which may be compressed with a loss where that is asked for; anything else is data."""


FORMATS = {
    "beauty": PlaneFormat(("R", "G", "B", "A"), np.float16, is_colour=True),
    "denoised": PlaneFormat(("denoised.R", "denoised.G", "denoised.B"), np.float16, is_colour=True),
    "position": PlaneFormat(("position.X", "position.Y", "position.Z"), np.float32),
    "albedo": PlaneFormat(("albedo.R", "albedo.G", "albedo.B"), np.float16, is_colour=True),
    "normal": PlaneFormat(("normal.X", "normal.Y", "normal.Z"), np.float16),
    "forward": PlaneFormat(("forward.u", "forward.v"), np.float32),  # as Nuke has it
    "depth": PlaneFormat(("depth.Z",), np.float32),  # half floats end at 65504 units
    "variance": PlaneFormat(("variance.Y",), np.float32),
    "samples": PlaneFormat(("samples.Y",), np.float32),  # half floats count to 2048
}


def write_exr(
    path: Path,
    planes: Planes,
    metadata: Mapping[str, str],
    attributes: Mapping[str, object] | None = None,
) -> None:
    """Write the planes, each (height, width, channels) float32, top row first, as ZIP-compressed parts.

    ``metadata`` becomes string attributes ``windfire:NAME`` of every part, and its user the owner;
    ``attributes`` become attributes by their own names, framesPerSecond of (numerator, denominator) and timeCode of
    'hh:mm:ss:ff'. dwaCompressionLevel asks for DWAA of the colours. Equal input gives an equal file, so there is
    no date in it.
    Raises OSError where the disk does not take it."""
    names = sorted(planes, key=lambda name: (name != "beauty", name))
    header = {f"windfire:{key}": value for key, value in sorted(metadata.items()) if value}
    header |= {"software": f"Windfire {__version__}", "chromaticities": REC_709}
    if metadata.get("user"):
        header["owner"] = metadata["user"]
    header |= {name: _typed(name, value) for name, value in (attributes or {}).items()}
    parts = [_part(name, planes[name], header) for name in names]
    try:
        OpenEXR.File(parts).write(str(path))
    except RuntimeError as error:  # the library wraps the system's errors in its own
        raise OSError(f"{path} could not be written: {error}") from error


def _part(name: str, plane: NDArray[np.float32], more: Mapping[str, Any]) -> OpenEXR.Part:
    layout = FORMATS.get(name) or _plain(name, plane.shape[2])
    pixels = _fit(plane, layout.dtype)
    channels = {
        channel: np.ascontiguousarray(pixels[:, :, index])
        for index, channel in enumerate(layout.channels)
    }
    is_lossy = layout.is_colour and DWA_LEVEL in more
    if not is_lossy:
        more = {key: value for key, value in more.items() if key != DWA_LEVEL}
    header = {
        "compression": OpenEXR.DWAA_COMPRESSION if is_lossy else OpenEXR.ZIP_COMPRESSION,
        "type": OpenEXR.scanlineimage,
        "name": "rgba" if name == "beauty" else name,
        **more,
    }
    return OpenEXR.Part(header, channels, header["name"])


def _typed(name: str, value: object) -> Any:
    """An attribute as OpenEXR's library wants it."""
    if name == "framesPerSecond" and isinstance(value, tuple):
        return Fraction(*value)
    if name == "timeCode":
        numbers = [int(field) for field in str(value).split(":")]
        return OpenEXR.TimeCode(*numbers, *[0] * 14)
    return value


def _plain(name: str, count: int) -> PlaneFormat:
    """A plane that this file knows nothing of, as another kernel may have; or a cryptomatte's, whose bits must
    not be rounded."""
    if name.startswith(CRYPTO):
        return PlaneFormat(tuple(f"{name}.{channel}" for channel in "RGBA"), np.float32)
    if name.startswith(LIGHT) and count == 3:
        channels = tuple(f"{name}.{channel}" for channel in "RGB")
        return PlaneFormat(channels, np.float16, is_colour=True)
    return PlaneFormat(
        tuple(f"{name}.{'XYZW'[i] if count <= 4 else i}" for i in range(count)), np.float32
    )


def _fit(plane: NDArray[np.float32], dtype: type[np.floating]) -> NDArray[np.floating]:
    """A light brighter than a half float can say must not become infinite and then a black hole."""
    if dtype is np.float16:
        plane = np.clip(plane, -HALF_MAX, HALF_MAX)
    return plane.astype(dtype)


def verify_exr(path: Path, width: int, height: int) -> None:
    """Decode every pixel of every part. Raises BadFrame.

    By OpenImageIO: OpenEXR's own Python reader only prints a warning where a chunk cannot be decoded, and
    hands out what it has."""
    file = OpenImageIO.ImageInput.open(str(path))
    if file is None:
        raise BadFrame(f"{path} cannot be decoded whole: {plain(OpenImageIO.geterror())}.")
    try:
        _verify_parts(path, file, (width, height))
    finally:
        file.close()


def _verify_parts(path: Path, file: OpenImageIO.ImageInput, size: tuple[int, int]) -> None:
    part = 0
    while file.seek_subimage(part, 0):
        spec = file.spec()
        if (spec.width, spec.height) != size:
            found = f"{spec.width}x{spec.height}"
            raise BadFrame(f"{path} has {found} pixels and should have {size[0]}x{size[1]}.")
        if file.read_image(part, 0, 0, spec.nchannels) is None or file.has_error:
            raise BadFrame(f"{path} cannot be decoded whole: {plain(file.geterror())}.")
        part += 1
    file.geterror()  # the end of the parts is said as an error
    if part == 0:
        raise BadFrame(f"{path} cannot be decoded whole: it has no parts.")
