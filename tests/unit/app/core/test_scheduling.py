"""Matching and marks; why a shot does not run; and that a pick is what brute force would pick."""

from random import Random

import pytest

from app.core import actions as act
from app.core import commands as cmd
from app.core.changes import ShotPaused, ShotRanked, TaskMoved
from app.core.ids import TaskState
from app.core.scheduling import can_serve, pick
from node_agent.wire import messages as m
from node_agent.wire.job import Needs
from tests.unit.app.core.bench import CPU, GIB, GPU, Bench, assigned, command_work, kernel_work, of


def row(bench: Bench, shot: int = 1):
    bench.sleep(5)
    info = None
    rows = bench.core.snapshot(bench.now, info, 0).shots
    return next(row for row in rows if row.id == shot)


def test_a_tag_with_a_bar_is_met_by_either():
    bench = Bench()
    bench.submit(step={"needs": Needs(tags=["linux|macos"])})
    bench.node("n1", GPU, tags=["windows"])
    assert assigned(bench.said) == []
    bench.node("n2", GPU, tags=["macos"])
    assert len(assigned(bench.said)) == 1


@pytest.mark.parametrize(
    ("needs", "reason"),
    [
        (Needs(device="cpu"), "it needs a cpu device"),
        (Needs(memory_bytes=48 * GIB), "it needs 48.0 GiB of memory"),
        (Needs(tags=["maya"]), "it needs the tag maya"),
        (Needs(pool="fx"), "it needs the pool fx"),
    ],
)
def test_what_no_node_has_is_named(needs, reason):
    bench = Bench()
    bench.submit(step={"needs": needs})
    bench.node("n1", GPU)
    assert assigned(bench.said) == []
    assert row(bench).reason == f"No node can run it: {reason}."


def test_a_kernel_goes_only_where_it_is():
    bench = Bench()
    bench.submit()
    bench.node("n1", kernels=[])
    assert row(bench).reason == "No node can run it: it needs the kernel pathtracer."
    bench.node("n2", kernels=["pathtracer"])
    assert len(assigned(bench.said)) == 1


def test_a_pool_is_reserved_for_its_work():
    bench = Bench()
    bench.submit("open", "1")
    bench.submit("fx", "1", step={"needs": Needs(pool="fx")})
    bench.node("n1", tags=["pool:fx"])
    assert [ref.step for ref in assigned(bench.said)] == [2]


def test_reasons_of_the_farm():
    bench = Bench()
    bench.submit("a", "1-2")
    assert row(bench).reason == "No node is connected."
    key = bench.node("n1")
    bench.submit("b", "1")
    assert row(bench, 2).reason == "All nodes that can run it are busy with earlier shots."
    bench.ask(cmd.DrainNode(nodes=[1], on=True))
    assert row(bench, 2).reason == "All connected nodes are draining or drained."
    bench.ask(cmd.Pause(shots=[2]))
    assert row(bench, 2).reason == "Paused."
    assert (row(bench, 2).state, row(bench, 1).state) == ("paused", "running")
    assert key


def test_a_node_that_fails_a_job_gets_no_more_of_it_while_another_can():
    bench = Bench(marks=2)
    bench.submit(frames="1-9")
    bad = bench.node("bad")
    for epoch in (1, 2):
        ref = m.AttemptRef(1, 0, epoch)
        bench.report(bad, m.Failed, ref, cause="environment", sentence="No licence.")
    # Alone on the farm it may go on; its third try of the frame is under way.
    assert bench.states()[0] == "U"
    good = bench.node("good")
    actions = bench.report(
        bad, m.Failed, m.AttemptRef(1, 0, 3), cause="environment", sentence="No licence."
    )
    assert assigned(actions) == []
    bench.submit("other", "1")
    assert [ref.step for ref in assigned(bench.finish(good, m.AttemptRef(1, 4, 1)))] == [1]
    assert bench.states(2) == "U", "another job is another matter"


