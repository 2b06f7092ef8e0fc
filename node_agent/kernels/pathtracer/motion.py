"""The plane ``forward``: where what a pixel shows is one frame later, in pixels; x to the right, y up, as Nuke has it.

The scene of this frame and that of the next are made one whose shutter is open for a whole frame, and the first rays
of ``pixel.trace`` are followed into it at its opening: camera, places, points of whatever moves or bends. So it
holds with the camera's own shutter closed too. Like the identity planes it is made when a frame is finished, on the CPU.

Where rays of a pixel meet something, the mean over these; where none does, that of the sky, which turns
with the camera. Through a lens' centre: what is out of focus moves as if it were sharp.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from node_agent.kernels.pathtracer.arrays import (
    CAM_ORIGIN,
    CAM_ROTATION,
    CAM_SHIFT_X,
    CAM_SHIFT_Y,
    CAM_TAN_X,
    CAM_TAN_Y,
    CAM_WAY,
    HEIGHT,
    SEED,
    WIDTH,
    SceneArrays,
)
from node_agent.kernels.pathtracer.first_hit import RAYS, first_hit, with_scratch
from node_agent.kernels.pathtracer.geometry import (
    HALF,
    ONE,
    ZERO,
    along,
    rotated_back,
    vec3,
)
from node_agent.kernels.pathtracer.hits import NO_HIT
from node_agent.kernels.pathtracer.jit import entry, shared
from node_agent.kernels.pathtracer.rng import pixel_key, reverse_bits
from node_agent.kernels.pathtracer.scene import PackedScene
from node_agent.kernels.pathtracer.threads import pull_by
from node_agent.kernels.pathtracer.walk import triangle_of

F = np.float32
U = np.uint32

BEHIND = np.float32(1e-6)
"""Nearer to the camera's plane than this nothing has a place in the image."""


def over_a_frame(now: PackedScene, later: PackedScene) -> PackedScene | None:
    """``now`` with a shutter that closes where ``later`` begins; None where they do not have the same meshes."""
    pairs = (
        (now.triangles, later.triangles),
        (now.meshes, later.meshes),
        (now.instance_meshes, later.instance_meshes),
    )
    if now.positions.shape != later.positions.shape:
        return None
    if not all(np.array_equal(one, other) for one, other in pairs):
        return None
    return replace(
        now,
        positions_close=later.positions,
        instance_places_close=later.instance_places,
        camera=replace(now.camera, to_world_close=later.camera.to_world),
    )


@shared
def shown_at(tables, v, time, far):
    """(x, y, in front): where the image shows a point, or a direction where ``far``, in pixels from the
    lower left, at a moment of the shutter."""
    camera = tables.floats
    if not far:
        o = along(vec3(camera, CAM_ORIGIN), vec3(camera, CAM_WAY + CAM_ORIGIN), time)
        v = along(v, o, -ONE)
    local = along(rotated_back(camera, CAM_ROTATION, v), rotated_back(camera, CAM_WAY, v), time)
    ahead = -local[2]
    if not ahead > BEHIND:
        return ZERO, ZERO, False
    x = local[0] / (ahead * camera[CAM_TAN_X]) - camera[CAM_SHIFT_X]
    y = local[1] / (ahead * camera[CAM_TAN_Y]) - camera[CAM_SHIFT_Y]
    return x * HALF * F(tables.ints[WIDTH]), y * HALF * F(tables.ints[HEIGHT]), True


@shared
def ray_motion(tree, tables, key, sample_bits, pixel):
    """(x, y, whether it met something, whether there is a motion) of one sample's camera ray."""
    _, _, hit, d = first_hit(tree, tables, key, sample_bits, pixel, ZERO)
    u, v, prim, place = hit
    start = end = d
    if prim != NO_HIT:
        corner, e1, e2 = triangle_of(tree, prim, place, ZERO)
        start = along(along(corner, e1, u), e2, v)
        corner, e1, e2 = triangle_of(tree, prim, place, ONE)
        end = along(along(corner, e1, u), e2, v)
    x0, y0, seen0 = shown_at(tables, start, ZERO, prim == NO_HIT)
    x1, y1, seen1 = shown_at(tables, end, ONE, prim == NO_HIT)
    return x1 - x0, y1 - y0, prim != NO_HIT, seen0 and seen1


@entry
def move_row(tree, tables, sums, row):
    """Fill in one row of the image: (x, y, count) of what was met, then of the sky."""
    width = tables.ints[WIDTH]
    for pixel in range(row * width, (row + 1) * width):
        key = pixel_key(U(tables.ints[SEED]), U(pixel))
        for i in range(RAYS):
            x, y, met, moves = ray_motion(tree, tables, key, reverse_bits(U(i)), pixel)
            if moves:
                at = 0 if met else 3
                sums[pixel, at] += x
                sums[pixel, at + 1] += y
                sums[pixel, at + 2] += ONE


def forward_plane(scene: SceneArrays, threads: int) -> NDArray[np.float32]:
    """(height, width, 2) float32 of a scene of ``over_a_frame``; zero where nothing can be said."""
    width, height = int(scene.tables.ints[WIDTH]), int(scene.tables.ints[HEIGHT])
    sums = np.zeros((width * height, 6), np.float32)

    def make() -> Callable[[int], None]:
        tree = with_scratch(scene)
        return lambda row: move_row(tree, scene.tables, sums, row)

    pull_by(threads, range(height), make)
    chosen = np.where(sums[:, 2:3] > 0, sums[:, :3], sums[:, 3:])
    plane = chosen[:, :2] / np.maximum(chosen[:, 2:], 1)
    return plane.reshape(height, width, 2).astype(np.float32)
