"""How well the images of two renderers agree, told from their noise; for tests and benchmarks."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class Agreement(NamedTuple):
    """Of two pairs of images, each pair one renderer's with two seeds."""

    relative_mse: float
    """Of one renderer's image to the other's."""
    noise: float
    """The same of a renderer's image to its own with another seed, the mean of both renderers."""
    bias: float
    """What is left of ``relative_mse`` without noise: about 0, of either sign, where they agree."""
    mean_ratio: tuple[float, float, float]
    """The light of the first by that of the second, by channel."""


def agreement(ours, theirs) -> Agreement:
    """``ours``, ``theirs``: two images (height, width, 3) each. The product of two differences between
    images with four different seeds has no noise in its mean."""
    a, b = np.asarray(ours, np.float64), np.asarray(theirs, np.float64)
    mean = (a.sum(axis=0) + b.sum(axis=0)) / 4
    scale = mean**2 + 0.01 * np.mean(mean**2)

    def relative(product) -> float:
        return float(np.mean(product / scale))

    noise = (relative((a[0] - a[1]) ** 2) + relative((b[0] - b[1]) ** 2)) / 2
    error = (relative((a[0] - b[0]) ** 2) + relative((a[1] - b[1]) ** 2)) / 2
    bias = relative((a[0] - b[0]) * (a[1] - b[1]))
    ratio = a.mean(axis=(0, 1, 2)) / b.mean(axis=(0, 1, 2))
    return Agreement(error, noise, bias, tuple(float(x) for x in ratio))