def test_what_a_node_finishes_takes_its_marks_back():
    bench = Bench(marks=2)
    bench.submit(frames="1-9")
    node = bench.node("often good")
    (ref,) = assigned(bench.said)
    again = bench.report(node, m.Failed, ref, cause="environment", sentence="No licence.")
    assert bench.state.jobs[1].marks == {1: 1}
    bench.finish(node, *assigned(again))
    assert bench.state.jobs[1].marks == {}
    assert bench.restart().state.jobs[1].marks == {}


def test_a_device_that_cannot_be_used_wakes_for_the_class_that_it_can_serve():
    bench = Bench()
    bench.node("n1", CPU)
    bench.submit("gpu", "1", step={"needs": Needs(device="cuda")})
    bench.submit("cpu", "1", work=command_work(), step={"needs": Needs(device="cpu")})
    assert (bench.states(1), bench.states(2)) == ("R", "U")


@pytest.mark.parametrize("seed", range(20))
def test_a_pick_is_what_brute_force_picks(seed):
    """First shot in order, newest job, scouts of all its steps, then steps and frames in order."""
    rng, bench = Random(seed), Bench()
    for number in range(12):
        needs = Needs(device=rng.choice(["any", "cpu", "cuda"]), tags=rng.choice([[], ["t"]]))
        bench.submit(f"sh{number % 8}", f"1-{rng.randint(1, 7)}", step={"needs": needs})
    hello = m.Hello(
        protocol=1, version="", name="n", incarnation="1", devices=[GPU], kernels=["pathtracer"]
    )
    queue, state = bench.state.queue, bench.state
    fits = tuple(n for n, klass in enumerate(queue.klasses) if can_serve(klass, hello, GPU))
    while True:
        expected = brute(bench, fits)
        choice = pick(state, fits, lambda job, step: True)
        assert (choice and (choice[0].id, choice[1])) == expected
        if choice is None:
            break
        step, task = choice
        state.apply(TaskMoved(step.id, task, TaskState.RUNNING, 1, 0.0, 1, 0))
        shake(bench, rng)


def shake(bench: Bench, rng: Random) -> None:
    shot = rng.choice(list(bench.state.shots))
    bench.state.apply(ShotRanked(shot, rng.uniform(0, 100)))
    bench.state.apply(ShotPaused(rng.choice(list(bench.state.shots)), rng.random() < 0.2))


def brute(bench: Bench, fits: tuple[int, ...]):
    state = bench.state
    for shot in sorted(state.shots.values(), key=lambda shot: shot.rank):
        if shot.paused:
            continue
        for job in sorted(shot.jobs, reverse=True):
            steps = [state.steps[step] for step in state.jobs[job].steps]
            steps = [step for step in steps if step.klass in fits]
            tasks = [
                (step.id, task)
                for step in steps
                for task in dict.fromkeys([0, step.total // 2, step.total - 1])
            ] + [(step.id, task) for step in steps for task in range(step.total)]
            for step, task in tasks:
                if state.steps[step].states[task] == TaskState.READY:
                    return step, task
    return None


def test_rows_are_published_when_something_changed_and_not_otherwise():
    bench = Bench()
    bench.submit(frames="1-2")
    bench.sleep(5)
    bench.sleep(5)
    assert of(act.PublishRow, bench.sleep(5)) == []
    key = bench.node("n1")
    rows = of(act.PublishRow, bench.said)
    assert {type(action.row).__name__ for action in rows} >= {"ShotRow", "JobRow", "NodeRow"}
    tasks = of(act.PublishTask, bench.said)
    assert [(change.change.task, change.change.node) for change in tasks] == [(0, 1)]
    assert key


def test_progress_shows_in_task_shot_and_node():
    bench = Bench()
    bench.submit(frames="1-2", work=kernel_work(samples=8))
    key = bench.node("n1")
    bench.sleep(2)
    bench.say(key, m.Progress(m.AttemptRef(1, 0, 1), 3, 4))
    actions = bench.sleep(0.1)
    assert of(act.PublishTask, actions)[0].change.progress == 0.75
    bench.sleep(2)
    assert row(bench).progress == pytest.approx(0.375)
