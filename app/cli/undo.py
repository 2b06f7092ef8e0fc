"""`windfire undo [NUMBER]`: take a command back."""

from __future__ import annotations

import argparse

from app.cli.console import say
from app.cli.text import whole_number
from app.cli.undoing import forget, numbers
from app.client.api import connect
from app.errors import UserMistake


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The number that a command printed; without it the newest of this command line."""
    parser.add_argument(
        "number",
        nargs="?",
        type=whole_number,
        metavar="NUMBER",
        help="(default: the newest from here)",
    )


def run(options: argparse.Namespace) -> int:
    """Undo it; an undo can itself be undone by its number."""
    given = numbers(options.home)
    with connect(options.home) as farm:
        if options.number is None and not given:
            raise UserMistake("Nothing was asked from this command line yet that could be undone.")
        number = options.number or given[-1]
        undo = farm.undo(number)
    forget(options.home, number)
    say(f"Took command {number} back (`windfire undo {undo}` does it again).")
    return 0
