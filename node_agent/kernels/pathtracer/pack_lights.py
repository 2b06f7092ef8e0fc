"""The light table: which lights there are, how often each is picked, and the tables of textured domes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from node_agent.kernels.pathtracer import arrays as a
from node_agent.kernels.pathtracer import scene as s
from node_agent.kernels.pathtracer.light_nodes import NO_NODES, Emitters, build_nodes
from node_agent.kernels.pathtracer.mipmaps import image_of
from node_agent.kernels.pathtracer.scene import PackedScene
from node_agent.kernels.pathtracer.shapes import Shapes, bounds_of

F32 = NDArray[np.float32]
I32 = NDArray[np.int32]
LUMINANCE = np.array([0.2126, 0.7152, 0.0722], np.float32)
SKY_COLUMNS = 1024
"""A dome's image is sampled by the finest of its levels that has no more columns."""
OUTSIDE = (s.LIGHT_DISTANT, s.LIGHT_DOME)
"""Kinds that have no place."""
FEW = 8
"""Lights with a place: so many are picked by their power alone, and tried by each ray one by one."""
UNIFORM_SHARE = 0.2
"""Of the light picks, spread evenly; the rest goes by power. Power alone starves the lamp on the desk."""


def finite(array: NDArray) -> F32:
    """A copy in which NaN is 0 and infinity is large: a broken texel must not blank its neighbours."""
    copy = np.array(array, np.float32, order="C", copy=True)
    return np.nan_to_num(copy, copy=False, nan=0.0, posinf=1e20, neginf=-1e20)


