"""Tasks as columns: nothing urgent is lost where many share one."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from app.core.ids import TaskState
from app.gui.frames import cells
from node_agent.wire.job import Frames
from tests.gui.fakes import job_row, replaced, shot_row, small_farm, snapshot, step_row

states = st.lists(st.sampled_from(list(TaskState)), max_size=300)


@given(states, st.integers(1, 50))
def test_a_failed_or_running_task_is_never_hidden(tasks, count):
    columns = cells.columns(bytes(tasks), count)
    assert len(columns) == min(len(tasks), count)
    for urgent in (TaskState.FAILED, TaskState.RUNNING):
        if urgent in tasks and (urgent == TaskState.FAILED or TaskState.FAILED not in tasks):
            assert urgent in columns


@given(states)
def test_columns_of_one_task_are_the_tasks(tasks):
    assert list(cells.columns(bytes(tasks), 1000)) == [int(task) for task in tasks]


@given(states)
def test_spans_join_neighbours_and_cover_everything(tasks):
    columns = cells.columns(bytes(tasks), 1000)
    spans = cells.spans(columns)
    assert [state for _, count, state in spans for _ in range(count)] == list(columns)
    assert all(one[2] != other[2] for one, other in itertools.pairwise(spans))


def test_lanes_are_the_steps_of_the_jobs_newest_first(farm, link):
    link.show(
        snapshot(
            [shot_row(1, jobs=[1, 2])],
            [job_row(1, steps=[1]), job_row(2, shot=1, steps=[2, 3])],
            [
                step_row(1, b"\4\4"),
                replaced(step_row(2, b"\1"), job=2, shot=1, name="sim"),
                replaced(step_row(3, b"\0"), job=2, shot=1, name="comp"),
            ],
        )
    )
    assert [lane.name for lane in cells.lanes(farm.replica, 1)] == ["sim", "comp", "render"]
    assert cells.lanes(farm.replica, 99) == []
    assert len(small_farm().shots) == 8


def test_a_chunk_is_labelled_as_people_write_it():
    assert cells.frame_label(Frames(7, 7, 1)) == "7"
    assert cells.frame_label(Frames(1, 10, 1)) == "1-10"
    assert cells.frame_label(Frames(1, 9, 2)) == "1-9x2"
