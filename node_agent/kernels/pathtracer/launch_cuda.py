"""The CUDA launcher: one thread a pixel, the same ``sample_pixel`` as on the CPU.

The scene is copied to the GPU once a state; the film stays there until someone asks for it. A thread adds
to its own pixel alone, so that there are no atomics, and the sums are the same for any launch shape.
Importing this module imports ``numba.cuda``, which only processes with a GPU should pay for.
"""

# numba-cuda describes a kernel's launch in no types.
# pyright: reportCallIssue=false, reportIndexIssue=false

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import config, cuda
from numpy.typing import NDArray

from node_agent.kernels.pathtracer.arrays import SceneArrays, Tables, Tree
from node_agent.kernels.pathtracer.pixel import sample_pixel
from node_agent.kernels.pathtracer.traverse import STACK_DEPTH

THREADS_A_BLOCK = 64
MOST_REGISTERS = 136
"""A thread: then an SM of 65,536 holds seven blocks. Left alone, the assembler takes up to 147; at 128 it spills
eight bytes, at 112 as many as 140."""
SAMPLES_A_LAUNCH = 16
"""A launch is kept short: a display's driver kills what holds its GPU for two seconds."""


@dataclass(slots=True)
class OnDevice:
    """One state's arrays on the GPU."""

    scene: tuple[Any, ...]
    """nodes, links, tris, numbers, floats, ints, texels."""
    film: Any


def render_pixels(nodes, links, tris, numbers, floats, ints, texels, film, first_sample, samples):
    """Add samples [first_sample, first_sample + samples) of every pixel to the film; a kernel."""
    pixel = cuda.grid(1)
    if pixel < film.shape[0]:
        stack = cuda.local.array(STACK_DEPTH, np.int32)
        entries = cuda.local.array(STACK_DEPTH, np.float32)
        tree = Tree(nodes, links, tris, numbers, stack, entries)
        tables = Tables(floats, ints, texels)
        sample_pixel(tree, tables, film, pixel, first_sample, samples)


# The simulator knows nothing of registers.
_options: dict[str, Any] = (
    {} if getattr(config, "ENABLE_CUDASIM", 0) else {"max_registers": MOST_REGISTERS}
)
kernel: Any = cuda.jit(**_options)(render_pixels)


def host_arrays(scene: SceneArrays) -> tuple[NDArray, ...]:
    """The arrays that the kernel takes, in its order; none is empty, which a GPU cannot hold."""
    tree, tables = scene.tree, scene.tables
    arrays = (tree.nodes, tree.links, tree.pool, tree.numbers, *tables)
    return tuple(x if x.size else np.zeros((1,) * x.ndim, x.dtype) for x in arrays)


def upload(scene: SceneArrays, film: NDArray[np.int64]) -> OnDevice:
    """Copy a scene and a film to the GPU."""
    return OnDevice(tuple(cuda.to_device(x) for x in host_arrays(scene)), cuda.to_device(film))


def with_film(state: OnDevice, film: NDArray[np.int64]) -> OnDevice:
    """The same scene with another film, copied to the GPU."""
    return OnDevice(state.scene, cuda.to_device(film))


def launch(state: OnDevice, first_sample: int, samples: int) -> None:
    """Add samples [first_sample, first_sample + samples) of every pixel; returns when they are done."""
    blocks = -(-state.film.shape[0] // THREADS_A_BLOCK)
    end = first_sample + samples
    for first in range(first_sample, end, SAMPLES_A_LAUNCH):
        count = min(SAMPLES_A_LAUNCH, end - first)
        kernel[blocks, THREADS_A_BLOCK](*state.scene, state.film, first, count)
        cuda.synchronize()


def download(state: OnDevice, film: NDArray[np.int64]) -> None:
    """Copy the film back into ``film``."""
    state.film.copy_to_host(film)
