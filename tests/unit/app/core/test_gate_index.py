"""Gates by their index: what a licence that moves touches, and that it is always what the sums say."""

from random import Random

import pytest

from app.core import commands as cmd
from node_agent.wire import messages as m
from node_agent.wire.job import Needs
from tests.unit.app.core.bench import CPU, GPU, Bench, assigned, kernel_work


def test_a_device_does_not_look_at_what_limits_block():
    bench = Bench()
    bench.ask(cmd.SetLimit(name="none", count=0))
    for number in range(20):
        needs = Needs(memory_bytes=number, limits={"none": 1})
        bench.submit(f"held{number}", "1-3", step={"needs": needs})
    bench.submit("free", "1-3")
    bench.node("n1", GPU)
    (view,) = bench.state.queue.views()
    assert len(view.klasses) == 21
    assert len(view.ready) == 1


def test_one_licence_moves_the_gates_of_its_own_limit_alone():
    bench = Bench()
    for name in ("one", "two"):
        bench.ask(cmd.SetLimit(name=name, count=1))
        bench.submit(name, "1-3", step={"needs": Needs(limits={name: 1})})
    toggled: list[int] = []
    queue = bench.state.queue
    close = queue.close
    queue.close = lambda number, is_closed: toggled.append(number) or close(number, is_closed)
    key = bench.node("n1", GPU, CPU)
    assert set(toggled) >= {0, 1}
    (ref, _) = assigned(bench.said)
    toggled.clear()
    bench.report(key, m.Done, ref, files=[])
    assert set(toggled) == {bench.state.steps[ref.step].klass}


@pytest.mark.parametrize("seed", range(12))
def test_whatever_happens_the_gates_are_what_the_sums_say(seed):
    """The bench compares them from scratch after every turn."""
    rng, bench = Random(seed), Bench()
    key = bench.node("n1", GPU, GPU, GPU, CPU)
    running: list[m.AttemptRef] = []
    for number in range(60):
        name, project = rng.choice(["a", "b"]), rng.choice(["P", "Q"])
        what = rng.randrange(7)
        if what == 0:
            needs = Needs(limits={name: rng.randint(1, 3)}, memory_bytes=rng.randint(0, 2))
            step = cmd.StepRequest(work=kernel_work(), frames="1-3", needs=needs)
            request = cmd.Submit(
                project=project, sequence="q", shot=f"s{rng.randrange(6)}", name="v", steps=[step]
            )
            bench.ask(request)
        elif what == 1:
            owned = {project: 1} if rng.random() < 0.5 else {}
            bench.ask(cmd.SetLimit(name=name, count=rng.choice([-1, 1, 2, 4]), owned=owned))
        elif what == 2:
            guarantee = rng.choice([0.0, 0.25, 0.5])
            bench.ask(
                cmd.SetShare(project=project, guarantee=guarantee, cap=rng.choice([0.5, 1.0]))
            )
        elif what == 3 and bench.state.shots:
            pause = rng.choice([cmd.Pause, cmd.Resume])
            bench.ask(pause(shots=[rng.choice(list(bench.state.shots))]))
        elif what == 4 and number % 3 == 0:
            bench = bench.restart()
            bench.hello(key, GPU, GPU, GPU, CPU, running=_running(bench))
        elif running := _running(bench):
            bench.report(key, m.Done, rng.choice(running), files=[])
    assert bench.state.commands > 5


def _running(bench: Bench) -> list[m.AttemptRef]:
    return [
        m.AttemptRef(step.id, task, step.epochs[task])
        for step in bench.state.steps.values()
        for task in step.running
    ]
