"""Drops that make room for what needs several things at once, and for licences: who gives way, and no more."""

from app.core import commands as cmd
from node_agent.wire import messages as m
from node_agent.wire.job import Needs
from tests.unit.app.core.bench import CPU, GPU, USAGE, Bench, command_work, kernel_work
from tests.unit.app.core.test_placing import running, submit


def kernel(bench: Bench, shot: str, frames: str, **needs) -> int:
    """Submit a kernel's step; return its number."""
    step = cmd.StepRequest(work=kernel_work(), frames=frames, needs=Needs(**needs))
    bench.submit(shot, steps=[step])
    return bench.state.next_step() - 1


def drop(bench: Bench, step: int, **more) -> cmd.PreemptionCost:
    """Say what a preempting drop costs, and make it."""
    move = cmd.Move(shots=[bench.state.steps[step].shot], place="top", preempt=True, **more)
    cost = bench.ask(cmd.GetPreemption(move=move))
    assert isinstance(cost, cmd.PreemptionCost)
    bench.ask(move)
    return cost


def asked(bench: Bench) -> list[m.AttemptRef]:
    return [one.ref for one in bench.core._turn.live.attempts.values() if one.is_asked]


def give_way(bench: Bench) -> None:
    """Every frame that was asked to yields."""
    for ref in asked(bench):
        node, _, _ = bench.state.steps[ref.step].running[ref.task]
        key = bench.state.nodes[node].public_key
        bench.report(key, m.Yielded, ref, checkpoint="/c/1", passes_done=3, usage=USAGE)


def test_a_pair_takes_the_node_on_which_fewest_have_to_yield():
    bench = Bench()
    bench.node("n1", GPU, GPU)
    bench.node("n2", GPU, GPU)
    film = kernel(bench, "film", "1-3", device="cuda")
    nodes = [bench.state.steps[film].running[task][0] for task in range(3)]
    alone = next(node for node in (1, 2) if nodes.count(node) == 1)
    pair = kernel(bench, "hero", "1", device="cuda", gpus=2)
    before = bench.states(film).count("U")
    cost = drop(bench, pair)
    assert (before, cost.yields) == (3, 1)
    give_way(bench)
    assert bench.state.steps[pair].running[0][0] == alone


def test_what_comes_free_for_a_pair_is_not_taken_by_single_frames_meanwhile():
    bench = Bench()
    key = bench.node("n1", GPU, GPU)
    film = kernel(bench, "film", "1-9", device="cuda")
    pair = kernel(bench, "hero", "1", device="cuda", gpus=2)
    assert drop(bench, pair).yields == 2
    one, two = asked(bench)
    bench.report(key, m.Yielded, one, checkpoint="/c/1", passes_done=3, usage=USAGE)
    assert (len(running(bench, film)), bench.states(pair)) == (1, "R")
    bench.report(key, m.Yielded, two, checkpoint="/c/2", passes_done=3, usage=USAGE)
    assert (len(running(bench, film)), bench.states(pair)) == (0, "U")


def test_a_gang_takes_one_device_of_each_node_and_no_two_of_one():
    bench = Bench()
    for name in ("n1", "n2", "n3"):
        bench.node(name, GPU, GPU)
    kernel(bench, "film", "1-9", device="cuda")
    gang = submit(bench, "train", "1-3", device="cuda", gang=True)
    assert drop(bench, gang).yields == 3
    give_way(bench)
    assert bench.states(gang) == "UUU"
    assert sorted(node for node, _, _ in bench.state.steps[gang].running.values()) == [1, 2, 3]


def test_a_gang_for_which_there_are_too_few_nodes_takes_nothing():
    bench = Bench()
    bench.node("n1", GPU, GPU)
    kernel(bench, "film", "1-9", device="cuda")
    gang = submit(bench, "train", "1-2", device="cuda", gang=True)
    assert drop(bench, gang).sentence == "Nothing has to give way."
    assert asked(bench) == []


def test_as_many_shared_tasks_end_as_the_cores_need():
    bench = Bench()
    bench.node("n1", CPU)
    small = submit(bench, "film", "1-8", device="cpu", cores=4)
    large = submit(bench, "hero", "1", device="cpu", cores=8)
    assert drop(bench, large, kill=True).kills == 2
    assert bench.states(small).count("U") == 2


def test_a_whole_device_is_made_free_of_all_that_share_it():
    bench = Bench()
    bench.node("n1", CPU)
    submit(bench, "film", "1-4", device="cpu", cores=4)
    whole = submit(bench, "hero", "1", device="cpu")
    assert drop(bench, whole, kill=True).kills == 4


def test_licences_that_victims_hold_count():
    bench = Bench()
    bench.ask(cmd.SetLimit(name="karma", count=2))
    bench.node("n1", GPU, GPU, GPU)
    film = kernel(bench, "film", "1-9", device="cuda", limits={"karma": 1})
    hero = kernel(bench, "hero", "1", device="cuda", limits={"karma": 1})
    assert len(running(bench, film)) == 2
    assert drop(bench, hero).yields == 1
    give_way(bench)
    assert bench.states(hero) == "U"
    assert len(running(bench, film)) == 1


def test_a_licence_of_another_device_is_freed_for_one_that_idles():
    bench = Bench()
    bench.ask(cmd.SetLimit(name="nuke", count=1))
    bench.node("n1", CPU, GPU)
    comp = submit(bench, "comp", "1-4", device="cpu", limits={"nuke": 1})
    hero = submit(bench, "hero", "1", device="cuda", limits={"nuke": 1})
    cost = drop(bench, hero, kill=True)
    assert (cost.kills, running(bench, comp)) == (1, [])
    assert bench.states(comp).count("R") == 4


def test_no_licence_to_be_had_leaves_everybody_alone():
    bench = Bench()
    bench.ask(cmd.SetLimit(name="none", count=0))
    bench.node("n1", GPU)
    kernel(bench, "film", "1-4", device="cuda")
    hero = kernel(bench, "hero", "1", device="cuda", limits={"none": 1})
    assert drop(bench, hero).yields == 0


def test_a_gang_is_killed_as_one():
    bench = Bench()
    bench.node("n1", GPU)
    bench.node("n2", GPU)
    gang = submit(bench, "train", "1-2", device="cuda", gang=True)
    bench.submit("hero", "1", work=command_work(), step={"needs": Needs(device="cuda")})
    drop(bench, 2, kill=True)
    assert bench.states(gang) == "RR"
