"""`windfire limit NAME COUNT` and `windfire share PROJECT`: what the farm as a whole is held to."""

from __future__ import annotations

import argparse

from app.cli.console import say
from app.cli.undoing import remember
from app.client.api import connect
from app.core import commands


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """A limit's count and owners, or a project's part of the devices."""
    if parser.prog.endswith(" limit"):
        parser.add_argument("name", metavar="NAME", help="as steps name it, such as nuke")
        parser.add_argument(
            "count", nargs="?", type=_count, metavar="COUNT", help="licences there are"
        )
        parser.add_argument(
            "--own",
            action="append",
            default=[],
            type=_owned,
            metavar="PROJECT=N",
            help="of these, how many belong to a project; lent while it does not use them",
        )
    else:
        parser.add_argument("name", metavar="PROJECT", help="the project")
        parser.add_argument(
            "--guarantee",
            type=_percent,
            default=0.0,
            metavar="PERCENT",
            help="of the farm's devices, before the order of shots",
        )
        parser.add_argument(
            "--cap", type=_percent, default=1.0, metavar="PERCENT", help="never more than this"
        )
    parser.add_argument("--off", action="store_true", help="take it away")


def run(options: argparse.Namespace) -> int:
    """Set it, and say how to take it back."""
    command, said = _limit(options) if options.command == "limit" else _share(options)
    with connect(options.home) as farm:
        number = farm.give(command).command
    say(f"{said}.{remember(options.home, number)}")
    return 0


def _limit(options: argparse.Namespace) -> tuple[commands.Command, str]:
    name: str = options.name
    if options.off or options.count is None:
        return commands.SetLimit(name=name, count=-1), f"The limit {name} is gone"
    owned = dict(options.own)
    command = commands.SetLimit(name=name, count=options.count, owned=owned)
    words = ", ".join(f"{count} of them {project}'s" for project, count in owned.items())
    return command, f"There are {options.count} of {name}{f', {words}' if words else ''}"


def _share(options: argparse.Namespace) -> tuple[commands.Command, str]:
    name: str = options.name
    if options.off:
        return commands.SetShare(project=name), f"{name} has no share any more"
    command = commands.SetShare(project=name, guarantee=options.guarantee, cap=options.cap)
    return command, f"{name} gets {options.guarantee:.0%} to {options.cap:.0%} of the devices"


def _count(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or len(text) > 7:
        raise argparse.ArgumentTypeError(f"must be a whole number from 0 on, not {text!r}")
    return int(text)


def _owned(text: str) -> tuple[str, int]:
    project, sign, count = text.rpartition("=")
    if not sign or not project:
        raise argparse.ArgumentTypeError(f"must be PROJECT=N, not {text!r}")
    return project, _count(count)


def _percent(text: str) -> float:
    try:
        value = float(text.removesuffix("%"))
    except ValueError:
        value = -1.0
    if not 0 <= value <= 100:
        raise argparse.ArgumentTypeError(f"must be a percentage from 0 to 100, not {text!r}")
    return value / 100
