"""A glTF 2.0 file as typed structs and its binary data as arrays; nothing here knows what a scene is.

``GltfFile.open`` reads .gltf (JSON with files or data URIs beside it) and .glb. Every index and every byte
range is checked where it is used, so that a hostile file ends in one sentence and not in another's memory.
Source: Khronos, "glTF 2.0 Specification" (2021), sections 3.6 (data), 4 (GLB) and 5 (properties).
"""

from __future__ import annotations

import base64
import binascii
import struct
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import unquote

import msgspec
import numpy as np
from msgspec import Struct, field
from numpy.typing import NDArray

from node_agent.kernels.interface import KernelRefusal

T = TypeVar("T")

BYTES_MAX = 8 << 30
"""Of one file with its buffers."""
MAGIC, JSON_CHUNK, BINARY_CHUNK = 0x46546C67, 0x4E4F534A, 0x004E4942
COMPONENTS = {
    5120: np.dtype("<i1"),
    5121: np.dtype("<u1"),
    5122: np.dtype("<i2"),
    5123: np.dtype("<u2"),
    5125: np.dtype("<u4"),
    5126: np.dtype("<f4"),
}
WIDTHS = {"SCALAR": 1, "VEC2": 2, "VEC3": 3, "VEC4": 4, "MAT2": 4, "MAT3": 9, "MAT4": 16}
EXTENSIONS = frozenset(
    {
        "KHR_lights_punctual",
        "KHR_materials_clearcoat",
        "KHR_materials_emissive_strength",
        "KHR_materials_ior",
        "KHR_materials_specular",
        "KHR_materials_transmission",
        "KHR_materials_unlit",
        "KHR_mesh_quantization",
        "KHR_texture_transform",
    }
)
"""Those that a file may require: rendered, or left out with a warning without changing what is there."""

Extensions = dict[str, Any]


class Base(Struct, rename="camel", kw_only=True):
    name: str = ""
    extensions: Extensions = field(default_factory=dict[str, Any])
    extras: Any = None
    """Whatever a tool wrote there."""


class SparseIndices(Base):
    buffer_view: int
    component_type: int
    byte_offset: int = 0


class SparseValues(Base):
    buffer_view: int
    byte_offset: int = 0


class Sparse(Base):
    count: int
    indices: SparseIndices
    values: SparseValues


class Accessor(Base):
    component_type: int
    count: int
    type: str
    buffer_view: int | None = None
    byte_offset: int = 0
    normalized: bool = False
    sparse: Sparse | None = None


class BufferView(Base):
    buffer: int
    byte_length: int
    byte_offset: int = 0
    byte_stride: int = 0


class Buffer(Base):
    byte_length: int
    uri: str = ""


class Image(Base):
    uri: str = ""
    mime_type: str = ""
    buffer_view: int | None = None


class Sampler(Base):
    wrap_s: int = 10497
    wrap_t: int = 10497


class Texture(Base):
    source: int | None = None
    sampler: int | None = None


class TextureInfo(Base):
    index: int
    tex_coord: int = 0
    scale: float = 1.0
    """Of a normal texture."""


class Metallic(Base):
    base_color_factor: tuple[float, float, float, float] = (1.0, 1.0, 1.0, 1.0)
    base_color_texture: TextureInfo | None = None
    metallic_factor: float = 1.0
    roughness_factor: float = 1.0
    metallic_roughness_texture: TextureInfo | None = None


class Material(Base):
    pbr_metallic_roughness: Metallic = field(default_factory=Metallic)
    normal_texture: TextureInfo | None = None
    emissive_texture: TextureInfo | None = None
    emissive_factor: tuple[float, float, float] = (0.0, 0.0, 0.0)
    alpha_mode: str = "OPAQUE"
    alpha_cutoff: float = 0.5


class Primitive(Base):
    attributes: dict[str, int]
    indices: int | None = None
    material: int | None = None
    mode: int = 4
    targets: list[dict[str, int]] = field(default_factory=list[dict[str, int]])


class Mesh(Base):
    primitives: list[Primitive]
    weights: list[float] = field(default_factory=list[float])


class Node(Base):
    children: list[int] = field(default_factory=list[int])
    matrix: tuple[float, ...] | None = None
    translation: tuple[float, float, float] = (0.0, 0.0, 0.0)
    rotation: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 1.0)
    scale: tuple[float, float, float] = (1.0, 1.0, 1.0)
    mesh: int | None = None
    skin: int | None = None
    camera: int | None = None
    weights: list[float] = field(default_factory=list[float])


class Skin(Base):
    joints: list[int]
    inverse_bind_matrices: int | None = None


class Perspective(Base):
    yfov: float
    znear: float
    aspect_ratio: float = 0.0
    zfar: float = 0.0


