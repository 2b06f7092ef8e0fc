"""`windfire reserve|node|block`: who may use nodes, what they are for, and which jobs stay away."""

from __future__ import annotations

import argparse

from app.cli.console import say
from app.cli.text import joined
from app.cli.undoing import remember
from app.cli.when import moment, shown
from app.client.api import Farm, connect
from app.client.lookup import find_nodes, find_shots
from app.core import commands


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Nodes by name or id, and what about them."""
    if parser.prog.endswith(" block"):
        parser.add_argument("shots", nargs="+", metavar="SHOT", help="whose jobs stay away")
        parser.add_argument(
            "--node",
            dest="nodes",
            action="append",
            required=True,
            metavar="NODE",
            help="from this node (more than once for several)",
        )
        parser.add_argument("--off", action="store_true", help="let them run there again")
        return
    parser.add_argument("nodes", nargs="+", metavar="NODE", help="name or id; see `windfire nodes`")
    if parser.prog.endswith(" reserve"):
        when = parser.add_mutually_exclusive_group(required=True)
        when.add_argument(
            "--until",
            type=moment,
            metavar="TIME",
            help="18:00, 'mon 9:00', '2026-11-25 10:00' or +2h",
        )
        when.add_argument("--off", action="store_true", help="free them now")
        parser.add_argument(
            "--project",
            default="",
            metavar="NAME",
            help="take only its work (default: none, an artist sits there)",
        )
    else:
        parser.add_argument(
            "--pool", action="append", default=[], metavar="NAME", help="all its pools, one each"
        )
        parser.add_argument(
            "--tag",
            action="append",
            default=[],
            metavar="NAME",
            help="all its tags, one each, beside its agent's own",
        )


def run(options: argparse.Namespace) -> int:
    """Do it, and say what was done and how to take it back."""
    with connect(options.home) as farm:
        command, said = _asked(farm, options)
        number = farm.give(command).command
    say(f"{joined(options.nodes)}: {said}.{remember(options.home, number)}")
    return 0


def _asked(farm: Farm, options: argparse.Namespace) -> tuple[commands.Command, str]:
    replica = farm.snapshot()
    nodes = [row.id for row in find_nodes(list(replica.nodes.values()), options.nodes)]
    if options.command == "block":
        rows = find_shots(replica.queue(), options.shots)
        jobs = [job for row in rows for job in row.jobs]
        what = "gets its jobs again" if options.off else "gets no more jobs"
        command = commands.BlockNodes(jobs=jobs, nodes=nodes, on=not options.off)
        return command, f"{what} of {joined(options.shots)}"
    if options.command == "node":
        words = [*(f"pool {pool}" for pool in options.pool), *(f"tag {tag}" for tag in options.tag)]
        command = commands.SetNode(nodes=nodes, pools=options.pool, tags=options.tag)
        return command, joined(words) or "no pools and no tags"
    if options.off:
        return commands.ReserveNodes(nodes=nodes, until=0.0), "free for all"
    command = commands.ReserveNodes(nodes=nodes, until=options.until, project=options.project)
    whom = f"for {options.project} " if options.project else ""
    return command, f"reserved {whom}until {shown(options.until)}"
