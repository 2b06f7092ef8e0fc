"""UsdPreviewSurface networks as rows of the material table.

A value may come straight, by way of a material's interface, from a UsdUVTexture, or from a primvar reader.
Textures of one material share one set of texture coordinates here: the base colour's, else the first found.
"""

# usd-core has no type stubs, and fills its modules when they are imported.
# pyright: reportAttributeAccessIssue=false

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from pxr import Sdf, Usd, UsdShade

from node_agent.kernels.pathtracer import scene as s
from node_agent.kernels.pathtracer.texture_files import UDIM, TextureAsk, TextureTable
from node_agent.kernels.pathtracer.usd_light_groups import LightGroups

PREVIEW = ("UsdPreviewSurface", "ND_UsdPreviewSurface_surfaceshader")
TEXTURE = ("UsdUVTexture", "ND_UsdUVTexture", "ND_UsdUVTexture_23")
READERS = ("UsdPrimvarReader_float2", "ND_UsdPrimvarReader_vector2", "ND_geompropvalue_vector2")
DISPLAY_COLOUR = ("displayColor", "primvars:displayColor")
IGNORED = {"displacement": 0.0}
"""Inputs that are not rendered, with the value at which they ask for nothing. ``occlusion`` is absent on
purpose: a path tracer finds its own."""
GREY = 0.18

DEFAULTS = {
    "diffuseColor": (GREY, GREY, GREY),
    "emissiveColor": (0.0, 0.0, 0.0),
    "specularColor": (0.0, 0.0, 0.0),
    "metallic": 0.0,
    "roughness": 0.5,
    "ior": 1.5,
    "clearcoat": 0.0,
    "clearcoatRoughness": 0.01,
    "transmission": 0.0,
    "thin": 0.0,
    "opacity": 1.0,
    "opacityThreshold": 0.0,
    "useSpecularWorkflow": 0,
}
"""UsdPreviewSurface's own fallbacks."""
SLOTS = {
    "diffuseColor": s.TEX_BASE,
    "metallic": s.TEX_METALLIC,
    "roughness": s.TEX_ROUGHNESS,
    "emissiveColor": s.TEX_EMIT,
    "normal": s.TEX_NORMAL,
    "opacity": s.TEX_OPACITY,
}
COLUMNS = {
    "diffuseColor": s.BASE_R,
    "metallic": s.METALLIC,
    "roughness": s.ROUGHNESS,
    "emissiveColor": s.EMIT_R,
    "ior": s.IOR,
    "clearcoat": s.COAT,
    "clearcoatRoughness": s.COAT_ROUGHNESS,
    "transmission": s.TRANSMISSION,
    "thin": s.THIN,
    "opacity": s.OPACITY,
    "specularColor": s.SPECULAR_R,
    "useSpecularWorkflow": s.USE_SPECULAR,
    "opacityThreshold": s.OPACITY_THRESHOLD,
}


@dataclass(frozen=True, slots=True)
class UvUse:
    """Which texture coordinates a material reads, and what it does to them."""

    name: str | None = None
    """Primvar; None takes the mesh's own."""
    matrix: tuple[float, ...] = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
    """(a, b, c, d, e, f): u' = a u + b v + e, v' = c u + d v + f."""


@dataclass(frozen=True, slots=True)
class Look:
    """One material as meshes use it."""

    row: int
    uv: UvUse = UvUse()
    shows_display_colour: bool = False
    """The base colour is the mesh's ``displayColor``."""


@dataclass(slots=True)
class _Draft:
    """A material in the making."""

    values: NDArray[np.float32]
    textures: NDArray[np.int32]
    uvs: dict[str, UvUse] = field(default_factory=dict)
    shows_display_colour: bool = False


