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
from node_agent.kernels.pathtracer import scene as s
from node_agent.kernels.pathtracer.albedo_table import albedo_table
from node_agent.kernels.pathtracer.arrays import SceneArrays, Tables, Tree
from node_agent.kernels.pathtracer.bvh8_build import build8
from node_agent.kernels.pathtracer.bvh_build import build
from node_agent.kernels.pathtracer.scene import PackedCamera, PackedScene
from node_agent.kernels.pathtracer.traverse8 import tree8

F32 = NDArray[np.float32]
I32 = NDArray[np.int32]
LUMINANCE = np.array([0.2126, 0.7152, 0.0722], np.float32)
LARGEST_COORDINATE = 1e12
"""Farther out, float32 squares come near their end."""
SKY_COLUMNS = 1024
"""A dome's image is sampled by blocks, so that the tables have at most about as many columns."""
UNIFORM_SHARE = 0.2
"""Of the light picks, spread evenly; the rest goes by power. Power alone starves the lamp on the desk."""


def pack(
    packed: PackedScene,
    size: tuple[int, int],
    seed: int,
    max_depth: int,
    clamp: float,
    warn: Callable[[str], None],
    threads: int = 0,
) -> SceneArrays:
    """Everything that one frame's kernels read. ``size``: (width, height) in pixels. ``threads``: of the CPU
    that is to render and that builds its eight-way tree by them; 0 for a GPU, which walks a two-way tree."""
    _check_indices(packed)
    kept = _usable_triangles(packed, warn)
    corners = packed.positions[packed.triangles[kept]].astype(np.float32)
    tree, order = build_tree(_edges(corners).reshape(-1, 9), threads)
    kept, corners = kept[order], corners[order]
    lights = _LightTable(packed, kept, corners)
    pools = _Pools()
    pools.floats.append(_camera_row(packed.camera, size, clamp))
    pools.floats.append(albedo_table().ravel())
    triangles = np.concatenate([_edges(corners).reshape(-1, 9), _shading(packed, kept)], axis=1)
    pools.add_floats(a.AT_TRIANGLES, triangles)
    ids = np.stack([packed.triangle_materials[kept], lights.of_triangle], axis=1)
    pools.add_ints(a.AT_TRI_IDS, ids)
    pools.add_floats(a.AT_MATERIALS, _finite(packed.materials))
    pools.add_ints(a.AT_SLOTS, packed.material_textures)
    pools.add_ints(a.AT_TEXTURES, lights.textures)
    # The skies come first: the lights' rows say where each begins.
    sky = pools.floats_used()
    pools.floats.append(lights.sky)
    lights.ids[:, a.SKY_START] += sky
    pools.add_floats(a.AT_LIGHTS, lights.table)
    pools.add_ints(a.AT_LIGHT_IDS, lights.ids)
    pools.add_floats(a.AT_LIGHT_CDF, lights.cdf)
    pools.header[[a.WIDTH, a.HEIGHT]] = size
    pools.header[a.SEED] = np.uint32(seed).view(np.int32)
    pools.header[a.MAX_DEPTH] = max_depth
    pools.header[a.N_LIGHTS] = len(lights.ids)
    pools.header[a.N_ANALYTIC] = int((lights.ids[:, a.KIND] != s.LIGHT_TRIANGLE).sum())
    pools.header[a.TRANSPARENT] = _is_transparent(packed)
    return SceneArrays(tree, pools.tables(_finite(packed.texels).ravel()))


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

    def tables(self, texels: F32) -> Tables:
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


def _finite(array: NDArray) -> F32:
    """A copy in which NaN is 0 and infinity is large: a broken texel must not blank its neighbours."""
    return np.nan_to_num(_floats(array), copy=False, nan=0.0, posinf=1e20, neginf=-1e20)


