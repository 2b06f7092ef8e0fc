"""Small USD files for the reader's tests, and how they are read."""

from pathlib import Path

import numpy as np
import OpenImageIO as oiio  # noqa: N813 -- its manual's own name

from node_agent.kernels.pathtracer.scene import PackedScene
from node_agent.kernels.pathtracer.usd_reader import read_usd

HEADER = """#usda 1.0
(
    upAxis = "Y"
)
"""
SQUARE = """
    int[] faceVertexCounts = [4]
    int[] faceVertexIndices = [0, 1, 2, 3]
    point3f[] points = [(0, 0, 0), (1, 0, 0), (1, 1, 0), (0, 1, 0)]
    uniform token subdivisionScheme = "none"
"""
"""A unit square in XY, counter-clockwise seen from +Z."""
CAMERA = """
def Camera "Cam" {
    double3 xformOp:translate = (0, 0, 5)
    uniform token[] xformOpOrder = ["xformOp:translate"]
}
"""


def mesh(extra: str = "", name: str = "M", body: str = SQUARE) -> str:
    """A mesh prim; ``extra`` lines go into it."""
    return f'def Mesh "{name}" {{{body}{extra}\n}}\n'


def write(folder: Path, body: str, name: str = "scene.usda", header: str = HEADER) -> Path:
    """``body`` as a .usda file."""
    path = folder / name
    path.write_text(header + body)
    return path


def read(
    path: Path, frame: float = 1.0, camera: str = "", aspect: float = 2.0
) -> tuple[PackedScene, list[str]]:
    """The packed scene and the warnings."""
    warnings: list[str] = []
    packed = read_usd(path, frame, camera, aspect, warnings.append)
    assert list(packed.warnings) == warnings
    return packed, warnings


def read_body(folder: Path, body: str, **options: object) -> tuple[PackedScene, list[str]]:
    """Write and read."""
    return read(write(folder, body), **options)


def corners(packed: PackedScene) -> np.ndarray:
    """(t, 3, 3) positions of the triangles' corners."""
    return packed.positions[packed.triangles]


def normals(packed: PackedScene) -> np.ndarray:
    """(t, 3) unit geometric normals."""
    a, b, c = np.moveaxis(corners(packed), 1, 0)
    cross = np.cross(b - a, c - a)
    return cross / np.linalg.norm(cross, axis=1, keepdims=True)


def area(packed: PackedScene) -> float:
    a, b, c = np.moveaxis(corners(packed).astype(float), 1, 0)
    return float(np.linalg.norm(np.cross(b - a, c - a), axis=1).sum() / 2)


def image(path: Path, pixels: np.ndarray) -> Path:
    """An image file of (h, w, c) uint8 or float32, top row first."""
    path.parent.mkdir(parents=True, exist_ok=True)
    buffer = oiio.ImageBuf(np.ascontiguousarray(pixels))
    # The values are the file's: OpenImageIO would divide colours by alpha.
    buffer.specmod().attribute("oiio:UnassociatedAlpha", 1)
    assert buffer.write(str(path))
    return path
