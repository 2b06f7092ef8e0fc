"""The worker children of a node: which of them takes a task, and which are no longer needed.

A *lane* is a place for one child and its task. Each device has one lane from the start, whose child keeps
compiled kernels and scenes. More come when a device's cores are shared by several tasks, and for a task on
several GPUs, whose child sees them all; they end when they have been idle for a while.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence

from node_agent.agent import session_types as t
from node_agent.agent.cgroups import ChildGroup
from node_agent.agent.worker_process import Launch, WorkerProcess
from node_agent.wire.job import KernelWork
from node_agent.wire.messages import AttemptRef

IDLE_S = 60.0
"""An additional lane without a task ends after this long."""


class Lane:
    """A child and its task."""

    def __init__(self, launch: Launch, devices: tuple[int, ...], *, stays: bool) -> None:
        self.launch = launch
        self.devices = devices
        """What its child sees; the first is the one that tasks name."""
        self.stays = stays
        """Whether its child is kept alive without a task."""
        self.idle_at = 0.0
        """When its last task ended."""
        self.process: WorkerProcess | None = None
        self.spawned_at = 0.0
        self.respawn_at = 0.0
        self.early_deaths = 0
        self.kernels: list[str] | None = None
        """None until the child has said what it can run."""
        self.task: t.StartChild | None = None
        self.started_at = 0.0
        self.group: ChildGroup | None = None
        """Its child's control group."""
        self.gpu_peak_bytes = 0
        """Most that its processes were seen to hold of one GPU, for its task."""
        self.is_cancelled = False
        self.kill_at: float | None = None
        """When patience ends."""
        self.gone_at: float | None = None
        """When to look whether the dying child is gone."""
        self.ping_at = 0.0
        self.pings_missed = 0

    def next_deadline(self) -> float | None:
        """When to look at it at the latest."""
        if self.process is None:
            return self.respawn_at
        times = [at for at in (self.kill_at, self.gone_at) if at is not None]
        if self.task is None and not self.stays:
            times.append(self.idle_at + IDLE_S)
        if self.task is not None and self.gone_at is None:
            times.append(self.ping_at)
        return min(times, default=None)

    @property
    def is_free(self) -> bool:
        """Whether it takes a task: its child lives, or is to be started."""
        return self.task is None and self.gone_at is None

    def is_superfluous(self, now: float) -> bool:
        """Whether it has no task, had none for a while, and is none of those that stay."""
        return self.task is None and not self.stays and now >= self.idle_at + IDLE_S


class Lanes:
    """All lanes; finds one for each task."""

    def __init__(self, launches: Sequence[Launch]) -> None:
        self._launches = launches
        self._lanes = [Lane(launch, (i,), stays=True) for i, launch in enumerate(launches)]
        self._by_ref: dict[AttemptRef, Lane] = {}

    def __iter__(self) -> Iterator[Lane]:
        return iter(list(self._lanes))

    def of(self, ref: AttemptRef) -> Lane | None:
        """The lane that this attempt is in."""
        return self._by_ref.get(ref)

    def enter(self, start: t.StartChild) -> Lane:
        """Put a task into a free lane of its devices, or a new one."""
        devices = (start.device, *start.more_devices)
        lane = self._free(devices, start) or self._open(devices, start)
        lane.task = start
        self._by_ref[start.ref] = lane
        return lane

    def leave(self, lane: Lane, now: float) -> t.StartChild | None:
        """Its task is over; return it."""
        task, lane.task, lane.kill_at = lane.task, None, None
        lane.idle_at = now
        if task is not None:
            self._by_ref.pop(task.ref, None)
        return task

    def drop(self, lane: Lane) -> None:
        """Forget a lane whose child is gone."""
        self._lanes.remove(lane)

    def _free(self, devices: tuple[int, ...], start: t.StartChild) -> Lane | None:
        """Warm children are for kernels and cold ones for programs, where there is a choice."""
        free = [x for x in self._lanes if x.devices == devices and x.is_free]
        warm = isinstance(start.work, KernelWork)
        return min(free, key=lambda lane: lane.launch.warms_up != warm, default=None)

    def _open(self, devices: tuple[int, ...], start: t.StartChild) -> Lane:
        more = tuple(self._launches[device].device for device in devices[1:])
        launch = dataclasses.replace(
            self._launches[devices[0]], more=more, warms_up=isinstance(start.work, KernelWork)
        )
        lane = Lane(launch, devices, stays=False)
        self._lanes.append(lane)
        return lane
