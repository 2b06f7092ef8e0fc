"""On a real GPU: the film is the CPU's within rounding, and splits are exact."""

from __future__ import annotations

import numpy as np
import pytest

from node_agent.kernels.interface import Target
from tests.rendering.render import TRACER, film_hash, spec_of
from tests.rendering.scenes import cornell

pytestmark = pytest.mark.cuda


def on(kind, spec, packed, passes=None):
    state = TRACER.prepare_scene(spec, packed, Target(kind, 2))
    for number in passes or range(spec.passes):
        TRACER.advance(state, number, 1)
    return state


def test_gpu_and_cpu_agree():
    """Fused products turn a few paths another way; the others differ in the last bits alone."""
    packed, spec = cornell().pack(), spec_of(64, samples=16)
    gpu, cpu = (TRACER.finish(on(kind, spec, packed)) for kind in ("cuda", "cpu"))
    difference = np.abs(gpu["beauty"] - cpu["beauty"]).max(axis=-1)
    assert np.median(difference) < 1e-4
    np.testing.assert_allclose(gpu["beauty"].mean(), cpu["beauty"].mean(), rtol=0.01)
    np.testing.assert_allclose(gpu["depth"], cpu["depth"], rtol=0.2, atol=0.05)


def test_order_and_resume_are_exact_on_the_gpu():
    packed, spec = cornell().pack(), spec_of(32, samples=12, samples_per_pass=4)
    whole = on("cuda", spec, packed)
    TRACER.finish(whole)
    other = on("cuda", spec, packed, passes=[2, 0])
    data = TRACER.checkpoint(other)
    resumed = TRACER.restore_scene(spec, packed, data, Target("cuda"))
    TRACER.advance(resumed, 1, 1)
    TRACER.finish(resumed)
    assert film_hash(resumed) == film_hash(whole)
