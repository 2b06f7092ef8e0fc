"""Embree 4 as C++ programs call it, as a peer: ``embree.cpp``, compiled here, over the library of the wheel embreex.

Raises ``Unavailable`` where there is no wheel or no C++ compiler.
"""

from __future__ import annotations

import ctypes
import importlib.metadata
import subprocess
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.report import Unavailable

SOURCE = Path(__file__).with_suffix(".cpp")
CLOSEST, ANY, PACKETS = 0, 1, 2
_DOUBLE, _LONG = ctypes.c_double, ctypes.c_long


def version() -> str:
    """Of the wheel, which has Embree's own."""
    try:
        return importlib.metadata.version("embreex")
    except importlib.metadata.PackageNotFoundError as error:
        raise Unavailable(
            "the package embreex is not installed (pip install 'windfire[bench]')"
        ) from error


def _library() -> Path:
    version()
    files = importlib.metadata.files("embreex") or []
    found = [Path(str(file.locate())) for file in files if "libembree4" in file.name]
    if not found:
        raise Unavailable("the package embreex has no libembree4 on this system")
    return found[0]


class Embree:
    """The compiled program with the library in it."""

    def __init__(self, folder: Path) -> None:
        program = folder / "embree_peer.so"
        command = ["g++", "-O3", "-march=native", "-std=c++17", "-shared", "-fPIC", "-pthread"]
        try:
            subprocess.run([*command, SOURCE, "-o", program], check=True, timeout=120)
        except (OSError, subprocess.SubprocessError) as error:
            raise Unavailable(f"g++ could not compile {SOURCE.name}: {error}") from error
        self.calls = ctypes.CDLL(str(program))
        self.calls.peer_build.restype = ctypes.c_void_p
        self.calls.peer_cast.restype = _DOUBLE
        if not self.calls.peer_load(str(_library()).encode()):
            raise Unavailable("Embree's library could not be loaded")


class EmbreeScene:
    """Triangles in Embree's tree of medium quality."""

    def __init__(self, embree: Embree, points: NDArray, corners: NDArray, threads: int) -> None:
        self.calls = embree.calls
        # Embree reads 16 bytes of the last point.
        self.points = np.concatenate([points, np.zeros((2, 3))]).astype(np.float32)
        self.corners = np.ascontiguousarray(corners, np.int32)
        seconds, held = _DOUBLE(), _LONG()
        self.handle = ctypes.c_void_p(
            self.calls.peer_build(
                f"threads={threads}".encode(),
                self.points.ctypes.data_as(ctypes.c_void_p),
                _LONG(len(points)),
                self.corners.ctypes.data_as(ctypes.c_void_p),
                _LONG(len(corners)),
                ctypes.byref(seconds),
                ctypes.byref(held),
            )
        )
        self.build_s, self.bytes = seconds.value, held.value

    def cast(self, kind: int, rays: NDArray, threads: int, t: NDArray, prims: NDArray) -> float:
        """Hits of rays (n, 6) float32 into t and prims; the seconds that the C++ loop took."""
        pointers = [array.ctypes.data_as(ctypes.c_void_p) for array in (rays, t, prims)]
        return self.calls.peer_cast(
            self.handle, kind, pointers[0], _LONG(len(rays)), threads, *pointers[1:]
        )

    def free(self) -> None:
        """Give its memory back."""
        self.calls.peer_free(self.handle)
