"""Rendering a packed scene in one call, for the tests."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np

from node_agent.kernels.interface import KernelSpec, Target
from node_agent.kernels.pathtracer.arrays import STRATEGY
from node_agent.kernels.pathtracer.kernel import PathTracer

TRACER = PathTracer()


def spec_of(width=16, height=None, samples=64, **more) -> KernelSpec:
    """A spec; keywords beyond KernelSpec's own are options."""
    own = {k: more.pop(k) for k in list(more) if k in KernelSpec.__dataclass_fields__}
    height = width if height is None else height
    own.setdefault("samples_per_pass", samples)
    return KernelSpec(
        scene=Path("made.in.code"),
        frame=1.0,
        width=width,
        height=height,
        samples=samples,
        options=more,
        **own,
    )


def state_of(packed, spec, threads=2, strategy=None):
    """A state that is ready for its first pass."""
    state = TRACER.prepare_scene(spec, packed, Target("cpu", threads))
    if strategy is not None:
        state.scene.tables.ints[STRATEGY] = strategy
    return state


def render(packed, width=16, height=None, samples=64, strategy=None, **more):
    """The planes of a frame."""
    spec = spec_of(width, height, samples, **more)
    state = state_of(packed, spec, strategy=strategy)
    TRACER.advance(state, 0, spec.passes)
    return TRACER.finish(state)


def beauty(packed, **more):
    """(height, width, 3) float64 radiance."""
    return render(packed, **more)["beauty"][..., :3].astype(np.float64)


def film_hash(state) -> str:
    """Of the sums, to the bit."""
    return hashlib.sha256(state.film.tobytes()).hexdigest()
