"""The audit log is the farm's history of what people wanted: given again, it makes the same farm."""

from __future__ import annotations

import tempfile
from contextlib import closing
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from app.core import commands as cmd
from app.core.stamps import unpack_command
from app.core.state import FarmState
from app.store.repository import Repository
from node_agent.wire import messages as m
from tests.unit.app.core.bench import Bench, command_work

SHOTS = 4
shot = st.integers(1, SHOTS)
shots = st.lists(shot, min_size=1, max_size=3, unique=True)
bench_time = st.sampled_from([0.0, 1_800_001_000.0, 1_800_002_000.0])

given_commands = st.lists(
    st.one_of(
        st.builds(
            cmd.Move, shots=shots, place=st.sampled_from(["before", "top", "bottom"]), before=shot
        ),
        st.builds(cmd.Pause, shots=shots),
        st.builds(cmd.Resume, shots=shots),
        st.builds(cmd.Cancel, shots=shots),
        st.builds(cmd.Retry, shots=shots),
        st.builds(cmd.SetDue, shots=shots, due=bench_time, pinned=st.booleans()),
        st.builds(cmd.OrderByDue, shots=shots),
        st.builds(cmd.SetLimit, name=st.sampled_from("xy"), count=st.integers(-1, 2)),
        st.builds(
            cmd.SetShare,
            project=st.sampled_from("PQ"),
            guarantee=st.sampled_from([0.0, 0.3]),
            cap=st.sampled_from([0.5, 1.0]),
        ),
        st.builds(cmd.DrainNode, nodes=st.just([1]), on=st.booleans()),
        st.builds(cmd.SetNode, nodes=st.just([1]), pools=st.sampled_from([[], ["p"]])),
        st.builds(cmd.Undo, command=st.integers(1, 20)),
        st.builds(
            cmd.Together,
            commands=st.lists(st.builds(cmd.Pause, shots=shots), min_size=1, max_size=2),
        ),
    ),
    max_size=14,
)


def film() -> Bench:
    """Four shots and a node that is never there: what people wanted is all that happens."""
    bench = Bench()
    bench.node("n1")
    bench.say("n1".ljust(40, "0"), m.Goodbye(reason=""))
    for number in range(SHOTS):
        bench.submit(f"s{number}", "1-2", work=command_work(f"{number}"))
    return bench


def wanted(state: FarmState) -> dict[str, object]:
    """All that commands alone decide."""
    return {
        "shots": [(s.id, s.rank, s.paused, s.due, s.due_pinned) for s in state.shots.values()],
        "tasks": [bytes(step.states) for step in state.steps.values()],
        "limits": state.limits,
        "shares": state.shares,
        "nodes": [(n.drained, n.pools, n.tags) for n in state.nodes.values()],
        "stamps": state.stamps,
    }


def after(commands: list[cmd.Command]) -> Bench:
    bench = film()
    for command in commands:
        bench.mono += 1
        bench.ask(command)
    return bench


@settings(max_examples=30)
@given(given_commands)
def test_the_log_given_again_makes_the_same_farm(commands):
    bench, again = after(commands), film()
    first = len(again.state.audit)
    for line in list(bench.state.audit)[first:]:
        again.mono = line.at - 1_800_000_000.0
        receipt = again.ask(unpack_command(line.command))
        assert isinstance(receipt, cmd.Receipt)
        assert receipt.command == line.number
    assert wanted(again.state) == wanted(bench.state)


@settings(max_examples=8)
@given(given_commands)
def test_the_tables_are_what_the_log_made(commands):
    with tempfile.TemporaryDirectory() as folder:
        check_tables(after(commands), Path(folder) / "farm.db")


def check_tables(bench: Bench, path: Path) -> None:
    with closing(Repository(path)) as repository:
        repository.load()
        repository.commit(bench.saved, 1.0)
        with repository.database.reading() as connection:
            shots = connection.execute("SELECT id, rank, paused FROM shot ORDER BY id").fetchall()
            nodes = connection.execute("SELECT drain, pools FROM node").fetchall()
            numbers = connection.execute("SELECT number FROM command ORDER BY number").fetchall()
        rows, _ = repository.audit(cmd.GetAudit())
    state = bench.state
    assert shots == [(s.id, s.rank, int(s.paused)) for s in state.shots.values()]
    assert nodes == [(int(n.drained), ",".join(n.pools)) for n in state.nodes.values()]
    assert [number for (number,) in numbers] == [line.number for line in state.audit]
    kept = [(line.number, line.command) for line in reversed(state.audit)]
    assert [(row.number, row.command) for row in rows] == kept
