"""Sorts a node's message to its handler, after the key and the session were looked at.

PURE. A node's key may speak for that node alone: the node is looked up by key, never read from a message.
"""

from __future__ import annotations

from app.core import sleepers
from app.core.ids import Role
from app.core.live import Session
from app.core.on_node import on_away, on_goodbye, on_heartbeat, on_hello, on_join
from app.core.on_report import (
    SAY_HELLO,
    on_fleeting,
    on_progress,
    on_reliable,
    on_started,
)
from app.core.transitions import Link
from app.core.turn import Turn
from node_agent.wire import messages as m


def on_message(turn: Turn, key: str, message: m.FromNode) -> None:
    """Handle one message of a node, or refuse it."""
    if isinstance(message, m.Join):
        on_join(turn, key, message)
        return
    node = turn.state.node_keys.get(key)
    if node is None or not _is_node(turn, key):
        turn.send_key(key, m.Refused(sentence="This key is not a node's, or was revoked."))
        return
    if isinstance(message, m.Hello):
        on_hello(turn, key, message)
        return
    session = turn.live.sessions.get(node)
    if session is not None and sleepers.is_falling_asleep(turn, session):
        return  # said before it heard that it may sleep
    if session is None or session.link is not Link.ONLINE:
        turn.send_key(key, m.Refused(sentence=SAY_HELLO, retry=True))
        return
    session.seen_mono, session.seen_wall = turn.now.mono, turn.now.wall
    _in_session(turn, key, session, message)


def _is_node(turn: Turn, key: str) -> bool:
    """As ``role_of``, without its enum: this is asked of every message."""
    record = turn.state.keys.get(key)
    if record is None or record.role != Role.NODE:
        return False
    return not record.expires_at or record.expires_at > turn.now.wall


def _in_session(turn: Turn, key: str, session: Session, message: m.FromNode) -> None:
    match message:
        case m.Heartbeat():
            on_heartbeat(turn, session, message)
        case m.Ready() | m.Done() | m.Failed() | m.Yielded() | m.Released():
            on_reliable(turn, key, session, message)
        case m.Progress():
            on_progress(turn, key, session, message)
        case m.Started():
            on_started(turn, key, session, message)
        case m.LogLines() | m.Preview():
            on_fleeting(turn, key, message)
        case m.Away():
            on_away(turn, session, message)
        case m.Sleeping():
            sleepers.on_sleeping(turn, session, message)
        case m.Goodbye():
            on_goodbye(turn, session, message)
        case _:
            pass  # Metrics are the shell's; that the node lives was noted above
