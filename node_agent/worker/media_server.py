"""A decoder that stays: ``python -m node_agent.worker.media_server`` reads requests and writes pictures.

One request a line of JSON on stdin, one answer on stdout: a line of JSON (``Answer``), then ``size`` bytes of
RGB, top row first. The window keeps one of these for its frames, since starting Python for each of a shot's
frames would take longer than decoding it, and a broken file may take down this process and not the window.
Decoded planes are kept while there is room, so that exposure and pixel values answer at once. Ends with stdin.
"""

# OpenImageIO leaves arrays untyped.
# pyright: basic

from __future__ import annotations

import sys
from collections import OrderedDict
from pathlib import Path
from typing import BinaryIO

import msgspec
import numpy as np

from node_agent.worker.frame_planes import (
    BEAUTY,
    BadImage,
    Plane,
    fitted_plane,
    plane_names,
    read_plane,
    show,
)
from node_agent.worker.media import limit_memory

ROOM_BYTES = 512 << 20
SIDE_MAX = 16384


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """A picture of a file's plane, or with ``pixel`` (x, y from the top left) its values there."""

    id: int
    file: str
    plane: str = BEAUTY
    exposure: float = 0.0
    max: int = 1920
    pixel: tuple[int, int] | None = None


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """``sentence`` says what is wrong with the file, and then nothing else is told."""

    id: int
    sentence: str = ""
    width: int = 0
    height: int = 0
    full_width: int = 0
    full_height: int = 0
    planes: list[str] = []
    values: list[float] = []
    size: int = 0


class Shelf:
    """Decoded planes, the least used of which goes when there is no room."""

    def __init__(self, room: int = ROOM_BYTES) -> None:
        self._room = room
        self._used = 0
        self._planes: OrderedDict[tuple, Plane] = OrderedDict()

    def get(self, path: Path, name: str) -> Plane:
        """The plane of the file as it is now. Raises BadImage, OSError."""
        status = path.stat()
        key = (path, status.st_mtime_ns, status.st_size, name)
        if key not in self._planes:
            plane = self._planes[key] = read_plane(path, name)
            self._used += plane.values.nbytes
            while self._used > self._room and len(self._planes) > 1:
                self._used -= self._planes.popitem(last=False)[1].values.nbytes
        self._planes.move_to_end(key)
        return self._planes[key]


def answer(request: Request, shelf: Shelf) -> tuple[Answer, bytes]:
    """What is said, and the picture's bytes. Every fault of a file is a sentence."""
    path = Path(request.file)
    try:
        plane = shelf.get(path, request.plane)
        height, width = plane.values.shape[:2]
        if request.pixel is not None:
            x, y = (
                min(max(request.pixel[0], 0), width - 1),
                min(max(request.pixel[1], 0), height - 1),
            )
            values = [float(value) for value in plane.values[y, x]]
            return Answer(id=request.id, values=values, full_width=width, full_height=height), b""
        side = min(max(request.max, 1), SIDE_MAX)
        picture = show(fitted_plane(plane, side, side), request.exposure)
        names = plane_names(path)
    except FileNotFoundError:
        return Answer(id=request.id, sentence=f"{path} does not exist."), b""
    except BadImage as error:
        return Answer(id=request.id, sentence=str(error)), b""
    except (OSError, MemoryError) as error:
        return Answer(id=request.id, sentence=f"{path} cannot be read: {error}."), b""
    body = np.ascontiguousarray(picture).tobytes()
    head = Answer(
        id=request.id,
        width=picture.shape[1],
        height=picture.shape[0],
        full_width=width,
        full_height=height,
        planes=names,
        size=len(body),
    )
    return head, body


def serve(source: BinaryIO, target: BinaryIO) -> None:
    """Answer in order until the source ends."""
    shelf = Shelf()
    for line in source:
        head, body = answer(msgspec.json.decode(line, type=Request), shelf)
        target.write(msgspec.json.encode(head) + b"\n" + body)
        target.flush()


if __name__ == "__main__":
    limit_memory()
    serve(sys.stdin.buffer, sys.stdout.buffer)
