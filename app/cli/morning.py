"""`windfire morning [--from TIME] [--json]`: what the night brought, and what would answer it."""

from __future__ import annotations

import argparse

import msgspec

from app.cli.console import say, table
from app.cli.text import clock, duration
from app.cli.when import past
from app.client.api import connect
from app.core.reports import Morning

LINES_MAX = 20


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Since when."""
    parser.add_argument(
        "--from",
        dest="since",
        type=past,
        metavar="TIME",
        help="18:00, '2026-11-25 10:00' or 12h (ago); default: yesterday 18:00",
    )
    parser.add_argument("--json", action="store_true", help="one JSON object, for programs")


def run(options: argparse.Namespace) -> int:
    """Fetch it and write it."""
    with connect(options.home) as farm:
        answer = farm.morning(options.since or 0.0)
    if options.json:
        say(msgspec.json.format(msgspec.json.encode(answer), indent=2).decode())
        return 0
    say(f"Since {clock(answer.since)}: {answer.sentence}")
    for title, rows, align in _parts(answer):
        if rows:
            say()
            say(title)
            for line in table([""] * len(align), rows[:LINES_MAX], align)[1:]:
                say(f"  {line}")
            if len(rows) > LINES_MAX:
                say(f"  and {len(rows) - LINES_MAX} more (--json has them all)")
    return 0


def _parts(answer: Morning) -> list[tuple[str, list[list[str]], str]]:
    finished = [
        [
            row.name,
            clock(row.finished_at),
            f"{row.frames} frames",
            _promise(row.finished_at, row.due),
        ]
        for row in answer.finished
    ]
    failures = [
        [f"{row.count} x", row.cause, row.sentence, f"{row.left} failed now" if row.left else ""]
        for row in answer.failures
    ]
    idle = [[row.sentence, f"since {clock(row.since)}" if row.since else ""] for row in answer.idle]
    return [
        ("Finished", finished, "<<><"),
        ("Failed", failures, "><<<"),
        ("Stuck", [[row.sentence] for row in answer.stuck], "<"),
        ("Idle", idle, "<<"),
        ("Late", [[row.sentence, f"now {clock(row.p50)}"] for row in answer.slips], "<<"),
    ]


def _promise(at: float, due: float) -> str:
    if not due:
        return ""
    return "as promised" if at <= due else f"{duration(at - due)} late"
