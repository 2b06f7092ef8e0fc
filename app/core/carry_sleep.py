"""Commands about machines that sleep: put them to sleep, wake them, and after how long of idling.

PURE. As ``carry_out``: each checks all, then saves; raises UserMistake with nothing saved.
"""

from __future__ import annotations

from app.core import changes as c
from app.core import commands as a
from app.core import resting, sleepers
from app.core.outcome import Outcome, named_nodes
from app.core.submit import check_name
from app.core.turn import Turn
from app.errors import UserMistake

MINUTES_MAX = 7 * 24 * 60.0


def sleep(turn: Turn, command: a.SleepNodes, _user: str) -> Outcome:
    """Carry out a SleepNodes."""
    nodes = named_nodes(turn, command.nodes)
    sessions = [turn.live.sessions.get(node) for node in nodes]
    for node, session in zip(nodes, sessions, strict=True):
        name = turn.state.nodes[node].name
        if session is None or not session.is_online:
            raise UserMistake(f"{name} is not connected, so it cannot be put to sleep.")
        if not session.hello.can_sleep:
            raise UserMistake(f"{name} cannot be put to sleep: its agent knows no command for it.")
        if session.attempts():
            raise UserMistake(f"{name} runs something: drain it first, and wait until it is idle.")
        if not turn.state.nodes[node].macs:
            raise UserMistake(f"{name} names no network card, so nobody could wake it again.")
    for session in sessions:
        assert session is not None
        sleepers.ask_to_sleep(turn, session, by_hand=True)
    return Outcome()


def wake(turn: Turn, command: a.WakeNodes, _user: str) -> Outcome:
    """Carry out a WakeNodes."""
    state, live = turn.state, turn.live
    nodes = named_nodes(turn, command.nodes)
    absent = [n for n in nodes if n not in live.sessions or not live.sessions[n].is_online]
    if not absent:
        raise UserMistake("These nodes are awake.")
    mute = [state.nodes[node].name for node in absent if not state.nodes[node].macs]
    if mute:
        raise UserMistake(
            f"{', '.join(mute)}: its hardware address is not known, so it cannot be woken from here."
        )
    for node in absent:
        session = live.sessions.get(node)
        if session is not None and session.is_asleep:
            resting.wake(turn, session)
        else:
            resting.send_packets(turn, state.nodes[node])
    return Outcome()


def set_sleep(turn: Turn, command: a.SetSleep, _user: str) -> Outcome:
    """Carry out a SetSleep."""
    if command.pool:
        check_name("pool", command.pool)
    if not command.minutes <= MINUTES_MAX:
        raise UserMistake(f"Nodes idle for at most {MINUTES_MAX:,.0f} minutes, a week.")
    before = turn.state.sleep.get(command.pool)
    if before is None and command.minutes < 0:
        whose = f"The pool {command.pool}" if command.pool else "The farm"
        raise UserMistake(f"{whose} has no rule for idle sleep.")
    turn.save(c.SleepSet(command.pool, max(command.minutes, -1.0)))
    sleepers.arm(turn)
    return Outcome(a.SetSleep(pool=command.pool, minutes=-1.0 if before is None else before))
