"""Tasks of real work through the real agent of this machine: no-op kernels in warm workers, `true` as a command.

Dispatcher, agent and workers share the machine's cores, a task a core.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from app.cli.embedded import ensure_farm, stop_farm
from app.client import Farm, connect
from app.core.commands import StepRequest, Submit
from app.store.home import Home
from node_agent.wire.job import CommandWork, KernelWork, Needs, Work

NOOP = KernelWork(kernel="noop", scene="none", width=8, height=8, samples=1, samples_per_pass=1)
TRUE = CommandWork(argv=["true"])
LIMIT_S = 300.0
WARM = 50


def run(quick: bool) -> dict[str, list[float]]:
    """Measure; see the module."""
    tasks = 100 if quick else 1_000
    found: dict[str, list[float]] = {"true_commands_per_s": [], "noop_kernels_per_s": []}
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder))
        ensure_farm(home, lambda _: None)
        try:
            with connect(home.root) as farm:
                for work in (TRUE, NOOP):
                    _seconds(farm, f"warm-{type(work).__name__}", work, WARM)
                for number in range(1 if quick else 3):
                    for rates, work in zip(found.values(), (TRUE, NOOP), strict=True):
                        name = f"{type(work).__name__}-{number}"
                        rates.append(tasks / _seconds(farm, name, work, tasks))
        finally:
            stop_farm(home)
    return found


def _seconds(farm: Farm, shot: str, work: Work, tasks: int) -> float:
    """Return the time from the submission until all tasks are done."""
    step = StepRequest(work=work, frames=f"1-{tasks}", needs=Needs(device="cpu", cores=1))
    began = time.perf_counter()
    farm.give(Submit(project="F", sequence="q", shot=shot, name="v1", steps=[step]))
    while sum(row.done for row in farm.list("shots") if row.name == shot) < tasks:
        time.sleep(0.05)
        if time.perf_counter() - began > LIMIT_S:
            raise TimeoutError(f"the tasks of {shot} were not done in time")
    return time.perf_counter() - began
