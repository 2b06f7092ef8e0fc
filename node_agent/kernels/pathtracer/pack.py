"""From a ``PackedScene`` to the arrays that the compiled functions read: tree, light table, sky tables.

Called once a frame, in numpy but for the tree. Broken input (corners that are not finite, triangles
without area, indices out of range) is dropped or refused here, so that no kernel has to check.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numba import config
from numpy.typing import NDArray

from node_agent.kernels.interface import KernelRefusal
from node_agent.kernels.pathtracer import arrays as a
from node_agent.kernels.pathtracer import mipmaps
from node_agent.kernels.pathtracer import scene as s
from node_agent.kernels.pathtracer.albedo_table import albedo_tables
from node_agent.kernels.pathtracer.arrays import SceneArrays, Tables
from node_agent.kernels.pathtracer.footprint import SHARE
from node_agent.kernels.pathtracer.pack_lights import LightRows, finite
from node_agent.kernels.pathtracer.scene import PackedCamera, PackedScene
from node_agent.kernels.pathtracer.shapes import Shapes, packed_normals, shapes_of, writable
from node_agent.kernels.pathtracer.trees2 import build_trees2
from node_agent.kernels.pathtracer.trees8 import build_trees8
from node_agent.kernels.pathtracer.trees_kept import Keeper

F32 = NDArray[np.float32]
I32 = NDArray[np.int32]


def pack(
    packed: PackedScene,
    size: tuple[int, int],
    seed: int,
    max_depth: int,
    clamp: float,
    warn: Callable[[str], None],
    threads: int = 0,
    keeper: Keeper | None = None,
) -> SceneArrays:
    """Everything that one frame's kernels read. ``size``: (width, height) in pixels. ``threads``: of the CPU
    that is to render and that builds its eight-way tree by them; 0 for a GPU, which walks a two-way tree. ``keeper``: see ``trees8``."""
    check_indices(packed)
    shapes = shapes_of(packed, warn)
    tree = build_trees(shapes, threads, keeper)
    lights = LightRows(packed, shapes)
    pools = _Pools()
    pools.floats.append(_camera_row(packed.camera, size, clamp))
    pools.floats += [table.ravel() for table in albedo_tables()]
    pools.header[a.HAS_UVS] = (packed.material_textures >= 0).any()
    if pools.header[a.HAS_UVS]:
        pools.add_floats(a.AT_UVS, finite(packed.corner_uvs))
    ids = np.empty((len(packed.triangles), a.TRI_IDS_WIDTH), np.int32)
    ids[:, a.TRI_MATERIAL] = packed.triangle_materials
    ids[:, a.TRI_NORMALS :] = packed_normals(packed.corner_normals)
    pools.add_ints(a.AT_TRI_IDS, ids)
    pools.add_floats(a.AT_MATERIALS, finite(packed.materials))
    pools.add_ints(a.AT_SLOTS, packed.material_textures)
    pools.add_ints(a.AT_TEXTURES, lights.textures)
    pools.add_ints(a.AT_LEVELS, packed.levels)
    pools.add_floats(a.AT_SCALES, lights.scales)
    pools.add_floats(a.AT_CURVES, mipmaps.tables())
    # The skies come first: the lights' rows say where each begins.
    sky = pools.floats_used()
    pools.floats.append(lights.sky)
    lights.ids[:, a.SKY_START] += sky
    pools.add_floats(a.AT_LIGHTS, lights.table)
    pools.add_ints(a.AT_LIGHT_IDS, lights.ids)
    pools.add_floats(a.AT_LIGHT_CDF, lights.cdf)
    pools.add_ints(a.AT_PICKS, lights.picks)
    for nodes, place, links in (
        (lights.by_importance, a.AT_LIGHT_NODES, a.AT_LIGHT_LINKS),
        (lights.by_place, a.AT_SEEN_NODES, a.AT_SEEN_LINKS),
    ):
        pools.add_floats(place, nodes.floats)
        pools.add_ints(links, nodes.links)
    pools.header[a.N_PICKS] = len(lights.picks)
    pools.header[a.N_SEEN_NODES] = len(lights.by_place.links)
    pools.header[a.N_LOOPED] = lights.looped
    pools.header[[a.WIDTH, a.HEIGHT]] = size
    pools.header[a.SEED] = np.uint32(seed).view(np.int32)
    pools.header[a.MAX_DEPTH] = max_depth
    pools.header[a.N_LIGHTS] = len(lights.ids)
    pools.header[a.N_ANALYTIC] = int((lights.ids[:, a.KIND] != s.LIGHT_TRIANGLE).sum())
    pools.header[a.TRANSPARENT] = _is_transparent(packed)
    pools.header[a.MOTION] = _moves(packed, shapes)
    return SceneArrays(tree, pools.tables(writable(packed.texels, np.uint32)))


def build_trees(shapes: Shapes, threads: int, keeper: Keeper | None = None) -> Any:
    """A ``Tree8`` where the CPU is to walk it by ``threads``; a ``Tree`` for 0."""
    # Python itself, which the tests run this package by, has no vector operations.
    if threads > 0 and not config.DISABLE_JIT:  # pyright: ignore[reportAttributeAccessIssue]
        return build_trees8(shapes, threads, keeper)
    return build_trees2(shapes)


def _moves(packed: PackedScene, shapes: Shapes) -> bool:
    """Whether anything moves while the shutter is open."""
    camera = packed.camera.to_world_close is not None
    instances = shapes.places is not shapes.places_close
    return camera or instances or len(packed.positions_close) > 0


class _Pools:
    """The two pools while they are filled; see ``arrays``."""

    def __init__(self) -> None:
        self.header = np.zeros(a.HEADER_WIDTH, np.int32)
        self.floats: list[F32] = []
        self.ints: list[I32] = [self.header]

    def floats_used(self) -> int:
        """How many numbers there are so far."""
        return sum(map(len, self.floats))

    def add_floats(self, place: int, table: NDArray) -> None:
        """Append a table; the header's ``place`` says where it begins."""
        self.header[place] = _checked(self.floats_used())
        self.floats.append(_floats(table).ravel())

    def add_ints(self, place: int, table: NDArray) -> None:
        """Append a table; the header's ``place`` says where it begins."""
        self.header[place] = _checked(sum(map(len, self.ints)))
        self.ints.append(_ints(table).ravel())

    def tables(self, texels: NDArray[np.uint32]) -> Tables:
        """The finished pools."""
        floats, ints = np.concatenate(self.floats), np.concatenate(self.ints)
        _checked(len(floats))
        _checked(len(ints))
        return Tables(floats.astype(np.float32), ints.astype(np.int32), texels)


