"""glTF materials as UsdPreviewSurface networks, and the images that they use as files.

Source: glTF 2.0 specification, 3.9 (materials) and appendix B; the KHR_materials extensions' own texts.
What UsdPreviewSurface or this renderer does not have is named in a warning, once.
"""

# usd-core has no type stubs, and fills its modules when they are imported.
# pyright: reportAttributeAccessIssue=false

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pxr import Gf, Sdf, Usd, UsdShade

from node_agent.kernels.pathtracer.gltf_file import GltfFile, Material, Sampler, TextureInfo
from node_agent.kernels.pathtracer.usd_light_groups import mark_group

Layouts = dict[str, tuple[int, NDArray[np.float64]]]
"""Primvar name: (number of the TEXCOORD set, (3, 3) matrix on glTF's own coordinates)."""

WRAPS = {33071: "clamp", 33648: "mirror", 10497: "repeat"}
SUFFIXES = {
    "image/png": ".png",
    "image/jpeg": ".jpg",
    "image/webp": ".webp",
    "image/vnd.radiance": ".hdr",
}
UNRENDERED = {
    "KHR_materials_anisotropy": "anisotropy",
    "KHR_materials_dispersion": "dispersion",
    "KHR_materials_iridescence": "iridescence",
    "KHR_materials_sheen": "sheen",
    "KHR_materials_specular": "specular colour",
}
CLEARCOAT, TRANSMISSION = "KHR_materials_clearcoat", "KHR_materials_transmission"
VOLUME = "KHR_materials_volume"
KNOWN = {
    CLEARCOAT,
    TRANSMISSION,
    VOLUME,
    "KHR_materials_emissive_strength",
    "KHR_materials_ior",
    "KHR_materials_unlit",
}
VALUE = {
    1: Sdf.ValueTypeNames.Float,
    3: Sdf.ValueTypeNames.Color3f,
    4: Sdf.ValueTypeNames.Float4,
}


class GltfMaterials:
    """Makes each material on the stage when the first primitive asks for it."""

    def __init__(
        self, file: GltfFile, stage: Usd.Stage, folder: Path, warn: Callable[[str], None]
    ) -> None:
        self._file, self._stage, self._folder, self._warn = file, stage, folder, warn
        self._made: dict[int | None, tuple[UsdShade.Material, Layouts]] = {}
        self._images: dict[int, str] = {}

    def tell(self, what: str) -> None:
        """Say that something of this file is not rendered."""
        self._warn(f"{self._file.path.name}: {what} are not rendered.")

    def bound(self, index: int | None) -> tuple[UsdShade.Material, Layouts]:
        """The material of a primitive, glTF's default for None, and the coordinates that it reads."""
        if index not in self._made:
            described = (
                Material()
                if index is None
                else self._file.item(self._file.doc.materials, index, "material")
            )
            path = f"/materials/material_{'default' if index is None else index}"
            self._made[index] = self._make(path, described)
        return self._made[index]

    def _make(self, path: str, described: Material) -> tuple[UsdShade.Material, Layouts]:
        material = UsdShade.Material.Define(self._stage, path)
        surface = UsdShade.Shader.Define(self._stage, f"{path}/surface")
        surface.CreateIdAttr("UsdPreviewSurface")
        material.CreateSurfaceOutput().ConnectToSource(surface.ConnectableAPI(), "surface")
        maker = _Surface(self, surface, path)
        maker.fill(described)
        mark_group(material.GetPrim(), described.extras)
        for extension in sorted(described.extensions.keys() - KNOWN):
            what = UNRENDERED.get(extension, extension)
            self._warn(
                f"{self._file.path.name}: the material {described.name or path} asks for {what}, "
                "which is not rendered."
            )
        return material, maker.layouts

    def image(self, info: TextureInfo) -> tuple[str, Sampler] | None:
        """(file, sampler) of a texture; None, and a warning, where it has no image that can be read."""
        doc = self._file.doc
        texture = self._file.item(doc.textures, info.index, "texture")
        source = texture.source
        webp = texture.extensions.get("EXT_texture_webp")
        if isinstance(webp, dict) and isinstance(webp.get("source"), int):
            source = webp["source"]
        if source is None:
            self._warn(f"{self._file.path.name} has a texture without an image that can be read.")
            return None
        sampler = (
            Sampler()
            if texture.sampler is None
            else self._file.item(doc.samplers, texture.sampler, "sampler")
        )
        if source not in self._images:
            self._images[source] = self._image_file(source)
        return self._images[source], sampler

    def _image_file(self, index: int) -> str:
        image = self._file.item(self._file.doc.images, index, "image")
        if image.buffer_view is None and not image.uri.startswith("data:"):
            return str(self._file.beside(image.uri))
        if image.buffer_view is not None:
            data, kind = bytes(self._file.view_bytes(image.buffer_view)), image.mime_type
        else:
            data, kind = self._file.uri_bytes(image.uri), image.uri[5:].partition(";")[0]
        path = self._folder / f"image_{index}{SUFFIXES.get(kind, '.png')}"
        path.write_bytes(data)
        return str(path)


