"""The packed scene: what the readers produce and the path tracer consumes, as flat arrays.

Every array is C-contiguous and goes to the GPU unchanged. World space, metres or whatever unit the
scene has, right-handed, Y or Z up as authored (nothing here cares). Colours are linear Rec.709.
Readers (USD, later glTF) live beside this file; no reader type appears here.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

F32 = NDArray[np.float32]
I32 = NDArray[np.int32]

# Columns of ``PackedScene.materials`` (n_materials, MATERIAL_WIDTH) float32.
BASE_R, BASE_G, BASE_B, METALLIC, ROUGHNESS, EMIT_R, EMIT_G, EMIT_B = range(8)
IOR, OPACITY, SPECULAR_R, SPECULAR_G, SPECULAR_B, USE_SPECULAR, OPACITY_THRESHOLD = range(8, 15)
TRANSMISSION, THIN, COAT, COAT_ROUGHNESS, GROUP = range(15, 20)
# TRANSMISSION: how much of what is not metal is glass, tinted by the base colour, with an inside unless it is THIN.
# GROUP: the number of the light group of what it emits.
MATERIAL_WIDTH = 20

# Columns of ``PackedScene.material_textures`` (n_materials, TEXTURE_SLOTS) int32: index into
# ``textures`` or -1. A texture value is multiplied by nothing: where a texture is bound it replaces
# the constant (UsdPreviewSurface's rule), after its own scale and bias.
TEX_BASE, TEX_METALLIC, TEX_ROUGHNESS, TEX_EMIT, TEX_NORMAL, TEX_OPACITY = range(6)
TEXTURE_SLOTS = 6

# Columns of ``PackedScene.textures`` (n_textures, TEXTURE_WIDTH) int32.
TEX_LEVEL, TEX_LEVELS, TEX_FORMAT, TEX_CURVE, TEX_CHANNEL, TEX_WRAP_S, TEX_WRAP_T = range(7)
TEX_TILES_S, TEX_TILES_T = 7, 8
TEXTURE_WIDTH = 9
# TEX_LEVEL: the row of ``levels`` of the finest level; the next TEX_LEVELS - 1 rows are coarser and coarser. No
# level: black. TEX_CURVE: what the colours of bytes mean. TEX_CHANNEL: -1 = rgb, 0..3 = that channel as a scalar.
# Wrap: 0 repeat, 1 clamp, 2 mirror, 3 black. TEX_TILES_*: where they are not 0, the next TILES_S x TILES_T rows
# are the textures of the unit squares from (0, 0) on, to the right and then up (UDIM), and this row has none.
FORMAT_GREY8, FORMAT_RGBA8, FORMAT_RGBA16, FORMAT_HALF, FORMAT_FLOAT = range(5)
CURVE_PLAIN, CURVE_SRGB = range(2)
# Columns of ``PackedScene.levels`` (n_levels, LEVEL_WIDTH) int32: the first word in ``texels``, and the size.
LEVEL_OFFSET, LEVEL_W, LEVEL_H = range(3)
LEVEL_WIDTH = 3
# ``texels``: 32-bit words of tiles, see ``mipmaps``; rows from the BOTTOM (v = 0 first).

# Light kinds, ``light_kinds`` (n_lights,) int32.
LIGHT_RECT, LIGHT_SPHERE, LIGHT_DISTANT, LIGHT_DOME, LIGHT_DISK, LIGHT_TRIANGLE = range(6)
# ``light_params`` (n_lights, LIGHT_WIDTH) float32:
#   rect:     centre xyz, half-edge u xyz, half-edge v xyz, unit normal xyz (emits on this side), area
#   disk:     like rect with u and v the two radii vectors
#   sphere:   centre xyz, radius
#   distant:  unit direction towards the light xyz, cosine of the half angle (1 = delta)
#   dome:     world-to-dome rotation, 9 floats row-major (columns 0..8); texture in ``light_textures``
#   triangle: nothing; which triangle it is says ``light_index``
# ``light_radiance`` (n_lights, 3): emitted radiance (distant with zero angle: irradiance).
LIGHT_WIDTH = 13
REST = "rest"
MOST_GROUPS = 16
"""Light groups, REST among them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PackedCamera:
    """A thin-lens camera. ``to_world`` maps camera space (x right, y up, looks along -z) to world."""

    to_world: F32
    """(4, 4) float32, column vectors (p_world = to_world @ [p, 1]), where the shutter opens."""
    tan_half_width: float
    tan_half_height: float
    """Before fitting to the image's aspect; the renderer keeps the horizontal field of view."""
    shift_x: float = 0.0
    shift_y: float = 0.0
    lens_radius: float = 0.0
    focus_distance: float = 1.0
    to_world_close: F32 | None = None
    """The same where it closes; None for a camera that stands still meanwhile."""
    near: float = 1e-4
    far: float = 1e30


