"""A wall clock that jumps: leases are of a clock that only goes forward, so nothing of the work notices."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from app.core.commands import Attempts, GetAttempts, Receipt, StepRequest, Submit
from node_agent.wire.job import CommandWork
from tests.integration.dispatcher.fake_agent import FakeNodes
from tests.integration.dispatcher.farm import Client, admin_of, dispatching, join_node

FRAMES = 12
DAY = 86_400.0
SINCE_1970 = -time.time() + 60.0


@pytest.mark.parametrize(
    "jump_s",
    [3600.0, -3600.0, DAY, SINCE_1970],
    ids=["an hour on", "an hour back", "a day on", "to 1970"],
)
def test_a_jump_of_the_clock_ends_no_lease(tmp_path: Path, jump_s: float) -> None:
    with (
        dispatching(tmp_path) as dispatcher,
        Client(dispatcher.connection, admin_of(dispatcher.home)) as client,
        FakeNodes() as nodes,
    ):
        pair = join_node(client, "n")
        connection = dispatcher.connection
        nodes.add("n", connection.address_nodes, connection.server_key, pair, render_s=0.1)
        step = StepRequest(work=CommandWork(argv=["true"]), frames=f"1-{FRAMES}")
        body = Submit(project="P", sequence="sq", shot="sh", name="job", steps=[step])
        assert isinstance(client.ask(body), Receipt)
        nodes.run_until(lambda: len(nodes.published) >= 3, "the first frames")
        dispatcher.wall_ahead_s = jump_s
        nodes.run_until(lambda: len(nodes.published) == FRAMES, "the other frames")
        nodes.run_until(lambda: len(ended(client)) == FRAMES, "their records")
        rows = ended(client)
    assert {row.outcome for row in rows} == {"done"}
    assert all(0.0 <= row.wall_s < 60.0 for row in rows)


def ended(client: Client):
    answer = client.ask(GetAttempts(count=1000))
    assert isinstance(answer, Attempts)
    return [row for row in answer.rows if row.outcome == "done"]
