"""A kernel that renders a gradient and takes as long as it is told: for benchmarks and tests.

It keeps every promise of ``interface``: the sums are integers, so that any split, yield or merge gives
the same bits. Options: ``cost_s``, seconds of sleep for the whole frame, spread over its passes.
"""

from __future__ import annotations

import hashlib
import struct
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from node_agent.kernels.interface import KernelRefusal, KernelSpec, Planes, Target

COST_S_MAX = 86_400.0
_HEADER = struct.Struct("<32sII")


@dataclass(slots=True)
class _State:
    spec: KernelSpec
    cost_s: float
    sums: NDArray[np.int64]
    """(height, width), the sum of the samples so far."""
    samples: int = 0
    passes: int = 0


class NoopKernel:
    """Each sample adds a number that depends on the pixel, the sample and the frame alone."""

    name = "noop"
    version = "1"

    def warm_up(self, target: Target) -> None:
        """Nothing to compile."""

    def prepare(self, spec: KernelSpec, target: Target, warn: Callable[[str], None]) -> _State:
        """Allocate the sums. Refuses options it does not know."""
        unknown = sorted(set(spec.options) - {"cost_s"})
        if unknown:
            raise KernelRefusal(f"The noop kernel has no option {unknown[0]!r}.")
        cost_s = spec.options.get("cost_s", 0.0)
        if isinstance(cost_s, str) or not 0 <= cost_s <= COST_S_MAX:
            raise KernelRefusal(f"The option cost_s is {cost_s!r}, not seconds up to a day.")
        return _State(spec, float(cost_s), np.zeros((spec.height, spec.width), np.int64))

    def advance(self, state: _State, first_pass: int, passes: int) -> None:
        """Sleep, and add the samples of these passes."""
        spec = state.spec
        pixels = np.arange(state.sums.size, dtype=np.int64).reshape(state.sums.shape)
        for number in range(first_pass, first_pass + passes):
            time.sleep(state.cost_s / spec.passes)
            first = number * spec.samples_per_pass
            for sample in range(first, min(first + spec.samples_per_pass, spec.samples)):
                key = spec.first_sample + sample + spec.seed * 7919 + int(spec.frame) * 104_729
                state.sums += (pixels * 2_654_435_761 + key * 40_503) % 65_536
                state.samples += 1
            state.passes += 1

    def preview(self, state: _State, max_width: int, max_height: int) -> NDArray[np.uint8]:
        """The mean as a grey."""
        height, width = state.sums.shape
        step = max(1, -(-width // max_width), -(-height // max_height))
        grey = (state.sums[::step, ::step] // (max(1, state.samples) * 256)).astype(np.uint8)
        return np.repeat(grey[:, :, np.newaxis], 3, axis=2)

    def checkpoint(self, state: _State) -> bytes:
        """Spec hash, counts, sums, and a hash of all."""
        header = _HEADER.pack(_spec_hash(state.spec), state.samples, state.passes)
        data = header + state.sums.tobytes()
        return hashlib.sha256(data).digest() + data

    def restore(
        self, spec: KernelSpec, data: bytes, target: Target, warn: Callable[[str], None]
    ) -> _State:
        """Continue. Refuses what is damaged or another frame's."""
        digest, data = data[:32], data[32:]
        if hashlib.sha256(data).digest() != digest:
            raise KernelRefusal("The checkpoint is damaged.")
        spec_hash, samples, passes = _HEADER.unpack_from(data)
        if spec_hash != _spec_hash(spec):
            raise KernelRefusal("The checkpoint is of another frame.")
        state = self.prepare(spec, target, warn)
        state.sums[:] = np.frombuffer(data, np.int64, offset=_HEADER.size).reshape(state.sums.shape)
        state.samples, state.passes = samples, passes
        return state

    def passes_done(self, state: _State) -> int:
        """Passes in the sums."""
        return state.passes

    def merge(self, state: _State, other: Any) -> None:
        """Add disjoint samples."""
        state.sums += other.sums
        state.samples += other.samples
        state.passes += other.passes

    def finish(self, state: _State) -> Planes:
        """The mean, in three equal channels, opaque."""
        mean = (state.sums / (max(1, state.samples) * 65_536)).astype(np.float32)
        return {"beauty": np.stack([mean, mean, mean, np.ones_like(mean)], axis=2)}

    def attributes(self, state: _State) -> dict[str, str]:
        """Nothing."""
        return {}


def _spec_hash(spec: KernelSpec) -> bytes:
    return hashlib.sha256(repr(spec).encode()).digest()
