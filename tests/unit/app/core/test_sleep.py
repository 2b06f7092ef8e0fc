"""Machines that sleep: told to, recorded, woken by people or by work, and given up."""

import pytest

from app.core import actions as act
from app.core import commands as cmd
from app.core.events import ClientAsked
from node_agent.wire import messages as m
from node_agent.wire.job import Needs
from tests.unit.app.core.bench import ADMIN, CPU, GIB, GPU, Bench, assigned, of, sent

MAC, NET = "0c:42:a1:5e:99:01", "10.0.0.255"
ABLE = {"macs": [MAC], "broadcasts": [NET], "can_sleep": True}


@pytest.fixture
def bench() -> Bench:
    return Bench()


def fall_asleep(bench, key, node=1):
    """Put a node to sleep by hand."""
    assert isinstance(bench.ask(cmd.SleepNodes(nodes=[node])), cmd.Receipt)
    return bench.say(key, m.Sleeping(""))


def idle_to_sleep(bench, key, minutes=10):
    """Put it to sleep by the farm's rule."""
    bench.ask(cmd.SetSleep(minutes=minutes))
    asked = []
    for _ in range(60 * minutes // 15 + 2):
        bench.say(key, m.Heartbeat([]))
        asked += sent(bench.sleep(15.0), key)
    assert m.Sleep() in asked
    return bench.say(key, m.Sleeping(""))


def state(bench, node=1):
    return next(row for row in bench.core.snapshot(bench.now, None, 0).nodes if row.id == node)


class TestFallingAsleep:
    """Two messages each way."""

    def test_it_is_confirmed_only_when_it_is_recorded(self, bench):
        key = bench.node("n1", **ABLE)
        assert state(bench).can_sleep
        actions = fall_asleep(bench, key)
        names = [type(action).__name__ for action in actions]
        assert m.Sleep(now=True) in sent(actions, key)
        assert names.index("Save") < names.index("SendNode")
        row = state(bench)
        assert (row.state, row.can_sleep, row.can_wake) == ("asleep", False, True)
        assert row.asleep_since

    def test_while_asked_it_gets_nothing(self, bench):
        key = bench.node("n1", **ABLE)
        bench.ask(cmd.SleepNodes(nodes=[1]))
        bench.submit()
        assert not bench.state.steps[1].running
        # It has changed its mind: somebody sat down.
        assert assigned(bench.say(key, m.Sleeping("An artist works here.")))

    def test_the_question_is_asked_again_when_it_is_lost(self, bench):
        key = bench.node("n1", **ABLE)
        bench.ask(cmd.SleepNodes(nodes=[1]))
        bench.mono += 6.0
        assert m.Sleep() in sent(bench.say(key, m.Heartbeat([])), key)

    def test_silence_of_a_sleeper_is_no_loss(self, bench):
        key = bench.node("n1", **ABLE)
        fall_asleep(bench, key)
        actions = bench.sleep(3600.0)
        assert not of(act.Log, actions)
        assert state(bench).state == "asleep"

    def test_what_crossed_the_confirmation_does_not_wake_it(self, bench):
        key = bench.node("n1", **ABLE)
        fall_asleep(bench, key)
        assert not sent(bench.say(key, m.Heartbeat([])), key)
        bench.mono += 6.0  # it never heard, and goes on beating
        assert isinstance(sent(bench.say(key, m.Heartbeat([])), key)[0], m.Refused)

    def test_hello_wakes_it(self, bench):
        key = bench.node("n1", **ABLE)
        fall_asleep(bench, key)
        bench.hello(key, **ABLE)
        assert (state(bench).state, state(bench).asleep_since) == ("idle", 0.0)
        assert bench.state.nodes[1].asleep is None

    def test_a_restart_knows_who_sleeps_and_what_it_can_do(self, bench):
        key = bench.node("n1", CPU, **ABLE)
        idle_to_sleep(bench, key)
        other = bench.restart()
        assert state(other).state == "asleep"
        assert [device.kind for device in state(other).devices] == ["cpu"]
        other.submit()
        assert state(other).state == "waking"

    @pytest.mark.parametrize(
        ("hello", "words"),
        [
            ({}, "knows no command for it"),
            ({**ABLE, "macs": []}, "names no network card"),
        ],
    )
    def test_what_cannot_sleep_is_refused(self, bench, hello, words):
        bench.node("n1", **hello)
        assert words in bench.ask(cmd.SleepNodes(nodes=[1])).sentence

    def test_what_works_is_refused(self, bench):
        bench.submit()
        bench.node("n1", **ABLE)
        assert "n1 runs something" in bench.ask(cmd.SleepNodes(nodes=[1])).sentence


class TestWaking:
    """By hand and by work."""

    def test_by_hand_packets_go_out_again_and_again_until_it_is_lost(self, bench):
        key = bench.node("n1", **ABLE)
        fall_asleep(bench, key)
        woken = bench.core.handle(_asked(cmd.WakeNodes(nodes=[1])), bench.now)
        assert of(act.WakeMachine, woken) == [act.WakeMachine([MAC], [NET])]
        assert of(act.WakeMachine, bench.sleep(20.0))
        assert state(bench).state == "waking"
        for _ in range(30):
            bench.sleep(20.0)
        assert state(bench).state == "lost"

    def test_a_node_of_its_network_sends_packets_too(self, bench):
        key = bench.node("n1", **ABLE)
        near = bench.node("n2", macs=["0c:42:a1:5e:99:02"], broadcasts=[NET])
        far = bench.node("n3", macs=["0c:42:a1:5e:99:03"], broadcasts=["10.0.1.255"])
        fall_asleep(bench, key)
        actions = bench.core.handle(_asked(cmd.WakeNodes(nodes=[1])), bench.now)
        assert sent(actions, near) == [m.Wake([MAC], [NET])]
        assert not sent(actions, far)

    def test_work_wakes_only_as_many_as_it_needs(self, bench):
        keys = [bench.node(f"n{n}", **{**ABLE, "macs": [f"0c:42:a1:5e:99:0{n}"]}) for n in (1, 2)]
        bench.ask(cmd.SetSleep(minutes=1))
        for _ in range(6):
            bench.say(keys[0], m.Heartbeat([]))
            bench.say(keys[1], m.Heartbeat([]))
            bench.sleep(15.0)
        for key in keys:
            bench.say(key, m.Sleeping(""))
        assert [state(bench, n).state for n in (1, 2)] == ["asleep", "asleep"]
        bench.submit(frames="1")
        assert [state(bench, n).state for n in (1, 2)] == ["waking", "asleep"]
        assert assigned(bench.hello(keys[0], **ABLE))
        assert state(bench, 2).state == "asleep"

    def test_work_that_it_cannot_do_does_not_wake_it(self, bench):
        key = bench.node("n1", **ABLE)
        idle_to_sleep(bench, key)
        bench.submit(step={"needs": Needs(memory_bytes=100 * GIB)})
        assert state(bench).state == "asleep"

    def test_a_full_limit_wakes_nobody(self, bench):
        bench.ask(cmd.SetLimit(name="nuke", count=0))
        key = bench.node("n1", **ABLE)
        idle_to_sleep(bench, key)
        bench.submit(step={"needs": Needs(limits={"nuke": 1})})
        assert state(bench).state == "asleep"
        bench.ask(cmd.SetLimit(name="nuke", count=1))
        assert state(bench).state == "waking"

    def test_who_was_put_to_sleep_by_hand_sleeps_on(self, bench):
        key = bench.node("n1", **ABLE)
        fall_asleep(bench, key)
        shot, _ = bench.submit()
        assert state(bench).state == "asleep"
        reason = bench.ask(cmd.Explain(shot=shot)).reasons[0]
        assert (reason.kind, reason.sentence) == ("asleep", "All nodes that can run it sleep: n1.")
        assert isinstance(bench.ask(reason.remedies[0].command), cmd.Receipt)
        reason = bench.ask(cmd.Explain(shot=shot)).reasons[0]
        assert reason.sentence == "n1 is being woken for it."

    def test_busy_names_the_sleepers_as_a_way_out(self, bench):
        key = bench.node("n1", **ABLE)
        fall_asleep(bench, key)
        bench.node("n2")
        bench.submit("a", "1")
        shot, _ = bench.submit("b", "1")
        remedies = bench.ask(cmd.Explain(shot=shot)).reasons[0].remedies
        assert remedies[-1].command == cmd.WakeNodes(nodes=[1])

    def test_a_machine_that_is_off_can_be_sent_for(self, bench):
        key = bench.node("n1", **ABLE)
        bench.say(key, m.Goodbye("off"))
        assert state(bench).can_wake
        actions = bench.core.handle(_asked(cmd.WakeNodes(nodes=[1])), bench.now)
        assert of(act.WakeMachine, actions)

    def test_who_is_awake_or_unknown_is_refused(self, bench):
        key = bench.node("n1")
        assert bench.ask(cmd.WakeNodes(nodes=[1])).sentence == "These nodes are awake."
        bench.say(key, m.Goodbye("off"))
        assert "n1: its hardware address" in bench.ask(cmd.WakeNodes(nodes=[1])).sentence

    def test_addresses_that_are_none_are_left_out(self, bench):
        macs = ["00:00:00:00:00:00", "ff:ff:ff:ff:ff:ff", "x", MAC]
        bench.node("n1", macs=macs, broadcasts=["", "", "", "evil.example"])
        assert (bench.state.nodes[1].macs, bench.state.nodes[1].broadcasts) == ([MAC], [""])


class TestIdleRule:
    """After how many minutes, of whom."""

    def test_a_pool_has_its_own_and_the_longest_holds(self, bench):
        key = bench.node("n1", **ABLE)
        bench.ask(cmd.SetNode(nodes=[1], pools=["film"]))
        bench.ask(cmd.SetSleep(pool="film", minutes=0))
        bench.ask(cmd.SetSleep(minutes=1))
        for _ in range(12):
            bench.say(key, m.Heartbeat([]))
            assert m.Sleep() not in sent(bench.sleep(15.0), key)

    def test_work_and_people_keep_it_awake(self, bench):
        key = bench.node("n1", **ABLE)
        bench.ask(cmd.SetSleep(minutes=1))
        bench.submit(frames="1")
        (ref,) = [attempt.ref for attempt in bench.core._turn.live.attempts.values()]
        for _ in range(8):
            bench.say(key, m.Heartbeat([ref]))
            assert m.Sleep() not in sent(bench.sleep(15.0), key)
        bench.finish(key, ref)
        bench.say(key, m.Away("An artist works here."))
        for _ in range(8):
            bench.say(key, m.Heartbeat([]))
            assert m.Sleep() not in sent(bench.sleep(15.0), key)

    def test_it_can_be_taken_back(self, bench):
        receipt = bench.ask(cmd.SetSleep(minutes=30))
        assert bench.ask(cmd.GetRules()).sleep == {"": 30}
        bench.ask(cmd.Undo(command=receipt.command))
        assert bench.state.sleep == {}
        assert "no rule" in bench.ask(cmd.SetSleep(minutes=-1, pool="film")).sentence

    def test_a_forecast_counts_on_who_sleeps_until_there_is_work(self, bench):
        key = bench.node("n1", **ABLE)
        idle_to_sleep(bench, key)
        shot, _ = bench.submit(frames="1-4")
        bench.sleep(5.0)
        bench.sleep(5.0)
        (row,) = bench.core.snapshot(bench.now, None, 0).shots
        assert (row.id, row.running) == (shot, 0)
        assert row.finish_p50 > bench.now.wall + 60

    def test_sleeping_devices_count_for_shares(self, bench):
        keys = [bench.node(f"n{n}", GPU, **ABLE) for n in (1, 2)]
        bench.ask(cmd.SetShare(project="NZ2", cap=0.5))
        bench.ask(cmd.SetSleep(minutes=1))
        for _ in range(6):
            for key in keys:
                bench.say(key, m.Heartbeat([]))
            bench.sleep(15.0)
        for key in keys:
            bench.say(key, m.Sleeping(""))
        bench.submit()
        assert [state(bench, n).state for n in (1, 2)].count("waking") >= 1


def _asked(command):
    return ClientAsked(ADMIN, b"r", 1, command)
