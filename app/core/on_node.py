"""What a node's agent says about itself: Join, Hello, Heartbeat, Goodbye; and losing it.

PURE. A session begins with Hello and is bound to one incarnation of the agent. What the agent names as
running is believed about nothing but that agent: the task's own state and epoch decide.
"""

from __future__ import annotations

from app.core import attempts
from app.core.changes import KeyAdded, KeyRevoked, NodeAdded, NodeAddressed, NodeSlept
from app.core.ids import Role
from app.core.live import Attempt, Session, Slot
from app.core.placing import wake_all
from app.core.seats import weight_of
from app.core.transitions import Link, Phase
from app.core.turn import Turn
from node_agent.wire import messages as m
from node_agent.wire.token import is_key
from node_agent.wire.version import refusal
from node_agent.wire.wake import is_ipv4, is_mac

NAME_MAX = 64
LIST_MAX = 100
WORD_MAX = 200


def on_join(turn: Turn, key: str, message: m.Join) -> None:
    """Take a new node in on the word of a join token, once."""
    known = turn.state.keys.get(message.public_key)
    if known and known.role == Role.NODE and known.name == message.name:
        # The answer was lost: joining twice is joining.
        turn.send_key(key, m.Joined(node=turn.state.node_keys[message.public_key]))
        return
    role, sentence = turn.role_of(key), _join_refusal(turn, message)
    if role is not Role.JOINER:
        sentence = "This join token was used or is too old: make a new one."
    if sentence:
        turn.send_key(key, m.Refused(sentence=sentence))
        return
    turn.save(KeyRevoked(key))
    turn.key_changed(key)
    turn.send_key(key, m.Joined(node=admit_node(turn, message.public_key, message.name)))


def _join_refusal(turn: Turn, message: m.Join) -> str:
    if sentence := refusal(message.protocol):
        return sentence
    name = message.name
    if not (name and name.isprintable() and len(name) <= NAME_MAX and name == name.strip()):
        return f"A node's name has 1 to {NAME_MAX} printable characters."
    if not is_key(message.public_key) or message.public_key in turn.state.keys:
        return "The node's key is not a new CURVE key of 40 characters."
    node = next((node for node in turn.state.nodes.values() if node.name == name), None)
    if node and node.id in turn.live.sessions and turn.live.sessions[node.id].is_online:
        return f"A node named {name} is connected: give this one another name."
    return ""


def admit_node(turn: Turn, public_key: str, name: str) -> int:
    """Add a node, or give the one of this name a new key (it lost its own); return its id."""
    now = turn.now.wall
    node = next((node for node in turn.state.nodes.values() if node.name == name), None)
    if node and node.public_key in turn.state.keys:
        turn.save(KeyRevoked(node.public_key))
        turn.key_changed(node.public_key)
    number = node.id if node else turn.state.next_node()
    turn.save(KeyAdded(public_key, Role.NODE, name, now))
    turn.save(NodeAdded(number, name, public_key, now))
    turn.key_changed(public_key)
    return number


def on_hello(turn: Turn, key: str, message: m.Hello) -> None:
    """Begin a session, or refresh it; settle what the agent runs against what it should."""
    if sentence := refusal(message.protocol) or _absurdity(message):
        turn.send_key(key, m.Refused(sentence=sentence))
        return
    node = turn.state.node_keys[key]
    before = turn.live.sessions.get(node)
    is_same = before is not None and before.hello.incarnation == message.incarnation
    session = _session(turn, node, message)
    named = set(message.running)
    keep, again = _settle(turn, session, named, is_same, is_known=before is not None)
    for slot in session.slots:
        if slot.has_room:
            turn.live.offer(slot)
    turn.send(
        node,
        m.Welcome(
            node=node,
            lease_s=turn.config.lease_s,
            absence_s=turn.config.absence_s,
            heartbeat_s=turn.config.heartbeat_s,
            keep=keep,
            acked=turn.live.acked.get(session.life, 0),
            staging_port=turn.config.staging_port,
        ),
    )
    for attempt in again:
        attempts.assign(turn, attempt)
    wake_all(turn)
    turn.rows.all_shots()
    turn.rows.node(node)


