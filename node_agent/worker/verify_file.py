"""Reads every pixel of an image that a program wrote, in a process of its own.

``python -m node_agent.worker.verify_file PATH [CHECK ...]`` ends with 0 where the file is whole and passes
each check: ``size=WxH`` (0: any), ``not_black``, ``no_nan``; ``thumbnail=FILE`` writes a small PNG beside. A process, because decoders have memory bugs and the
file is whatever a job made: a crash here is a bad file, no more.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

from node_agent.wire.job import Output
from node_agent.worker.decoder_words import plain

DECODE_S = 300.0
UNWANTED = 4
"""Exit code for an image that is whole, but not what the step asks for."""
MEMORY_BYTES_MAX = 32 << 30
IMAGES = frozenset(
    {".bmp", ".cin", ".dpx", ".exr", ".gif", ".hdr", ".iff", ".jp2", ".jpeg", ".jpg", ".jxl"}
    | {".pic", ".png", ".psd", ".sgi", ".tga", ".tif", ".tiff", ".tx", ".webp"}
)


def fault(
    path: Path,
    output: Output = Output(),  # noqa: B008 - it is frozen
    thumbnail: Path | None = None,
) -> str:
    """Why the file at ``path`` is no result: missing, empty, cut short, or not as ``output`` wants it; ''
    where it is whole. A format that is no image is taken as it is, if it is large enough. Of an image that is
    whole a small picture is written to ``thumbnail``, where one can be made."""
    try:
        size = path.stat().st_size
    except OSError:
        return "is missing"
    if size == 0:
        return "is empty"
    if size < output.bytes_min:
        return f"has {size:,} bytes, fewer than the step's least of {output.bytes_min:,}"
    if path.suffix.lower() not in IMAGES:
        return ""
    own = [sys.executable, "-P", "-m", "node_agent.worker.verify_file"]
    small = [f"thumbnail={thumbnail}"] if thumbnail is not None else []
    command = [*own, str(path), *_checks(output), *small]
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, timeout=DECODE_S, check=False
        )
    except subprocess.TimeoutExpired:
        return f"could not be decoded in {DECODE_S:.0f} s"
    if done.returncode == 0:
        return ""
    words = done.stderr.decode("utf-8", "replace").strip().splitlines()
    if done.returncode == UNWANTED and words:
        return words[-1][:300]
    return f"cannot be decoded whole: {words[-1][:300] if words else 'the decoder crashed'}"


def _checks(output: Output) -> list[str]:
    size = [f"size={output.width}x{output.height}"] if output.width or output.height else []
    flags = [name for name in ("not_black", "no_nan") if getattr(output, name)]
    return [*size, *flags]


def main() -> int:
    """Decode ``argv[1]`` and check it; the reason of a failure goes to stderr."""
    import OpenImageIO

    _limit_memory()
    path, checks = sys.argv[1], sys.argv[2:]
    image = OpenImageIO.ImageInput.open(path)
    if image is None:
        return _say(OpenImageIO.geterror())
    subimage = 0
    while image.seek_subimage(subimage, 0):
        spec = image.spec()
        pixels = image.read_image(subimage, 0, 0, spec.nchannels)
        if pixels is None or image.has_error:
            return _say(image.geterror())
        if unwanted := _unwanted(spec, pixels, checks, is_first=subimage == 0):
            _say(unwanted)
            return UNWANTED
        subimage += 1
    if not subimage:
        return _say("no image in it")
    _make_thumbnail(Path(path), checks)
    return 0


def _make_thumbnail(path: Path, checks: list[str]) -> None:
    """Write it where one was asked for. A file is no worse for having none: masks and data are images too."""
    wanted = [check.partition("=")[2] for check in checks if check.startswith("thumbnail=")]
    if not wanted:
        return
    from node_agent.worker import frame_planes, picture

    try:
        plane = frame_planes.read_plane(path)
        small = frame_planes.fitted_plane(plane, picture.WIRE_WIDTH, picture.WIRE_HEIGHT)
        Path(wanted[0]).write_bytes(picture.encode_for_wire(frame_planes.show(small)))
    except (frame_planes.BadImage, ImportError, ValueError, OSError):
        return


def _unwanted(spec: Any, pixels: Any, checks: list[str], *, is_first: bool) -> str:
    """What is wrong with an image that is whole. Size and blackness are asked of the first one: the planes of
    a mask may well be black."""
    import numpy as np

    for check in checks:
        name, _, value = check.partition("=")
        if name == "size" and is_first:
            width, height = (int(side) for side in value.split("x"))
            if (width or spec.width, height or spec.height) != (spec.width, spec.height):
                return (
                    f"has {spec.width}x{spec.height} pixels, not {width or 'any'}x{height or 'any'}"
                )
        if name == "not_black" and is_first and not np.any(_colour(spec, pixels)):
            return "is black all over"
        if name == "no_nan" and not np.all(np.isfinite(pixels)):
            return (
                f"has {np.count_nonzero(~np.isfinite(pixels)):,} values that are no finite number"
            )
    return ""


def _colour(spec: Any, pixels: Any) -> Any:
    """The channels but alpha and depth."""
    colour = [i for i in range(spec.nchannels) if i not in (spec.alpha_channel, spec.z_channel)]
    return pixels[..., colour] if colour else pixels


def _limit_memory() -> None:
    try:
        import resource
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES_MAX, MEMORY_BYTES_MAX))


def _say(reason: str) -> int:
    sys.stderr.write(f"{plain(reason)}\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
