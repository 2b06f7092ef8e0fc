"""UsdLux lights as rows of the light table, in radiance per UsdLux's own rules.

L = color * intensity * 2^exposure * (blackbody where enabled), divided by the light's area in world space
where ``normalize`` asks for it. A distant light without an angle has irradiance L.
"""

# usd-core has no type stubs, and fills its modules when they are imported.
# pyright: reportAttributeAccessIssue=false

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from pxr import Sdf, Usd, UsdGeom, UsdLux

from node_agent.kernels.pathtracer import scene as s
from node_agent.kernels.pathtracer.texture_files import TextureAsk, TextureTable
from node_agent.kernels.pathtracer.usd_light_groups import LightGroups
from node_agent.kernels.pathtracer.usd_materials import as_numbers

Matrix = NDArray[np.floating]
Row = tuple[int, list[float], NDArray[np.floating], int]
"""(kind, params, radiance (3,), row of ``textures`` or -1)."""

POINT_SHARE = 1e-3
"""The radius of a light that is treated as a point, as a share of its own: small, and still a shape."""
RADIANCE_MAX = 1e12
UNRENDERED = {
    "CylinderLight": "cylinder lights",
    "GeometryLight": "geometry lights (use an emissive material)",
    "PortalLight": "portal lights",
    "PluginLight": "plug-in lights",
}