class Camera(Base):
    type: str
    perspective: Perspective | None = None


class AnimationSampler(Base):
    input: int
    output: int
    interpolation: str = "LINEAR"


class AnimationTarget(Base):
    path: str
    node: int | None = None


class AnimationChannel(Base):
    sampler: int
    target: AnimationTarget


class Animation(Base):
    channels: list[AnimationChannel]
    samplers: list[AnimationSampler]


class Scene(Base):
    nodes: list[int] = field(default_factory=list[int])


class Asset(Base):
    version: str
    min_version: str = ""


class Document(Base):
    """The whole JSON part."""

    asset: Asset
    scene: int = 0
    scenes: list[Scene] = field(default_factory=list[Scene])
    nodes: list[Node] = field(default_factory=list[Node])
    meshes: list[Mesh] = field(default_factory=list[Mesh])
    materials: list[Material] = field(default_factory=list[Material])
    textures: list[Texture] = field(default_factory=list[Texture])
    images: list[Image] = field(default_factory=list[Image])
    samplers: list[Sampler] = field(default_factory=list[Sampler])
    accessors: list[Accessor] = field(default_factory=list[Accessor])
    buffer_views: list[BufferView] = field(default_factory=list[BufferView])
    buffers: list[Buffer] = field(default_factory=list[Buffer])
    cameras: list[Camera] = field(default_factory=list[Camera])
    skins: list[Skin] = field(default_factory=list[Skin])
    animations: list[Animation] = field(default_factory=list[Animation])
    extensions_required: list[str] = field(default_factory=list[str])

    def extensions_of(self, name: str) -> dict[str, Any]:
        """The document's own part of an extension; {} where it has none."""
        held = self.extensions.get(name)
        return held if isinstance(held, dict) else {}


class GltfFile:
    """An open file: ``doc`` as written, ``array`` and ``image_bytes`` for what is binary."""

    def __init__(self, path: Path) -> None:
        """Read the file; its buffers when they are first asked for. Raises KernelRefusal."""
        self.path = path
        text, self._binary = _parts(path)
        try:
            self.doc = msgspec.json.decode(text, type=Document)
        except msgspec.MsgspecError as error:
            raise self.refusal(f"is no glTF 2.0: {error}") from error
        if not self.doc.asset.version.startswith("2."):
            raise self.refusal(f"is glTF {self.doc.asset.version}, where 2.0 can be read")
        if missing := sorted(set(self.doc.extensions_required) - EXTENSIONS):
            raise self.refusal(f"requires {', '.join(missing)}, which cannot be read")
        self._buffers: dict[int, bytes] = {}

    def refusal(self, what: str) -> KernelRefusal:
        """The sentence '<file> <what>.'"""
        return KernelRefusal(f"{self.path.name} {what}.")

    def item(self, items: list[T], index: int, kind: str) -> T:
        """``items[index]``. Raises KernelRefusal where the file names one that it does not have."""
        if not 0 <= index < len(items):
            raise self.refusal(f"names {kind} {index}, of which it has {len(items)}")
        return items[index]

    def array(self, index: int, *types: str) -> NDArray[Any]:
        """An accessor's values, (count, width) or (count,) for scalars: float32 or float64-safe integers.

        Normalised integers come as floats in 0..1 or -1..1. ``types``: those allowed, e.g. 'VEC3'."""
        accessor = self.item(self.doc.accessors, index, "accessor")
        if accessor.type not in types or accessor.component_type not in COMPONENTS:
            raise self.refusal(f"has accessor {index} of type {accessor.type}, not {types[0]}")
        if not 0 < accessor.count <= BYTES_MAX:
            raise self.refusal(f"has accessor {index} with {accessor.count} elements")
        kind, width = COMPONENTS[accessor.component_type], WIDTHS[accessor.type]
        if accessor.buffer_view is None:
            if accessor.count * width * kind.itemsize > BYTES_MAX or not accessor.sparse:
                raise self.refusal(f"has accessor {index} without data")
            values = np.zeros((accessor.count, width), kind)
        else:
            values = self._view(
                accessor.buffer_view, accessor.byte_offset, accessor.count, width, kind
            )
        if accessor.sparse:
            values = self._sparse(values.copy(), accessor.sparse, width, kind)
        if accessor.normalized:
            values = _normalised(values)
        return values[:, 0] if width == 1 else values

    def _sparse(self, values: NDArray, sparse: Sparse, width: int, kind: np.dtype) -> NDArray:
        where = sparse.indices
        if where.component_type not in COMPONENTS or sparse.count < 0:
            raise self.refusal("has a sparse accessor that is not whole")
        at = self._view(
            where.buffer_view,
            where.byte_offset,
            sparse.count,
            1,
            COMPONENTS[where.component_type],
        )[:, 0]
        if len(at) and at.max() >= len(values):
            raise self.refusal("has a sparse accessor that ends behind its data")
        source = sparse.values
        values[at] = self._view(source.buffer_view, source.byte_offset, sparse.count, width, kind)
        return values

    def _view(self, index: int, offset: int, count: int, width: int, kind: np.dtype) -> NDArray:
        """(count, width) of a buffer view, strided as it says."""
        view = self.item(self.doc.buffer_views, index, "buffer view")
        data = self.view_bytes(index)
        size = width * kind.itemsize
        stride = view.byte_stride or size
        if offset < 0 or stride < size or offset + stride * (count - 1) + size > len(data):
            raise self.refusal(f"has a buffer view {index} that is shorter than its accessor")
        if not count:
            return np.empty((0, width), kind)
        raw = np.ndarray((count, width), kind, data, offset, (stride, kind.itemsize))
        return raw if stride == size else raw.copy()

    def view_bytes(self, index: int) -> memoryview:
        """All bytes of a buffer view."""
        view = self.item(self.doc.buffer_views, index, "buffer view")
        data = self._buffer(view.buffer)
        if view.byte_offset < 0 or not 0 <= view.byte_length <= len(data) - view.byte_offset:
            raise self.refusal(f"has a buffer view {index} that ends behind its buffer")
        return memoryview(data)[view.byte_offset : view.byte_offset + view.byte_length]

    def _buffer(self, index: int) -> bytes:
        if index not in self._buffers:
            buffer = self.item(self.doc.buffers, index, "buffer")
            if buffer.uri:
                data = self.uri_bytes(buffer.uri)
            elif index == 0 and self._binary is not None:
                data = self._binary
            else:
                raise self.refusal(f"has buffer {index} without data")
            if len(data) < buffer.byte_length:
                raise self.refusal(
                    f"has buffer {index} of {len(data)} bytes, where it says {buffer.byte_length}"
                )
            self._buffers[index] = data
        return self._buffers[index]

    def uri_bytes(self, uri: str) -> bytes:
        """What a URI of the file holds: a data URI, or a file beside it. Raises KernelRefusal."""
        if uri.startswith("data:"):
            head, _, data = uri.partition(",")
            if not head.endswith(";base64"):
                raise self.refusal("has a data URI that is not base64")
            try:
                return base64.b64decode(data, validate=True)
            except binascii.Error as error:
                raise self.refusal("has a damaged data URI") from error
        return _read(self.beside(uri))

    def beside(self, uri: str) -> Path:
        """The file that a relative URI names. Raises KernelRefusal for any other kind of URI."""
        name = unquote(uri)
        if "://" in name or "\0" in name or Path(name).is_absolute():
            raise self.refusal(f"names {uri[:100]!r}, which is no file beside it")
        return self.path.parent / name


