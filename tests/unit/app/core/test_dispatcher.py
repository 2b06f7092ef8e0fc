"""The life of a task from submit to done, and what happens when nodes and dispatchers die."""

import pytest

from app.core import actions as act
from app.core import changes as c
from app.core import commands as cmd
from app.core.events import ClientAsked
from app.submit.maintenance import maintenance_requests
from node_agent.wire import messages as m
from node_agent.wire.job import Needs
from tests.unit.app.core.bench import ADMIN, CPU, GPU, USAGE, Bench, assigned, of, sent


def test_a_frame_goes_from_submit_to_done():
    bench = Bench()
    key = bench.node("n1")
    bench.submit(frames="1")
    ref = m.AttemptRef(1, 0, 1)
    assert bench.states() == "U"
    bench.report(key, m.Ready, ref, files=[])
    assert bench.states() == "P"
    bench.report(key, m.Done, ref, files=[])
    assert bench.states() == "D"


def test_an_assignment_comes_after_its_description_and_its_save():
    bench = Bench()
    key = bench.node("n1")
    actions = bench.turn()
    assert assigned(actions) == []
    bench.submit(frames="1-2")
    actions = bench.finish(key, m.AttemptRef(1, 0, 1))
    kinds = [type(a.change) for a in of(act.Save, actions)]
    assert kinds == [c.TaskMoved, c.AttemptEnded, c.TaskMoved]
    # The step was described with its first assignment.
    assert [type(message) for message in sent(actions, key)] == [m.Ack, m.Assign]
    assert assigned(actions) == [m.AttemptRef(1, 1, 1)]


def test_ux22_scouts_go_first():
    bench = Bench()
    bench.submit(frames="1-9")
    bench.node("n1", GPU, GPU, GPU, GPU)
    assert [ref.task for ref in assigned(bench.said)] == [0, 4, 8, 1]


def test_the_queue_order_decides_and_a_free_device_takes_what_it_can():
    bench = Bench()
    bench.submit("first", "1", step={"needs": Needs(device="cuda")})
    bench.submit("second", "1")
    bench.node("n1", CPU)
    assert [ref.step for ref in assigned(bench.said)] == [2]
    bench.node("n2", GPU)
    assert [ref.step for ref in assigned(bench.said)] == [1]


def test_a_silent_node_loses_its_frame_and_its_late_report_is_stale():
    bench = Bench()
    key = bench.node("n1")
    bench.submit(frames="1")
    ref = m.AttemptRef(1, 0, 1)
    bench.sleep(31)
    assert bench.states() == "R"
    other = bench.node("n2")
    assert assigned(bench.said) == [m.AttemptRef(1, 0, 2)]
    bench.hello(key, running=[ref])
    welcome = sent(bench.said, key)[0]
    assert isinstance(welcome, m.Welcome)
    assert welcome.keep == []
    late = bench.say(key, m.Done(seq=1, ref=ref, files=[], usage=USAGE))
    assert sent(late, key)[:2] == [m.Stale(ref), m.Ack(1)]
    assert not of(act.Save, late)
    bench.seqs[other] = 0
    bench.finish(other, m.AttemptRef(1, 0, 2))
    assert bench.states() == "D"


def test_after_a_restart_the_node_takes_its_attempt_back():
    bench = Bench()
    key = bench.node("n1")
    bench.submit(frames="1")
    ref = m.AttemptRef(1, 0, 1)
    bench.say(key, m.Heartbeat([ref]))
    bench = bench.restart()
    assert bench.states() == "U"
    bench.sleep(20)
    bench.hello(key, running=[ref])
    assert sent(bench.said, key)[0].keep == [ref]
    bench.report(key, m.Done, ref, files=[])
    assert bench.states() == "D"


def test_after_a_restart_nobody_comes_back_and_the_lease_ends_it():
    bench = Bench()
    bench.node("n1")
    bench.submit(frames="1")
    bench = bench.restart()
    bench.sleep(29)
    assert bench.states() == "U"
    bench.sleep(2)
    assert bench.states() == "R"


def test_an_assignment_that_never_arrived_is_sent_again():
    bench = Bench()
    key = bench.node("n1")
    bench.submit(frames="1")
    bench.sleep(2)
    assert assigned(bench.say(key, m.Heartbeat([]))) == []
    bench.sleep(4)
    assert assigned(bench.say(key, m.Heartbeat([]))) == [m.AttemptRef(1, 0, 1)]


