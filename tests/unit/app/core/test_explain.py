"""Each cause of waiting: its exact sentence, and that its remedy does what it says."""

import pytest

from app.core import actions as act
from app.core import commands as cmd
from app.core import views as v
from node_agent.wire import messages as m
from node_agent.wire.job import Needs
from tests.unit.app.core.bench import CPU, GIB, WALL, Bench, command_work, of
from tests.unit.app.core.test_plans import running, submit


def explain(bench, shot=1, **more):
    query = cmd.Explain(**more) if more else cmd.Explain(shot=shot)
    answer = bench.ask(query)
    assert isinstance(answer, cmd.Explanation), answer
    return answer


def remedy(bench, reason, number=0):
    """Do what the button of a reason says."""
    command = reason.remedies[number].command
    assert isinstance(bench.ask(command), cmd.Receipt)


def quiet_node(bench, *devices):
    """A node that has taken nothing yet."""
    bench.ask(cmd.Pause(shots=[1]))
    bench.node("n1", *devices)
    bench.ask(cmd.DrainNode(nodes=[1], on=True))
    bench.ask(cmd.Resume(shots=[1]))


def wake(bench):
    bench.ask(cmd.DrainNode(nodes=[1], on=False))


def no_node(_bench):
    return "no_node", "No node is connected."


def paused(bench):
    bench.ask(cmd.Pause(shots=[1]))
    bench.node("n1", CPU)
    return "paused", "Paused."


def drained(bench):
    quiet_node(bench)
    return "drained", "All connected nodes are draining or drained."


def limited(bench):
    bench.ask(cmd.SetLimit(name="nuke", count=0))
    bench.node("n1")
    return "limit", "0 of 0 of the limit nuke are in use."


def lent(bench):
    bench.ask(cmd.SetLimit(name="nuke", count=1, owned={"B": 1}))
    submit(bench, "b", project="B", needs=Needs(limits={"nuke": 1}, tags=["far"]))
    bench.node("n1")
    return "limit", "0 of 1 of the limit nuke are in use, and their owners want the rest."


def capped(bench):
    bench.ask(cmd.SetShare(project="A", cap=0.4))
    bench.node("n1", CPU, CPU)
    return "share", "A is at its share of 40% of the devices."


def reserved(bench):
    quiet_node(bench)
    bench.ask(cmd.ReserveNodes(nodes=[1], until=WALL + bench.mono + 3600, project="B"))
    wake(bench)
    return "reserved", "All nodes that can run it are reserved for B."


def blocked(bench):
    quiet_node(bench)
    bench.ask(cmd.BlockNodes(jobs=[1], nodes=[1]))
    wake(bench)
    return "marks", "The nodes that are free are blocked for this job."


def start(bench):
    quiet_node(bench)
    bench.ask(cmd.SetStart(jobs=[1], at=WALL + bench.mono + 3600))
    wake(bench)
    return "start", "Job v waits for its start."


CAUSES = [paused, drained, limited, lent, capped, reserved, blocked, start]


@pytest.mark.parametrize("cause", [no_node, *CAUSES])
def test_each_cause_has_its_sentence(cause):
    bench = Bench()
    submit(bench, "a", project="A", needs=Needs(limits={"nuke": 1}))
    kind, sentence = cause(bench)
    (reason,) = explain(bench).reasons
    assert (reason.kind, reason.sentence, reason.tasks) == (kind, sentence, 4)
    assert bench.core.snapshot(bench.now, FARM, 0).shots[0].reason == sentence


FARM = v.FarmInfo(instance="x", version="", started_at=0.0, now=0.0, database="")


@pytest.mark.parametrize("cause", CAUSES)
def test_each_remedy_lets_it_run(cause):
    bench = Bench()
    submit(bench, "a", project="A", needs=Needs(limits={"nuke": 1}))
    cause(bench)
    (reason,) = explain(bench).reasons
    assert reason.remedies[0].text
    remedy(bench, reason)
    assert "a" in running(bench)
    assert explain(bench).title.startswith("A/q/a: ")


def test_busy_nodes_offer_the_top_of_the_queue():
    bench = Bench()
    key = bench.node("n1")
    submit(bench, "first")
    submit(bench, "second")
    (reason,) = explain(bench, 2).reasons
    assert reason.kind == "busy"
    assert [each.text for each in reason.remedies] == [
        "Move to the top",
        "Move to the top and make room now",
    ]
    remedy(bench, reason)
    bench.finish(key, m.AttemptRef(1, 0, 1))
    assert running(bench) == ["second"]


def test_memory_is_a_reason_of_its_own():
    bench = Bench()
    bench.node("n1")
    submit(bench, "a", needs=Needs(memory_bytes=48 * GIB))
    (reason,) = explain(bench).reasons
    assert (reason.kind, reason.sentence) == (
        "memory",
        "No node can run it: it needs 48.0 GiB of memory.",
    )


