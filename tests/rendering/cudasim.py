"""Renders a small film by ``launch_cuda`` in numba-cuda's simulator, and prints its hash.

A process of its own: the simulator is chosen when numba-cuda is imported, and needs the JIT off. Run by
test_cudasim.py with NUMBA_ENABLE_CUDASIM=1 NUMBA_DISABLE_JIT=1.
"""

from __future__ import annotations

import warnings

import numpy as np

from node_agent.kernels.interface import Target
from tests.rendering.render import TRACER, film_hash, spec_of
from tests.rendering.test_plain_python import everything


def main() -> None:
    """As test_plain_python's ``small_film``, but on the pretended GPU, in two launches."""
    warnings.simplefilter("ignore")
    np.seterr(all="ignore")
    spec = spec_of(8, samples=2, samples_per_pass=1, seed=7)
    state = TRACER.prepare_scene(spec, everything().pack(), Target("cuda"))
    TRACER.advance(state, 0, 1)
    TRACER.advance(state, 1, 1)
    TRACER.finish(state)
    print(film_hash(state))


if __name__ == "__main__":
    main()