class _Surface:
    """One preview surface while it is filled."""

    def __init__(self, owner: GltfMaterials, surface: UsdShade.Shader, path: str) -> None:
        self._owner, self._surface, self._path = owner, surface, path
        self.layouts: Layouts = {}

    def fill(self, described: Material) -> None:
        """All inputs of a glTF material."""
        pbr, extensions = described.pbr_metallic_roughness, described.extensions
        base = pbr.base_color_factor
        if "KHR_materials_unlit" in extensions:
            self._colour("diffuseColor", (0.0, 0.0, 0.0), None)
            self._colour("emissiveColor", base[:3], pbr.base_color_texture)
            self._number("roughness", 1.0)
        else:
            self._colour("diffuseColor", base[:3], pbr.base_color_texture)
            packed = pbr.metallic_roughness_texture
            self._scalar("metallic", pbr.metallic_factor, packed, "b")
            self._scalar("roughness", pbr.roughness_factor, packed, "g")
            strength = _number_of(extensions, "KHR_materials_emissive_strength", "emissiveStrength")
            glow = [factor * strength for factor in described.emissive_factor]
            self._colour("emissiveColor", glow, described.emissive_texture)
            if described.normal_texture:
                self._normal(described.normal_texture)
        self._number("ior", _number_of(extensions, "KHR_materials_ior", "ior", 1.5))
        self._layers(extensions)
        self._alpha(described, base[3])

    def _layers(self, extensions: dict[str, object]) -> None:
        """Clear coat and glass; by their factors, and their textures are told of."""
        for extension, name, key in (
            (CLEARCOAT, "clearcoat", "clearcoatFactor"),
            (CLEARCOAT, "clearcoatRoughness", "clearcoatRoughnessFactor"),
            (TRANSMISSION, "transmission", "transmissionFactor"),
        ):
            if extension in extensions:
                self._number(name, _number_of(extensions, extension, key, 0.0))
        # Without a thickness glass has no inside: a pane of two faces that are modelled as one.
        if TRANSMISSION in extensions:
            thick = _number_of(extensions, VOLUME, "thicknessFactor", 0.0)
            self._number("thin", 0.0 if thick > 0 else 1.0)
        for extension in (CLEARCOAT, TRANSMISSION, VOLUME):
            said = extensions.get(extension)
            if isinstance(said, dict) and any(key.endswith("Texture") for key in said):
                self._owner.tell(f"the textures of {extension}")

    def _alpha(self, described: Material, factor: float) -> None:
        if described.alpha_mode == "OPAQUE":
            return
        texture = described.pbr_metallic_roughness.base_color_texture
        self._scalar("opacity", factor, texture, "a")
        if described.alpha_mode == "MASK":
            self._number("opacityThreshold", max(described.alpha_cutoff, 1e-6))

    def _number(self, name: str, value: float) -> None:
        self._surface.CreateInput(name, VALUE[1]).Set(float(value))

    def _scalar(self, name: str, factor: float, info: TextureInfo | None, channel: str) -> None:
        port = self._surface.CreateInput(name, VALUE[1])
        node = self._texture(name, info, "raw", (factor,) * 4) if info and factor else None
        if node:
            port.ConnectToSource(node.CreateOutput(channel, VALUE[1]))
        else:
            port.Set(float(factor))

    def _colour(self, name: str, factor: Sequence[float], info: TextureInfo | None) -> None:
        port = self._surface.CreateInput(name, VALUE[3])
        node = self._texture(name, info, "sRGB", (*factor, 1.0)) if info and any(factor) else None
        if node:
            port.ConnectToSource(node.CreateOutput("rgb", VALUE[3]))
        else:
            port.Set(Gf.Vec3f(*map(float, factor)))

    def _normal(self, info: TextureInfo) -> None:
        s = info.scale
        node = self._texture("normal", info, "raw", (2 * s, 2 * s, 2, 1), (-s, -s, -1, 0))
        if node:
            port = self._surface.CreateInput("normal", Sdf.ValueTypeNames.Normal3f)
            port.ConnectToSource(node.CreateOutput("rgb", VALUE[3]))

    def _texture(
        self,
        name: str,
        info: TextureInfo,
        space: str,
        scale: Sequence[float],
        bias: Sequence[float] = (0.0, 0.0, 0.0, 0.0),
    ) -> UsdShade.Shader | None:
        found = self._owner.image(info)
        if not found:
            return None
        file, sampler = found
        node = UsdShade.Shader.Define(
            self._surface.GetPrim().GetStage(), f"{self._path}/{name}_texture"
        )
        node.CreateIdAttr("UsdUVTexture")
        node.CreateInput("file", Sdf.ValueTypeNames.Asset).Set(Sdf.AssetPath(file))
        node.CreateInput("sourceColorSpace", Sdf.ValueTypeNames.Token).Set(space)
        node.CreateInput("wrapS", Sdf.ValueTypeNames.Token).Set(WRAPS.get(sampler.wrap_s, "repeat"))
        node.CreateInput("wrapT", Sdf.ValueTypeNames.Token).Set(WRAPS.get(sampler.wrap_t, "repeat"))
        node.CreateInput("scale", VALUE[4]).Set(Gf.Vec4f(*map(float, scale)))
        node.CreateInput("bias", VALUE[4]).Set(Gf.Vec4f(*map(float, bias)))
        reader = UsdShade.Shader.Define(node.GetPrim().GetStage(), f"{node.GetPath()}/coordinates")
        reader.CreateIdAttr("UsdPrimvarReader_float2")
        reader.CreateInput("varname", Sdf.ValueTypeNames.String).Set(self._layout(info))
        node.CreateInput("st", Sdf.ValueTypeNames.Float2).ConnectToSource(
            reader.CreateOutput("result", Sdf.ValueTypeNames.Float2)
        )
        return node

    def _layout(self, info: TextureInfo) -> str:
        """The primvar of this texture's coordinates; uses with one transform share it."""
        transform = info.extensions.get("KHR_texture_transform")
        transform = transform if isinstance(transform, dict) else {}
        number = int(transform.get("texCoord", info.tex_coord))
        matrix = transform_2d(transform)
        for name, (known, placed) in self.layouts.items():
            if known == number and np.array_equal(placed, matrix):
                return name
        name = "st" if not self.layouts else f"st{len(self.layouts)}"
        self.layouts[name] = (number, matrix)
        return name


def transform_2d(transform: dict[str, object]) -> NDArray[np.float64]:
    """(3, 3) of KHR_texture_transform: scale, then a rotation, counter-clockwise as seen on the image, whose
    v runs down, then an offset."""
    scale = np.array(transform.get("scale", (1.0, 1.0)), np.float64)
    offset = np.array(transform.get("offset", (0.0, 0.0)), np.float64)
    turn = float(transform.get("rotation", 0.0))  # pyright: ignore[reportArgumentType]
    c, s = math.cos(turn), math.sin(turn)
    matrix = np.eye(3)
    matrix[:2, :2] = np.array([[c, s], [-s, c]]) * scale
    matrix[:2, 2] = offset
    return matrix


def _number_of(
    extensions: dict[str, object], extension: str, name: str, default: float = 1.0
) -> float:
    held = extensions.get(extension)
    value = held.get(name, default) if isinstance(held, dict) else default
    return float(value) if isinstance(value, (int, float)) else default
