"""`windfire update NODE...` and `windfire maintain NAME -- PROGRAM ARG...`: what is done to every node once."""

from __future__ import annotations

import argparse

from app.cli.console import say
from app.cli.text import joined
from app.cli.undoing import remember
from app.client.api import Farm, connect
from app.core.views import ABSENT, NodeRow
from app.errors import UserMistake
from app.submit.maintenance import maintenance_requests


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Nodes; for maintenance a name and a program."""
    if parser.prog.endswith(" update"):
        parser.add_argument("nodes", nargs="*", metavar="NODE", help="name or id (default: all)")
        return
    parser.usage = f"{parser.prog} [--node NODE]... NAME -- PROGRAM ARG..."
    parser.add_argument("name", metavar="NAME", help="what people call it, such as clean-cache")
    parser.add_argument(
        "--node",
        dest="nodes",
        action="append",
        default=[],
        metavar="NODE",
        help="on this node alone (default: on all; may be repeated)",
    )


def run(options: argparse.Namespace) -> int:
    """Do it, and say what was done."""
    with connect(options.home) as farm:
        rows = _chosen(farm, options.nodes)
        if options.command == "update":
            farm.update([row.id for row in rows])
            say(f"{joined([row.name for row in rows])}: told to update when what runs is over.")
            return 0
        if not options.program:
            raise UserMistake("Say what to run after --, such as: -- apt-get clean.")
        names = [row.name for row in rows]
        for request in maintenance_requests(options.name, options.program, names):
            undo = remember(options.home, farm.submit(request).command)
            say(f"{options.name} runs once on each of {len(request.steps)} nodes.{undo}")
    return 0


def _chosen(farm: Farm, named: list[str]) -> list[NodeRow]:
    rows = farm.nodes(named) if named else farm.list("nodes")
    rows = [row for row in rows if named or row.state not in ABSENT]
    if not rows:
        raise UserMistake("No node is connected.")
    return rows
