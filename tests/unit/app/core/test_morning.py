"""The morning after: what it lists, and that each line's answer does what its button says."""

import pytest

from app.core import commands as cmd
from app.core.failures import alike
from app.core.morning import Failure, Night
from node_agent.wire import messages as m
from node_agent.wire.job import Needs
from tests.unit.app.core.bench import CPU, GPU, WALL, Bench, command_work


def night(bench: Bench, **fields):
    """The report over everything since the bench began."""
    values = {"since": WALL, "failures": [], "was": {}, "done": 0, "attempts_failed": 0}
    values |= {"utilisation": -1.0, "last_worked": {}}
    return bench.core.morning(Night(**(values | fields)), bench.now)


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("Blender exited with 11 on frame 1042.", "Blender exited with # on frame #."),
        ("No texture /film/a/b/wood.tx (0x7ffe)", "No texture …/wood.tx (#)"),
        ("No news of n12 for 30 s.", "No news of a node for # s."),
        (r"C:\jobs\a\b.exr is cut off", "…/b.exr is cut off"),
        ("n12 said so; n120 did not.", "a node said so; n# did not."),
    ],
)
def test_what_differs_in_numbers_and_places_is_alike(said, kept):
    assert alike(said, ["n12"]) == kept


def test_finished_shots_and_the_line():
    bench = Bench()
    key = bench.node("n1")
    bench.submit("a", "1", work=command_work())
    bench.ask(cmd.SetDue(shots=[1], due=WALL + 500))
    bench.finish(key, m.AttemptRef(1, 0, 1))
    report = night(bench, done=1)
    (line,) = report.finished
    assert (line.name, line.frames, line.due) == ("NZ2/sq010/a", 1, WALL + 500)
    assert report.sentence == "1 shot finished, 1 frame done."
    assert night(bench, since=bench.now.wall + 1).finished == []


def failing() -> tuple[Bench, list[Failure]]:
    bench = Bench()
    key = bench.node("n1")
    bench.submit("a", "1-3", work=command_work(), attempts=1, scouts=False)
    for task in (0, 1):
        ref = m.AttemptRef(1, task, 1)
        sentence = f"Frame {task} has no camera."
        bench.report(key, m.Failed, ref, cause="crash", sentence=sentence)
    failures = [
        Failure(1, task, 1, "crash", f"Frame {task} has no camera.", WALL) for task in (0, 1)
    ]
    return bench, [*failures, Failure(1, 2, 1, "timeout", "Too slow.", WALL)]


def test_failures_are_grouped_and_answered():
    bench, failures = failing()
    first, second = night(bench, failures=failures, attempts_failed=3).failures
    assert (first.cause, first.sentence) == ("crash", "Frame # has no camera.")
    assert (first.count, first.left, first.tasks) == (2, 2, [(1, 0), (1, 1)])
    assert (first.shots, first.nodes) == ([1], ["n1"])
    assert (second.count, second.left, second.remedies) == (1, 0, [])
    retry, skip, drain = (remedy.command for remedy in first.remedies)
    assert drain == cmd.DrainNode(nodes=[1], on=True)
    assert isinstance(skip, cmd.Skip)
    bench.ask(retry)
    assert bench.states() == "RRU"


def test_a_frame_that_takes_much_longer_than_its_like_is_stuck():
    bench = Bench(lease_s=1e9)
    key = bench.node("n1")
    bench.submit("a", "1-2", work=command_work(), scouts=False)
    bench.report(key, m.Done, m.AttemptRef(1, 0, 1), files=[], usage=m.Usage(wall_s=100.0))
    bench.sleep(200)
    assert night(bench).stuck == []
    bench.sleep(300)
    (line,) = night(bench).stuck
    assert (line.task, line.node_name, line.expected_s) == (1, "n1", 100.0)
    assert line.sentence.startswith("NZ2/sq010/a frame 2 has run for 8 min on n1")
    away = line.remedies[1].command
    bench.node("n2")
    bench.ask(away)
    assert bench.state.jobs[1].blocked == [1]
    assert bench.state.steps[1].running[1][0] == 2


def test_idle_nodes_say_why():
    bench = Bench(lease_s=1e9)
    bench.node("busy", CPU)
    bench.node("small", GPU)
    bench.node("off", CPU)
    bench.say("off".ljust(40, "0"), m.Goodbye(reason=""))
    bench.node("drained", CPU)
    bench.ask(cmd.DrainNode(nodes=[4], on=True))
    bench.node("kept", CPU)
    bench.ask(cmd.ReserveNodes(nodes=[5], until=WALL + 1e6, project="Other"))
    assert [line.kind for line in night(bench).idle] == ["offline", "drained"]
    bench.submit("a", "1-3", work=command_work(), step={"needs": Needs(device="cpu")})
    lines = {line.name: line for line in night(bench, last_worked={2: WALL + 5}).idle}
    kinds = {name: line.kind for name, line in lines.items()}
    assert kinds == {"small": "unfit", "off": "offline", "drained": "drained", "kept": "reserved"}
    assert lines["small"].sentence == "Nothing that is ready fits small: it needs a cpu device."
    assert lines["small"].since == WALL + 5
    assert lines["kept"].sentence == "kept is reserved for Other."
    bench.ask(lines["kept"].remedies[0].command)
    bench.ask(lines["drained"].remedies[0].command)
    assert bench.states() == "UUU"


def test_slips_put_broken_promises_first():
    bench = Bench(lease_s=1e9)
    key = bench.node("n1")
    for shot in "abc":
        bench.submit(shot, "1-9", work=command_work(), scouts=False)
    bench.report(key, m.Done, m.AttemptRef(1, 0, 1), files=[], usage=m.Usage(wall_s=600.0))
    bench.ask(cmd.SetDue(shots=[3], due=WALL + 60))
    bench.sleep(3)
    bench.sleep(3)
    now = bench.core.finishes()
    lines = night(bench, was={1: now[1] - 10, 2: now[2] - 7200}).slips
    assert [line.shot for line in lines] == [3, 2]
    assert lines[1].slip_s == pytest.approx(7200)
    assert lines[1].sentence == "NZ2/sq010/b slipped by 2.0 h."
    assert "after its promise" in lines[0].sentence
    bench.ask(lines[0].remedies[0].command)
    assert bench.state.order[0][1] == 3


CAUSES = (
    "Frame {n} has no camera.",
    "No texture /film/nz2/tex/wood.{n}.tx",
    "Out of memory: {n} MiB of {n} MiB.",
    "Blender exited with 11 on frame {n}.",
    "The image is cut off after {n} bytes.",
    "No licence of houdini-engine for {n} s.",
    "Segmentation fault at 0x{n:08x}",
)


def test_ux09_five_hundred_failures_of_seven_causes_are_seven_groups():
    bench = Bench()
    bench.node("n1")
    bench.submit("a", "1-500", work=command_work(), scouts=False)
    failures = [
        Failure(1, n, 1, "crash", CAUSES[n % 7].format(n=n * 7919 + 1), WALL + n)
        for n in range(500)
    ]
    groups = night(bench, failures=failures, attempts_failed=500).failures
    assert len(groups) == len(CAUSES)
    assert sum(group.count for group in groups) == 500
    assert [group.count for group in groups] == sorted(
        (group.count for group in groups), reverse=True
    )
