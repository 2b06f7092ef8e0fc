"""Ten million attempts, 28 million GPU-hours: what a usage report costs, and what keeping its sums costs.

Written straight into the ledger in chunks, each rolled up as a snapshot would; then asked as people ask.
"""

from __future__ import annotations

import random
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from app.core.changes import JobAdded, NodeAdded, ShotAdded, StepAdded
from app.core.commands import GetUsage
from app.store.repository import Repository
from app.store.usage import roll_up
from node_agent.wire.job import CommandWork, Frames, Needs

ATTEMPTS, CHUNK = 10_000_000, 500_000
SHOTS, NODES, PROJECTS, USERS = 1900, 715, 12, 50
YEARS_S = 2 * 365 * 86400
MEAN_S = 2.8 * 3600
ASKED = {
    "by_project_month_s": GetUsage(by=["project", "month"]),
    "by_project_user_s": GetUsage(by=["project", "user"]),
    "one_day_by_shot_s": GetUsage(since=86400.0 * 300, until=86400.0 * 301, by=["shot"]),
}


def run(quick: bool) -> dict:
    """Return the figures; ``quick`` takes a twentieth of the attempts."""
    count = ATTEMPTS // 20 if quick else ATTEMPTS
    with tempfile.TemporaryDirectory() as folder:
        repository = Repository(Path(folder) / "windfire.db")
        _people(repository)
        started = time.thread_time()
        _fill(repository, count)
        figures: dict[str, object] = {
            "attempts": count,
            "fill_and_roll_up_us_an_attempt": (time.thread_time() - started) / count * 1e6,
        }
        hours = sum(float(row[1]) for row in repository.usage(GetUsage(by=[])).rows)
        figures["gpu_hours"] = hours
        for name, query in ASKED.items():
            figures[name] = [_timed(repository, query) for _ in range(3)]
        figures["database_mb"] = (Path(folder) / "windfire.db").stat().st_size / 1e6
        repository.close()
    return figures


def _timed(repository: Repository, query: GetUsage) -> float:
    started = time.perf_counter()
    repository.usage(query)
    return time.perf_counter() - started


def _people(repository: Repository) -> None:
    work, one = CommandWork(argv=["x"]), [Frames(1, 1)]
    changes: list = [NodeAdded(n, f"n{n}", f"{n:040}", 0.0) for n in range(1, NODES + 1)]
    for shot in range(1, SHOTS + 1):
        changes += [
            ShotAdded(shot, f"film{shot % PROJECTS}", "q", f"s{shot}", float(shot), 0.0),
            JobAdded(shot, shot, "v", f"user{shot % USERS}", 3, scouts=True, at=0.0),
            StepAdded(shot, shot, "render", work, Needs(), "1", one, []),
        ]
    repository.commit(changes, 0.0)


def _fill(repository: Repository, count: int) -> None:
    rng = random.Random(1)
    for first in range(0, count, CHUNK):
        size = min(CHUNK, count - first)
        # The ledger grows as time passes, whatever shot or node it is about.
        begin, length = YEARS_S * first / count, YEARS_S * size / count
        with repository.database.transaction() as connection:
            connection.executemany(_ADD, _attempts(rng, size, begin, length))
            roll_up(connection)


_ADD = """INSERT INTO attempt (step, task, epoch, node, device, device_kind, started_at, ended_at, outcome,
cause, sentence, wall_s, cpu_s, peak_memory_bytes, samples, energy_j, files)
VALUES (?,0,1,?,0,'cuda',?,?,?,'','',?,?,0,0,0.0,'')"""


def _attempts(rng: random.Random, size: int, begin: float, length: float) -> Iterator[tuple]:
    for _ in range(size):
        start, wall = begin + rng.random() * length, rng.expovariate(1 / MEAN_S)
        outcome = "failed" if rng.random() < 0.02 else "done"
        step, node = rng.randrange(1, SHOTS + 1), rng.randrange(1, NODES + 1)
        yield step, node, start, start + wall, outcome, wall, wall
