"""What every kernel is: five functions over arrays, numbered passes, exact sums.

A kernel knows nothing of jobs, queues or sockets. The worker child calls these five functions and
nothing else, so that a new kernel (particles, volumes, seismic waves, N-body) joins as one class
named in the entry-point group ``windfire.kernels``.

Rules that make preemption lossless, for every kernel:

* passes are numbered from 0 and a pass is a pure function of (spec, pass number);
* ``advance`` may be called with any consecutive ranges, in any process, on any thread count;
* ``checkpoint`` then ``restore`` on any node continues bit for bit;
* two states of the same spec that hold disjoint passes can be merged exactly (``merge``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Planes = Mapping[str, NDArray[np.float32]]
"""Plane name ('beauty', 'albedo', 'normal', 'depth', 'samples') to (height, width, channels) float32,
linear Rec.709 for colours, top row first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KernelSpec:
    """One frame for one kernel; everything that decides its pixels, and nothing else."""

    scene: Path
    frame: float
    """Time code in the scene's own frames."""
    width: int
    height: int
    samples: int
    """Samples per pixel of the whole frame, at least 1."""
    samples_per_pass: int = 4
    first_sample: int = 0
    """First sample of the range that this state renders; a split frame has several disjoint ranges."""
    seed: int = 0
    camera: str = ""
    """Prim path of the camera; empty takes the scene's first, or frames the scene where it has none."""
    options: Mapping[str, float | int | str] = field(default_factory=dict)
    """Kernel-specific, e.g. ``max_depth``. An unknown name is refused by ``prepare``."""

    @property
    def passes(self) -> int:
        """Number of passes that cover ``samples``; the last may be shorter."""
        return -(-self.samples // self.samples_per_pass)


@dataclass(frozen=True, slots=True)
class Target:
    """Where a kernel runs: 'cpu' with a thread count, or 'cuda' (the one GPU this process sees)."""

    kind: str = "cpu"
    threads: int = 1


class KernelRefusal(Exception):
    """The spec or scene cannot be rendered; the message is one sentence naming file and field."""


class Kernel(Protocol):
    """The five functions (and merge). ``State`` is the kernel's own, opaque to the caller."""

    name: str
    version: str
    """Changes whenever the same spec would give other bits; checkpoints of another version are refused."""

    def warm_up(self, target: Target) -> None:
        """Compile or load everything that the first frame would otherwise wait for."""
        ...

    def prepare(self, spec: KernelSpec, target: Target, warn: Callable[[str], None]) -> Any:
        """Load the scene and allocate an empty film. Raises KernelRefusal. Calls ``warn`` once for
        each thing in the scene that is not supported."""
        ...

    def advance(self, state: Any, first_pass: int, passes: int) -> None:
        """Render passes [first_pass, first_pass + passes) into the state. Blocking, nogil inside."""
        ...

    def preview(self, state: Any, max_width: int, max_height: int) -> NDArray[np.uint8]:
        """Display image so far, (h, w, 3) uint8 sRGB, top row first, no larger than asked."""
        ...

    def checkpoint(self, state: Any) -> bytes:
        """The state as bytes: spec hash, kernel version, passes done, film; with its own SHA-256."""
        ...

    def restore(
        self, spec: KernelSpec, data: bytes, target: Target, warn: Callable[[str], None]
    ) -> Any:
        """Continue from a checkpoint. Raises KernelRefusal if it is for another spec, scene or version."""
        ...

    def passes_done(self, state: Any) -> int:
        """How many passes the state holds, counted from its first."""
        ...

    def merge(self, state: Any, other: Any) -> None:
        """Add the disjoint samples of ``other`` into ``state``, exactly."""
        ...

    def finish(self, state: Any) -> Planes:
        """The planes of the finished frame."""
        ...

    def attributes(self, state: Any) -> Mapping[str, object]:
        """What the frame's file says of its planes, such as a cryptomatte's manifest; may be empty."""
        ...