class MaterialTable:
    """All materials of one scene, each row once."""

    def __init__(
        self,
        textures: TextureTable,
        time: Usd.TimeCode,
        warn: Callable[[str], None],
        groups: LightGroups,
    ) -> None:
        self._textures, self._time, self._warn = textures, time, warn
        self.groups = groups
        self.values: list[NDArray[np.float32]] = []
        """Rows of ``scene.MATERIAL_WIDTH``."""
        self.slots: list[NDArray[np.int32]] = []
        """Rows of ``scene.TEXTURE_SLOTS``."""
        self.names: list[str] = []
        """What each row is called: its material's path."""
        self._looks: dict[object, Look] = {}

    def look(self, material: UsdShade.Material | None) -> Look:
        """The look of a bound material; of None, or one that cannot be read, the mesh's displayColor."""
        key = str(material.GetPath()) if material else ""
        if key not in self._looks:
            self._looks[key] = self._read(material)
        return self._looks[key]

    def with_colour(
        self, look: Look, colour: tuple[float, ...], opacity: float, texture: int = -1
    ) -> int:
        """A row like ``look`` with a base colour, or a texture of it, and an opacity of the mesh's own."""
        key = (look.row, colour, opacity, texture)
        if key not in self._looks:
            values, slots = self.values[look.row].copy(), self.slots[look.row].copy()
            values[s.BASE_R : s.BASE_B + 1] = colour
            if opacity < 1.0:
                values[s.OPACITY] = opacity
            slots[s.TEX_BASE] = texture
            self._looks[key] = Look(self._add(values, slots, self.names[look.row]))
        return self._looks[key].row

    def _add(self, values: NDArray[np.float32], slots: NDArray[np.int32], name: str) -> int:
        self.values.append(values)
        self.slots.append(slots)
        self.names.append(name)
        return len(self.values) - 1

    def _read(self, material: UsdShade.Material | None) -> Look:
        draft = _Draft(_default_row(), np.full(s.TEXTURE_SLOTS, -1, np.int32))
        surface = self._surface(material) if material else None
        if surface is None:
            draft.shows_display_colour = True
        else:
            self._fill(draft, surface)
            draft.values[s.GROUP] = self.groups.number(surface.GetPrim(), self._time)
        uv = draft.uvs.get("diffuseColor") or next(iter(draft.uvs.values()), UvUse())
        if material and any(other != uv for other in draft.uvs.values()):
            self._warn(
                f"{material.GetPath()} lays its textures out in several ways; all follow one."
            )
        name = str(material.GetPath()) if material else "default"
        row = self._add(draft.values, draft.textures, name)
        return Look(row, uv, draft.shows_display_colour)

    def _surface(self, material: UsdShade.Material) -> UsdShade.Shader | None:
        """The preview surface of a material; None, and a warning, where it has another kind."""
        for context in (UsdShade.Tokens.universalRenderContext, "mtlx"):
            shader, _, _ = material.ComputeSurfaceSource(context)
            if shader and shader.GetShaderId() in PREVIEW:
                return shader
        kind = shader.GetShaderId() if shader else ""
        what = f"is made with {kind}" if kind else "has no surface that can be read here"
        self._warn(
            f"The material {material.GetPath()} {what}, not UsdPreviewSurface; the mesh's "
            "displayColor stands in."
        )
        return None

    def _fill(self, draft: _Draft, surface: UsdShade.Shader) -> None:
        for name, column in COLUMNS.items():
            self._put(draft, surface, name, column, DEFAULTS[name])
        self._put(draft, surface, "normal", None, (0.0, 0.0, 1.0))
        for name, nothing in IGNORED.items():
            source = _source(surface.GetInput(name))
            if source and (source[1] is not None or _differs(source[0], self._time, nothing)):
                where = surface.GetPath().GetParentPath()
                self._warn(f"{where} asks for {name}, which is not rendered.")

    def _put(
        self,
        draft: _Draft,
        surface: UsdShade.Shader,
        name: str,
        column: int | None,
        default: object,
    ) -> None:
        """Fill one input: its constant into ``column``, its texture into its slot."""
        width = len(default) if isinstance(default, tuple) else 1
        value = default
        source = _source(surface.GetInput(name))
        if source and source[1] is None:
            value = source[0].Get(self._time)
        elif source:
            value = self._from_node(draft, surface, name, *source)
        row = as_numbers(value, width)
        if row is None:
            self._warn(f"{surface.GetPath()} has a {name} that is no number; it is not used.")
            row = as_numbers(default, width)
        if column is not None:
            draft.values[column : column + width] = row

    def _from_node(
        self,
        draft: _Draft,
        surface: UsdShade.Shader,
        name: str,
        output: Usd.Attribute,
        node: UsdShade.Shader,
    ) -> object:
        """What stands in the table where ``node`` feeds input ``name``; a texture is bound to its slot."""
        kind = node.GetShaderId()
        if kind in TEXTURE:
            return self._bind(draft, name, output, node)
        if name == "diffuseColor" and str(kind).startswith(("UsdPrimvarReader", "ND_geomprop")):
            fallback = node.GetInput("fallback")
            if _varname(node, self._time) in DISPLAY_COLOUR:
                draft.shows_display_colour = True
            else:
                self._warn(f"{node.GetPath()} reads a primvar for {name}; its fallback is used.")
            return (fallback.Get(self._time) if fallback else None) or DEFAULTS[name]
        self._warn(f"{surface.GetPath()} has its {name} from a {kind}, which is not rendered.")
        return DEFAULTS.get(name, (0.0, 0.0, 1.0))

    def _bind(
        self, draft: _Draft, name: str, output: Usd.Attribute, node: UsdShade.Shader
    ) -> object:
        """Bind a UsdUVTexture; return the constant that stands in where it cannot be read."""
        fallback = _value(node, "fallback", self._time)
        default = DEFAULTS.get(name, (0.0, 0.0, 1.0))
        channel = output.GetName().split(":")[-1]
        width = len(default) if isinstance(default, tuple) else 1
        stand_in = _chosen(fallback, channel, width) if fallback is not None else default
        if name not in SLOTS:
            self._warn(f"{node.GetPath()} textures {name}, which is not rendered.")
            return stand_in
        row = self._textures.row(self._ask(node, name, channel, width))
        if row is not None:
            draft.textures[SLOTS[name]] = row
            draft.uvs[name] = self._uv(node)
        return stand_in

    def _ask(self, node: UsdShade.Shader, name: str, channel: str, width: int) -> TextureAsk:
        time = self._time
        space = str(_value(node, "sourceColorSpace", time) or "auto")
        scale = as_numbers(_value(node, "scale", time), 4)
        bias = as_numbers(_value(node, "bias", time), 4)
        if name == "normal":
            # No normal map is meant in sRGB, and without scale and bias it would point nowhere.
            space = "raw"
            if scale is None and bias is None:
                scale, bias = (2.0,) * 4, (-1.0,) * 4
        return TextureAsk(
            path=self._path(node),
            channel="rgb" if width == 3 else channel if channel in "rgba" else "r",
            colour_space=space,
            scale=scale or (1.0,) * 4,
            bias=bias or (0.0,) * 4,
            # The default, useMetadata, would mean black beyond the edge of most files; nobody wants that.
            wrap_s=str(_value(node, "wrapS", time) or "repeat"),
            wrap_t=str(_value(node, "wrapT", time) or "repeat"),
        )

    def _path(self, node: UsdShade.Shader) -> str:
        """The resolved path of a texture's file; unresolved where it does not exist, for the warning."""
        asset = _value(node, "file", self._time)
        if not isinstance(asset, Sdf.AssetPath):
            return ""
        if UDIM in asset.path:
            layer = node.GetInput("file").GetAttr().GetPropertyStack()[0].layer
            return layer.ComputeAbsolutePath(asset.path)
        return asset.resolvedPath or asset.path

    def _uv(self, node: UsdShade.Shader) -> UvUse:
        """Where a texture's coordinates come from, through any UsdTransform2d."""
        matrix = np.eye(3)
        source = _source(node.GetInput("st")) or _source(node.GetInput("texcoord"))
        for _ in range(8):
            if not source or source[1] is None:
                return UvUse()
            shader = source[1]
            if shader.GetShaderId() in ("UsdTransform2d", "ND_place2d_vector2"):
                matrix = matrix @ _transform_2d(shader, self._time)
                source = _source(shader.GetInput("in")) or _source(shader.GetInput("texcoord"))
                continue
            if shader.GetShaderId() not in READERS:
                self._warn(f"{shader.GetPath()} makes texture coordinates in an unknown way.")
                return UvUse()
            name = _varname(shader, self._time).removeprefix("primvars:")
            return UvUse(name or None, tuple(float(x) for x in _flat(matrix)))
        return UvUse()


