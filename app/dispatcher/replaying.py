"""Runs a recorded incident again and finds the first turn in which the core decides otherwise than it did.

Reasons for a difference: this is another version of the core (that is what replay is for: does the mended
one decide better?), a later file of a dispatcher's life, or a bug: the core must depend on nothing but its
inputs.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from app.core.changes import Change
from app.core.events import ClientAsked, Event, NodeSaid
from app.dispatcher.recorder import Replayed, Turn, checksum, read, replay
from app.errors import BugFault


@dataclass(frozen=True)
class Difference:
    """The turn, counted from 1, and what is decided now."""

    number: int
    turn: Turn
    changes: list[Change]
    sentence: str


@dataclass
class Account:
    """What ran again."""

    is_first: bool
    """Whether the recording begins with the dispatcher's life: else differences are no news."""
    turns: int = 0
    compared: int = 0
    changes: int = 0
    events: Counter[str] = field(default_factory=Counter[str])
    begins_at: float = 0.0
    """Unix seconds."""
    ends_at: float = 0.0
    difference: Difference | None = None
    fault: str = ""
    """What the core finds wrong with itself at the end; ''."""


def run_again(
    path: Path, on_turn: Callable[[int, Replayed], None] = lambda _number, _turn: None
) -> Account:
    """Run a recording again, to its end or to where the core fails. Raises EnvironmentFault where it is
    no recording."""
    header, _ = read(path)
    account = Account(header.is_first)
    last: tuple[Replayed, int] | None = None
    try:
        for replayed in replay(path):
            _compare(account, replayed.turn, last)
            last = (replayed, checksum(replayed.changes))
            _count(account, replayed)
            on_turn(account.turns, replayed)
        if last:
            last[0].core.check_invariants()
    except BugFault as fault:
        account.fault = fault.sentence
    return account


def _count(account: Account, replayed: Replayed) -> None:
    turn = replayed.turn
    account.turns += 1
    account.changes += len(replayed.changes)
    account.events.update(map(name_of, turn.events))
    account.begins_at = account.begins_at or turn.now.wall
    account.ends_at = turn.now.wall


def _compare(account: Account, turn: Turn, last: tuple[Replayed, int] | None) -> None:
    """Look whether the turn before decided what it decided then, as this one's record says."""
    if last is None or turn.decided_before is None:
        return
    account.compared += 1
    replayed, now = last
    if now == turn.decided_before or account.difference:
        return
    if not now:
        sentence = "It saved something then, and saves nothing now."
    elif not turn.decided_before:
        sentence = "It saved nothing then, and saves something now."
    else:
        sentence = "It saved other changes then."
    account.difference = Difference(account.turns, replayed.turn, replayed.changes, sentence)


def name_of(event: Event) -> str:
    """Name an event by what was said."""
    match event:
        case NodeSaid(message=message):
            return type(message).__name__
        case ClientAsked(body=body):
            return type(body).__name__
        case _:
            return type(event).__name__