@dataclass(slots=True)
class LightTable:
    """The lights of one scene. ``rows`` has those of USD; emissive triangles are added by ``usd_pack``."""

    textures: TextureTable
    stage_up: str
    time: Usd.TimeCode
    warn: Callable[[str], None]
    groups: LightGroups
    rows: list[Row] = field(default_factory=list)
    row_groups: list[int] = field(default_factory=list[int])
    """The group of each row."""

    def add(self, prim: Usd.Prim, matrix: Matrix) -> None:
        """Add one light at ``matrix`` (4, 4), row vectors; a light that gives nothing is left out."""
        kind = str(prim.GetTypeName())
        if kind in UNRENDERED or kind not in _SHAPES:
            self.warn(f"{prim.GetPath()}: {UNRENDERED.get(kind, kind)} are not rendered.")
            return
        self._warn_of_extras(prim)
        colour = emitted(prim, self.time)
        if colour is None or not np.isfinite(matrix).all():
            self.warn(f"{prim.GetPath()} has a value that is no number; it is left out.")
        elif colour.max() > 0:
            row = _SHAPES[kind](self, prim, matrix, colour)
            if row is None:
                self.warn(f"{prim.GetPath()} has no size; it is left out.")
            else:
                self.put(row, self.groups.number(prim, self.time))

    def put(self, row: Row, group: int = 0) -> None:
        """Add a row of a group."""
        self.rows.append(row)
        self.row_groups.append(group)

    def number(self, prim: Usd.Prim, name: str, default: float) -> float:
        """An input of a light; ``default`` where it is missing."""
        return (as_numbers(prim.GetAttribute(f"inputs:{name}").Get(self.time), 1) or (default,))[0]

    def is_on(self, prim: Usd.Prim, name: str) -> bool:
        """A switch of a light."""
        return bool(prim.GetAttribute(name).Get(self.time))

    def _warn_of_extras(self, prim: Usd.Prim) -> None:
        """Say what this renderer does not do with the light."""
        path = prim.GetPath()
        if self.number(prim, "shaping:cone:angle", 90.0) < 90.0 or (
            self.number(prim, "shaping:focus", 0.0) > 0
        ):
            self.warn(
                f"{path} is shaped like a spotlight, which is not rendered; it shines all round."
            )
        if prim.GetAttribute("inputs:shaping:ies:file").Get(self.time):
            self.warn(f"{path} has an IES profile, which is not rendered.")
        if prim.GetRelationship("light:filters").GetTargets():
            self.warn(f"{path} has light filters, which are not rendered.")
        linked = prim.GetRelationship("collection:lightLink:includes")
        if linked and linked.GetTargets():
            self.warn(f"{path} is linked to some objects only; it lights all.")

    def rect(self, prim: Usd.Prim, matrix: Matrix, colour: Matrix) -> Row | None:
        """A rectangle in XY that shines along -Z."""
        if prim.GetAttribute("inputs:texture:file").Get(self.time):
            self.warn(f"{prim.GetPath()} has a texture, which is not rendered; it shines evenly.")
        width, height = self.number(prim, "width", 1.0), self.number(prim, "height", 1.0)
        return self._flat(prim, matrix, colour, s.LIGHT_RECT, (width / 2, height / 2), 4.0)

    def disk(self, prim: Usd.Prim, matrix: Matrix, colour: Matrix) -> Row | None:
        """A disk in XY that shines along -Z."""
        radius = self.number(prim, "radius", 0.5)
        return self._flat(prim, matrix, colour, s.LIGHT_DISK, (radius, radius), math.pi)

    def _flat(
        self,
        prim: Usd.Prim,
        matrix: Matrix,
        colour: Matrix,
        kind: int,
        half: tuple[float, float],
        area_of_unit: float,
    ) -> Row | None:
        u, v = half[0] * matrix[0, :3], half[1] * matrix[1, :3]
        across = np.cross(u, v)
        area = area_of_unit * float(np.linalg.norm(across))
        if not area > 0:
            return None
        # -Z mapped by a mirroring transform may lie on the other side of u x v.
        facing = -1.0 if across @ matrix[2, :3] > 0 else 1.0
        normal = facing * across / np.linalg.norm(across)
        if self.is_on(prim, "inputs:normalize"):
            colour = colour / area
        return kind, [*matrix[3, :3], *u, *v, *normal, area], colour, -1

    def sphere(self, prim: Usd.Prim, matrix: Matrix, colour: Matrix) -> Row | None:
        """A sphere; a point is a sphere of the same power, too small to see."""
        scales = np.linalg.norm(matrix[:3, :3], axis=1)
        if scales.min() < 0.99 * scales.max():
            self.warn(f"{prim.GetPath()} is stretched; it is rendered as a sphere.")
        scale = float(abs(np.linalg.det(matrix[:3, :3]))) ** (1 / 3)
        radius = self.number(prim, "radius", 0.5) * scale
        if radius <= 0:
            # Only a normalised light of no size has a power.
            if not self.is_on(prim, "inputs:normalize") or scale <= 0:
                return None
            radius = POINT_SHARE * scale
        if self.is_on(prim, "inputs:normalize"):
            colour = colour / (4 * math.pi * radius**2)
        if self.is_on(prim, "treatAsPoint"):
            radius, colour = radius * POINT_SHARE, colour / POINT_SHARE**2
        return s.LIGHT_SPHERE, [*matrix[3, :3], radius], colour, -1

    def distant(self, prim: Usd.Prim, matrix: Matrix, colour: Matrix) -> Row | None:
        """A sun that shines along -Z."""
        towards = matrix[2, :3]
        length = float(np.linalg.norm(towards))
        if not length > 0:
            return None
        angle = min(max(self.number(prim, "angle", 0.53), 0.0), 180.0)
        half = math.radians(angle) / 2
        facing = math.pi * math.sin(half) ** 2
        if self.is_on(prim, "inputs:normalize") and facing > 0:
            colour = colour / facing
        # 1 - cos of the sun's half angle has two digits left in float32: what is lost goes to the radiance.
        kept = 1.0 - float(np.float32(math.cos(half)))
        if half > 0:
            colour = colour * ((1 - math.cos(half)) / kept if kept > 0 else facing)
        return s.LIGHT_DISTANT, [*(towards / length), 1.0 - kept], colour, -1

    def dome(self, prim: Usd.Prim, matrix: Matrix, colour: Matrix) -> Row | None:
        """The sky, with a latitude-longitude image or without."""
        rotation = matrix[:3, :3] / np.maximum(
            np.linalg.norm(matrix[:3, :3], axis=1, keepdims=True), 1e-30
        )
        pole = str(prim.GetAttribute("poleAxis").Get() or "Y")
        if pole == "Z" or (pole == "scene" and self.stage_up == "Z"):
            # The image's top, +Y, goes to +Z: local rows after a quarter turn about X.
            rotation = np.array([[1.0, 0, 0], [0, 0, 1.0], [0, -1.0, 0]]) @ rotation
        image = self._dome_image(prim)
        # Row vectors: d_dome = d_world @ rotation^-1, and the inverse of a rotation is its transpose.
        return s.LIGHT_DOME, list(rotation.ravel()), colour, image

    def _dome_image(self, prim: Usd.Prim) -> int:
        asset = prim.GetAttribute("inputs:texture:file").Get(self.time)
        if not isinstance(asset, Sdf.AssetPath) or not asset.path:
            return -1
        layout = str(prim.GetAttribute("inputs:texture:format").Get(self.time) or "automatic")
        if layout not in ("automatic", "latlong"):
            self.warn(f"{prim.GetPath()} has an image laid out as {layout}; it is read as latlong.")
        ask = TextureAsk(asset.resolvedPath or asset.path, wrap_t="clamp")
        row = self.textures.row(ask)
        return -1 if row is None else row


