"""The session on a machine that is somebody's, and on one that is told to update."""

from __future__ import annotations

import pytest

from node_agent.agent import session_types as t
from node_agent.wire import messages as m
from node_agent.wire.job import CommandWork
from tests.unit.node_agent.agent.test_session import USAGE, WORK, A, B, Rig, assign, start


@pytest.fixture
def rig() -> Rig:
    return Rig()


@pytest.fixture
def served(rig) -> Rig:
    rig.serve()
    return rig


class TestAWorkstation:
    """What the artist's return does, by policy."""

    COMMAND = m.AttemptRef(2, 0, 1)

    def both_run(self, rig):
        rig.run(A, 0)
        rig.get(m.Describe(2, CommandWork(argv=["x"])))
        rig.get(assign(self.COMMAND, 1))
        rig.do(t.ChildStarted(self.COMMAND))

    @pytest.mark.parametrize(
        ("policy", "orders"),
        [
            ("finish", []),
            ("yield", [t.YieldChild(A), t.YieldChild(COMMAND)]),
            ("hand-back", [t.YieldChild(A), t.KillChild(COMMAND)]),
        ],
    )
    def test_its_policy_decides_what_becomes_of_what_runs(self, served, policy, orders):
        self.both_run(served)
        said = t.Send(m.Away("An artist works here."))
        assert served.do(t.WentAway("An artist works here.", policy)) == [said, *orders]

    def test_what_arrives_meanwhile_is_given_back(self, served):
        served.do(t.WentAway("An artist works here."))
        served.get(m.Describe(1, WORK))
        given_back = m.Yielded(seq=1, ref=A, checkpoint="", passes_done=0, usage=m.Usage())
        assert served.get(assign(A)) == [t.Keep(given_back), t.Send(given_back)]
        assert served.do(t.WentAway("")) == [t.Send(m.Away(""))]
        assert served.get(assign(B)) == [start(B)]

    def test_a_new_dispatcher_hears_of_it_in_the_hello(self, rig):
        rig.do(t.WentAway("It is outside the node's hours."))
        (hello,) = [a.message for a in rig.do(t.Begin())]
        assert hello.away == "It is outside the node's hours."


class TestAnUpdate:
    """What runs ends first, nothing more is taken, and the end names the version."""

    def test_it_waits_for_what_runs_and_gives_back_what_arrives(self, served):
        served.run(A)
        (away,) = served.get(m.Update("9.9"))
        assert "9.9" in away.message.why
        served.get(m.Describe(1, WORK))
        assert any(isinstance(a, t.Keep) for a in served.get(assign(B, 1)))
        served.do(t.WentAway(""))
        served.do(t.ChildDone(A, [], USAGE))
        assert t.Stop(0, "All work is over and reported.", "9.9") in served.get(m.Ack(2))

    def test_the_version_that_runs_is_no_update(self, served):
        assert served.get(m.Update("0")) == []
