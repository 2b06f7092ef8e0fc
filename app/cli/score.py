"""`windfire score [--json]`: how forecasts did against what came, by how far ahead they were made."""

from __future__ import annotations

import argparse

import msgspec

from app.cli.console import note, say, table
from app.client.api import connect


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """How it is written."""
    parser.add_argument("--json", action="store_true", help="one JSON array, for programs")


def run(options: argparse.Namespace) -> int:
    """List the score; honest forecasts have 50 %, 90 % and 40 %."""
    with connect(options.home) as farm:
        rows = list(farm.snapshot().scores.values())
    if options.json:
        say(msgspec.json.format(msgspec.json.encode(rows), indent=2).decode())
    elif not rows:
        note("No forecast was judged yet: that needs a shot that is finished.")
    else:
        headings = ["made ahead", "forecasts", "by p50", "by p90", "between", "p50 off by"]
        cells = [
            [
                row.name,
                f"{row.forecasts:,}",
                *(f"{part:.0%}" for part in (row.by_p50, row.by_p90, row.between, row.error)),
            ]
            for row in rows
        ]
        for line in table(headings, cells, "<>>>>>"):
            say(line)
    return 0