@dataclass(frozen=True, slots=True)
class Names:
    """What a compositor calls the things of a scene; they decide no pixel of the beauty."""

    object_starts: I32 = field(default_factory=lambda: np.zeros(1, np.int32))
    """(n_objects,) first triangle of each object; rising."""
    objects: tuple[str, ...] = ("scene",)
    materials: tuple[str, ...] = ()
    """A name for each row of ``materials``; several rows may have the same."""
    light_groups: tuple[str, ...] = (REST,)
    """The names of the light groups by their numbers; the first is of all lights without a group."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PackedScene:
    """All of one frame's geometry, materials, textures and lights, in world space but for ``meshes``."""

    positions: F32
    """(n_vertices, 3)."""
    triangles: I32
    """(n_triangles, 3) vertex indices, counter-clockwise seen from outside."""
    corner_normals: F32
    """(n_triangles, 3, 3) unit shading normals; equal to the face normal where the mesh is faceted."""
    corner_uvs: F32
    """(n_triangles, 3, 2); zero where the mesh has none."""
    triangle_materials: I32
    """(n_triangles,) row of ``materials``."""
    materials: F32
    material_textures: I32
    textures: I32
    texture_scales: F32
    """(n_textures, 8): what RGBA is multiplied by, and what is added to it then."""
    levels: I32
    texels: NDArray[np.uint32]
    light_kinds: I32
    light_params: F32
    light_radiance: F32
    light_textures: I32
    """(n_lights,) row of ``textures`` for a textured dome (lat-long), or -1."""
    light_index: I32
    """(n_lights,) triangle for LIGHT_TRIANGLE, one in world space that does not move; else -1."""
    camera: PackedCamera
    light_groups: I32 = field(default_factory=lambda: np.zeros(0, np.int32))
    """(n_lights,) the number of the light's group, 0 or above; empty where all are of group 0."""
    meshes: I32 = field(default_factory=lambda: np.zeros(0, np.int32))
    """(n_meshes,) first triangle of each mesh that is drawn by instances alone, in its own space; rising.
    What comes before the first is in world space, and drawn once."""
    instance_meshes: I32 = field(default_factory=lambda: np.zeros(0, np.int32))
    """(n_instances,) row of ``meshes``."""
    instance_places: F32 = field(default_factory=lambda: np.zeros((0, 3, 4), np.float32))
    """(n_instances, 3, 4) p_world = M[:, :3] @ p + M[:, 3], where the shutter opens."""
    instance_places_close: F32 = field(default_factory=lambda: np.zeros((0, 3, 4), np.float32))
    """The same where it closes; empty where no instance moves meanwhile."""
    positions_close: F32 = field(default_factory=lambda: np.zeros((0, 3), np.float32))
    """(n_vertices, 3) where the shutter closes; empty where no vertex moves of itself."""
    names: Names = field(default_factory=Names)
    frames_per_second: float = 24.0
    """Of the scene's time codes."""
    digest: str = ""
    """SHA-256 over everything above but the names and that rate; a checkpoint of another digest is refused."""
    warnings: tuple[str, ...] = field(default_factory=tuple)
    """What the file asked for and this renderer does not do, each a sentence, each once."""
