"""The processes that work on attempts: how far each is, and what becomes of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random
from typing import Literal

from app.simulate.options import Options
from node_agent.agent.session_types import StartChild
from node_agent.wire.job import KernelWork
from node_agent.wire.messages import OutputFile

Ending = Literal["ready", "fail", "crash", "hang"]
"""``crash`` takes the whole node down; ``hang`` never ends by itself."""
Outcome = Literal["done", "failed", "yielded", "killed", "lost"]
CAUSES = ("crash", "environment", "output", "user")


@dataclass(frozen=True, slots=True)
class Fate:
    """What an attempt is in for: seconds of the whole task, and how it ends."""

    seconds: float
    ending: Ending = "ready"
    cause: str = "crash"


Fates = Callable[[StartChild], Fate]


class Child:
    """A process that works on an attempt."""

    __slots__ = (
        "begun_at",
        "cores",
        "deadline",
        "devices",
        "fate",
        "files",
        "first",
        "is_dying",
        "is_gone",
        "is_hung",
        "is_kernel",
        "is_ready",
        "pass_samples",
        "passes",
        "ref",
        "started_at",
        "whole",
    )

    def __init__(self, start: StartChild, fate: Fate, first: int, now: float) -> None:
        work = start.work
        self.ref = ref = start.ref
        self.files = [OutputFile(f"/out/{ref.step}.{ref.task}", ref.epoch, f"{ref.epoch}")]
        self.fate = fate
        self.devices = (start.device, *start.more_devices)
        self.cores = start.cores
        self.is_kernel = isinstance(work, KernelWork)
        self.passes, self.pass_samples, self.whole = 1, 0, 1
        if isinstance(work, KernelWork):
            self.pass_samples = work.samples_per_pass
            self.passes = max(1, -(-(start.samples or work.samples) // work.samples_per_pass))
            self.whole = max(1, -(-work.samples // work.samples_per_pass))
        # What merges pieces has nothing left to render.
        self.first = self.passes if start.parts else min(first, self.passes)
        """Passes that its checkpoint had."""
        self.started_at = self.begun_at = now
        self.deadline = 0.0
        self.is_ready = self.is_hung = self.is_dying = self.is_gone = False

    @property
    def pass_s(self) -> float:
        return self.fate.seconds / self.whole

    @property
    def left_s(self) -> float:
        """Seconds from its begin to its end, if nothing comes between."""
        return self.pass_s * (self.passes - self.first)

    def passes_at(self, now: float) -> int:
        """Passes that are done, those of the checkpoint among them."""
        if now <= self.begun_at:
            return self.first
        # A hair more: a boundary of a pass is the end of it.
        done = int((now - self.begun_at) / self.pass_s + 1e-6) if self.fate.seconds else self.passes
        return min(self.passes, self.first + done)

    def samples_at(self, now: float) -> int:
        """Samples a pixel that this attempt itself has made."""
        return (self.passes_at(now) - self.first) * self.pass_samples


class Dice:
    """Fates drawn at random: for farms that are to meet every trouble."""

    def __init__(self, rng: Random, options: Options) -> None:
        self._rng = rng
        self.options = options

    def __call__(self, start: StartChild) -> Fate:
        rng, options = self._rng, self.options
        if rng.random() < options.hangs:
            return Fate(rng.expovariate(1 / options.frame_s), "hang")
        seconds = rng.expovariate(1 / options.frame_s)
        if rng.random() < options.fails:
            return Fate(seconds, "fail", rng.choice(CAUSES))
        return Fate(seconds, "crash" if rng.random() < options.crashes else "ready")


class Observer:
    """Hears of the children of all nodes; this one does not listen."""

    def began(self, node: str, child: Child, now: float) -> None:
        """A child was started."""

    def rendered(self, child: Child, now: float) -> None:
        """Its output is whole; what follows is publishing."""

    def ended(self, node: str, child: Child, outcome: Outcome, now: float) -> None:
        """Its devices are free, or gone."""

    def yielded(self, child: Child, path: str, passes: int) -> None:
        """It left a checkpoint."""

    def resumed(self, start: StartChild, child: Child) -> None:
        """A child begins with the passes of the checkpoint that it was given."""


def overlaps(one: Sequence[int], other: Sequence[int]) -> bool:
    return not set(one).isdisjoint(other)
