"""The Python API against a fake farm."""

import threading

import pytest

from app.client import connect
from app.core import commands
from app.core.commands import Finish, Finishes, LogText, Receipt, Tasks
from app.core.ids import TaskState
from app.core.views import TaskRow
from app.errors import UserMistake
from tests.integration.cli.fake_farm import FakeFarm, make_shot, make_snapshot, make_step


@pytest.fixture
def fake(tmp_path):
    with FakeFarm(tmp_path) as fake:
        fake.snapshot = make_snapshot(shots=[make_shot(1), make_shot(2)], steps=[make_step(1)])
        yield fake


@pytest.fixture
def farm(fake):
    with connect(fake.home.root) as farm:
        yield farm


def test_submit_names_what_was_made(fake, farm):
    fake.on[commands.Submit] = lambda _: Receipt(command=3, ids=[1, 2])
    request = commands.Submit(project="a", sequence="b", shot="c", name="d", steps=[])
    submitted = farm.submit(request)
    assert (submitted.shot, submitted.job, submitted.command) == (1, 2, 3)


def test_a_single_name_is_no_list_of_letters(fake, farm):
    fake.on[commands.Pause] = lambda _: Receipt(command=3)
    farm.pause("sh0002")
    assert fake.asks[-1] == commands.Pause(shots=[2])


def test_move_needs_exactly_one_place(farm):
    for places in ({}, {"top": True, "bottom": True}, {"before": 1, "top": True}):
        with pytest.raises(UserMistake, match="Say where"):
            farm.move([2], **places)
    with pytest.raises(UserMistake, match="which shots"):
        farm.move([], top=True)


def test_forecast_of_a_move_that_is_not_made(fake, farm):
    fake.on[commands.Forecast] = lambda ask: Finishes(rows=[Finish(2, 10.0, 20.0)])
    move = farm.plan_move([2], before=1)
    assert farm.forecast(move) == {2: Finish(2, 10.0, 20.0)}
    assert fake.asks[-1] == commands.Forecast(move=commands.Move(shots=[2], before=1))


def test_tasks_are_fetched_window_by_window(fake, farm, monkeypatch):
    monkeypatch.setattr("app.client.api.TASK_WINDOW", 4)

    def answer(ask):
        numbers = range(ask.first, min(10, ask.first + ask.count))
        return Tasks(rows=[make_task(number) for number in numbers], total=10)

    fake.on[commands.GetTasks] = answer
    assert [row.first for row in farm.list("tasks", 1)] == list(range(10))
    with pytest.raises(UserMistake, match="name a shot"):
        farm.list("tasks")
    with pytest.raises(UserMistake, match="no 'houses'"):
        farm.list("houses")


def make_task(number):
    return TaskRow(
        step=1, step_name="render", task=number, first=number, last=number, state=1, epoch=0, node="",
        started_at=0.0, seconds=0.0, progress=0.0, error="",
    )  # fmt: skip


def test_a_log_is_followed_until_its_frame_is_over(fake, farm, monkeypatch):
    """The last piece may come in the moment in which the frame ends: it must not be lost."""
    monkeypatch.setattr("app.client.api.LOG_POLL_S", 0.0)
    running, done = ([[TaskState.RUNNING] * 10], [[TaskState.DONE] * 10])
    steps = [make_step(1, states=bytes(states[0])) for states in (running, running, running, done)]
    texts = [b"one", b"", b"two"]

    def snapshot(_):
        step = steps.pop(0) if len(steps) > 1 else steps[0]
        return make_snapshot(shots=[make_shot(1)], steps=[step])

    def log(ask):
        text = texts.pop(0) if texts else b""
        return LogText(text=text, offset=ask.offset, size=6, path="x", epoch=2)

    fake.on[commands.GetSnapshot] = snapshot
    fake.on[commands.GetLog] = log
    assert list(farm.log(1, 3, follow=True)) == [b"one", b"two"]
    asks = [ask for ask in fake.asks if isinstance(ask, commands.GetLog)]
    assert [(ask.task, ask.epoch, ask.offset) for ask in asks] == [
        (2, 0, 0),
        (2, 2, 3),
        (2, 2, 3),
        (2, 2, 6),
    ]


def test_subscribe_calls_with_the_farm_and_what_changed(fake, farm):
    seen, came = [], threading.Event()

    def take(replica, batch):
        seen.append((sorted(replica.shots), batch.reset))
        came.set()

    farm.subscribe(take)
    assert came.wait(5)
    assert seen[0] == ([1, 2], True)


def test_wait_returns_the_final_rows_and_reports_progress(fake, farm):
    over = make_shot(2, done=8, failed=2, ready=0, state="failed")
    fake.snapshot = make_snapshot(shots=[make_shot(1), over])
    progress = []
    assert farm.wait(["sh0002"], timeout_s=5, progress=progress.append) == [over]
    assert progress == [[over]]
