"""`windfire sleep|wake NODE...` and `windfire idle-sleep [MINUTES]`: machines that need not run."""

from __future__ import annotations

import argparse

from app.cli.console import say
from app.cli.text import joined
from app.cli.undoing import remember
from app.client.api import Farm, connect
from app.core import commands
from app.errors import UserMistake


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Nodes by name or id; or minutes, and whose."""
    if not parser.prog.endswith(" idle-sleep"):
        parser.add_argument(
            "nodes", nargs="+", metavar="NODE", help="name or id; see `windfire nodes`"
        )
        return
    parser.add_argument(
        "minutes",
        nargs="?",
        metavar="MINUTES",
        help="of idling, or 'never' (default: show what holds)",
    )
    parser.add_argument("--pool", default="", metavar="NAME", help="of its nodes alone")
    parser.add_argument("--off", action="store_true", help="take the rule away")


def run(options: argparse.Namespace) -> int:
    """Do it, or show the rules."""
    with connect(options.home) as farm:
        if options.command == "idle-sleep":
            say(_idle_sleep(farm, options))
            return 0
        nodes = [row.id for row in farm.nodes(options.nodes)]
        is_wake = options.command == "wake"
        farm.give((commands.WakeNodes if is_wake else commands.SleepNodes)(nodes=nodes))
    what = "sent for" if is_wake else "told to sleep, until somebody wakes it"
    say(f"{joined(options.nodes)}: {what}.")
    return 0


def _idle_sleep(farm: Farm, options: argparse.Namespace) -> str:
    if options.minutes is None and not options.off:
        rules = sorted(farm.rules().sleep.items())
        lines = [f"{_whose(pool)}: {_when(minutes)}" for pool, minutes in rules]
        return "\n".join(lines) or "No node is put to sleep for idling."
    minutes = -1.0 if options.off else _minutes(str(options.minutes))
    command = commands.SetSleep(minutes=minutes, pool=options.pool)
    number = farm.give(command).command
    said = "no rule any more" if options.off else _when(minutes)
    return f"{_whose(options.pool)}: {said}.{remember(options.home, number)}"


def _minutes(text: str) -> float:
    try:
        minutes = 0.0 if text == "never" else float(text)
    except ValueError:
        minutes = -1.0
    if not minutes >= 0:
        raise UserMistake(f"{text!r} is no number of minutes, and not 'never'.")
    return minutes


def _whose(pool: str) -> str:
    return f"pool {pool}" if pool else "the farm"


def _when(minutes: float) -> str:
    return f"nodes sleep after {minutes:g} idle minutes" if minutes else "nodes never sleep"
