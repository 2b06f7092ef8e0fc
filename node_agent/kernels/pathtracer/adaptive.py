"""Adaptive sampling that keeps every promise of the fixed grid: how many samples a pixel gets.

The first PILOT samples of a frame decide, and nothing else: a pixel's count is a function of the spec alone, so
the frame has the same bits however it was tiled, threaded, yielded, resumed or split; a piece of a split
frame renders the pilot for itself. Error is the standard error of a pixel's mean luminance over that
luminance (plus FLOOR, what the eye takes for black), from variances pooled over a square of neighbours, since
32 samples of one pixel miss the rare bright path (two-stage sampling: Stein 1945; in rendering, Purgathofer
1987 and Kirk and Arvo 1991, who also show the small bias that is left as the pilot is counted in).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from node_agent.kernels.pathtracer.film import BEAUTY, GRID, SAMPLES, SQUARE

PILOT = 32
"""Samples; a frame of fewer is not adaptive."""
REACH = 3
"""Pixels to each side whose variance is pooled."""
FLOOR = 0.05
"""Luminance that is added to a pixel's own: noise in the dark costs no more than this is worth."""
MOST = 2**19
COARSE = 2.0**12
"""Steps of the grid on which squared means are summed: to 2^40, exactly, in 49 pixels."""


def sample_limits(
    pilot: NDArray[np.int64], size: tuple[int, int], target: float
) -> NDArray[np.int64]:
    """(pixels,) samples from PILOT to MOST that bring each pixel's relative error to ``target``.

    ``pilot``: a film of the samples [0, PILOT) of the frame; ``size`` its (width, height)."""
    counts = np.maximum(_pooled(pilot[:, SAMPLES], size), 2.0)
    mean = _pooled_luminance(pilot, size) / counts
    square = _pooled(pilot[:, SQUARE], size) / float(GRID) / counts
    variance = np.maximum(square - _square_of_means(pilot, size, counts), 0.0)
    wanted = variance / (target * (mean + FLOOR)) ** 2
    return np.clip(np.ceil(wanted), PILOT, MOST).astype(np.int64)


def _pooled_luminance(film: NDArray[np.int64], size: tuple[int, int]) -> NDArray[np.float64]:
    """(pixels,) sums of luminance over the neighbours' samples."""
    return np.maximum(_luminance(*(_pooled(film[:, BEAUTY + k], size) for k in range(3))), 0.0)


def _luminance(
    red: NDArray[np.float64], green: NDArray[np.float64], blue: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Of sums on the grid. Written out: a matrix product rounds as the CPU's library likes."""
    return (red * 0.2126 + green * 0.7152 + blue * 0.0722) / float(GRID)


def _square_of_means(
    film: NDArray[np.int64], size: tuple[int, int], counts: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Pooled squares of each pixel's own mean, so that an edge between two calm areas is no noise."""
    own = np.maximum(film[:, SAMPLES], 1)
    mean = _luminance(*(film[:, BEAUTY + k].astype(np.float64) for k in range(3))) / own
    # On a grid again: sums of floats would depend on their order.
    squares = np.rint(np.minimum(mean * mean * own, 2.0**40) * COARSE)
    return _pooled(squares.astype(np.int64), size) / COARSE / counts


def _pooled(values: NDArray[np.int64], size: tuple[int, int]) -> NDArray[np.float64]:
    """(pixels,) sums over the square of 2 REACH + 1 pixels around each, cut at the image's edge.

    In integers, exactly: a running sum may wrap, its differences do not."""
    width, height = size
    sums = np.zeros((height + 1, width + 1), np.int64)
    sums[1:, 1:] = values.reshape(height, width).cumsum(axis=0).cumsum(axis=1)
    top, bottom = _bounds(height)
    left, right = _bounds(width)
    square = (
        sums[np.ix_(bottom, right)]
        - sums[np.ix_(top, right)]
        - sums[np.ix_(bottom, left)]
        + sums[np.ix_(top, left)]
    )
    return square.astype(np.float64).ravel()


def _bounds(length: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    at = np.arange(length)
    return np.maximum(at - REACH, 0), np.minimum(at + REACH + 1, length)
