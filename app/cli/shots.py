"""`windfire pause|resume|cancel|retry SHOT...`: the commands that take shots and nothing else."""

from __future__ import annotations

import argparse

from app.cli.console import say
from app.cli.text import joined
from app.cli.undoing import remember
from app.client.api import Farm, connect

_DONE = {
    "pause": "Paused",
    "resume": "Resumed",
    "cancel": "Cancelled",
    "retry": "Retrying what failed of",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Shots by PROJ/SEQ/SHOT, any clear end of it, or id."""
    parser.add_argument(
        "shots", nargs="+", metavar="SHOT", help="PROJ/SEQ/SHOT, or its end, or an id"
    )


def run(options: argparse.Namespace) -> int:
    """Do it, and say what was done and how to take it back."""
    with connect(options.home) as farm:
        number = _do(farm, options.command, options.shots)
    say(f"{_DONE[options.command]} {joined(options.shots)}.{remember(options.home, number)}")
    return 0


def _do(farm: Farm, command: str, shots: list[str]) -> int:
    match command:
        case "pause":
            return farm.pause(shots)
        case "resume":
            return farm.resume(shots)
        case "cancel":
            return farm.cancel(shots)
        case _:
            return farm.retry(shots)
