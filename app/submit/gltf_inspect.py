"""What a glTF file holds, as one JSON object on stdout: ``python -m app.submit.gltf_inspect FILE``.

Runs in a child process only (``app.submit.inspection`` starts it). Reads the JSON part alone: a .glb of
gigabytes costs nothing. Ends with 2 and one sentence on stderr where the file is to blame.
"""

from __future__ import annotations

import math
import struct
import sys
from pathlib import Path
from typing import BinaryIO
from urllib.parse import unquote

import msgspec
from msgspec import Struct, field

from app.errors import UserMistake
from app.submit.inspect_child import answer

FRAMES_A_SECOND = 24
"""As the path tracer's reader has it: a frame is 1/24 s of the file's animation."""
JSON_BYTES_MAX = 1 << 30
JSON_CHUNK = 0x4E4F534A
CAMERAS_MAX = 1000


class _Named(Struct):
    name: str = ""
    camera: int | None = None
    uri: str = ""


class _Accessor(Struct):
    max: list[float] = field(default_factory=list[float])


class _Sampler(Struct):
    input: int


class _Animation(Struct):
    samplers: list[_Sampler]


class _Document(Struct):
    """What is looked at of the file; all else is skipped."""

    nodes: list[_Named] = field(default_factory=list[_Named])
    buffers: list[_Named] = field(default_factory=list[_Named])
    images: list[_Named] = field(default_factory=list[_Named])
    accessors: list[_Accessor] = field(default_factory=list[_Accessor])
    animations: list[_Animation] = field(default_factory=list[_Animation])


class SceneInfo(Struct, frozen=True, kw_only=True):
    """A file at a glance; see ``inspection.Scene``."""

    first: int
    last: int
    cameras: list[str]
    files: list[str]
    """Absolute paths of the buffers and images beside it."""
    missing: list[str]


def inspect_gltf(path: Path) -> SceneInfo:
    """Read the JSON part. Raises UserMistake, one sentence."""
    try:
        document = msgspec.json.decode(_json_part(path), type=_Document)
    except msgspec.MsgspecError as error:
        raise UserMistake(f"{path} cannot be read as a glTF scene: {error}.") from error
    except OSError as error:
        raise UserMistake(f"{path} cannot be read: {error.strerror}.") from error
    first, last = _frames(document)
    beside = [item.uri for item in (*document.buffers, *document.images)]
    files = [path.parent / unquote(uri) for uri in beside if uri and not uri.startswith("data:")]
    return SceneInfo(
        first=first,
        last=last,
        cameras=_cameras(document),
        files=[str(file) for file in [path, *files] if file.is_file()],
        missing=[str(file) for file in files if not file.is_file()],
    )


def _json_part(path: Path) -> bytes:
    with path.open("rb") as file:
        if path.suffix.lower() == ".gltf":
            return file.read(JSON_BYTES_MAX)
        return _first_chunk(path, file)


def _first_chunk(path: Path, file: BinaryIO) -> bytes:
    """The JSON of a binary file, which comes first (glTF 2.0, 4.4.3.2)."""
    head = file.read(20)
    if len(head) < 20 or head[:4] != b"glTF":
        raise UserMistake(f"{path} is no binary glTF.")
    size, kind = struct.unpack_from("<II", head, 12)
    if kind != JSON_CHUNK or size > JSON_BYTES_MAX:
        raise UserMistake(f"{path} does not begin with its JSON part.")
    return file.read(size)


def _frames(document: _Document) -> tuple[int, int]:
    """The first animation's range; a still is frame 1."""
    ends = [
        document.accessors[sampler.input].max[0]
        for animation in document.animations[:1]
        for sampler in animation.samplers
        if 0 <= sampler.input < len(document.accessors) and document.accessors[sampler.input].max
    ]
    end = max(ends, default=0.0)
    if not math.isfinite(end) or not 0 < end < 1e7:
        return 1, 1
    return 0, max(math.floor(end * FRAMES_A_SECOND + 1e-6), 0)


def _cameras(document: _Document) -> list[str]:
    """The names of the nodes that hold a camera; nameless ones as the reader calls them."""
    return [
        node.name or f"node_{number}"
        for number, node in enumerate(document.nodes)
        if node.camera is not None
    ][:CAMERAS_MAX]


if __name__ == "__main__":
    sys.exit(answer(sys.argv[1:], "glTF", inspect_gltf))