def _check_indices(packed: PackedScene) -> None:
    """Refuse a scene in which an index points outside its table: the kernels would read anything."""
    triangles = len(packed.triangles)
    checks = (
        ("triangles", packed.triangles, 0, len(packed.positions)),
        ("triangle_materials", packed.triangle_materials, 0, len(packed.materials)),
        ("triangle_lights", packed.triangle_lights, -1, len(packed.light_kinds)),
        ("material_textures", packed.material_textures, -1, len(packed.textures)),
        ("light_textures", packed.light_textures, -1, len(packed.textures)),
        ("light_index", packed.light_index, -1, triangles),
        ("light_kinds", packed.light_kinds, 0, s.LIGHT_TRIANGLE + 1),
    )
    for name, values, lowest, count in checks:
        if values.size and (values.min() < lowest or values.max() >= count):
            raise KernelRefusal(
                f"The scene's {name} holds an index outside {lowest} to {count - 1}."
            )
    lengths = {len(packed.corner_normals), len(packed.corner_uvs), len(packed.triangle_materials)}
    if lengths | {len(packed.triangle_lights)} != {triangles}:
        raise KernelRefusal("The scene's triangle tables differ in length.")
    for row in packed.textures:
        last = int(row[s.TEX_OFFSET]) + int(row[s.TEX_W]) * int(row[s.TEX_H])
        if row[: s.TEX_CHANNEL].min() < 0 or row[s.TEX_W] * row[s.TEX_H] == 0:
            raise KernelRefusal("The scene has a texture of no size.")
        if last > len(packed.texels):
            raise KernelRefusal("The scene has a texture that ends behind its last texel.")


def _usable_triangles(packed: PackedScene, warn: Callable[[str], None]) -> NDArray[np.intp]:
    """The triangles that have an area and finite corners; the others are told of, and dropped."""
    corners = packed.positions[packed.triangles].astype(np.float64)
    with np.errstate(invalid="ignore", over="ignore"):
        finite = (np.abs(corners) < LARGEST_COORDINATE).all(axis=(1, 2))
        normal = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
        usable = finite & ((normal.astype(np.float32) ** 2).sum(axis=1) > 0)
    if not finite.all():
        warn(f"{(~finite).sum()} triangles have corners that are no finite numbers; left out.")
    if (finite & ~usable).any():
        warn(f"{(finite & ~usable).sum()} triangles have no area; left out.")
    return np.flatnonzero(usable)


def build_tree(triangles: F32, threads: int) -> tuple[Any, I32]:
    """(tree, order) over triangles (n, 9): a corner and two edges, from which the boxes are, as in ``hits``."""
    # Python itself, which the tests run this package by, has no vector operations.
    if threads > 0 and not config.DISABLE_JIT:  # pyright: ignore[reportAttributeAccessIssue]
        built = build8(triangles, threads)
        return tree8(built), built.order
    corner = triangles[:, :3]
    ends = np.stack([corner, corner + triangles[:, 3:6], corner + triangles[:, 6:]])
    nodes, links, order = build(np.concatenate([ends.min(axis=0), ends.max(axis=0)], axis=1))
    tris = _floats(np.concatenate([triangles[order], order[:, None]], axis=1))
    return Tree(nodes, links, tris, np.empty(0, np.int32), np.empty(0, np.float32)), order


def _edges(corners: F32) -> F32:
    """First corner and the two edges from it, (n, 3, 3)."""
    return np.concatenate([corners[:, :1], corners[:, 1:] - corners[:, :1]], axis=1)


