"""`windfire budget [PROJECT ...]`: bound what a project may use of the farm, and see what it has used."""

from __future__ import annotations

import argparse
import math

import msgspec

from app.cli.console import note, say, table
from app.cli.text import clock
from app.cli.undoing import remember
from app.client.api import connect
from app.core import commands
from app.core.views import BudgetRow
from app.errors import UserMistake

THEN = ("warn", "hold", "stop")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """A project and its hours; nothing: list the budgets."""
    parser.add_argument("name", nargs="?", metavar="PROJECT", help="(default: list all budgets)")
    parser.add_argument("--gpu-hours", type=_hours, metavar="N", help="hours of GPUs in all")
    parser.add_argument("--core-hours", type=_hours, metavar="N", help="hours of CPU time in all")
    parser.add_argument(
        "--warn", type=_percent, default=0.8, metavar="PERCENT", help="warn from here on (80)"
    )
    parser.add_argument(
        "--then",
        choices=THEN,
        default="warn",
        help="at the end: warn only; hold: assign nothing more; stop: end what runs, too",
    )
    parser.add_argument("--off", action="store_true", help="take the budget away")
    parser.add_argument("--json", action="store_true", help="list as one JSON array, for programs")


def run(options: argparse.Namespace) -> int:
    """Set it, and say how to take it back; or list them."""
    if options.name is None:
        return _list(options)
    if not options.off and options.gpu_hours is None and options.core_hours is None:
        raise UserMistake("A budget needs --gpu-hours, --core-hours or both, or --off.")
    with connect(options.home) as farm:
        number = farm.give(_command(options)).command
    what = "has no budget any more" if options.off else "has a budget"
    say(f"{options.name} {what}.{remember(options.home, number)}")
    return 0


def _command(options: argparse.Namespace) -> commands.SetBudget:
    if options.off:
        return commands.SetBudget(project=options.name)
    return commands.SetBudget(
        project=options.name,
        gpu_hours=-1.0 if options.gpu_hours is None else options.gpu_hours,
        core_hours=-1.0 if options.core_hours is None else options.core_hours,
        warn=options.warn,
        at_end=options.then,
    )


def _list(options: argparse.Namespace) -> int:
    with connect(options.home) as farm:
        rows = sorted(farm.snapshot().budgets.values(), key=lambda row: row.name)
    if options.json:
        say(msgspec.json.format(msgspec.json.encode(rows), indent=2).decode())
    elif not rows:
        note("No project has a budget.")
    else:
        headings = ["project", "GPU-hours", "of", "core-hours", "of", "state", "then", "used up"]
        for line in table(headings, [_line(row) for row in rows], "<>>>><<<"):
            say(line)
    return 0


def _line(row: BudgetRow) -> list[str]:
    return [
        row.name,
        f"{row.used_gpu_hours:,.2f}",
        f"{row.gpu_hours:,.2f}" if row.gpu_hours >= 0 else "",
        f"{row.used_core_hours:,.2f}",
        f"{row.core_hours:,.2f}" if row.core_hours >= 0 else "",
        row.state,
        row.at_end,
        clock(row.ends_at),
    ]


def _hours(text: str) -> float:
    try:
        hours = float(text)
    except ValueError:
        hours = math.nan
    if not 0 <= hours <= 1e9:
        raise argparse.ArgumentTypeError(f"must be hours from 0 to 1e9, not {text!r}")
    return hours


def _percent(text: str) -> float:
    try:
        value = float(text.removesuffix("%"))
    except ValueError:
        value = math.nan
    if not 0 < value <= 100:
        raise argparse.ArgumentTypeError(f"must be a percentage above 0, up to 100, not {text!r}")
    return value / 100
