"""`windfire drain NODE... [--off]`: assign nothing more to nodes, or again."""

from __future__ import annotations

import argparse

from app.cli.console import say
from app.cli.text import joined
from app.cli.undoing import remember
from app.client.api import connect


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Nodes by name or id."""
    parser.add_argument("nodes", nargs="+", metavar="NODE", help="name or id; see `windfire nodes`")
    parser.add_argument("--off", action="store_true", help="assign work to them again")


def run(options: argparse.Namespace) -> int:
    """Drain them; what runs there ends in peace."""
    with connect(options.home) as farm:
        number = farm.drain(options.nodes, on=not options.off)
    what = "work again" if options.off else "get nothing more; what runs there ends in peace"
    say(f"{joined(options.nodes)}: {what}.{remember(options.home, number)}")
    return 0