def _shading(packed: PackedScene, kept: NDArray[np.intp]) -> F32:
    """(n, 15): shading normals and texture coordinates in tree order."""
    count = len(kept)
    table = np.empty((count, 15), np.float32)
    table[:, :9] = packed.corner_normals[kept].reshape(count, 9)
    table[:, 9:] = packed.corner_uvs[kept].reshape(count, 6)
    return _finite(table)


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
    width, height = size
    row[a.CAM_TAN_X] = camera.tan_half_width
    row[a.CAM_TAN_Y] = camera.tan_half_width * height / width
    row[a.CAM_SHIFT_X], row[a.CAM_SHIFT_Y] = camera.shift_x, camera.shift_y
    row[a.CAM_LENS], row[a.CAM_FOCUS] = camera.lens_radius, camera.focus_distance
    row[a.CAM_NEAR], row[a.CAM_FAR] = max(camera.near, 0.0), min(camera.far, 1e30)
    row[a.CLAMP] = clamp
    if not np.isfinite(row).all():
        raise KernelRefusal("The scene's camera has a value that is no finite number.")
    return row


class _LightTable:
    """The lights, those with a shape of their own first, and how often each is picked."""

    def __init__(self, packed: PackedScene, kept: NDArray[np.intp], corners: F32) -> None:
        place = np.full(len(packed.triangles) + 1, -1, np.int32)
        place[kept] = np.arange(len(kept), dtype=np.int32)
        prims = place[packed.light_index]
        is_triangle = packed.light_kinds == s.LIGHT_TRIANGLE
        # A light whose triangle was dropped is gone too.
        rows = np.flatnonzero(~is_triangle | (prims >= 0))
        rows = rows[np.argsort(is_triangle[rows], kind="stable")]
        count = len(rows)
        self.ids = np.full((count, 6), -1, np.int32)
        self.ids[:, a.KIND] = packed.light_kinds[rows]
        self.ids[:, a.LIGHT_PRIM] = prims[rows]
        self.table = np.zeros((count, a.LIGHT_COLUMNS), np.float32)
        self.table[:, : s.LIGHT_WIDTH] = _finite(packed.light_params[rows])
        self.table[:, a.LIGHT_RADIANCE : a.LIGHT_RADIANCE + 3] = np.maximum(
            _finite(packed.light_radiance[rows]), 0.0
        )
        self.textures, self.sky = self._skies(packed, rows)
        row_of = np.full(len(packed.light_kinds) + 1, -1, np.int32)
        row_of[rows] = np.arange(count, dtype=np.int32)
        self.of_triangle = row_of[packed.triangle_lights[kept]]
        self._share_picks(packed, corners)

    def _skies(self, packed: PackedScene, rows: NDArray[np.intp]) -> tuple[I32, F32]:
        """Each textured dome gets a texture row of its own, that wraps around, and its tables."""
        textures, tables, start = [packed.textures], [np.ones(1, np.float32)], 1
        for row, source in enumerate(packed.light_textures[rows]):
            if source < 0 or self.ids[row, a.KIND] != s.LIGHT_DOME:
                continue
            texture = packed.textures[source : source + 1].copy()
            texture[0, [s.TEX_WRAP_S, s.TEX_WRAP_T]] = 0, 1
            self.ids[row, a.LIGHT_TEXTURE] = sum(map(len, textures))
            textures.append(texture)
            table, (height, width) = _sky_table(packed, texture[0])
            self.ids[row, a.SKY_START :] = start, width, height
            tables.append(table)
            start += len(table)
        return np.concatenate(textures), np.concatenate(tables).astype(np.float32)

    def _share_picks(self, packed: PackedScene, corners: F32) -> None:
        """Chances by power, mixed with equal ones (PBRT 4, 12.6.2)."""
        count = len(self.ids)
        power = np.maximum(self._powers(packed, corners), 0.0)
        total = power.sum()
        even = np.full(count, 1.0 / max(count, 1))
        chance = even if total <= 0 else UNIFORM_SHARE * even + (1 - UNIFORM_SHARE) * power / total
        self.table[:, a.LIGHT_CHANCE] = chance
        self.cdf = np.cumsum(chance).astype(np.float32)
        self.cdf[-1:] = 1.0

    def _powers(self, packed: PackedScene, corners: F32) -> NDArray[np.float64]:
        """The power of each light; what shines from outside counts by the scene's cross-section."""
        table = self.table.astype(np.float64)
        radiance = table[:, a.LIGHT_RADIANCE : a.LIGHT_RADIANCE + 3] @ LUMINANCE
        radius2 = 1.0
        if len(corners):
            flat = corners.reshape(-1, 3).astype(np.float64)
            radius2 = float(((flat.max(axis=0) - flat.min(axis=0)) ** 2).sum()) / 4.0
        power = np.zeros(len(table))
        for row, kind in enumerate(self.ids[:, a.KIND]):
            p = table[row]
            if kind == s.LIGHT_SPHERE:
                size = 4.0 * np.pi**2 * p[3] ** 2
            elif kind == s.LIGHT_DISTANT:
                solid = 2.0 * np.pi * (1.0 - p[3])
                size = np.pi * radius2 * (solid if solid > 0 else 1.0)
            elif kind == s.LIGHT_DOME:
                size = 4.0 * np.pi**2 * radius2 * self._sky_mean(row, packed)
            elif kind == s.LIGHT_TRIANGLE:
                _, e1, e2 = _edges(corners[self.ids[row, a.LIGHT_PRIM]][None])[0]
                size = np.pi * float(np.linalg.norm(np.cross(e1, e2)))
            else:
                size = np.pi * p[12]
            power[row] = radiance[row] * size
        return power

    def _sky_mean(self, row: int, packed: PackedScene) -> float:
        """The mean luminance of a dome's image, by solid angle; 1 where it has none."""
        if self.ids[row, a.LIGHT_TEXTURE] < 0:
            return 1.0
        bright = _brightness(packed, self.textures[self.ids[row, a.LIGHT_TEXTURE]])
        sine = np.sin((np.arange(len(bright)) + 0.5) / len(bright) * np.pi)[:, None]
        return float((bright * sine).mean() / sine.mean())


