"""The CUDA launcher compiles where there is no GPU, and stays within its budget."""

from __future__ import annotations

import re
from functools import cache

import pytest

from tests.rendering.ptx import assemble, compile_launcher

CAPABILITIES = [(7, 5), (8, 6), (8, 9), (9, 0)]
compile_once = cache(compile_launcher)


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
