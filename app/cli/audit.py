"""`windfire audit [--from TIME] [--to TIME] [--user NAME] [--json]`: who asked what of the farm."""

from __future__ import annotations

import argparse

import msgspec

from app.cli.console import note, say, table
from app.cli.text import clock, whole_number
from app.cli.when import past
from app.client.api import connect
from app.core.reports import AuditLine


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which time, whose commands, how many."""
    form = "18:00, '2026-11-25 10:00' or 2h (ago)"
    parser.add_argument("--from", dest="since", type=past, metavar="TIME", help=form)
    parser.add_argument("--to", dest="until", type=past, metavar="TIME", help=form)
    parser.add_argument("--user", default="", metavar="NAME", help="whose (default: everybody's)")
    parser.add_argument(
        "--count", type=whole_number, default=200, metavar="N", help="at most, newest first (200)"
    )
    parser.add_argument("--json", action="store_true", help="one JSON array, for programs")


def run(options: argparse.Namespace) -> int:
    """List the commands, newest first."""
    with connect(options.home) as farm:
        rows = farm.audit(
            since=options.since or 0.0,
            until=options.until or 0.0,
            user=options.user,
            count=options.count,
        )
    if options.json:
        say(msgspec.json.format(msgspec.json.encode(rows), indent=2).decode())
    elif not rows:
        note("Nobody asked anything in that time.")
    else:
        headings = ["number", "when", "who", "what", "undo"]
        for line in table(headings, [_line(row) for row in rows], "><<<<"):
            say(line)
    return 0


def _line(row: AuditLine) -> list[str]:
    undo = f"windfire undo {row.number}" if row.can_undo else row.why_not
    return [str(row.number), clock(row.at), row.user, row.words, undo]
