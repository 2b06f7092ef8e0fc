"""kill -9 of the dispatcher at any moment: what was acknowledged is there, nothing is accepted twice."""

from __future__ import annotations

import os
import random
import sqlite3
import time
from pathlib import Path

import pytest

from app.core.commands import Attempts as AttemptsAnswer
from app.core.commands import GetAttempts, GetSnapshot, Receipt, StepRequest, Submit
from app.core.ids import TaskState
from app.core.views import AttemptRow, Snapshot
from app.store.home import read_connection
from app.store.repository import Repository
from node_agent.wire.job import CommandWork
from tests.integration.dispatcher.fake_agent import FakeNodes
from tests.integration.dispatcher.farm import Client, Server, admin_of, join_node, server

KILLS = int(os.environ.get("WINDFIRE_KILLS", "12"))
NODES = 4
FRAMES = 40


def submit(client: Client, shot: str, frames: int = FRAMES) -> Receipt:
    answer = client.ask(
        Submit(
            project="KILL",
            sequence="sq",
            shot=shot,
            name="job",
            steps=[StepRequest(work=CommandWork(argv=["true"]), frames=f"1-{frames}")],
        )
    )
    assert isinstance(answer, Receipt), answer
    return answer


def client_of(running: Server) -> Client:
    connection = read_connection(running.home)
    assert connection is not None
    return Client(connection, admin_of(running.home))


def add_nodes(nodes: FakeNodes, running: Server, count: int = NODES, **options: float) -> None:
    connection = read_connection(running.home)
    assert connection is not None
    with client_of(running) as client:
        for number in range(count):
            name = f"node{number}"
            pair = join_node(client, name)
            nodes.add(name, connection.address_nodes, connection.server_key, pair, **options)


def done(running: Server) -> int:
    with client_of(running) as client:
        snapshot = client.ask(GetSnapshot())
    assert isinstance(snapshot, Snapshot)
    return sum(shot.done for shot in snapshot.shots)


def attempts(running: Server) -> list[AttemptRow]:
    with client_of(running) as client:
        answer = client.ask(GetAttempts(count=10_000))
    assert isinstance(answer, AttemptsAnswer)
    return answer.rows


class Sometimes:
    """A condition that asks the dispatcher only now and then."""

    def __init__(self, running: Server, wanted: int) -> None:
        self._running, self._wanted, self._next = running, wanted, 0.0

    def __call__(self) -> bool:
        if time.monotonic() < self._next:
            return False
        self._next = time.monotonic() + 0.2
        return done(self._running) >= self._wanted


def check(running: Server, nodes: FakeNodes, shots: int, frames: int = FRAMES) -> None:
    """The promises: nothing lost, nothing accepted twice, every accepted result was published."""
    accepted = [row for row in attempts(running) if row.outcome == "done"]
    tasks = sorted((row.step, row.task) for row in accepted)
    assert tasks == [(step, task) for step in range(1, shots + 1) for task in range(frames)]
    published = {(ref.step, ref.task, ref.epoch) for ref in nodes.published}
    assert {(row.step, row.task, row.epoch) for row in accepted} <= published
    assert running.stop() == 0, running.log()
    check_files(running)


def check_files(running: Server) -> None:
    """The database is whole, and each done frame's newest attempt is the accepted one."""
    connection = sqlite3.connect(running.home.database)
    assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    connection.close()
    repository = Repository(running.home.database)
    state = repository.load()
    rows = repository.attempts(count=100_000)
    repository.close()
    epochs = {(row.step, row.task): row.epoch for row in rows if row.outcome == "done"}
    for step in state.steps.values():
        for task in range(step.total):
            assert step.states[task] == TaskState.DONE
            assert step.epochs[task] == epochs[step.id, task]


@pytest.mark.timeout(600)
def test_killed_at_random_moments_nothing_is_lost_or_done_twice(tmp_path: Path) -> None:
    draw = random.Random(1)
    with server(tmp_path) as running, FakeNodes() as nodes:
        add_nodes(nodes, running, render_s=0.05)
        for number in range(KILLS):
            with client_of(running) as client:
                submit(client, f"shot{number}")  # acknowledged: it must be there for ever
            end = time.monotonic() + draw.uniform(0.02, 0.4)
            nodes.run_until(lambda end=end: time.monotonic() > end, "the moment of the kill")
            running.kill()
            running.start()
        nodes.run_until(Sometimes(running, KILLS * FRAMES), "the end of the work", 120)
        check(running, nodes, KILLS)


POINTS = ("before_commit", "after_commit", "before_snapshot", "after_snapshot", "after_checkpoint")


@pytest.mark.parametrize("point", POINTS)
@pytest.mark.parametrize("number", [1, 3])
def test_killed_at_a_named_point_nothing_is_lost_or_done_twice(
    tmp_path: Path, point: str, number: int
) -> None:
    with server(tmp_path) as running, FakeNodes() as nodes:
        add_nodes(nodes, running, render_s=0.3)
        with client_of(running) as client:
            submit(client, "shot")
        nodes.run_until(Sometimes(running, 6), "a first part of the work")
        running.stop()
        running.options["DIE_AT"] = f"{point}:{number}"
        running.start(wait=False)
        assert running.process is not None
        process = running.process
        nodes.run_until(lambda: process.poll() is not None, f"the death {point}", 90)
        assert process.returncode == -9, running.log()
        running.options.clear()
        running.start()
        try:
            nodes.run_until(Sometimes(running, FRAMES), "the end of the work", 60)
        except AssertionError:
            print(running.log()[-3000:], read_connection(running.home))
            raise
        check(running, nodes, 1)


def test_a_running_attempt_survives_the_restart(tmp_path: Path) -> None:
    """Its lease gets one more term, and its agent's Hello takes it back: nothing is rendered again."""
    with server(tmp_path) as running, FakeNodes() as nodes:
        add_nodes(nodes, running, 1, render_s=1.5)
        with client_of(running) as client:
            submit(client, "long", 2)
        nodes.run_until(lambda: len(nodes.agents[0]._running) == 2, "the start of both frames")
        running.kill()
        running.start()
        nodes.run_until(Sometimes(running, 2), "both frames")
        assert [row.epoch for row in attempts(running)] == [1, 1]
        check(running, nodes, 1, 2)
