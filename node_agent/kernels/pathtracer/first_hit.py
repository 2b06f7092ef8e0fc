"""What the camera's first rays meet, apart from light: the numbers of triangles, and where they are.

The same rays as ``pixel.trace`` begins with, by the same random numbers, so that the identity planes cover
what the beauty shows, transparent cut-outs and motion among it. They are a function of the spec alone and made
when a frame is finished: nothing of them is in the film, in checkpoints or in pieces. On the CPU also for a
frame of the GPU, whose two-way tree the CPU walks as well.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from node_agent.kernels.pathtracer.arrays import (
    HEIGHT,
    MOTION,
    SEED,
    TRANSPARENT,
    WIDTH,
    SceneArrays,
)
from node_agent.kernels.pathtracer.geometry import BLACK, ONE, ZERO, along, hit_uv
from node_agent.kernels.pathtracer.hits import IN_WORLD, NO_HIT
from node_agent.kernels.pathtracer.jit import entry, shared
from node_agent.kernels.pathtracer.pixel import MOST_LAYERS, PAST, camera_ray, material_of
from node_agent.kernels.pathtracer.rng import DIM_TIME, draw, draw_pair, pixel_key, reverse_bits
from node_agent.kernels.pathtracer.surface import presence_at
from node_agent.kernels.pathtracer.threads import pull_by
from node_agent.kernels.pathtracer.traverse import NEAREST, STACK_DEPTH
from node_agent.kernels.pathtracer.traverse8 import scratch8
from node_agent.kernels.pathtracer.walk import closest_hit, number_of

U = np.uint32
RAYS = 32
"""Samples [0, RAYS) of the frame, which a mask's edges are smooth by."""


class FirstHits(NamedTuple):
    """Of some rows of the image."""

    numbers: NDArray[np.int32]
    """(pixels, RAYS) the triangle's number in the scene, NO_HIT where a ray meets none."""
    positions: NDArray[np.float32]
    """(pixels, 4) sum of the places met, in world space, and how many."""


@shared
def first_hit(tree, tables, key, sample_bits, pixel, time):
    """(number, place in world space, (u, v, prim, place), direction) of what a sample's camera ray meets at a
    moment; number and prim NO_HIT where nothing."""
    o, d, t_min, t_max, _ = camera_ray(tables, pixel, key, sample_bits, time)
    for segment in range(MOST_LAYERS):
        t, u, v, prim, place = closest_hit(tree, o, d, t_min, t_max, time, NEAREST)
        if prim == NO_HIT:
            break
        number = number_of(tree, prim)
        if tables.ints[TRANSPARENT] == 0:
            return number, along(o, d, t), (u, v, prim, place), d
        uv = hit_uv(tables, number, u, v)
        chance = draw(key, sample_bits, U(U(segment + 1) << U(16)))
        if chance < presence_at(tables, material_of(tables, number), uv):
            return number, along(o, d, t), (u, v, prim, place), d
        t_min = t * PAST
    return NO_HIT, BLACK, (ZERO, ZERO, NO_HIT, IN_WORLD), d


@entry
def see_row(tree, tables, numbers, positions, first_row, row):
    """Fill in one row of the image; the arrays begin at ``first_row``."""
    width = tables.ints[WIDTH]
    for x in range(width):
        pixel = row * width + x
        at = pixel - first_row * width
        key = pixel_key(U(tables.ints[SEED]), U(pixel))
        for i in range(numbers.shape[1]):
            bits = reverse_bits(U(i))
            time = draw_pair(key, bits, DIM_TIME)[0] if tables.ints[MOTION] != 0 else ZERO
            number, p, _, _ = first_hit(tree, tables, key, bits, pixel, time)
            numbers[at, i] = number
            if number != NO_HIT:
                positions[at, 0] += p[0]
                positions[at, 1] += p[1]
                positions[at, 2] += p[2]
                positions[at, 3] += ONE


def first_hits(scene: SceneArrays, first_row: int, rows: int, threads: int) -> FirstHits:
    """What the pixels of rows [first_row, first_row + rows) see."""
    pixels = rows * int(scene.tables.ints[WIDTH])
    hits = FirstHits(np.empty((pixels, RAYS), np.int32), np.zeros((pixels, 4), np.float32))

    def make() -> Callable[[int], None]:
        tree = with_scratch(scene)
        return lambda row: see_row(tree, scene.tables, hits.numbers, hits.positions, first_row, row)

    pull_by(threads, range(first_row, first_row + rows), make)
    return hits


def with_scratch(scene: SceneArrays):
    """The tree with scratch of this thread's own."""
    if scene.tree.nodes.ndim == 3:
        stack, entries = scratch8()
    else:
        stack = np.empty(STACK_DEPTH, np.int32)
        entries = np.empty(STACK_DEPTH, np.float32)
    return scene.tree._replace(stack=stack, entries=entries)


def height_of(scene: SceneArrays) -> int:
    """Rows of the image."""
    return int(scene.tables.ints[HEIGHT])
