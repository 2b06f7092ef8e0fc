"""The CUDA launcher compiles where there is no GPU, stays within its budget, and as lowered gives the CPU's film."""

from __future__ import annotations

import re
from functools import cache

import numpy as np
import pytest

from node_agent.kernels.pathtracer.film import new_film
from node_agent.kernels.pathtracer.options import UNCLAMPED
from node_agent.kernels.pathtracer.pack import pack
from tests.rendering.nvvm_ir import compiled, launch
from tests.rendering.peer_scenes import SCENES
from tests.rendering.ptx import assemble, lower_launcher, ptx_of
from tests.rendering.render import TRACER, spec_of, state_of
from tests.rendering.test_plain_python import everything

CAPABILITIES = [(7, 5), (8, 6), (8, 9), (9, 0)]
lowered = cache(lower_launcher)


@cache
def compile_once(capability):
    return ptx_of(lowered(), capability)


@pytest.mark.slow
@pytest.mark.parametrize("capability", CAPABILITIES)
@pytest.mark.filterwarnings("ignore")  # numba-cuda's own, of deprecated names
def test_compiles_without_a_gpu(capability):
    ptx = compile_once(capability)
    assert f".target sm_{capability[0]}{capability[1]}" in ptx
    assert ".entry" in ptx
    assert not re.search(r"^\s*call", ptx, re.MULTILINE), "something was not inlined"


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_no_double_precision():
    """A consumer GPU computes float64 at a 64th of the speed; the film's sums are integers."""
    lines = [line for line in compile_once((8, 6)).splitlines() if ".f64" in line]
    assert not lines, lines[:5]


@pytest.mark.slow
@pytest.mark.parametrize("capability", CAPABILITIES)
@pytest.mark.filterwarnings("ignore")
def test_nothing_is_spilled(capability, tmp_path):
    """Within ``launch_cuda.MOST_REGISTERS``. The wish is 80, which a prototype with one matt material reached."""
    report = assemble(compile_once(capability), capability, tmp_path)
    assert "0 bytes spill stores, 0 bytes spill loads" in report


SIZE, SAMPLES, DEPTH = 96, 16, 6


def cpu_film(packed):
    spec = spec_of(SIZE, samples=SAMPLES, seed=5, max_depth=DEPTH)
    state = state_of(packed, spec)
    TRACER.advance(state, 0, spec.passes)
    return state.film


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_lowered_kernel_gives_the_cpus_film():
    """To the bit, of larger pictures than the simulator can draw; see ``nvvm_ir``."""
    kernel = compiled(lowered())
    from node_agent.kernels.pathtracer.launch_cuda import host_arrays

    for packed in (everything().pack(), *(SCENES[name]() for name in ("glass", "sky", "crowd"))):
        scene, film = pack(packed, (SIZE, SIZE), 5, DEPTH, UNCLAMPED, print), new_film(SIZE, SIZE)
        for first in range(0, SAMPLES, SAMPLES // 2):
            launch(kernel, host_arrays(scene), film, first, SAMPLES // 2)
        np.testing.assert_array_equal(film, cpu_film(packed))