def failed_step(bench):
    key = bench.node("n1")
    steps = [
        cmd.StepRequest(name="sim", work=command_work("sim"), frames="1"),
        cmd.StepRequest(name="render", work=command_work("r"), frames="1-3", after=["sim"]),
    ]
    bench.submit(steps=steps)
    for epoch in (1, 2, 3):
        ref = m.AttemptRef(1, 0, epoch)
        bench.report(key, m.Failed, ref, cause="crash", sentence="It crashed.")


def test_a_step_that_waits_in_vain_can_go_on_without():
    bench = Bench()
    failed_step(bench)
    (reason,) = explain(bench).reasons
    assert reason.sentence == "Step render waits for step sim, of which 1 frames failed."
    assert reason.tasks == 3
    remedy(bench, reason, 1)
    assert bench.states(2) == "URR"


def test_a_task_by_itself():
    bench = Bench()
    failed_step(bench)
    failed = explain(bench, step=1, task=0)
    assert failed.title == "NZ2/sq010/sh010, sim, frame 1 failed."
    assert [reason.sentence for reason in failed.reasons] == ["It crashed."]
    assert explain(bench, step=2, task=1).reasons[0].kind == "after"
    remedy(bench, failed.reasons[0])
    running_now = explain(bench, step=1, task=0)
    assert running_now.title == "NZ2/sq010/sh010, sim, frame 1 runs on n1."
    assert not running_now.reasons


def test_what_is_over_says_so():
    bench = Bench()
    key = bench.node("n1")
    bench.submit(frames="1")
    bench.finish(key, m.AttemptRef(1, 0, 1))
    answer = explain(bench)
    assert answer.title == "NZ2/sq010/sh010 is over: 1 of 1 frames are done."
    assert not answer.reasons


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        (cmd.Explain(shot=9), "There is no shot 9."),
        (cmd.Explain(step=9, task=0), "There is no task 0 of step 9."),
    ],
)
def test_what_does_not_exist(query, sentence):
    assert Bench().ask(query).sentence == sentence


def test_rows_of_limits_and_projects():
    bench = Bench()
    bench.ask(cmd.SetLimit(name="nuke", count=3, owned={"A": 1}))
    bench.ask(cmd.SetShare(project="A", guarantee=0.25, cap=0.5))
    submit(bench, "a", project="A", needs=Needs(limits={"nuke": 1}))
    bench.node("n1", CPU, CPU)
    snapshot = bench.core.snapshot(bench.now, FARM, 0)
    assert snapshot.limits == [
        v.LimitRow(name="nuke", count=3, used=1, owned={"A": 1}, used_by={"A": 1})
    ]
    assert snapshot.projects == [v.ProjectRow(name="A", guarantee=0.25, cap=0.5, devices=1)]
    bench.mono += 2
    rows = [
        action.row for action in of(act.PublishRow, bench.say("n1".ljust(40, "0"), m.Heartbeat([])))
    ]
    assert snapshot.limits[0] in rows
    bench.mono += 2
    from app.core.events import ClientAsked
    from tests.unit.app.core.bench import ADMIN

    gone = bench.turn(ClientAsked(ADMIN, b"r", 1, cmd.SetLimit(name="nuke", count=-1)))
    rows = [action.row for action in of(act.PublishRow, gone)]
    assert v.LimitRow(name="nuke", count=-1, used=0, owned={}, used_by={}) in rows


class TestMaintenance:
    """A step that is for one node waits for that one."""

    @pytest.fixture
    def bench(self):
        bench = Bench()
        self.key = bench.node("n1", CPU, macs=["0c:42:a1:5e:99:01"], can_sleep=True)
        bench.node("n2", CPU)
        return bench

    def reason(self, bench):
        needs = Needs(tags=["node:n1"])
        _, job = bench.submit(work=command_work(), frames="1", step={"needs": needs})
        return explain(bench, bench.state.jobs[job].shot).reasons[0]

    def test_it_is_drained(self, bench):
        bench.ask(cmd.DrainNode(nodes=[1], on=True))
        reason = self.reason(bench)
        assert reason.sentence == "It is for n1, which is draining or drained."
        remedy(bench, reason)
        assert not explain(bench).reasons

    def test_it_is_busy(self, bench):
        bench.submit("other", "1-3")
        assert self.reason(bench).sentence == "It is for n1, which is busy."

    def test_it_is_away(self, bench):
        bench.say(self.key, m.Away("An artist works here."))
        assert self.reason(bench).sentence == "It is for n1, which is away: An artist works here."

    def test_it_sleeps(self, bench):
        bench.ask(cmd.SleepNodes(nodes=[1]))
        bench.say(self.key, m.Sleeping(""))
        reason = self.reason(bench)
        assert reason.sentence == "All nodes that can run it sleep: n1."
        assert reason.remedies[0].command == cmd.WakeNodes(nodes=[1])

    def test_it_is_gone(self, bench):
        bench.say(self.key, m.Goodbye("off"))
        assert self.reason(bench).sentence == "It is for n1, which is not connected."