def _checked(count: int) -> int:
    """``count`` where 31 bits hold it."""
    if count >= 2**31:
        raise KernelRefusal("The scene is too large: its tables exceed 2^31 numbers.")
    return count


def _floats(array: NDArray) -> F32:
    """A writable, contiguous copy: to Numba a read-only array is another type."""
    return np.array(array, np.float32, order="C", copy=True)


def _ints(array: NDArray) -> I32:
    return np.array(array, np.int32, order="C", copy=True)


def check_indices(packed: PackedScene) -> None:
    """Refuse a scene in which an index points outside its table: the kernels would read anything."""
    triangles = len(packed.triangles)
    checks = (
        ("triangles", packed.triangles, 0, len(packed.positions)),
        ("triangle_materials", packed.triangle_materials, 0, len(packed.materials)),
        ("material_textures", packed.material_textures, -1, len(packed.textures)),
        ("light_textures", packed.light_textures, -1, len(packed.textures)),
        ("light_index", packed.light_index, -1, triangles),
        ("light_kinds", packed.light_kinds, 0, s.LIGHT_TRIANGLE + 1),
        ("meshes", packed.meshes, 0, triangles + 1),
        ("instance_meshes", packed.instance_meshes, 0, len(packed.meshes)),
    )
    for name, values, lowest, count in checks:
        if values.size and (values.min() < lowest or values.max() >= count):
            raise KernelRefusal(
                f"The scene's {name} holds an index outside {lowest} to {count - 1}."
            )
    lengths = {len(packed.corner_normals), len(packed.corner_uvs), len(packed.triangle_materials)}
    if lengths != {triangles}:
        raise KernelRefusal("The scene's triangle tables differ in length.")
    if len(packed.positions_close) not in (0, len(packed.positions)):
        raise KernelRefusal(
            "The scene has other positions where the shutter closes than where it opens."
        )
    if len(packed.light_groups) not in (0, len(packed.light_kinds)):
        raise KernelRefusal("The scene's light tables differ in length.")
    groups = len(packed.names.light_groups)
    of_materials = packed.materials[:, s.GROUP]
    for numbers in (packed.light_groups, of_materials):
        if numbers.size and not (numbers.min() >= 0 and numbers.max() < groups):
            raise KernelRefusal(f"The scene has a light of a group outside 0 to {groups - 1}.")
    if (np.diff(packed.meshes) < 0).any():
        raise KernelRefusal("The scene's meshes are not in the order of their triangles.")
    _check_textures(packed)


