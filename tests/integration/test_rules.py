"""A supervisor's rules on a farm of real processes: a licence, a reason and its remedy, a drop that makes
room without losing a sample, and what all of it cost."""

from pathlib import Path

import pytest

from app.client import Farm
from app.core import commands as cmd
from app.core.ids import TaskState
from node_agent.wire.job import CommandWork, KernelWork, Needs, Output
from tests.integration.local_farm import local_farm, wait_until

SCENE = "tests/scenes/spinning_box.usda"


@pytest.fixture(scope="module")
def farm(tmp_path_factory):
    with local_farm(tmp_path_factory.mktemp("rules")) as running:
        running.start_agent("one", "--threads", "1")
        with running.client() as client:
            wait_until(lambda: online(client) == 1, 30, "the agent's Hello")
            yield client


def online(farm: Farm) -> int:
    return sum(row.state in ("idle", "busy") for row in farm.list("nodes"))


def submit(farm: Farm, shot: str, work, frames: str = "1", **step) -> int:
    request = cmd.Submit(
        project="NZ2",
        sequence="q",
        shot=shot,
        name="v1",
        scouts=False,
        steps=[cmd.StepRequest(work=work, frames=frames, **step)],
    )
    return farm.submit(request).shot


def row(farm: Farm, shot: str):
    return next(row for row in farm.list("shots") if row.name == shot)


def test_a_licence_is_waited_for_and_raised_by_its_remedy(farm):
    farm.give(cmd.SetLimit(name="nuke", count=0))
    work = CommandWork(argv=["true"])
    submit(farm, "comp", work, "1-3", needs=Needs(limits={"nuke": 1}))
    wait_until(lambda: "nuke" in row(farm, "comp").reason, 10, "the reason")
    answer = farm.explain("comp", frame=2)
    assert answer.title == "NZ2/q/comp, render, frame 2 is ready."
    (remedy,) = answer.reasons[0].remedies
    farm.give(remedy.command)
    wait_until(lambda: row(farm, "comp").state == "done", 30, "the licensed frames")
    assert {limit.name: limit.count for limit in farm.snapshot().limits.values()} == {"nuke": 1}


def test_a_preempting_drop_keeps_every_sample(farm, tmp_path):
    samples = 4096
    long = KernelWork(
        kernel="pathtracer",
        scene=str(Path(SCENE).absolute()),
        width=64,
        height=36,
        samples=samples,
        samples_per_pass=4,
        output=Output(directory=str(tmp_path)),
    )
    submit(farm, "long", long)
    wait_until(lambda: row(farm, "long").progress > 0, 90, "the first pass")
    submit(farm, "hero", CommandWork(argv=["true"]))
    move = farm.plan_move(["hero"], top=True)
    cost = farm.preemption(move)
    assert (cost.yields, cost.kills) == (1, 0)
    assert "no sample is lost" in cost.sentence
    farm.move(["hero"], top=True, preempt=True)
    wait_until(lambda: row(farm, "hero").state == "done", 30, "the hero")
    assert row(farm, "long").state != "done"
    (task,) = farm.list("tasks", "long")
    assert task.state in (TaskState.READY, TaskState.RUNNING)
    wait_until(lambda: row(farm, "long").state == "done", 180, "the frame that made room")
    attempts = farm.list("attempts", "long")
    assert [each.outcome for each in attempts] == ["done", "yielded"]
    assert sum(each.samples for each in attempts) == samples


def test_what_it_cost(farm):
    table = farm.usage(["shot", "outcome"])
    found = {tuple(line[:2]): line[2] for line in table.rows}
    assert found["NZ2/q/comp", "done"] == 3
    assert found["NZ2/q/long", "yielded"] == 1
