"""The path tracer's images beside Mitsuba 3's: relative mean squared errors, scene by scene.

Two seeds of each renderer say what is noise; ``bias`` is what is left without it, see ``agreement``. Fails
where an image is not within the noise of Mitsuba's, or half a per cent brighter or darker.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from benchmarks.report import Unavailable
from tests.rendering.agreement import agreement
from tests.rendering.peer_scenes import SCENES
from tests.rendering.render import beauty

SIZE, SAMPLES, DEPTH = 64, 256, 32


def _figures() -> tuple[str, ...]:
    return tuple(name.replace(" ", "_") for name in SCENES)


BARS = {f"{name}_relative_mse_over_noise_ratio": 1.3 for name in _figures()}
BARS |= {f"{name}_mean_is_off_by_percent": 0.5 for name in _figures()}


def run(quick: bool) -> dict:
    """Four images a scene; ``quick`` takes a quarter of the samples, too few for the bars' half per cent."""
    try:
        import mitsuba  # pyright: ignore[reportMissingImports]
    except ImportError as error:
        raise Unavailable("the package mitsuba is not installed") from error
    mitsuba.set_variant("scalar_rgb")
    figures: dict = {"mitsuba": mitsuba.__version__}
    for name, make in SCENES.items():
        figures |= _scene(name.replace(" ", "_"), make(), SAMPLES // 4 if quick else SAMPLES)
    return figures


def _scene(name: str, packed, samples: int) -> dict:
    from tests.rendering.mitsuba_scene import image, mitsuba_scene

    with tempfile.TemporaryDirectory() as folder:
        scene = mitsuba_scene(packed, (SIZE, SIZE), Path(folder), DEPTH)
        theirs = [image(scene, samples, seed) for seed in (1, 2)]
    more = {"width": SIZE, "samples": samples, "max_depth": DEPTH}
    found = agreement([beauty(packed, seed=seed, **more) for seed in (1, 2)], theirs)
    return {
        f"{name}_relative_mse": found.relative_mse,
        f"{name}_noise": found.noise,
        f"{name}_bias": found.bias,
        f"{name}_relative_mse_over_noise_ratio": found.relative_mse / found.noise,
        f"{name}_mean_is_off_by_percent": 100 * max(abs(ratio - 1) for ratio in found.mean_ratio),
    }
