"""The tables: what they allow, and that the page which people read is drawn from them."""

from pathlib import Path

import pytest

from app.core.changes import TaskMoved, TasksMoved
from app.core.ids import TaskState
from app.core.transitions import ATTEMPTS, NODES, TASKS, judge, judge_task, markdown
from app.errors import BugFault
from tests.unit.app.core.bench import Bench

PAGE = Path(__file__).parents[4] / "docs" / "transitions.md"
ALL = [(before, after) for before in TaskState for after in TaskState]
ILLEGAL = [(before, after) for before, after in ALL if after not in TASKS[before]]


def test_the_page_is_drawn_from_the_tables():
    assert PAGE.read_text() == markdown(), (
        "run: python -m app.core.transitions > docs/transitions.md"
    )


def test_done_is_done():
    assert TASKS[TaskState.DONE] == {}


@pytest.mark.parametrize("table", [TASKS, NODES, ATTEMPTS])
def test_every_state_has_a_row_and_can_be_reached(table):
    states = set(type(next(iter(table))))
    assert set(table) == states
    reached = {after for to in table.values() for after in to}
    assert len(states - reached) <= 1, "only the first state is not reached from another"


@pytest.mark.parametrize(("before", "after"), ILLEGAL)
def test_what_the_table_lacks_is_a_bug_and_changes_nothing(before, after):
    bench = Bench()
    bench.submit(frames="1")
    step = bench.state.steps[1]
    step.set_state(0, before)
    if before in (TaskState.RUNNING, TaskState.PUBLISHING):
        step.running[0] = (1, 0, 0.0)
    packed = step.pack()
    with pytest.raises(BugFault, match=f"from {before.name} to {after.name}"):
        judge(TASKS, before, after)
    with pytest.raises(BugFault):
        bench.state.apply(TaskMoved(1, 0, after, int(after == TaskState.RUNNING), 0.0))
    with pytest.raises(BugFault):
        bench.state.apply(TasksMoved(1, before, after, 0.0))
    assert step.pack() == packed


@pytest.mark.parametrize(("after", "epoch"), [(TaskState.RUNNING, 3), (TaskState.CANCELLED, 4)])
def test_the_epoch_grows_at_an_assignment_alone(after, epoch):
    with pytest.raises(BugFault, match=f"epoch 3 to {epoch}"):
        judge_task(TaskState.READY, after, 3, epoch)


@pytest.mark.parametrize("change", [TaskMoved(9, 0, 2, 1, 0.0), TaskMoved(1, 9, 2, 1, 0.0)])
def test_a_change_about_nothing_is_a_bug(change):
    bench = Bench()
    bench.submit(frames="1")
    with pytest.raises(BugFault, match="does not exist"):
        bench.state.apply(change)
