"""`windfire move SHOT... --before SHOT | --top | --bottom`: change the order of the queue."""

from __future__ import annotations

import argparse

from app.cli.console import say
from app.cli.text import joined
from app.cli.undoing import remember
from app.client.api import connect


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which shots, and where to."""
    parser.add_argument(
        "shots", nargs="+", metavar="SHOT", help="PROJ/SEQ/SHOT, or its end, or an id"
    )
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("--before", metavar="SHOT", help="in front of this shot")
    where.add_argument("--top", action="store_true", help="to the top of the queue")
    where.add_argument("--bottom", action="store_true", help="to the bottom of the queue")
    parser.add_argument(
        "--preempt", action="store_true", help="later shots make room now; kernels lose nothing"
    )
    parser.add_argument(
        "--kill", action="store_true", help="with --preempt: commands are killed, too"
    )


def run(options: argparse.Namespace) -> int:
    """Move them, in their present order."""
    with connect(options.home) as farm:
        number = farm.move(
            options.shots,
            before=options.before,
            top=options.top,
            bottom=options.bottom,
            preempt=options.preempt or options.kill,
            kill=options.kill,
        )
    place = f"before {options.before}" if options.before else f"to the {_end(options)}"
    say(f"Moved {joined(options.shots)} {place}.{remember(options.home, number)}")
    return 0


def _end(options: argparse.Namespace) -> str:
    return "top" if options.top else "bottom"
