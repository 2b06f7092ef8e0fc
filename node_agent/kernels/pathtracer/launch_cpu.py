"""The CPU launcher: threads without the GIL pull tiles from a counter.

Numba's ``prange`` splits the image in equal halves, which on an uneven scene costs a fifth of the speed
(1.61 against 1.90 on two cores).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from node_agent.kernels.pathtracer.arrays import HEIGHT, WIDTH, SceneArrays
from node_agent.kernels.pathtracer.jit import entry
from node_agent.kernels.pathtracer.pixel import sample_pixel
from node_agent.kernels.pathtracer.threads import pull_by
from node_agent.kernels.pathtracer.traverse8 import scratch8

TILE = 32
"""Pixels along a tile's edge: milliseconds of work, so that the call's 20 us vanish and the ends are even."""


@entry
def render_tile(tree, tables, film, tile, tiles_across, tile_size, first_sample, samples):
    """Add samples of the pixels of one tile to the film; tiles count from the top left, row by row."""
    width, height = tables.ints[WIDTH], tables.ints[HEIGHT]
    left, top = tile % tiles_across * tile_size, tile // tiles_across * tile_size
    for y in range(top, min(top + tile_size, height)):
        for x in range(left, min(left + tile_size, width)):
            sample_pixel(tree, tables, film, y * width + x, first_sample, samples)


def launch(
    scene: SceneArrays,
    film: NDArray[np.int64],
    first_sample: int,
    samples: int,
    threads: int,
    tile_size: int = TILE,
) -> None:
    """Add samples [first_sample, first_sample + samples) of every pixel to the film."""
    tables = scene.tables
    width, height = int(tables.ints[WIDTH]), int(tables.ints[HEIGHT])
    across = -(-width // tile_size)
    tiles = across * -(-height // tile_size)

    def make() -> Callable[[int], None]:
        stack, entries = scratch8()
        tree = scene.tree._replace(stack=stack, entries=entries)
        return lambda tile: render_tile(
            tree, tables, film, tile, across, tile_size, first_sample, samples
        )

    pull_by(threads, range(tiles), make)
