"""Nodes that sleep: told to, recorded, woken by packets, and given up where they do not wake.

PURE. Falling asleep takes two messages each way, so that no node sleeps unknown: ``Sleep`` asks and the node gets
nothing more; ``Sleeping`` says that it runs nothing; that is saved; ``Sleep(now)`` confirms and it suspends. A
node that says Hello in between, or at any later time, is awake. What a sleeping node said last is kept, so
that it is known, also after a restart, what it could do if it were woken. ``resting`` says when that is.
"""

from __future__ import annotations

from app.core import attempts, live
from app.core.changes import NodeSlept
from app.core.live import Session, Slot
from app.core.on_node import end_session
from app.core.resting import send_packets
from app.core.scheduling import POOL_TAG, own_tags
from app.core.transitions import Link
from app.core.turn import Turn
from node_agent.wire import messages as m

REASON_MAX = 200


def ask_to_sleep(turn: Turn, session: Session, *, by_hand: bool) -> None:
    """Tell a node that runs nothing to sleep; until it answers it gets nothing."""
    session.sleep_asked_at, session.is_by_hand = turn.now.mono, by_hand
    turn.send(session.node, m.Sleep())


def on_sleeping(turn: Turn, session: Session, message: m.Sleeping) -> None:
    """The node is ready to sleep, or says why not."""
    asked_at, session.sleep_asked_at = session.sleep_asked_at, None
    name = turn.state.nodes[session.node].name
    if message.why:
        session.idle_since = turn.now.mono
        turn.log("info", f"{name} does not sleep: {message.why[:REASON_MAX]}")
        _offer(turn, session)
    elif asked_at is not None and not session.attempts():
        _fall_asleep(turn, session)
        turn.log("info", f"{name} sleeps.")


def _fall_asleep(turn: Turn, session: Session) -> None:
    for attempt in list(turn.live.of_node.get(session.node, {}).values()):
        attempts.give_back(turn, attempt, "lost", attempts.NO_USAGE)
    turn.save(NodeSlept(session.node, turn.now.wall, session.hello, session.is_by_hand))
    session.slept_at = turn.now.mono
    end_session(turn, session, Link.ASLEEP)
    if not session.is_by_hand:
        turn.live.resting[session.node] = session
    turn.send(session.node, m.Sleep(now=True))


def _offer(turn: Turn, session: Session) -> None:
    for slot in session.slots:
        if slot.has_room:
            turn.live.offer(slot)


def is_falling_asleep(turn: Turn, session: Session) -> bool:
    """Tell whether what the node says may have been said before it heard that it may sleep."""
    return session.is_asleep and turn.now.mono - session.slept_at < turn.config.resend_s


# --- waking ---------------------------------------------------------------------------------------


def on_moment(turn: Turn, number: int) -> None:
    """Send again for a node that does not answer; give it up in the end."""
    session = turn.live.sessions[number]
    if not session.is_asleep or session.woken_at is None:
        return
    if turn.now.mono - session.woken_at < turn.config.wake_s:
        send_packets(turn, turn.state.nodes[number])
        turn.live.again(turn.now.mono + turn.config.wake_again_s, (live.WAKE, number, 0, 0))
        return
    end_session(turn, session, Link.LOST)
    name, minutes = turn.state.nodes[number].name, turn.config.wake_s / 60
    turn.log("warning", f"{name} is lost: told to wake, it did not in {minutes:.0f} minutes.")


# --- idle nodes -----------------------------------------------------------------------------------


def arm(turn: Turn) -> None:
    """Look from time to time which nodes idle, while any rule wants that."""
    if not turn.live.is_sleep_armed and any(turn.state.sleep.values()):
        turn.live.is_sleep_armed = True
        turn.live.again(turn.now.mono + turn.config.sleep_look_s, (live.IDLE, 0, 0, 0))


def look(turn: Turn) -> None:
    """Put to sleep what idled for as long as its rule says."""
    turn.live.is_sleep_armed = False
    arm(turn)
    for session in turn.live.online():
        if session.sleep_asked_at is not None:
            continue
        if session.attempts() or not _may_sleep(turn, session):
            session.idle_since = turn.now.mono
        else:
            minutes = idle_minutes(turn, session)
            if minutes and turn.now.mono - session.idle_since >= 60 * minutes:
                ask_to_sleep(turn, session, by_hand=False)


def _may_sleep(turn: Turn, session: Session) -> bool:
    """A node that people drained, reserved or use, or that is held back for a task, is not idle."""
    node = turn.state.nodes[session.node]
    is_taken = node.drained or node.reserved_until > turn.now.wall or session.away
    is_able = session.hello.can_sleep and node.macs
    return bool(is_able and not is_taken and session.node not in turn.holds.by_node)


def idle_minutes(turn: Turn, session: Session) -> float:
    """Return after how many idle minutes this node is put to sleep; 0: never. Of several pools' rules the longest
    holds."""
    rules = turn.state.sleep
    tags = [*session.hello.tags, *own_tags(turn.state.nodes[session.node])]
    pools = [tag.removeprefix(POOL_TAG) for tag in tags if tag.startswith(POOL_TAG)]
    own = [rules[pool] for pool in pools if pool in rules]
    if own:
        return 0.0 if 0.0 in own else max(own)
    return rules.get("", 0.0)


def take_up(turn: Turn) -> None:
    """After a load: who slept sleeps, as far as is known."""
    arm(turn)
    for node in turn.state.nodes.values():
        hello = node.asleep
        if hello is None:
            continue
        session = Session(
            node=node.id,
            hello=hello,
            slots=[Slot(node.id, device, info) for device, info in enumerate(hello.devices)],
            link=Link.ASLEEP,
            seen_mono=turn.now.mono,
            seen_wall=node.asleep_since,
            is_by_hand=node.is_asleep_by_hand,
            slept_at=float("-inf"),
        )
        turn.live.sessions[node.id] = session
        if not session.is_by_hand:
            turn.live.resting[node.id] = session
    turn.live.gates_stale = turn.live.resting_stale = True
