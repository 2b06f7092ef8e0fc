"""What a scene's trees are built over: which triangles can be hit, by what they have in common.

In numpy, in pieces of a million rows, so that twenty million triangles need no more memory for it than
for themselves.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from node_agent.kernels.interface import KernelRefusal
from node_agent.kernels.pathtracer.geometry import NO_NORMAL, OCT_MIDDLE
from node_agent.kernels.pathtracer.scene import PackedScene

F32 = NDArray[np.float32]
I32 = NDArray[np.int32]

PIECE = 1 << 20
LARGEST_COORDINATE = 1e12
"""Farther out, float32 squares come near their end."""
ROUND_OUT = 2.0**-18
"""By how much of its coordinates an instance's box is widened: rays are rounded on their way into it."""


class Triangles(NamedTuple):
    """What a tree is built over. Every array is writable and C-contiguous: see ``arrays``."""

    positions: F32
    """(n_vertices, 3), finite where a triangle uses them."""
    corners: I32
    """(n, 3) rows of ``positions``."""
    names: I32
    """(n,) the number that a hit of each is to give; rising."""


class Shape(NamedTuple):
    """Triangles that stand or move together in one space."""

    triangles: Triangles
    close: F32 | None
    """Positions where the shutter closes, for those that move."""


class Shapes(NamedTuple):
    """A scene's geometry."""

    world: list[Shape]
    """In world space: what stands still, and what moves."""
    meshes: list[Shape]
    """As ``PackedScene.meshes``."""
    instance_meshes: I32
    places: NDArray[np.float64]
    """(n_instances, 3, 4)."""
    places_close: NDArray[np.float64]
    """The same; the same array where none moves."""


def pieces(count: int) -> Iterator[slice]:
    """Ranges of at most PIECE rows that make up ``count``."""
    yield from (slice(k, min(k + PIECE, count)) for k in range(0, count, PIECE))


def writable(array: NDArray, kind: type) -> NDArray:
    """``array`` as the compiled functions take it; copied only where it is not so already."""
    return np.require(array, kind, ["C", "W"])


def shapes_of(packed: PackedScene, warn: Callable[[str], None]) -> Shapes:
    """The scene's geometry; what cannot be hit is told of, and left out."""
    positions = writable(packed.positions, np.float32)
    corners = writable(packed.triangles, np.int32)
    close = packed.positions_close if len(packed.positions_close) else None
    usable = _usable(positions, corners, warn)
    if close is not None:
        usable &= _usable(writable(close, np.float32), corners, warn)
    bounds = [0, *(int(first) for first in packed.meshes), len(corners)]
    whole = [
        _chosen(positions, corners, usable, first, end) for first, end in itertools.pairwise(bounds)
    ]
    parts = [_by_motion(triangles, close) for triangles in whole]
    world = [shape for shape in parts[0] if len(shape.triangles.corners)]
    meshes = [_as_one(triangles, close) for triangles in whole[1:]]
    return Shapes(world, meshes, *_instances(packed, meshes, warn))


def _usable(positions: F32, corners: I32, warn: Callable[[str], None]) -> NDArray[np.bool_]:
    """(n,) whether a triangle has finite corners and an area."""
    usable, finite = np.empty(len(corners), bool), 0
    for piece in pieces(len(corners)):
        a, b, c = (positions[corners[piece, k]].astype(np.float64) for k in range(3))
        with np.errstate(invalid="ignore", over="ignore"):
            near = np.ones(len(a), bool)
            for x in (a, b, c):
                near &= (np.abs(x) < LARGEST_COORDINATE).all(axis=1)
            normal = np.cross(b - a, c - a).astype(np.float32)
            usable[piece] = near & ((normal**2).sum(axis=1) > 0)
        finite += int(near.sum())
    if finite < len(corners):
        warn(
            f"{len(corners) - finite} triangles have corners that are no finite numbers; left out."
        )
    if usable.sum() < finite:
        warn(f"{finite - usable.sum()} triangles have no area; left out.")
    return usable


def _chosen(
    positions: F32, corners: I32, usable: NDArray[np.bool_], first: int, end: int
) -> Triangles:
    """Those of a range that are usable; no copy where all are."""
    names = np.arange(first, end, dtype=np.int32)
    if usable[first:end].all():
        return Triangles(positions, corners[first:end], names)
    names = names[usable[first:end]]
    return Triangles(positions, corners[names], names)


def _by_motion(triangles: Triangles, close: F32 | None) -> list[Shape]:
    """What stands still, and what moves."""
    if close is None:
        return [Shape(triangles, None)]
    moved = (triangles.positions != close).any(axis=1)
    moves = moved[triangles.corners].any(axis=1)
    still, moving = (
        Triangles(triangles.positions, triangles.corners[rows], triangles.names[rows])
        for rows in (~moves, moves)
    )
    return [Shape(still, None), Shape(moving, close)]


def _as_one(triangles: Triangles, close: F32 | None) -> Shape:
    """A mesh of instances moves as a whole, or not at all."""
    parts = _by_motion(triangles, close)
    moves = len(parts) > 1 and len(parts[1].triangles.corners) > 0
    return Shape(triangles, close if moves else None)


