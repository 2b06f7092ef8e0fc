"""`windfire due|start|order SHOT...`: promises, start times, and the order by promises."""

from __future__ import annotations

import argparse

from app.cli.console import say
from app.cli.text import joined
from app.cli.undoing import remember
from app.cli.when import end, moment, shown
from app.client.api import Farm, connect
from app.client.lookup import find_shots
from app.core import commands


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Shots, and when."""
    is_order = parser.prog.endswith(" order")
    parser.add_argument(
        "shots",
        nargs="*" if is_order else "+",
        metavar="SHOT",
        help="PROJ/SEQ/SHOT, or its end, or an id" + (" (default: all unfinished)" * is_order),
    )
    if is_order:
        parser.add_argument("--by-due", action="store_true", required=True, help="earliest first")
        return
    when = parser.add_mutually_exclusive_group(required=True)
    is_due = parser.prog.endswith(" due")
    form = "18:00, 'fri 10:00', '2026-11-25 10:00' or +2h"
    when.add_argument("--at", type=end if is_due else moment, metavar="TIME", help=form)
    when.add_argument("--off", action="store_true", help="take it back")
    if is_due:
        parser.add_argument(
            "--pin", action="store_true", help="warn when the forecast slips past it"
        )


def run(options: argparse.Namespace) -> int:
    """Do it, and say what was done and how to take it back."""
    with connect(options.home) as farm:
        command = _command(farm, options)
        number = farm.give(command).command
    say(f"{_said(options)}.{remember(options.home, number)}")
    return 0


def _command(farm: Farm, options: argparse.Namespace) -> commands.Command:
    rows = find_shots(farm.snapshot().queue(), options.shots) if options.shots else []
    at = 0.0 if getattr(options, "off", False) else getattr(options, "at", 0.0)
    match options.command:
        case "due":
            return commands.SetDue(shots=[row.id for row in rows], due=at, pinned=options.pin)
        case "start":
            return commands.SetStart(jobs=[job for row in rows for job in row.jobs], at=at)
        case _:
            return commands.OrderByDue(shots=[row.id for row in rows])


def _said(options: argparse.Namespace) -> str:
    shots = joined(options.shots) or "The queue"
    match options.command, getattr(options, "off", False):
        case "order", _:
            return f"{shots}: ordered by due date"
        case "due", True:
            return f"{shots}: promised for no time any more"
        case "due", _:
            return f"{shots}: due {shown(options.at)}"
        case _, True:
            return f"{shots}: may start at once"
        case _:
            return f"{shots}: starts after {shown(options.at)}"