class LightRows:
    """The lights, those with a shape of their own first, and how often each is picked."""

    def __init__(self, packed: PackedScene, shapes: Shapes) -> None:
        prims = packed.light_index
        is_triangle = packed.light_kinds == s.LIGHT_TRIANGLE
        # A light whose triangle was dropped is gone too; one that moves is found by scattering alone.
        still = [shape.triangles for shape in shapes.world if shape.close is None]
        usable = np.isin(prims, still[0].names) if still else np.zeros(len(prims), bool)
        rows = np.flatnonzero(~is_triangle | usable)
        # The triangles by their numbers, so that they are found by bisection.
        order = 2 * is_triangle + ~np.isin(packed.light_kinds, OUTSIDE)
        rows = rows[np.lexsort((np.where(is_triangle, prims, 0)[rows], order[rows]))]
        count = len(rows)
        self._sources = packed.light_textures[rows]
        self.ids = np.full((count, a.LIGHT_IDS_WIDTH), -1, np.int32)
        self.ids[:, a.KIND] = packed.light_kinds[rows]
        self.ids[:, a.LIGHT_PRIM] = prims[rows]
        groups = packed.light_groups
        self.ids[:, a.LIGHT_GROUP] = groups[rows] if len(groups) else 0
        self.table = np.zeros((count, a.LIGHT_COLUMNS), np.float32)
        self.table[:, : s.LIGHT_WIDTH] = finite(packed.light_params[rows])
        self.table[:, a.LIGHT_RADIANCE : a.LIGHT_RADIANCE + 3] = np.maximum(
            finite(packed.light_radiance[rows]), 0.0
        )
        shining = np.flatnonzero(is_triangle[rows])
        corner, b, c = (
            packed.positions[packed.triangles[prims[rows[shining]], k]] for k in range(3)
        )
        self.table[shining, :9] = np.concatenate([corner, b - corner, c - corner], axis=1)
        self.textures, self.scales, self.sky = self._skies(packed, rows)
        low, high = bounds_of(shapes)
        self._share_picks(packed, max(float(((high - low) ** 2).sum()) / 4.0, 1e-30))

    def _skies(self, packed: PackedScene, rows: NDArray[np.intp]) -> tuple[I32, F32, F32]:
        """Each textured dome gets a texture row of its own, that wraps around, and its tables."""
        textures, tables, start = [packed.textures], [np.ones(1, np.float32)], 1
        scales = [packed.texture_scales]
        for row, source in enumerate(packed.light_textures[rows]):
            if source < 0 or self.ids[row, a.KIND] != s.LIGHT_DOME:
                continue
            texture = packed.textures[source : source + 1].copy()
            texture[0, [s.TEX_WRAP_S, s.TEX_WRAP_T]] = 0, 1
            texture[0, s.TEX_TILES_S :] = 0
            self.ids[row, a.LIGHT_TEXTURE] = sum(map(len, textures))
            textures.append(texture)
            scales.append(packed.texture_scales[source : source + 1])
            table, (height, width) = _sky_table(_brightness(packed, source))
            self.ids[row, [a.SKY_START, a.SKY_W, a.SKY_H]] = start, width, height
            tables.append(table)
            start += len(table)
        sums = np.concatenate(tables).astype(np.float32)
        return np.concatenate(textures), np.concatenate(scales), sums

    def _share_picks(self, packed: PackedScene, radius2: float) -> None:
        """Chances by power, mixed with equal ones (PBRT 4, 12.6.2), and the trees: all lights that have a place are
        one pick where they are many."""
        power = np.maximum(self._powers(packed, radius2), 0.0)
        placed = np.flatnonzero(~np.isin(self.ids[:, a.KIND], OUTSIDE))
        shining = placed[power[placed] > 0]
        shining = shining[: len(shining) if len(shining) > FEW else 0]
        self.by_importance = self.by_place = NO_NODES
        self.picks, shares = np.arange(len(self.ids), dtype=np.int32), power
        if len(shining):
            outside = np.flatnonzero(np.isin(self.ids[:, a.KIND], OUTSIDE))
            self.picks = np.append(outside, -1).astype(np.int32)
            shares = np.append(power[outside], power[shining].sum())
            self.by_importance = build_nodes(self._emitters(shining, power))
            self.ids[shining, a.LIGHT_NODE] = self.by_importance.leaf_of
        chance = _chances(shares)
        own = self.picks >= 0
        self.table[self.picks[own], a.LIGHT_CHANCE] = chance[own]
        self.table[shining, a.LIGHT_CHANCE] = chance[-1:]
        self.cdf = np.cumsum(chance).astype(np.float32)
        self.cdf[-1:] = 1.0
        seen = placed[self.ids[placed, a.KIND] != s.LIGHT_TRIANGLE]
        self.looped = int((self.ids[:, a.KIND] != s.LIGHT_TRIANGLE).sum())
        if len(seen) > FEW:
            self.looped -= len(seen)
            self.by_place = build_nodes(self._emitters(seen, power))

    def _emitters(self, rows: NDArray[np.intp], power: NDArray[np.float64]) -> Emitters:
        """Lights as their trees see them; boxes a little wider than they are."""
        kinds, table = self.ids[rows, a.KIND], self.table[rows].astype(np.float64)
        triangle, sphere = kinds == s.LIGHT_TRIANGLE, kinds == s.LIGHT_SPHERE
        origin, u, v = table[:, :3], table[:, 3:6], table[:, 6:9]
        corners = np.stack([origin, origin + u, origin + v])
        reach = np.where(sphere[:, None], np.abs(table[:, 3:4]), np.abs(u) + np.abs(v))
        box = np.stack([origin - reach, origin + reach])
        low = np.where(triangle[:, None], corners.min(axis=0), box.min(axis=0))
        high = np.where(triangle[:, None], corners.max(axis=0), box.max(axis=0))
        slack = 1e-6 * np.maximum(np.abs(low), np.abs(high)).max(axis=1, keepdims=True)
        axes = np.where(triangle[:, None], np.cross(u, v), table[:, 9:12])
        axes[sphere] = 0.0
        length = np.sqrt((axes**2).sum(axis=1, keepdims=True))
        axes /= np.where(length > 0, length, 1.0)
        return Emitters(rows, low - slack, high + slack, axes, triangle, power[rows])

    def _powers(self, packed: PackedScene, radius2: float) -> NDArray[np.float64]:
        """The power of each light; what shines from outside counts by the scene's cross-section, ``radius2``
        the square of its radius."""
        table = self.table.astype(np.float64)
        radiance = table[:, a.LIGHT_RADIANCE : a.LIGHT_RADIANCE + 3] @ LUMINANCE
        power = np.zeros(len(table))
        of_triangle = self.ids[:, a.KIND] == s.LIGHT_TRIANGLE
        double = np.linalg.norm(np.cross(table[of_triangle, 3:6], table[of_triangle, 6:9]), axis=1)
        power[of_triangle] = radiance[of_triangle] * np.pi * double
        for row in map(int, np.flatnonzero(~of_triangle)):
            p, kind = table[row], self.ids[row, a.KIND]
            if kind == s.LIGHT_SPHERE:
                size = 4.0 * np.pi**2 * p[3] ** 2
            elif kind == s.LIGHT_DISTANT:
                solid = 2.0 * np.pi * (1.0 - p[3])
                size = np.pi * radius2 * (solid if solid > 0 else 1.0)
            elif kind == s.LIGHT_DOME:
                size = 4.0 * np.pi**2 * radius2 * self._sky_mean(row, packed)
            else:
                size = np.pi * p[12]
            power[row] = radiance[row] * size
        return power

    def _sky_mean(self, row: int, packed: PackedScene) -> float:
        """The mean luminance of a dome's image, by solid angle; 1 where it has none."""
        if self.ids[row, a.LIGHT_TEXTURE] < 0:
            return 1.0
        bright = _brightness(packed, self._sources[row])
        sine = np.sin((np.arange(len(bright)) + 0.5) / len(bright) * np.pi)[:, None]
        return float((bright * sine).mean() / sine.mean())


def _chances(shares: NDArray[np.float64]) -> NDArray[np.float64]:
    """(n,) by the shares, mixed with equal ones; sum 1."""
    even, total = np.full(len(shares), 1.0 / max(len(shares), 1)), shares.sum()
    return even if total <= 0 else UNIFORM_SHARE * even + (1 - UNIFORM_SHARE) * shares / total


def _brightness(packed: PackedScene, texture: int) -> NDArray[np.float64]:
    """(h, w) luminance of a texture, never negative, of its finest level of at most SKY_COLUMNS columns."""
    colours = finite(image_of(packed, texture, SKY_COLUMNS)[..., :3])
    return np.maximum(colours @ LUMINANCE, 0.0).astype(np.float64)


def _sky_table(bright: NDArray[np.float64]) -> tuple[F32, tuple[int, int]]:
    """Running sums over an image's rows, then over each row's columns (PBRT 4, 12.5.2), and their (h, w)."""
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
