"""Which sleeping nodes are woken for work that waits, and how a node is woken.

PURE. Looked at after a placement pass that had something new: what is ready then found no device awake. No more
nodes are woken than it has tasks for, and those that are on their way are counted first.
"""

from __future__ import annotations

from functools import partial

from app.core import live
from app.core.actions import WakeMachine
from app.core.gates import free_of
from app.core.live import Session
from app.core.placing_rules import may, offered, view_of
from app.core.ready import Klass
from app.core.records import Node
from app.core.scheduling import pick
from app.core.turn import Turn
from node_agent.wire import messages as m

RELAYS_MAX = 2
"""Nodes of the sleeper's own network that send packets too: broadcasts do not pass routers."""


def wake_for_work(turn: Turn) -> None:
    """Wake the nodes that would get something to do, in the order of their numbers."""
    turn.live.resting_stale = False
    queue = turn.state.queue
    left = {
        number: _startable(turn, klass, queue.waiting(number))
        for number, klass in enumerate(queue.klasses)
        if queue.lists[number] and number not in queue.closed
    }
    if not left:
        return
    rested = list(turn.live.resting.values())
    for session in sorted(rested, key=lambda one: (one.woken_at is None, one.node)):
        if _takes(turn, session, left) and session.woken_at is None:
            name = turn.state.nodes[session.node].name
            turn.log("info", f"{name} is woken: work waits for it.")
            wake(turn, session)


def _startable(turn: Turn, klass: Klass, ready: int) -> int:
    """Return how many of so many ready tasks the farm's limits let begin."""
    for name, need in klass.limits:
        if limit := turn.state.limits.get(name):
            ready = min(ready, free_of(turn, limit, klass.project) // need)
    return ready


def _takes(turn: Turn, session: Session, left: dict[int, int]) -> bool:
    """Tell whether a device of this node would get something of what is left; and count it as taken."""
    if turn.state.nodes[session.node].drained:
        return False
    takes = False
    for slot in session.slots:
        ready = [number for number in view_of(turn, slot).ready if left.get(number, 0) > 0]
        ready = list(offered(turn, slot, ready))
        choice = (
            pick(turn.state, ready, partial(may, turn, slot), slot.card_bytes) if ready else None
        )
        if choice is not None:
            klass = turn.state.queue.klasses[choice[0].klass]
            beside = slot.cores // klass.cores if slot.is_cpu and klass.cores else 1
            left[choice[0].klass] -= max(1, beside)
            takes = True
    return takes


def wake(turn: Turn, session: Session) -> None:
    """Send for a node that sleeps, and watch whether it comes."""
    if session.woken_at is None:
        session.woken_at = turn.now.mono
        again = turn.now.mono + turn.config.wake_again_s
        turn.live.again(again, (live.WAKE, session.node, 0, 0))
    send_packets(turn, turn.state.nodes[session.node])
    turn.rows.node(session.node)
    turn.rows.all_shots()


def send_packets(turn: Turn, node: Node) -> None:
    """Have magic packets sent, by the dispatcher's machine and by nodes of the same network."""
    turn.out.append(WakeMachine(node.macs, node.broadcasts))
    near = set(node.broadcasts) - {""}
    relays = [
        session for session in turn.live.online() if not near.isdisjoint(session.hello.broadcasts)
    ]
    for session in relays[:RELAYS_MAX]:
        turn.send(session.node, m.Wake(node.macs, node.broadcasts))
