"""The farm's own tables: the queue, the nodes, a shot's frames, and what it was used for.

No widgets. Each takes hold of its rows when it is called and makes cells when they are asked for.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from app.client.replica import Replica, StepState
from app.core.commands import UsageTable
from app.core.ids import TaskState
from app.core.views import NodeRow, NodeSample, ShotRow
from app.gui import states
from app.gui.due import standing
from app.gui.said import spoken
from app.gui.tables.table import Cell, Table, moment
from app.gui.words import mark, tr
from node_agent.wire.job import frames_at

GIB = float(1 << 30)
STANDINGS = {
    standing.ON_TIME: mark("on time"),
    standing.AT_RISK: mark("at risk"),
    standing.LATE: mark("late"),
    standing.UNKNOWN: mark("no forecast"),
}


def of_queue(rows: Sequence[ShotRow], positions: dict[int, int], now: float) -> Table:
    """Return the shots as they are shown, with times as times and counts as counts."""
    header = (
        *(tr("Place in queue"), tr("Project"), tr("Sequence"), tr("Shot"), tr("State")),
        *(tr("Frames"), tr("Frames done"), tr("Frames running"), tr("Frames failed")),
        *(tr("Progress in percent"), tr("Nodes at work"), tr("Finish (as likely before)")),
        *(tr("Finish (nine times in ten)"), tr("Finished at"), tr("Promised for"), tr("Promise")),
        *(tr("Artist"), tr("Submitted at"), tr("Why it waits"), tr("Newest error")),
    )
    return Table("queue", header, (_shot(row, positions.get(row.id, 0), now) for row in rows))


def _shot(row: ShotRow, position: int, now: float) -> list[Cell]:
    return [
        *(position or "", row.project, row.sequence, row.name, states.word(row.state)),
        *(row.total, row.done, row.running, row.failed, round(row.progress * 100, 1), row.nodes),
        *(moment(row.finish_p50), moment(row.finish_p90), moment(row.finished_at)),
        *(moment(row.due), _standing(row, now)),
        *(row.user, moment(row.submitted_at), spoken(row.reason), spoken(row.error)),
    ]


def _standing(row: ShotRow, now: float) -> str:
    name = standing.of(row, now).name
    return tr(STANDINGS[name]) if name in STANDINGS else ""


def of_nodes(replica: Replica) -> Table:
    """Return the nodes by name, with their newest loads."""
    header = (
        *(tr("Node"), tr("State"), tr("Pools"), tr("Tags"), tr("GPUs"), tr("Cores")),
        *(tr("Memory in GiB"), tr("Attempts running"), tr("CPU in percent")),
        *(tr("Memory used in percent"), tr("GPU in percent"), tr("Frames done")),
        *(tr("Frames failed"), tr("Last heard"), tr("Reserved until"), tr("Reserved for")),
        *(tr("Platform"), tr("Version")),
    )
    rows = sorted(replica.nodes.values(), key=lambda row: row.name)
    newest = {node: ring[-1] for node, ring in replica.samples.items() if ring}
    return Table("nodes", header, (_node(row, newest.get(row.id)) for row in rows))


def _node(row: NodeRow, sample: NodeSample | None) -> list[Cell]:
    gpus = sum(device.kind == "cuda" for device in row.devices)
    return [
        *(row.name, states.word(row.state), " ".join(row.pools), " ".join(row.tags)),
        *(gpus, row.cores, round(row.memory_bytes / GIB, 1)),
        sum(len(device.attempts) for device in row.devices),
        *_loads(sample),
        *(row.done, row.failed, moment(row.seen_at)),
        *(moment(row.reserved_until), row.reserved_for, row.platform, row.version),
    ]


def _loads(sample: NodeSample | None) -> list[Cell]:
    if sample is None:
        return ["", "", ""]
    gpus = [gpu.utilisation_percent for gpu in sample.gpus]
    memory = sample.memory_used_bytes / max(1, sample.memory_bytes) * 100
    return [
        round(sample.cpu_percent, 1),
        round(memory, 1),
        round(sum(gpus) / len(gpus), 1) if gpus else "",
    ]


def of_frames(replica: Replica, shot: int) -> Table:
    """Return the tasks of a shot, step by step."""
    header = (
        *(tr("Step"), tr("First frame"), tr("Last frame"), tr("State")),
        *(tr("Attempt"), tr("Node"), tr("Progress in percent")),
    )
    steps = [state for state in replica.steps.values() if state.row.shot == shot]
    row = replica.shots.get(shot)
    name = f"{row.sequence}-{row.name}-frames" if row else "frames"
    frozen = [StepState(each.row, bytearray(each.states), dict(each.running)) for each in steps]
    nodes = {node: each.name for node, each in replica.nodes.items()}
    return Table(name, header, _tasks(frozen, nodes))


def _tasks(steps: Sequence[StepState], nodes: dict[int, str]) -> Iterator[list[Cell]]:
    for step in steps:
        for task, state in enumerate(step.states):
            frames = frames_at(step.row.runs, task)
            run = step.running.get(task)
            yield [
                *(step.row.name, frames.first, frames.last),
                states.word(TaskState(state).name.lower()),
                *(run.epoch if run else "", nodes.get(run.node, "") if run else ""),
                round(run.progress * 100, 1) if run else "",
            ]


def of_usage(usage: UsageTable) -> Table:
    """Return the sums of the ledger."""
    names = {
        "attempts": tr("Attempts"),
        "gpu_hours": tr("GPU hours"),
        "core_hours": tr("Core hours"),
        "energy_kwh": tr("Energy in kWh"),
        "lost_hours": tr("Hours of attempts that came to nothing"),
    }
    header = tuple(names.get(name, name.replace("_", " ").capitalize()) for name in usage.columns)
    return Table("usage", header, (list(row) for row in usage.rows))
