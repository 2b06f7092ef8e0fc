"""The film: exact sums on a fixed grid.

Each sample is rounded to a multiple of 2^-24 and clamped to +-2^20, then added as an integer. Integer sums
do not depend on order, so any split of the samples over threads, passes, processes and machines gives
the same bits; 2^19 samples at the clamp still fit 63 bits. A sample with a NaN or infinity in any of
its values is left out whole, and not counted.

``film`` (height * width, FILM_PLANES + 3 groups) int64, top row first. Where there are light groups, their red, green
and blue follow behind all else, and beauty is their sum to the bit: light goes onto the grid as it is found, and not
once a sample. Besides the sums a pixel holds the number of samples at
which it stops where sampling is adaptive (``adaptive``), so that it travels wherever the film does.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from node_agent.kernels.pathtracer.geometry import ONE, ZERO, along, largest
from node_agent.kernels.pathtracer.jit import shared

F = np.float32
I64 = np.int64

BEAUTY, ALPHA, ALBEDO, NORMAL = np.int64(0), np.int64(3), np.int64(6), np.int64(9)
DEPTH, SAMPLES = 4, 5
"""SAMPLES counts in whole numbers; the others are sums on the grid. Alpha, depth and count lie together."""
SQUARE, LIMIT = np.int64(12), np.int64(13)
"""The sum of squared luminance, for the variance; and the samples after which a pixel has enough, 0: never."""
FILM_PLANES = 14
GRID = np.float32(2.0**24)
LARGEST = np.float32(2.0**20 - 2.0**-4)
"""The largest float32 below 2^20: 2^19 times 2^44 would be one too many."""
WHOLE = np.float32(2.0**22)
MOST_SAMPLES = 2**19


@shared
def quantise(x):
    """A float32 as a whole number of grid steps, int64, rounded to nearest."""
    steps = min(max(x, -LARGEST), LARGEST) * GRID
    # From 2^23 on a float32 is whole, and a half added to it would be rounded, up half of the time.
    if abs(steps) < WHOLE:
        steps = steps + F(0.5) if steps >= ZERO else steps - F(0.5)
    return I64(steps)


@shared
def is_finite(v):
    """No component is NaN or infinite. A comparison, sound because nothing here is compiled fastmath."""
    return abs(v[0]) + abs(v[1]) + abs(v[2]) <= F(3e38)


@shared
def add_vector(film, pixel, plane, v):
    """Add three float32 to three planes of a pixel."""
    for k in range(3):
        film[pixel, plane + k] += quantise(v[k])


@shared
def is_grouped(film):
    """Whether the film keeps the light of groups apart."""
    return film.shape[1] > FILM_PLANES


@shared
def add_light(film, pixel, group, total, c):
    """``total``, one sample's light so far, with ``c`` added, which the film takes at once where it keeps groups.

    What is not finite, or would take the sample beyond the clamp, is left out there, of the sample too."""
    if is_grouped(film):
        if not (is_finite(c) and largest(total) + largest(c) <= LARGEST):
            return total
        at = FILM_PLANES + 3 * group
        for k in range(3):
            steps = quantise(c[k])
            film[pixel, BEAUTY + k] += steps
            film[pixel, at + k] += steps
    return along(total, c, ONE)


@shared
def add_sample(film, pixel, values):
    """Add one sample (four vectors, as ``pixel.trace`` returns) to a pixel, or nothing if one is not finite."""
    light, coverage, albedo, normal = values
    if is_finite(light) and is_finite(coverage) and is_finite(albedo) and is_finite(normal):
        if not is_grouped(film):
            add_vector(film, pixel, BEAUTY, light)
        add_vector(film, pixel, ALPHA, coverage)
        add_vector(film, pixel, ALBEDO, albedo)
        add_vector(film, pixel, NORMAL, normal)
        luminance = light[0] * F(0.2126) + light[1] * F(0.7152) + light[2] * F(0.0722)
        film[pixel, SQUARE] += quantise(luminance * luminance)
        film[pixel, SAMPLES] += 1


@shared
def has_enough(film, pixel, sample):
    """Whether a pixel takes no more from this sample's number on. Read from the film for each sample: a count
    that lives as long as the pixel costs a GPU a register."""
    limit = film[pixel, LIMIT]
    return limit > 0 and sample >= limit


def merged(film: NDArray[np.int64], other: NDArray[np.int64]) -> NDArray[np.int64]:
    """The film of the samples of both, which are of one frame."""
    both = film + other
    both[:, LIMIT] = np.maximum(film[:, LIMIT], other[:, LIMIT])  # equal where both know it
    return both


def new_film(width: int, height: int, groups: int = 0) -> NDArray[np.int64]:
    """An empty film, of so many light groups."""
    return np.zeros((height * width, FILM_PLANES + 3 * groups), np.int64)


def groups_of(film: NDArray[np.int64]) -> int:
    """How many light groups a film keeps."""
    return (film.shape[1] - FILM_PLANES) // 3


def resolve(
    film: NDArray[np.int64], width: int, height: int, groups: Sequence[str] = ()
) -> dict[str, NDArray[np.float32]]:
    """The planes, each (height, width, channels) float32: means over the samples, depth over the hits; and
    ``light_NAME`` of each of the ``groups``.

    ``variance`` is that of the beauty's luminance, of the mean and not of one sample. A pixel without samples is
    zero."""
    counts = film[:, SAMPLES].astype(np.float64)
    variance = _variance(film, counts)
    means = film / (np.maximum(counts, 1.0) * float(GRID))[:, None]
    # Depth is summed over the samples that hit something, whose share is alpha.
    coverage = means[:, ALPHA]
    means[:, DEPTH] = np.divide(
        means[:, DEPTH], coverage, out=np.zeros_like(coverage), where=coverage > 0
    )
    length = np.sqrt((means[:, NORMAL : NORMAL + 3] ** 2).sum(axis=1))
    means[:, NORMAL : NORMAL + 3] /= np.where(length > 0, length, 1.0)[:, None]
    shaped = means.astype(np.float32).reshape(height, width, -1)
    lights = {
        f"light_{name}": shaped[..., FILM_PLANES + 3 * k : FILM_PLANES + 3 * k + 3].copy()
        for k, name in enumerate(groups)
    }
    return lights | {
        "beauty": shaped[..., BEAUTY : ALPHA + 1].copy(),
        "albedo": shaped[..., ALBEDO : ALBEDO + 3].copy(),
        "normal": shaped[..., NORMAL : NORMAL + 3].copy(),
        "depth": shaped[..., DEPTH : DEPTH + 1].copy(),
        "variance": variance.astype(np.float32).reshape(height, width, 1),
        "samples": counts.astype(np.float32).reshape(height, width, 1),
    }


def _variance(film: NDArray[np.int64], counts: NDArray[np.float64]) -> NDArray[np.float64]:
    """(pixels,) estimate of the squared error of each mean luminance; 0 where a sample is all there is."""
    n = np.maximum(counts, 1.0)
    rgb = film[:, BEAUTY : BEAUTY + 3] / (n * float(GRID))[:, None]
    mean = rgb[:, 0] * 0.2126 + rgb[:, 1] * 0.7152 + rgb[:, 2] * 0.0722
    spread = np.maximum(film[:, SQUARE] / (n * float(GRID)) - mean * mean, 0.0)
    return np.where(counts > 1, spread / np.maximum(counts - 1.0, 1.0), 0.0)