def _parts(path: Path) -> tuple[bytes, bytes | None]:
    """(JSON, binary chunk or None) of a .gltf or .glb."""
    data = _read(path)
    if path.suffix.lower() == ".gltf":
        return data, None
    if len(data) < 20 or struct.unpack_from("<I", data)[0] != MAGIC:
        raise KernelRefusal(f"{path.name} is no binary glTF.")
    version, length = struct.unpack_from("<II", data, 4)
    if version != 2 or length > len(data):
        raise KernelRefusal(f"{path.name} is cut short, or of another version than 2.")
    chunks: dict[int, bytes] = {}
    at = 12
    while at + 8 <= length:
        size, kind = struct.unpack_from("<II", data, at)
        if at + 8 + size > length:
            raise KernelRefusal(f"{path.name} is cut short.")
        chunks.setdefault(kind, data[at + 8 : at + 8 + size])
        at += 8 + size
    if JSON_CHUNK not in chunks:
        raise KernelRefusal(f"{path.name} has no JSON part.")
    return chunks[JSON_CHUNK], chunks.get(BINARY_CHUNK)


def _read(path: Path) -> bytes:
    try:
        if path.stat().st_size > BYTES_MAX:
            raise KernelRefusal(f"{path.name} is larger than {BYTES_MAX >> 30} GiB.")
        return path.read_bytes()
    except FileNotFoundError as error:
        raise KernelRefusal(f"{path.name} does not exist in {path.parent}.") from error
    except OSError as error:
        raise KernelRefusal(f"{path.name} cannot be read: {error.strerror}.") from error


def _normalised(values: NDArray) -> NDArray[np.float32]:
    """Integers as fractions of their largest (specification, 3.6.2.2)."""
    if values.dtype.kind == "f":
        return values
    largest = np.float32(np.iinfo(values.dtype).max)
    return np.maximum(values.astype(np.float32) / largest, np.float32(-1.0))
