"""Taking commands back, and what stands in the way of it.

PURE. ``stamps`` keeps the books; here they are read. ``audit`` shows people the same sentences.
"""

from __future__ import annotations

from app.core import commands as a
from app.core.records import Audited
from app.core.stamps import unpack_command
from app.core.state import FarmState
from app.errors import UserMistake


def inverse_of(state: FarmState, number: int) -> a.Command:
    """Return what takes this command back. Raises UserMistake, saying why nothing does."""
    line = next((line for line in state.audit if line.number == number), None)
    if line is None:
        raise UserMistake(f"Command {number} is too old to be undone, or was never given.")
    if why := obstacle(state, line):
        raise UserMistake(why)
    return unpack_command(line.inverse)


def obstacle(state: FarmState, line: Audited) -> str:
    """Return why this command can no longer be taken back; '' if it can."""
    if not line.inverse:
        return f"Command {line.number} changed nothing that can be undone."
    for name, stamp in line.after.items():
        now = state.stamps.get(name, 0)
        if now != stamp:
            return (
                f"{_thing(state, name)} was changed since by {_author(state, now, name)}, so this can no"
                " longer be undone."
            )
    return ""


def _thing(state: FarmState, name: str) -> str:
    kind, _, number = name.partition(":")
    if kind in ("drain", "reserve", "node"):
        return f"Node {state.nodes[int(number)].name}"
    if kind in ("job", "start", "block"):
        return f"Job {state.jobs[int(number)].name}"
    if kind == "farm":
        return f"The farm's list of {number}"
    if kind == "idle sleep":
        return f"The idle sleep of {f'the pool {number}' if number else 'the farm'}"
    if kind in ("limit", "share", "budget"):
        return f"The {kind} {number}"
    if kind == "key":
        return "That key"
    return f"Shot {state.shots[int(number)].name}"


def _author(state: FarmState, stamp: int, name: str) -> str:
    """Name who left the thing as it is: the newest command that touched it."""
    for line in reversed(state.audit):
        if name in line.after or line.number == abs(stamp):
            return line.user
    return "somebody"
