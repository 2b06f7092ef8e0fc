"""What the wall can show of a node, as parts of full: no Qt, nothing is painted here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from app.core.views import ABSENT, GpuSample, NodeRow, NodeSample, ShotRow
from app.gui.words import mark

MEASURES = {
    "gpu": mark("GPU"),
    "cpu": mark("CPU"),
    "memory": mark("Memory"),
    "temperature": mark("Temperature"),
    "power": mark("Power"),
    "project": mark("Project"),
}
OF_GPUS = ("gpu", "temperature", "power")
COLD_C, HOT_C = 30.0, 90.0
POWER_STEP_W = 100.0
POWER_LEAST_W = 400.0


@dataclass(frozen=True, slots=True)
class Parts:
    """A node in one measure: a number a GPU, or one for all of it; 0..1, below 0 where nothing is known."""

    levels: tuple[float, ...]
    project: str = ""
    """That most of its devices work for; '' where it is idle."""


UNKNOWN = Parts((-1.0,))


def parts_of(
    measure: str,
    row: NodeRow,
    sample: NodeSample | None,
    shots: Mapping[int, ShotRow],
    full_w: float,
) -> Parts:
    """Return what the wall shows of a node; a node that is away has no value, however new its last was."""
    if row.state in ABSENT:
        return UNKNOWN
    if measure == "project":
        return Parts((1.0,), project_of(row, shots))
    if sample is None:
        return UNKNOWN
    if measure == "cpu":
        return Parts((_held(sample.cpu_percent / 100),))
    if measure == "memory":
        full = sample.memory_bytes
        return Parts((_held(sample.memory_used_bytes / full),)) if full else UNKNOWN
    if not sample.gpus:
        return UNKNOWN
    return Parts(tuple(_of_gpu(measure, gpu, full_w) for gpu in sample.gpus))


def _of_gpu(measure: str, gpu: GpuSample, full_w: float) -> float:
    if measure == "gpu":
        return _held(gpu.utilisation_percent / 100)
    if measure == "power":
        return _held(gpu.power_w / full_w) if gpu.power_w > 0 else -1.0
    if gpu.temperature_c <= 0:
        return -1.0
    return _held((gpu.temperature_c - COLD_C) / (HOT_C - COLD_C))


def _held(level: float) -> float:
    return min(1.0, max(0.0, level))


def full_power(samples: Iterable[NodeSample]) -> float:
    """Return the watts that are full: the most of any GPU, up to the next hundred, so that it stands still."""
    most = max((gpu.power_w for sample in samples for gpu in sample.gpus), default=0.0)
    steps = -(-max(most, POWER_LEAST_W) // POWER_STEP_W)
    return steps * POWER_STEP_W


def project_of(row: NodeRow, shots: Mapping[int, ShotRow]) -> str:
    """Return the project that most devices of a node work for; '' for none."""
    names = [
        shots[attempt.shot].project
        for device in row.devices
        for attempt in device.attempts
        if attempt.shot in shots
    ]
    if len(names) < 2:
        return names[0] if names else ""
    return min(set(names), key=lambda name: (-names.count(name), name))


def groups_of(rows: Iterable[NodeRow]) -> dict[str, list[NodeRow]]:
    """Return the nodes by their first pool, '' last, each by name: a node's place is its name's, not its load's."""
    found: dict[str, list[NodeRow]] = {}
    for row in rows:
        found.setdefault(row.pools[0] if row.pools else "", []).append(row)
    return {name: found[name] for name in sorted(found, key=lambda name: (not name, name))}