def _check_textures(packed: PackedScene) -> None:
    """Refuse textures whose levels or texels are not there."""
    textures, levels = packed.textures.astype(np.int64), packed.levels.astype(np.int64)
    if len(packed.texture_scales) != len(textures) or not np.isfinite(packed.texture_scales).all():
        raise KernelRefusal("The scene has a texture whose scale is no number.")
    first, count = textures[:, s.TEX_LEVEL], textures[:, s.TEX_LEVELS]
    if len(textures) and (
        textures[:, : s.TEX_CHANNEL].min() < 0 or (first + count).max() > len(levels)
    ):
        raise KernelRefusal("The scene has a texture whose levels are not there.")
    if len(levels) and (levels.min() < 0 or levels[:, s.LEVEL_W :].min() < 1):
        raise KernelRefusal("The scene has a texture of no size.")
    rows = np.arange(len(textures)) + textures[:, s.TEX_TILES_S] * textures[:, s.TEX_TILES_T]
    if len(textures) and (textures[:, s.TEX_TILES_S :].min() < 0 or rows.max() >= len(textures)):
        raise KernelRefusal("The scene has a texture of tiles that are not there.")
    for row in textures:
        for level in levels[row[s.TEX_LEVEL] : row[s.TEX_LEVEL] + row[s.TEX_LEVELS]]:
            if (
                not 0 <= row[s.TEX_FORMAT] <= s.FORMAT_FLOAT
                or not 0 <= row[s.TEX_CURVE] <= s.CURVE_SRGB
            ):
                raise KernelRefusal("The scene has a texture of an unknown format.")
            words = mipmaps.words_of(int(row[s.TEX_FORMAT]), int(level[1]), int(level[2]))
            if level[s.LEVEL_OFFSET] + words > len(packed.texels):
                raise KernelRefusal("The scene has a texture that ends behind its last texel.")


def _is_transparent(packed: PackedScene) -> bool:
    """Whether any material may let a ray through, which makes shadow rays look at each surface."""
    return bool(
        (packed.materials[:, s.OPACITY] < 1.0).any()
        or (packed.material_textures[:, s.TEX_OPACITY] >= 0).any()
    )


def _camera_row(camera: PackedCamera, size: tuple[int, int], clamp: float) -> F32:
    """The camera as ``arrays`` has it: the horizontal field of view stays, pixels are square."""
    row = np.zeros(a.CAMERA_WIDTH, np.float32)
    matrix = np.asarray(camera.to_world, np.float32)
    row[:9], row[9:12] = matrix[:3, :3].ravel(), matrix[:3, 3]
    if camera.to_world_close is not None:
        way = np.asarray(camera.to_world_close, np.float32) - matrix
        row[a.CAM_WAY : a.CAM_WAY + 9] = way[:3, :3].ravel()
        row[a.CAM_WAY + 9 : a.CAM_WAY + 12] = way[:3, 3]
    width, height = size
    row[a.CAM_TAN_X] = camera.tan_half_width
    row[a.CAM_TAN_Y] = camera.tan_half_width * height / width
    row[a.CAM_SHIFT_X], row[a.CAM_SHIFT_Y] = camera.shift_x, camera.shift_y
    row[a.CAM_LENS], row[a.CAM_FOCUS] = camera.lens_radius, camera.focus_distance
    row[a.CAM_SPREAD] = SHARE * 2.0 * abs(camera.tan_half_width) / width
    row[a.CAM_NEAR], row[a.CAM_FAR] = max(camera.near, 0.0), min(camera.far, 1e30)
    row[a.CLAMP] = clamp
    if not np.isfinite(row).all():
        raise KernelRefusal("The scene's camera has a value that is no finite number.")
    return row