def _absurdity(hello: m.Hello) -> str:
    """A Hello goes to every window as a row: refuse one that no honest agent sends."""
    lists = (hello.devices, hello.tags, hello.kernels, hello.macs, hello.broadcasts)
    if max(map(len, lists)) > LIST_MAX:
        return f"A node has at most {LIST_MAX} devices, tags, kernels and network cards."
    devices = [text for device in hello.devices for text in (device.kind, device.name, device.uuid)]
    words = [hello.name, hello.version, hello.incarnation, hello.platform, *hello.tags]
    words += [*hello.macs, *hello.broadcasts]
    if any(len(word) > WORD_MAX for word in [*words, *hello.kernels, *devices]):
        return f"A word in the node's Hello is longer than {WORD_MAX} characters."
    return ""


def _session(turn: Turn, node: int, hello: m.Hello) -> Session:
    """Return the session that this Hello begins or goes on with, its devices empty."""
    now, before = turn.now, turn.live.sessions.get(node)
    if before:
        turn.live.withdraw(before)
    session = Session(
        node=node,
        hello=hello,
        slots=[Slot(node, device, info) for device, info in enumerate(hello.devices)],
        link=before.link if before else Link.OFFLINE,
        seen_mono=now.mono,
        seen_wall=now.wall,
        away=hello.away[:WORD_MAX],
        idle_since=now.mono,
    )
    if session.is_asleep:
        _wake_up(turn, node)
    _address(turn, node, hello)
    if not session.is_online:
        turn.live.watch_session(session, now.mono + turn.config.lease_s)
    session.enter(Link.ONLINE)
    turn.live.sessions[node] = session
    return session


def _address(turn: Turn, node: int, hello: m.Hello) -> None:
    """Keep by what the node can be woken; those that make no sense are left out."""
    padded = [*hello.broadcasts, *[""] * len(hello.macs)]
    pairs = [
        (mac, to if is_ipv4(to) else "")
        for mac, to in zip(hello.macs, padded, strict=False)
        if is_mac(mac)
    ]
    macs, broadcasts = [mac for mac, _ in pairs], [to for _, to in pairs]
    record = turn.state.nodes[node]
    if macs and (record.macs, record.broadcasts) != (macs, broadcasts):
        turn.save(NodeAddressed(node, macs, broadcasts))


def _settle(
    turn: Turn, session: Session, named: set[m.AttemptRef], is_same: bool, is_known: bool
) -> tuple[list[m.AttemptRef], list[Attempt]]:
    """Return what the agent keeps and what is sent again; the rest of this node's attempts is lost."""
    keep: list[m.AttemptRef] = []
    again: list[Attempt] = []
    for attempt in list(turn.live.of_node.get(session.node, {}).values()):
        never_arrived = attempt.phase is Phase.SENT and (is_same or not is_known)
        if max(attempt.devices) >= len(session.slots):
            attempts.lose(turn, attempt, "Its device is gone.")
        elif attempt.ref in named:
            hold(turn, attempt)
            keep.append(attempt.ref)
            _attach(turn, session, attempt)
        elif never_arrived:
            again.append(attempt)
            _attach(turn, session, attempt)
        else:
            name = turn.state.nodes[session.node].name
            attempts.lose(turn, attempt, f"The agent of {name} was started anew.")
    return keep, again


def _attach(turn: Turn, session: Session, attempt: Attempt) -> None:
    slot = session.slots[attempt.device]
    attempt.kind = slot.info.kind
    for own in turn.live.slots_of(attempt):
        turn.live.put(own, attempt)
    turn.live.weigh(attempt, weight_of(session, attempt))


