"""A node in words: the line below the wall, the tip under the pointer, what a screen reader says."""

from __future__ import annotations

from app.core.views import ABSENT, NodeRow, NodeSample
from app.gui import states, text
from app.gui.bridge import Farm
from app.gui.nodes.model import mean_gpu, running, unheard
from app.gui.words import tr


def node_sentence(farm: Farm, node: int) -> str:
    """Return a node in one line; '' where there is none."""
    return "  ·  ".join(_facts(farm, node))


def tip(farm: Farm, node: int) -> str:
    """Return a node in a few lines."""
    return "\n".join(_facts(farm, node))


def _facts(farm: Farm, node: int) -> list[str]:
    row = farm.replica.nodes.get(node)
    if row is None:
        return []
    ring = farm.replica.samples.get(node)
    name = f"{row.name}, {states.word(row.state)}"
    if row.state in ABSENT:
        return [name, unheard(row, farm.now())]
    facts = [name, *(_load(ring[-1]) if ring else []), *_work(farm, row)]
    if row.reserved_until > farm.now():
        facts.append(reservation(row, farm.now()))
    return facts


def _load(sample: NodeSample) -> list[str]:
    facts = [tr("CPU {percent} %").format(percent=round(sample.cpu_percent))]
    if sample.gpus:
        facts.insert(0, tr("GPU {percent} %").format(percent=round(mean_gpu(sample.gpus))))
        hot = max(gpu.temperature_c for gpu in sample.gpus)
        watts = sum(gpu.power_w for gpu in sample.gpus)
        facts.append(tr("{hot} °C, {watts} W").format(hot=round(hot), watts=round(watts)))
    if sample.memory_bytes:
        full = sample.memory_used_bytes / sample.memory_bytes * 100
        facts.append(tr("memory {percent} %").format(percent=round(full)))
    return facts


def _work(farm: Farm, row: NodeRow) -> list[str]:
    found = []
    for attempt in running(row)[:3]:
        shot = farm.replica.shots.get(attempt.shot)
        if shot is not None:
            found.append(f"{shot.project} / {shot.sequence} / {shot.name}  {attempt.frame}")
    return found


def reservation(row: NodeRow, now: float) -> str:
    """Say for whom a node is kept, and until when."""
    until = text.clock(row.reserved_until, now)
    if row.reserved_for:
        return tr("kept for {project} until {time}").format(project=row.reserved_for, time=until)
    return tr("kept free until {time}").format(time=until)
