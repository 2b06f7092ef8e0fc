"""Small glTF files for the reader's tests, made from arrays."""

import base64
import json
import struct
from pathlib import Path

import numpy as np
import OpenImageIO as oiio  # noqa: N813 -- its manual's own name

from node_agent.kernels.pathtracer.gltf_reader import read_gltf
from node_agent.kernels.pathtracer.scene import PackedScene

SQUARE = np.array([[0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0]], np.float32)
CORNERS = np.array([0, 1, 2, 0, 2, 3], np.uint16)
COORDINATES = np.array([[0, 1], [1, 1], [1, 0], [0, 0]], np.float32)
"""Of the square: glTF's v runs down."""
KINDS = {"b": 5120, "B": 5121, "h": 5122, "H": 5123, "I": 5125, "f": 5126}
TYPES = {1: "SCALAR", 2: "VEC2", 3: "VEC3", 4: "VEC4", 16: "MAT4"}


class Maker:
    """A glTF document in the making: a square, seen by nobody, until told otherwise."""

    def __init__(self) -> None:
        self.data = b""
        self.json: dict = {
            "asset": {"version": "2.0"},
            "scenes": [{"nodes": [0]}],
            "nodes": [{"mesh": 0}],
            "accessors": [],
            "bufferViews": [],
        }
        self.attributes = {"POSITION": self.add(SQUARE)}
        self.primitive: dict = {"attributes": self.attributes, "indices": self.add(CORNERS)}
        self.json["meshes"] = [{"primitives": [self.primitive]}]

    def add_bytes(self, data: bytes) -> int:
        """A buffer view."""
        self.data += bytes(-len(self.data) % 4)
        self.json["bufferViews"].append(
            {"buffer": 0, "byteOffset": len(self.data), "byteLength": len(data)}
        )
        self.data += data
        return len(self.json["bufferViews"]) - 1

    def add(self, values: np.ndarray, **more: object) -> int:
        """An accessor."""
        width = 1 if values.ndim == 1 else int(np.prod(values.shape[1:]))
        self.json["accessors"].append(
            {
                "bufferView": self.add_bytes(values.tobytes()),
                "componentType": KINDS[values.dtype.char],
                "count": len(values),
                "type": TYPES[width],
                **more,
            }
        )
        return len(self.json["accessors"]) - 1

    def material(self, **described: object) -> None:
        """Dress the square."""
        self.json["materials"] = [described]
        self.primitive["material"] = 0

    def texture(self, folder: Path, pixels: np.ndarray) -> dict:
        """An embedded PNG on the square; a textureInfo for it."""
        file = folder / "made.png"
        out = oiio.ImageOutput.create(str(file))
        height, width, channels = pixels.shape
        out.open(str(file), oiio.ImageSpec(width, height, channels, oiio.UINT8))
        out.write_image(np.ascontiguousarray(pixels, np.uint8))
        out.close()
        view = self.add_bytes(file.read_bytes())
        file.unlink()
        images = self.json.setdefault("images", [])
        images.append({"bufferView": view, "mimeType": "image/png"})
        textures = self.json.setdefault("textures", [])
        textures.append({"source": len(images) - 1})
        self.attributes.setdefault("TEXCOORD_0", self.add(COORDINATES))
        return {"index": len(textures) - 1}

    def write_glb(self, path: Path) -> Path:
        """As one binary file."""
        self.json["buffers"] = [{"byteLength": len(self.data)}]
        text = json.dumps(self.json).encode()
        text += b" " * (-len(text) % 4)
        data = self.data + bytes(-len(self.data) % 4)
        path.write_bytes(
            struct.pack("<III", 0x46546C67, 2, 12 + 8 + len(text) + 8 + len(data))
            + struct.pack("<II", len(text), 0x4E4F534A)
            + text
            + struct.pack("<II", len(data), 0x004E4942)
            + data
        )
        return path

    def write_gltf(self, path: Path, *, embedded: bool) -> Path:
        """As JSON, with the buffer inside it or beside it."""
        uri = "data:application/octet-stream;base64," + base64.b64encode(self.data).decode()
        if not embedded:
            uri = "some%20data.bin"
            (path.parent / "some data.bin").write_bytes(self.data)
        self.json["buffers"] = [{"byteLength": len(self.data), "uri": uri}]
        path.write_text(json.dumps(self.json))
        return path


def read(path: Path, frame: float = 0.0, camera: str = "") -> tuple[PackedScene, list[str]]:
    """The packed scene and the warnings."""
    warnings: list[str] = []
    return read_gltf(path, frame, camera, 2.0, warnings.append), warnings


def read_made(
    maker: Maker, folder: Path, frame: float = 0.0, camera: str = ""
) -> tuple[PackedScene, list[str]]:
    """Write as .glb and read."""
    return read(maker.write_glb(folder / "made.glb"), frame, camera)