def _flat(matrix: NDArray) -> tuple[float, ...]:
    m = matrix
    return (m[0, 0], m[0, 1], m[1, 0], m[1, 1], m[0, 2], m[1, 2])


def _default_row() -> NDArray[np.float32]:
    row = np.zeros(s.MATERIAL_WIDTH, np.float32)
    for name, column in COLUMNS.items():
        numbers = np.atleast_1d(DEFAULTS[name])
        row[column : column + len(numbers)] = numbers
    return row


def as_numbers(value: object, width: int) -> tuple[float, ...] | None:
    """``width`` finite numbers of a scalar or vector; None for anything else."""
    try:
        numbers = np.array(value, np.float64).ravel()
    except (TypeError, ValueError):
        return None
    if len(numbers) != width or not np.isfinite(numbers).all():
        return None
    return tuple(float(number) for number in numbers)


def _chosen(fallback: object, channel: str, width: int) -> object:
    """The part of a texture's fallback (4 numbers) that an input takes."""
    numbers = as_numbers(fallback, 4)
    if numbers is None:
        return fallback
    return numbers[:3] if width == 3 else numbers[max("rgba".find(channel), 0)]


def _source(port: UsdShade.Input) -> tuple[Usd.Attribute, UsdShade.Shader | None] | None:
    """Where an input's value comes from: (attribute, None) for a value, (output, shader) for a node."""
    if not port:
        return None
    attributes = UsdShade.Utils.GetValueProducingAttributes(port)
    if not attributes:
        return None
    attribute = attributes[0]
    if UsdShade.Utils.GetType(attribute.GetName()) == UsdShade.AttributeType.Output:
        return attribute, UsdShade.Shader(attribute.GetPrim())
    return attribute, None