def test_a_new_agent_on_the_node_loses_what_the_old_one_ran():
    bench = Bench()
    key = bench.node("n1")
    bench.submit(frames="1")
    bench.say(key, m.Heartbeat([m.AttemptRef(1, 0, 1)]))
    bench.hello(key, incarnation="2" * 16)
    assert bench.state.steps[1].deaths == {0: 1}
    assert assigned(bench.said) == [m.AttemptRef(1, 0, 2)]


def test_a_duplicate_report_is_acknowledged_and_changes_nothing():
    bench = Bench()
    key = bench.node("n1")
    bench.submit(frames="1")
    ref = m.AttemptRef(1, 0, 1)
    bench.finish(key, ref)
    again = bench.say(key, m.Done(seq=2, ref=ref, files=[], usage=USAGE))
    assert not of(act.Save, again)
    assert sent(again, key) == [m.Ack(2)]


def test_a_report_with_a_gap_before_it_is_not_taken():
    bench = Bench()
    key = bench.node("n1")
    bench.submit(frames="1-2")
    bench.report(key, m.Ready, m.AttemptRef(1, 0, 1), files=[])
    gap = bench.say(key, m.Done(seq=3, ref=m.AttemptRef(1, 0, 1), files=[], usage=USAGE))
    assert [type(message) for message in sent(gap, key)] == [m.Refused]
    assert not of(act.Save, gap)


@pytest.mark.parametrize(("cause", "tries"), [("crash", 3), ("user", 1)])
def test_a_frame_fails_for_good_after_its_attempts(cause, tries):
    bench = Bench()
    key = bench.node("n1")
    bench.submit(frames="1")
    for epoch in range(1, tries + 1):
        ref = m.AttemptRef(1, 0, epoch)
        bench.report(key, m.Failed, ref, cause=cause, sentence="It broke.")
    assert bench.states() == "F"
    assert bench.state.steps[1].errors == {0: (cause, "It broke.")}


def test_a_yielded_frame_goes_on_from_its_checkpoint():
    bench = Bench()
    key = bench.node("n1")
    bench.submit(frames="1")
    actions = bench.report(
        key, m.Yielded, m.AttemptRef(1, 0, 1), checkpoint="/tmp/c", passes_done=7
    )
    (assign,) = [message for message in sent(actions, key) if isinstance(message, m.Assign)]
    assert (assign.ref.epoch, assign.checkpoint) == (2, "/tmp/c")
    assert bench.state.steps[1].kept == {0: ("/tmp/c", 7)}


def test_absurd_figures_of_a_node_are_not_believed():
    bench = Bench()
    key = bench.node("n1")
    bench.submit(frames="1")
    usage = m.Usage(wall_s=float("nan"), cpu_s=-1.0, samples=2**63, energy_j=float("inf"))
    bench.report(key, m.Done, m.AttemptRef(1, 0, 1), files=[], usage=usage)
    ended = next(change for change in bench.saved if isinstance(change, c.AttemptEnded))
    assert (ended.wall_s, ended.cpu_s, ended.samples, ended.energy_j) == (0.0, 0.0, 0, 0.0)


@pytest.mark.parametrize(
    "fields", [{"tags": ["x" * 201]}, {"kernels": ["k"] * 101}, {"incarnation": "1" * 300}]
)
def test_an_absurd_hello_is_refused(fields):
    bench = Bench()
    key = bench.node("n1")
    assert [type(message) for message in sent(bench.hello(key, **fields), key)] == [m.Refused]


@pytest.mark.parametrize(
    "ref", [m.AttemptRef(-1, -1, -1), m.AttemptRef(1, -1, 0), m.AttemptRef(1, 2**63, 1)]
)
def test_a_ref_of_nothing_is_stale(ref):
    bench = Bench()
    key = bench.node("n1")
    bench.submit(frames="1")
    for message in (
        m.Started(ref),
        m.Progress(ref, 1, 0),
        m.LogLines(ref, 0, []),
        m.Failed(seq=1, ref=ref, cause="?", sentence="", usage=USAGE),
    ):
        actions = bench.say(key, message)
        assert m.Stale(ref) in sent(actions, key)
        assert not of(act.Save, actions)
    assert sent(bench.say(key, m.Heartbeat([ref])), key) == [m.Beat([ref])]