_SHAPES = {
    "RectLight": LightTable.rect,
    "DiskLight": LightTable.disk,
    "SphereLight": LightTable.sphere,
    "DistantLight": LightTable.distant,
    "DomeLight": LightTable.dome,
    "DomeLight_1": LightTable.dome,
}


def emitted(prim: Usd.Prim, time: Usd.TimeCode) -> NDArray[np.float64] | None:
    """(3,) colour * intensity * 2^exposure and temperature, never negative; None for what is no number."""
    light = UsdLux.LightAPI(prim)
    colour = as_numbers(light.GetColorAttr().Get(time), 3)
    intensity = as_numbers(light.GetIntensityAttr().Get(time), 1)
    stops = as_numbers(light.GetExposureAttr().Get(time), 1)
    if colour is None or intensity is None or stops is None:
        return None
    value = np.array(colour) * intensity[0] * 2.0 ** min(stops[0], 60.0)
    if light.GetEnableColorTemperatureAttr().Get(time):
        kelvin = as_numbers(light.GetColorTemperatureAttr().Get(time), 1) or (6500.0,)
        value = value * np.array(UsdLux.BlackbodyTemperatureAsRgb(kelvin[0]))
    return np.clip(value, 0.0, RADIANCE_MAX)


def stage_up_axis(stage: Usd.Stage) -> str:
    """'Y' or 'Z'."""
    return str(UsdGeom.GetStageUpAxis(stage))


SOFT_SKY = (64, 32)
"""Width and height of the stand-in sky."""


def soft_sky() -> NDArray[np.float32]:
    """(32, 64, 4): what lights a scene that has no lights: a grey dome, brighter above, one soft key."""
    width, height = SOFT_SKY
    latitude = ((np.arange(height) + 0.5) / height - 0.5) * np.pi
    longitude = (0.5 - (np.arange(width) + 0.5) / width) * 2 * np.pi
    above = np.sin(latitude)[:, None]
    level = 0.35 + 0.35 * np.clip(above, 0, 1) - 0.15 * np.clip(-above, 0, 1)
    # From the left front, 40 degrees up, for a camera that looks along -Z.
    key = np.array([-0.55, 0.64, 0.54])
    cosine = np.cos(latitude)[:, None]
    direction = [cosine * np.sin(longitude), above + 0 * longitude, cosine * np.cos(longitude)]
    toward = sum(k * d for k, d in zip(key, direction, strict=True))
    level = level + 4.0 * np.clip((toward - 0.7) / 0.3, 0, 1) ** 2
    return np.dstack([level] * 3 + [np.ones_like(level)]).astype(np.float32)
