"""The session of a machine that is told to sleep, and of one that wakes others."""

import pytest

from node_agent.agent import session_types as t
from node_agent.agent.session import NAP_S
from node_agent.wire import messages as m
from tests.unit.node_agent.agent.test_session import A, Rig, hellos

SAID, SLEEPY = t.Send(m.Sleeping("")), m.Sleep(now=True)


class Sleeper(Rig):
    def __init__(self) -> None:
        super().__init__()
        self.session._config = t.SessionConfig(
            name="n", incarnation="i", version="0", devices=[], can_sleep=True
        )


@pytest.fixture
def rig() -> Sleeper:
    rig = Sleeper()
    rig.serve()
    return rig


def test_it_sleeps_when_that_is_recorded_and_says_nothing_meanwhile(rig):
    assert rig.get(m.Sleep()) == [SAID]
    assert rig.get(SLEEPY) == [t.Suspend()]
    assert not rig.session.is_served
    assert rig.tick(4.0) == []


def test_awake_again_it_says_so_at_once(rig):
    rig.get(m.Sleep())
    rig.get(SLEEPY)
    assert rig.session.next_deadline() == rig.now + 1.0
    assert hellos(rig.tick(3600.0)) == [[]]


def test_a_machine_that_did_not_sleep_says_so_too(rig):
    rig.get(m.Sleep())
    rig.get(SLEEPY)
    said = [hello for _ in range(int(NAP_S)) for hello in hellos(rig.tick(1.0))]
    assert said == [[]]


def test_a_command_that_fails_is_not_tried_for_ever(rig):
    rig.get(m.Sleep())
    rig.get(SLEEPY)
    (hello,) = [a.message for a in rig.do(t.SleepFailed("no"))]
    assert not hello.can_sleep
    assert rig.get(m.Sleep()) == [t.Send(m.Sleeping("Its agent knows no command for that."))]


def test_who_works_or_is_somebodys_stays_awake(rig):
    rig.do(t.WentAway("An artist works here."))
    assert rig.get(m.Sleep()) == [t.Send(m.Sleeping("An artist works here."))]
    rig.do(t.WentAway(""))
    other = Rig()
    other.serve()
    other.run(A)
    assert other.get(m.Sleep()) == [t.Send(m.Sleeping("It has work."))]
    assert other.get(SLEEPY) == []


def test_a_hello_in_between_makes_the_word_void(rig):
    rig.get(m.Sleep())
    rig.do(t.LinkUp())
    assert rig.get(SLEEPY) == []


def test_it_wakes_others_of_its_network(rig):
    assert rig.get(m.Wake(["0c:42:a1:5e:99:01"], ["10.0.0.255"])) == [
        t.WakeOthers(["0c:42:a1:5e:99:01"], ["10.0.0.255"])
    ]
