"""What a ``KernelSpec`` may ask of the path tracer; anything else is refused in one sentence."""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import dataclass

from node_agent.kernels.interface import KernelRefusal, KernelSpec
from node_agent.kernels.pathtracer.film import MOST_SAMPLES

MOST_PIXELS_ALONG = 16384
UNCLAMPED = 1e30


@dataclass(frozen=True, slots=True)
class Options:
    """The kernel's own options, checked."""

    max_depth: int = 6
    """Segments of the longest path: 1 sees only what emits, 2 adds direct light."""
    clamp: float = UNCLAMPED
    """Indirect light of one sample is clamped to this radiance: fewer sparkles, a little less light."""
    exposure: float = 0.0
    """Stops; for the preview alone."""
    adaptive: float = 0.0
    """Relative error of a pixel at which it has enough samples; 0: every pixel takes all. See ``adaptive``."""
    cryptomatte: int = 0
    """1: the finished frame has mattes of its objects and materials, and a plane ``position``."""
    texture_mib: int = 4096
    """MiB that all textures may take; the finest levels of the largest are left out until they do."""
    denoise: int = 0
    """1: the finished frame has a plane ``denoised`` too."""
    light_groups: int = 0
    """1: the frame has a plane of the light of each light group, which make up the beauty. It decides samples."""
    motion: int = 0
    """1: the finished frame has a plane ``forward``: how far all goes to the next frame. See ``motion``."""
    dwaa: float = 0.0
    """Above 0: colours are compressed with a loss, by DWAA of that level (45 is usual); planes of data never."""


LIMITS = {
    "max_depth": (1, 64),
    "clamp": (1e-6, UNCLAMPED),
    "exposure": (-30.0, 30.0),
    "adaptive": (0.0, 1.0),
    "cryptomatte": (0, 1),
    "denoise": (0, 1),
    "light_groups": (0, 1),
    "motion": (0, 1),
    "dwaa": (0.0, 500.0),
    "texture_mib": (1, 8191),
}
WHOLE = ("max_depth", "texture_mib", "cryptomatte", "denoise", "light_groups", "motion")
AFTER_THE_FILM = ("exposure", "cryptomatte", "denoise", "motion", "dwaa")
"""These decide no sample: checkpoints and parts do not depend on them."""


def _number(name: str, value: object, low: float, high: float, whole: bool) -> float:
    """``value`` where it is a number in [low, high]; KernelRefusal where not."""
    kind = "whole number" if whole else "number"
    usable = isinstance(value, int if whole else (int, float)) and not isinstance(value, bool)
    if not usable or not math.isfinite(value) or not low <= value <= high:  # type: ignore[arg-type]
        raise KernelRefusal(f"{name} must be a {kind} from {low:g} to {high:g}, not {value!r}.")
    return value  # type: ignore[return-value]


def check_spec(spec: KernelSpec) -> Options:
    """Refuse a spec that cannot be rendered; return its options."""
    for name, low, high in (
        ("width", 1, MOST_PIXELS_ALONG),
        ("height", 1, MOST_PIXELS_ALONG),
        ("samples", 1, MOST_SAMPLES),
        ("samples_per_pass", 1, MOST_SAMPLES),
        ("first_sample", 0, MOST_SAMPLES - 1),
        ("seed", 0, 2**32 - 1),
    ):
        _number(name, getattr(spec, name), low, high, whole=True)
    _number("frame", spec.frame, -1e9, 1e9, whole=False)
    if spec.first_sample + spec.samples > MOST_SAMPLES:
        raise KernelRefusal(f"first_sample + samples must be at most {MOST_SAMPLES}.")
    unknown = sorted(set(spec.options) - set(LIMITS))
    if unknown:
        known = ", ".join(LIMITS)
        raise KernelRefusal(f"The path tracer has no option {unknown[0]!r}; it has {known}.")
    values = {
        name: _number(f"option {name}", value, *LIMITS[name], whole=name in WHOLE)
        for name, value in spec.options.items()
    }
    return Options(**values)  # type: ignore[arg-type]


def spec_hash(spec: KernelSpec) -> str:
    """SHA-256 of what decides the pixels, but for the scene: that has a digest, and another path elsewhere."""
    return _hash(spec, {"first_sample": spec.first_sample, "samples": spec.samples})


def image_hash(spec: KernelSpec) -> str:
    """Equal for the parts of one frame: samples of two specs may be merged where this is the same."""
    return _hash(spec, {})


def _hash(spec: KernelSpec, more: dict[str, int]) -> str:
    options = {k: v for k, v in spec.options.items() if k not in AFTER_THE_FILM}
    fields = {
        "frame": float(spec.frame),
        "width": spec.width,
        "height": spec.height,
        "samples_per_pass": spec.samples_per_pass,
        "seed": spec.seed,
        "camera": spec.camera,
        "options": options,
    }
    return hashlib.sha256(json.dumps(fields | more, sort_keys=True).encode()).hexdigest()
