"""Reads every pixel of an image that a program wrote, in a process of its own.

``python -m node_agent.worker.verify_file PATH`` ends with 0 where the file is whole. A process, because
decoders have memory bugs and the file is whatever a job made: a crash here is a bad file, no more.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

DECODE_S = 300.0
MEMORY_BYTES_MAX = 32 << 30
IMAGES = frozenset(
    {".bmp", ".cin", ".dpx", ".exr", ".gif", ".hdr", ".iff", ".jp2", ".jpeg", ".jpg", ".jxl"}
    | {".pic", ".png", ".psd", ".sgi", ".tga", ".tif", ".tiff", ".tx", ".webp"}
)


def fault(path: Path) -> str:
    """Why the file at ``path`` is no result: missing, empty, cut short; '' where it is whole. A format
    that is no image is taken as it is, if it is not empty."""
    try:
        size = path.stat().st_size
    except OSError:
        return "is missing"
    if size == 0:
        return "is empty"
    if path.suffix.lower() not in IMAGES:
        return ""
    command = [sys.executable, "-P", "-m", "node_agent.worker.verify_file", str(path)]
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, timeout=DECODE_S, check=False
        )
    except subprocess.TimeoutExpired:
        return f"could not be decoded in {DECODE_S:.0f} s"
    if done.returncode == 0:
        return ""
    words = done.stderr.decode("utf-8", "replace").strip().splitlines()
    return f"cannot be decoded whole: {words[-1][:300] if words else 'the decoder crashed'}"


def main() -> int:
    """Decode ``argv[1]``; the reason of a failure goes to stderr."""
    import OpenImageIO

    _limit_memory()
    path = sys.argv[1]
    image = OpenImageIO.ImageInput.open(path)
    if image is None:
        return _say(OpenImageIO.geterror())
    subimage = 0
    while image.seek_subimage(subimage, 0):
        spec = image.spec()
        pixels = image.read_image(subimage, 0, 0, spec.nchannels)
        if pixels is None or image.has_error:
            return _say(image.geterror())
        subimage += 1
    return 0 if subimage else _say("no image in it")


def _limit_memory() -> None:
    try:
        import resource
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES_MAX, MEMORY_BYTES_MAX))


def _say(reason: str) -> int:
    sys.stderr.write(" ".join(reason.split()) + "\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
