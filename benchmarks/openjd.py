"""What an OpenJD task costs over the bare process that it runs, in a worker whose session is open.

A worker child as the agent starts it runs `true` some hundred times: as a bare process from here, as a command, and as
a task of an OpenJD step. The limit is that of the plan: 30 ms a task over the bare process.
"""

from __future__ import annotations

import contextlib
import json
import subprocess
import tempfile
import time
from collections.abc import Callable
from statistics import median

from app.cli.processes import module_command
from app.cli.worker import Worker
from node_agent.wire import pipe
from node_agent.wire.job import CommandWork, Frames, OpenJDWork, Work
from node_agent.wire.messages import AttemptRef

LIMIT_MS = 30.0
TEMPLATE = {
    "specificationVersion": "jobtemplate-2023-09",
    "name": "overhead",
    "steps": [
        {
            "name": "task",
            "parameterSpace": {
                "taskParameterDefinitions": [{"name": "Frame", "type": "INT", "range": "1-1000"}]
            },
            "script": {"actions": {"onRun": {"command": "true", "args": ["{{Task.Param.Frame}}"]}}},
        }
    ],
}


def run(quick: bool) -> dict[str, float]:
    """Measure; figures in milliseconds are medians."""
    count = 20 if quick else 200
    bare = [_timed(lambda: subprocess.run(["true"], check=True)) for _ in range(count)]
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder,
        contextlib.chdir(folder),  # where the worker's session has its own
        Worker("cpu", 1, module_command("node_agent.worker", "--cold")) as worker,
    ):
        command = _tasks(worker, CommandWork(argv=["true"]), count)
        openjd = _tasks(worker, OpenJDWork(template=json.dumps(TEMPLATE), session="s"), count)
    bare_ms, openjd_ms = 1e3 * median(bare), 1e3 * median(openjd[1:])
    return {
        "tasks": count,
        "bare_process_ms": bare_ms,
        "command_overhead_ms": 1e3 * median(command[1:]) - bare_ms,
        "openjd_overhead_ms": openjd_ms - bare_ms,
        "openjd_limit_ratio": (openjd_ms - bare_ms) / LIMIT_MS,
        "session_start_s": openjd[0],
    }


def _timed(call: Callable[[], object]) -> float:
    started = time.perf_counter()
    call()
    return time.perf_counter() - started


def _tasks(worker: Worker, work: Work, count: int) -> list[float]:
    """Seconds of each task, from the order to its end."""
    return [_timed(lambda task=task: _task(worker, work, task)) for task in range(count)]


def _task(worker: Worker, work: Work, task: int) -> None:
    ref = AttemptRef(1, task, 1)
    worker.send(pipe.RunTask(ref=ref, work=work, frames=Frames(task + 1, task + 1)))
    for message in worker.messages():
        if isinstance(message, pipe.TaskDone):
            return
        if isinstance(message, pipe.TaskFailed):
            raise RuntimeError(message.sentence)  # noqa: TRY004 - a message, not a type