def test_a_node_speaks_for_itself_alone():
    """A recorded report of one node, sent by another, is nobody's."""
    bench = Bench()
    bench.submit(frames="1")
    owner, other = bench.node("n1"), bench.node("n2")
    ref = m.AttemptRef(1, 0, 1)
    for message in (
        m.Ready(seq=1, ref=ref, files=[]),
        m.Done(seq=2, ref=ref, files=[], usage=USAGE),
        m.Progress(ref, 1, 2),
    ):
        actions = bench.say(other, message)
        assert m.Stale(ref) in sent(actions, other)
        assert not of(act.Save, actions)
    assert not bench.core.is_current(ref, other)
    assert bench.core.is_current(ref, owner)
    assert bench.core.where(1, 0) == (owner, ref)


def test_who_is_no_node_is_refused():
    bench = Bench()
    bench.submit(frames="1")
    for key in ("s" * 40, ADMIN):
        assert [type(message) for message in sent(bench.hello(key), key)] == [m.Refused]


def test_another_protocol_is_refused_with_a_sentence():
    bench = Bench()
    key = bench.node("n1")
    hello = m.Hello(protocol=2, version="", name="n1", incarnation="", devices=[])
    (refused,) = sent(bench.say(key, hello), key)
    assert "install the same version" in refused.sentence


def test_goodbye_gives_back_what_is_left_and_blames_nobody():
    bench = Bench()
    key = bench.node("n1")
    bench.submit(frames="1")
    bench.say(key, m.Goodbye("Update."))
    assert (bench.states(), bench.state.steps[1].deaths) == ("R", {})
    assert bench.core.next_deadline() is not None


def test_next_deadline_is_the_lease_or_the_rows():
    bench = Bench()
    assert Bench(bench.state).core.next_deadline() == 0.0
    bench.node("n1")
    bench.submit(frames="1")
    bench.sleep(3)
    bench.sleep(3)
    bench.mono += 20
    assert bench.core.next_deadline() <= 130.0


def test_a_watched_task_says_so_when_it_is_assigned():
    bench = Bench()
    bench.submit(frames="1")
    bench.core.watch(1, 0, True)
    bench.node("n1")
    assigns = [a.message for a in of(act.SendNode, bench.said) if isinstance(a.message, m.Assign)]
    assert [assign.watched for assign in assigns] == [True]


def test_a_node_that_is_away_gets_no_work_until_it_says_so():
    bench = Bench()
    key = bench.node("n1")
    bench.say(key, m.Away("An artist works here."))
    bench.submit(frames="1")
    assert bench.states() == "R"
    bench.say(key, m.Away(""))
    assert bench.states() == "U"
    bench.hello(key, away="Its hours are over.")
    bench.submit("sh020", frames="1")
    assert bench.states(2) == "R"


def test_nodes_are_told_to_update_where_they_are_connected():
    bench = Bench(version="9.9")
    key = bench.node("n1")
    actions = bench.turn(ClientAsked(ADMIN, b"r", 1, cmd.UpdateNodes(nodes=[1])))
    assert sent(actions, key) == [m.Update("9.9")]
    bench.say(key, m.Goodbye("Off."))
    answer = bench.ask(cmd.UpdateNodes(nodes=[1]))
    assert answer.sentence == "n1: not connected, so it cannot be told to update."


def test_maintenance_runs_once_on_each_node():
    bench = Bench()
    keys = [bench.node(name) for name in ("n1", "n2")]
    (request,) = maintenance_requests("clean", ["rm", "{x}"], ["n2", "n1", "n3"])
    answer = bench.ask(request)
    assert isinstance(answer, cmd.Receipt)
    assert bench.states(1) == bench.states(2) == "U"
    assert bench.states(3) == "R", "its node is not there"
    assert [next(iter(bench.state.steps[n].running.values()))[0] for n in (1, 2)] == [2, 1]
    for key, step in zip(keys, (2, 1), strict=True):
        bench.report(key, m.Done, m.AttemptRef(step, 0, 1), files=[])
    assert bench.states(1) == bench.states(2) == "D"