def hold(turn: Turn, attempt: Attempt) -> None:
    """The node names this attempt: renew its lease."""
    attempt.lease_until = turn.now.mono + turn.config.lease_s
    if attempt.phase is Phase.SENT:
        attempt.enter(Phase.HELD)


def on_heartbeat(turn: Turn, session: Session, message: m.Heartbeat) -> None:
    """Renew the leases of what is named, and say what is not its to run."""
    key = turn.state.nodes[session.node].public_key
    own = turn.live.of_node.get(session.node, {})
    stale: list[m.AttemptRef] = []
    named = set(message.running)
    for ref in message.running:
        attempt = own.get((ref.step, ref.task))
        if attempt and attempt.ref == ref:
            hold(turn, attempt)
        elif not _is_closing(session, ref):
            stale.append(ref)
    turn.send_key(key, m.Beat(stale, message.number))
    _repeat(turn, session, named)
    turn.rows.seen(session.node)


def _is_closing(session: Session, ref: m.AttemptRef) -> bool:
    return any(attempt.ref == ref for attempt in session.attempts())


def _repeat(turn: Turn, session: Session, named: set[m.AttemptRef]) -> None:
    """Send again what did not arrive: assignments, kills and questions older than a few seconds."""
    late = turn.now.mono - turn.config.resend_s
    if session.sleep_asked_at is not None and session.sleep_asked_at <= late:
        turn.send(session.node, m.Sleep())
    for attempt in session.attempts():
        if attempt.sent_at > late:
            continue
        is_named = attempt.ref in named
        if attempt.phase is Phase.SENT and not is_named:
            # What was lost may have been the description.
            session.described.discard(attempt.ref.step)
            attempts.assign(turn, attempt)
        elif attempt.is_asked and attempt.phase is Phase.HELD and is_named:
            attempts.ask_yield(turn, attempt)
        elif attempt.phase is Phase.CLOSING and is_named:
            attempt.sent_at = turn.now.mono
            turn.send(session.node, m.Revoke(attempt.ref, "kill"))
        elif attempt.phase is Phase.CLOSING:
            attempt.enter(Phase.OVER)
            turn.live.free(attempt)


def on_away(turn: Turn, session: Session, message: m.Away) -> None:
    """The node takes no work for a while, or again; what it runs it ends and reports by itself."""
    session.away = message.why[:WORD_MAX]
    wake_all(turn)
    turn.rows.all_shots()
    turn.rows.node(session.node)


def on_goodbye(turn: Turn, session: Session, message: m.Goodbye) -> None:
    """The agent stops; what it should still have is ready again with nobody to blame."""
    for attempt in list(turn.live.of_node.get(session.node, {}).values()):
        attempts.give_back(turn, attempt, "lost", attempts.NO_USAGE)
    end_session(turn, session, Link.OFFLINE)
    turn.log("info", f"{turn.state.nodes[session.node].name} stopped: {message.reason}")


def lose_node(turn: Turn, session: Session) -> None:
    """Nothing was heard of the node for a lease: all its attempts are over."""
    name, lease_s = turn.state.nodes[session.node].name, turn.config.lease_s
    for attempt in list(turn.live.of_node.get(session.node, {}).values()):
        attempts.lose(turn, attempt, f"No news of {name} for {lease_s:.0f} s.")
    end_session(turn, session, Link.LOST)
    turn.log("warning", f"{name} is lost: no news for {lease_s:.0f} s.")


def _wake_up(turn: Turn, node: int) -> None:
    """It sleeps no more, whatever it is now."""
    turn.save(NodeSlept(node, turn.now.wall))
    turn.live.resting.pop(node, None)


def end_session(turn: Turn, session: Session, link: Link) -> None:
    if session.is_asleep:
        _wake_up(turn, session.node)
    session.enter(link)
    turn.live.withdraw(session)
    wake_all(turn)
    turn.rows.all_shots()
    turn.rows.node(session.node)