def _instances(
    packed: PackedScene, meshes: list[Shape], warn: Callable[[str], None]
) -> tuple[I32, NDArray[np.float64], NDArray[np.float64]]:
    """(mesh, place, place at the close) of every instance that shows something."""
    names = packed.instance_meshes
    places = packed.instance_places.astype(np.float64)
    moves = len(packed.instance_places_close) > 0
    close = packed.instance_places_close.astype(np.float64) if moves else places
    if len(places) != len(names) or len(close) != len(names):
        raise KernelRefusal("The scene's instance tables differ in length.")
    sound = np.ones(len(names), bool)
    for matrices in (places, close):
        size = np.abs(np.nan_to_num(np.linalg.det(np.nan_to_num(matrices[:, :, :3]))))
        sound &= np.isfinite(matrices).all(axis=(1, 2)) & (size > 1e-30)
        sound &= (np.abs(np.nan_to_num(matrices)) < LARGEST_COORDINATE).all(axis=(1, 2))
    if not sound.all():
        warn(f"{(~sound).sum()} instances have a transform without an extent; left out.")
    filled = np.array([len(mesh.triangles.corners) > 0 for mesh in meshes] or [False])
    kept = np.flatnonzero(sound & filled[names])
    chosen = places[kept]
    return names[kept], chosen, close[kept] if moves else chosen


def bounds_of(shapes: Shapes) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(low, high) corners around the whole scene; both 0 for nothing."""
    found = [box for shape in shapes.world if (box := _box(shape)) is not None]
    if len(shapes.places):
        # A mesh without triangles has no instances.
        meshes = [_box(mesh) for mesh in shapes.meshes]
        nodes = [np.zeros(6) if box is None else box for box in meshes]
        low, high = instance_boxes(shapes, [node[:, None] for node in nodes])
        found.append(np.concatenate([low.min(axis=0), high.max(axis=0)]))
    if not found:
        return np.zeros(3), np.zeros(3)
    boxes = np.array(found, np.float64)
    return boxes[:, :3].min(axis=0), boxes[:, 3:].max(axis=0)


def _box(shape: Shape) -> NDArray[np.float64] | None:
    """(6,) low and high corner around a shape, while it moves, too."""
    triangles, lows, highs = shape.triangles, [], []
    for positions in (triangles.positions, shape.close):
        for piece in pieces(len(triangles.corners) if positions is not None else 0):
            used = positions[triangles.corners[piece].ravel()]  # pyright: ignore[reportOptionalSubscript]
            lows.append(used.min(axis=0))
            highs.append(used.max(axis=0))
    if not lows:
        return None
    return np.concatenate([np.min(lows, axis=0), np.max(highs, axis=0)]).astype(np.float64)


def instance_boxes(shapes: Shapes, mesh_nodes: Sequence[NDArray[np.floating]]) -> tuple[F32, F32]:
    """(low, high) corners (n, 3) around each instance, from the boxes (6, k) of its mesh's root."""
    count = len(shapes.places)
    low, high = np.full((count, 3), np.inf), np.full((count, 3), -np.inf)
    by_mesh = np.argsort(shapes.instance_meshes, kind="stable")
    ends = np.searchsorted(shapes.instance_meshes[by_mesh], np.arange(len(mesh_nodes) + 1))
    for mesh, node in enumerate(mesh_nodes):
        rows = by_mesh[ends[mesh] : ends[mesh + 1]]
        filled = node[:, np.isfinite(node).all(axis=0)].astype(np.float64)
        middle, half = (filled[:3] + filled[3:]) / 2, (filled[3:] - filled[:3]) / 2
        moves = shapes.places_close is not shapes.places
        for places in (shapes.places, shapes.places_close)[: 1 + moves]:
            linear, shift = places[rows][:, :, :3], places[rows][:, :, 3:]
            centre, reach = linear @ middle + shift, np.abs(linear) @ half
            low[rows] = np.minimum(low[rows], (centre - reach).min(axis=2))
            high[rows] = np.maximum(high[rows], (centre + reach).max(axis=2))
    slack = ROUND_OUT * np.maximum(np.abs(low), np.abs(high)).max(axis=1, keepdims=True)
    return (low - slack).astype(np.float32), (high + slack).astype(np.float32)


def packed_normals(normals: F32) -> I32:
    """(n, 3) words of corner normals (n, 3, 3): see ``geometry.unpacked_normal``."""
    words = np.empty((len(normals), 3), np.int32)
    for piece in pieces(len(normals)):
        n = normals[piece].reshape(-1, 3)
        with np.errstate(invalid="ignore", over="ignore", divide="ignore"):
            length = np.abs(n).sum(axis=1)
            xy = n[:, :2] / length[:, None]
            folded = (1 - np.abs(xy[:, ::-1])) * np.where(xy >= 0, 1, -1)
            xy = np.where(n[:, 2:] < 0, folded, xy)
            broken = ~np.isfinite(xy).all(axis=1) | ~(length > 0)
        middle = float(OCT_MIDDLE)
        grid = np.rint(np.where(broken[:, None], 0.0, xy) * middle + middle).astype(np.uint32)
        word = (grid[:, 0] | (grid[:, 1] << np.uint32(16))).view(np.int32)
        words[piece] = np.where(broken, NO_NORMAL, word).reshape(-1, 3)
    return words
