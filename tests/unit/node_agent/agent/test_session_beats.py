"""Which heartbeat a Beat answers: a lease must never be longer here than the dispatcher believes."""

from node_agent.agent import session_types as t
from node_agent.wire import messages as m
from tests.unit.node_agent.agent.test_session import HEARTBEAT_S, LEASE_S, A, Rig, welcome


class TestNumberedBeats:
    def test_an_answer_that_waited_gives_no_new_lease(self):
        """The process stood still between a heartbeat and its answer, and was welcomed anew in between."""
        rig = Rig()
        rig.serve()
        rig.reach_ready()
        rig.tick(HEARTBEAT_S)
        waited = rig.beats[-1]
        rig.get(welcome(keep=[A]), after=3 * LEASE_S)
        rig.get(m.Beat([], waited))
        assert not [a for a in rig.get(m.Grant(A, 10.0)) if isinstance(a, t.PublishChild)]
        rig.get(m.Beat([], rig.beats[-1]))
        assert [a for a in rig.get(m.Grant(A, 10.0)) if isinstance(a, t.PublishChild)]

    def test_a_lost_beat_costs_nothing_after_the_next(self):
        rig = Rig()
        rig.serve()
        for _ in range(3):
            rig.tick(HEARTBEAT_S)
        rig.get(m.Beat([], rig.beats[-1]))
        assert rig.session._lease.publish_until == rig.now + LEASE_S
        rig.get(m.Beat([], rig.beats[-2]))
        assert rig.session._lease.publish_until == rig.now + LEASE_S
