"""`windfire stop`: end the dispatcher and the agent that `windfire` started on this machine."""

from __future__ import annotations

import argparse

from app.cli.console import say
from app.cli.embedded import dispatcher_runs, stop_farm
from app.errors import UserMistake
from app.store.home import find_home


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Nothing beside --home."""
    parser.epilog = (
        "Frames that are being rendered go on from their last checkpoint at the next start."
    )


def run(options: argparse.Namespace) -> int:
    """End them; a dispatcher that somebody else started (`windfire serve`) is theirs to end."""
    home = find_home(options.home)
    count = stop_farm(home)
    if count:
        say(f"Ended the farm of {home.root} ({count} of its processes).")
        return 0
    if dispatcher_runs(home):
        raise UserMistake("This farm was started by `windfire serve`: end it where it runs.")
    say("No farm of this machine is running.")
    return 0
