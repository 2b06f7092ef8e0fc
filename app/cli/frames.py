"""`windfire skip|kill SHOT FRAME...`: go on without frames that failed; end frames that run."""

from __future__ import annotations

import argparse

from app.cli.console import say
from app.cli.text import joined
from app.cli.undoing import remember
from app.client.api import connect
from app.core import commands


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Frames of one shot."""
    parser.add_argument("shot", metavar="SHOT", help="PROJ/SEQ/SHOT, or its end, or an id")
    parser.add_argument("frames", nargs="+", type=int, metavar="FRAME", help="frame numbers")
    if parser.prog.endswith(" kill"):
        parser.add_argument("--why", default="", metavar="TEXT", help="for the log of commands")
        parser.add_argument(
            "--yield", dest="yields", action="store_true", help="kernels keep their samples"
        )


def run(options: argparse.Namespace) -> int:
    """Do it, and say what was done."""
    with connect(options.home) as farm:
        tasks = farm.find_tasks(options.shot, options.frames)
        if options.command == "skip":
            number = farm.give(commands.Skip(tasks=tasks)).command
            back = remember(options.home, number)
        else:
            farm.give(commands.Kill(tasks=tasks, why=options.why, yields=options.yields))
            back = ""
    frames = joined([str(frame) for frame in options.frames])
    what = "Skipped" if options.command == "skip" else "Ended"
    say(f"{what} {frames} of {options.shot}.{back}")
    return 0