def _value(node: UsdShade.Shader, name: str, time: Usd.TimeCode) -> object:
    """An input's value, by way of any interface; None where it has none or is fed by a node."""
    source = _source(node.GetInput(name))
    return source[0].Get(time) if source and source[1] is None else None


def _varname(node: UsdShade.Shader, time: Usd.TimeCode) -> str:
    value = _value(node, "varname", time)
    return str((_value(node, "geomprop", time) if value is None else value) or "")


def _differs(attribute: Usd.Attribute, time: Usd.TimeCode, nothing: float) -> bool:
    numbers = as_numbers(attribute.Get(time), 1)
    return numbers is not None and numbers[0] != nothing


def _transform_2d(shader: UsdShade.Shader, time: Usd.TimeCode) -> NDArray[np.float64]:
    """(3, 3) of UsdTransform2d: scale, then rotation (degrees, counter-clockwise), then translation."""
    scale = as_numbers(_value(shader, "scale", time), 2) or (1.0, 1.0)
    turn = np.radians((as_numbers(_value(shader, "rotation", time), 1) or (0.0,))[0])
    shift = as_numbers(_value(shader, "translation", time), 2) or (0.0, 0.0)
    cosine, sine = np.cos(turn), np.sin(turn)
    matrix = np.eye(3)
    matrix[:2, :2] = np.array([[cosine, -sine], [sine, cosine]]) * scale
    matrix[:2, 2] = shift
    return matrix
