"""`windfire ls [shots|jobs|steps|tasks|nodes|attempts] [--json]`: what there is, for people or for programs."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from app.cli.console import bar, note, say, table
from app.cli.text import clock, duration, size_of
from app.cli.wait import share
from app.client.api import Farm, connect
from app.client.lookup import full_name
from app.core.ids import TaskState
from app.core.views import AttemptRow, JobRow, NodeRow, ShotRow, StepRow, TaskRow
from app.errors import UserMistake

KINDS = ("shots", "jobs", "steps", "tasks", "nodes", "attempts")
Table = tuple[Sequence[str], list[list[str]], str]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What to list, how."""
    if parser.prog.endswith(" ls"):
        parser.add_argument(
            "kind",
            nargs="?",
            choices=KINDS,
            default="shots",
            metavar="KIND",
            help="shots (default), jobs, steps, tasks, nodes or attempts",
        )
        parser.add_argument(
            "shot", nargs="?", metavar="SHOT", help="whose steps, tasks or attempts"
        )
    parser.add_argument("--json", action="store_true", help="one JSON array, for programs")


def run(options: argparse.Namespace) -> int:
    """List them; an empty list is said on stderr."""
    kind: str = getattr(options, "kind", "nodes")
    shot: str | None = getattr(options, "shot", None)
    if kind == "tasks" and shot is None:
        raise UserMistake("Say whose tasks: `windfire ls tasks SHOT`.")
    if shot is not None and kind not in ("steps", "tasks", "attempts"):
        raise UserMistake(f"`windfire ls {kind}` lists all of them; it takes no shot.")
    with connect(options.home) as farm:
        rows, layout = _fetch(farm, kind, shot)
    if options.json:
        say(msgspec.json.format(msgspec.json.encode(rows), indent=2).decode())
    elif not rows:
        note(f"There are no {kind}.")
    else:
        for line in table(*layout()):
            say(line)
    return 0


def _fetch(farm: Farm, kind: str, shot: str | None) -> tuple[list[Any], Callable[[], Table]]:
    match kind:
        case "shots":
            shots = farm.list("shots")
            return shots, lambda: _shots(shots)
        case "jobs":
            jobs, names = farm.list("jobs"), {row.id: full_name(row) for row in farm.list("shots")}
            return jobs, lambda: _jobs(jobs, names)
        case "steps":
            steps, names = farm.list("steps", shot), {r.id: r.name for r in farm.list("shots")}
            return steps, lambda: _steps(steps, names)
        case "tasks":
            tasks = farm.list("tasks", shot or "")
            return tasks, lambda: _tasks(tasks)
        case "nodes":
            nodes = farm.list("nodes")
            return nodes, lambda: _nodes(nodes)
        case _:
            attempts = farm.list("attempts", shot)
            return attempts, lambda: _attempts(attempts)


def _shots(rows: list[ShotRow]) -> Table:
    headings = ["#", "shot", "state", "", "done", "failed", "nodes", "finish", "why"]
    lines = [
        [
            str(place),
            full_name(row),
            row.state,
            bar(share(row), 10),
            f"{row.done}/{row.total}",
            str(row.failed or ""),
            str(row.nodes or ""),
            clock(row.finished_at or row.finish_p50),
            row.error or row.reason,
        ]
        for place, row in enumerate(rows, 1)
    ]
    return headings, lines, "><<<>>><<"


def _jobs(rows: list[JobRow], names: dict[int, str]) -> Table:
    headings = ["job", "shot", "name", "state", "done", "failed", "user", "submitted"]
    lines = [
        [
            str(row.id),
            names.get(row.shot, str(row.shot)),
            row.name,
            row.state,
            f"{row.done}/{row.total}",
            str(row.failed or ""),
            row.user,
            clock(row.submitted_at),
        ]
        for row in rows
    ]
    return headings, lines, "><<<>><<"


def _steps(rows: list[StepRow], names: dict[int, str]) -> Table:
    headings = ["job", "shot", "step", "kind", "frames", "GPU memory", "RAM", ""]
    lines = [
        [
            str(row.job),
            names.get(row.shot, str(row.shot)),
            row.name,
            row.kind,
            row.frames,
            size_of(row.gpu_bytes) if row.gpu_bytes else "",
            size_of(row.ram_bytes) if row.ram_bytes else "",
            "as its frames took" if row.is_learned else "",
        ]
        for row in rows
    ]
    return headings, lines, "><<<<>><"


def _tasks(rows: list[TaskRow]) -> Table:
    headings = ["frames", "step", "state", "try", "node", "time", "error"]
    lines = [
        [
            _frames(row.first, row.last),
            row.step_name,
            _state(row),
            str(row.epoch or ""),
            row.node,
            duration(row.seconds) if row.seconds else "",
            row.error,
        ]
        for row in rows
    ]
    return headings, lines, "><<><><"


def _nodes(rows: list[NodeRow]) -> Table:
    headings = [
        "node",
        "state",
        "devices",
        "cores",
        "memory",
        "GFLOP/s",
        "disk",
        "done",
        "failed",
        "seen",
    ]
    lines = [
        [
            row.name,
            f"{row.state}: {row.away}" if row.away else row.state,
            ", ".join(device.name for device in row.devices),
            str(row.cores),
            size_of(row.memory_bytes),
            f"{row.gflops:.0f}" if row.gflops else "",
            f"{size_of(row.disk_bps)}/s" if row.disk_bps else "",
            str(row.done),
            str(row.failed or ""),
            f"{duration(time.time() - row.seen_at)} ago" if row.seen_at else "never",
        ]
        for row in rows
    ]
    return headings, lines, "<<<>>>>>><"


def _attempts(rows: list[AttemptRow]) -> Table:
    headings = ["job", "frames", "try", "node", "outcome", "started", "time", "why"]
    lines = [
        [
            str(row.job),
            _frames(row.first, row.last),
            str(row.epoch),
            row.node_name,
            row.outcome,
            clock(row.started_at),
            duration(row.wall_s) if row.ended_at else "",
            row.sentence,
        ]
        for row in rows
    ]
    return headings, lines, ">>><<<><"


def _frames(first: int, last: int) -> str:
    return str(first) if first == last else f"{first}-{last}"


def _state(row: TaskRow) -> str:
    name = TaskState(row.state).name.lower()
    return f"{name} {row.progress:.0%}" if row.state == TaskState.RUNNING else name