def _brightness(packed: PackedScene, texture: I32) -> NDArray[np.float64]:
    """(h, w) luminance of a texture, never negative."""
    first, width, height = (int(texture[c]) for c in (s.TEX_OFFSET, s.TEX_W, s.TEX_H))
    texels = _finite(packed.texels[first : first + width * height, :3])
    return np.maximum(texels @ LUMINANCE, 0.0).astype(np.float64).reshape(height, width)


def _sky_table(packed: PackedScene, texture: I32) -> tuple[F32, tuple[int, int]]:
    """Running sums over an image's rows, then over each row's columns (PBRT 4, 12.5.2), and their (h, w)."""
    bright = _brightness(packed, texture)
    block = -(-bright.shape[1] // SKY_COLUMNS)
    # Whole blocks only: an image that does not divide keeps its own columns.
    if block > 1 and bright.shape[0] % block == 0 and bright.shape[1] % block == 0:
        h, w = bright.shape[0] // block, bright.shape[1] // block
        bright = bright.reshape(h, block, w, block).mean(axis=(1, 3))
    # Bilinear lookups reach into the neighbouring texels: what they light must be sampled too.
    wide = bright + 0.25 * (np.roll(bright, 1, axis=1) + np.roll(bright, -1, axis=1))
    padded = np.concatenate([wide[:1], wide, wide[-1:]])
    wide = wide + 0.25 * (padded[:-2] + padded[2:])
    height, width = wide.shape
    wide *= np.sin((np.arange(height) + 0.5) / height * np.pi)[:, None]
    rows = _running(wide.sum(axis=1)[None, :])[0]
    columns = _running(wide)
    return np.concatenate([rows, columns.ravel()]).astype(np.float32), (height, width)


def _running(weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Running sums along the last axis, each ending in 1; where all weights are 0, even ones."""
    totals = weights.sum(axis=-1, keepdims=True)
    weights = np.where(totals > 0, weights, 1.0)
    sums = np.cumsum(weights, axis=-1)
    return sums / sums[:, -1:]
