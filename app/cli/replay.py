"""`windfire replay RECORDING`: run a recorded incident again, and say where the core decides otherwise."""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path

from app.cli.console import Live, note, say
from app.core.changes import Change
from app.core.events import Event
from app.dispatcher.recorder import Replayed
from app.dispatcher.replaying import Account, name_of, run_again

TOLD_MAX = 20
"""Events or changes of one turn that are told."""
WORDS_MAX = 300


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which file, and how much is told of it."""
    parser.add_argument(
        "recording", type=Path, metavar="RECORDING", help="a file of the farm's folder events/"
    )
    parser.add_argument("--story", action="store_true", help="tell each turn that saves something")


def run(options: argparse.Namespace) -> int:
    """Replay; 1 where the core decides otherwise than it did, or fails."""
    with Live(sys.stderr) as live:

        def tell(number: int, replayed: Replayed) -> None:
            if options.story and replayed.changes:
                for line in _turn(number, replayed.turn.now.wall, replayed.turn.events):
                    say(line)
                for line in _changes(replayed.changes):
                    say(line)
            elif not options.story:
                live.update([f"turn {number:,}"], f"turn {number:,}")

        account = run_again(options.recording, tell)
    _summary(account)
    if account.fault:
        note(f"The core fails in turn {account.turns + 1}, or after the last: {account.fault}")
        return 1
    return _difference(account)


def _summary(account: Account) -> None:
    most = ", ".join(f"{count:,} {name}" for name, count in account.events.most_common(6))
    say(f"{account.turns:,} turns from {_at(account.begins_at)} to {_at(account.ends_at)}")
    say(f"{account.events.total():,} events: {most}")
    say(f"{account.changes:,} changes are decided now")


def _difference(account: Account) -> int:
    found = account.difference
    if found is None:
        checked = f"in {account.compared:,} turns" if account.compared else "could be looked for"
        say(f"No difference {checked}.")
        return 0
    say(f"The first difference is in turn {found.number:,}. {found.sentence}")
    for line in _turn(found.number, found.turn.now.wall, found.turn.events):
        say(line)
    for line in _changes(found.changes):
        say(line)
    if account.is_first:
        return 1
    note("This recording begins in the middle of a dispatcher's life: that may be why.")
    return 0


def _turn(number: int, wall: float, events: list[Event]) -> list[str]:
    lines = [f"turn {number} at {_at(wall)}"]
    lines += [f"  <- {name_of(event)}: {_words(event)}" for event in events[:TOLD_MAX]]
    return lines + _rest(len(events))


def _changes(changes: list[Change]) -> list[str]:
    return [f"  -> {_words(change)}" for change in changes[:TOLD_MAX]] + _rest(len(changes))


def _rest(count: int) -> list[str]:
    return [f"     and {count - TOLD_MAX:,} more"] if count > TOLD_MAX else []


def _words(value: object) -> str:
    text = repr(value)
    return text if len(text) <= WORDS_MAX else f"{text[:WORDS_MAX]} ..."


def _at(wall: float) -> str:
    moment = datetime.fromtimestamp(wall, UTC)
    return moment.strftime("%Y-%m-%d %H:%M:%S.%f")[:-3] + " UTC"
