"""`windfire history [hour|day|quarter] [--csv|--json]`: how busy the farm was."""

from __future__ import annotations

import argparse
import csv
import io
import time
from typing import get_args

import msgspec

from app.cli.console import bar, note, say, table
from app.cli.text import clock
from app.client.api import connect
from app.core.reports import History, HistoryPoint, Span

ROWS_MAX = 24
"""Lines on a terminal; --csv and --json have every step."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which time, and how it is written."""
    spans = get_args(Span)
    parser.add_argument(
        "span", nargs="?", choices=spans, default="day", help="hour, day (default) or quarter"
    )
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--csv", action="store_true", help="every step, times in UTC, for sheets")
    how.add_argument("--json", action="store_true", help="one JSON object, for programs")


def run(options: argparse.Namespace) -> int:
    """Fetch it and write it."""
    with connect(options.home) as farm:
        answer = farm.history(options.span)
    if options.json:
        say(msgspec.json.format(msgspec.json.encode(_named(answer)), indent=2).decode())
    elif options.csv:
        say(as_csv(answer).removesuffix("\r\n"))
    elif not answer.points:
        note("Nothing was watched in that time.")
    else:
        headings = ["from", "GPUs", "", "cores", "", "tasks/min", "failed", "ready", "kW"]
        for line in table(headings, [_line(point) for point in thin(answer)], "<><><>>>>"):
            say(line)
    return 0


def thin(answer: History) -> list[HistoryPoint]:
    """Return at most ``ROWS_MAX`` points, evenly; the newest is among them."""
    every = -(-len(answer.points) // ROWS_MAX)
    return answer.points[::-1][::every][::-1]


def _line(point: HistoryPoint) -> list[str]:
    return [
        clock(point.at),
        f"{point.gpus_busy:.0f}/{point.gpus:.0f}" if point.gpus else "",
        bar(point.gpus_busy / point.gpus, 10) if point.gpus else "",
        f"{point.cores_busy:.0f}/{point.cores:.0f}" if point.cores else "",
        bar(point.cores_busy / point.cores, 10) if point.cores else "",
        f"{point.tasks_per_minute:,.1f}",
        str(point.failed + point.lost or ""),
        f"{point.ready:,.0f}",
        f"{point.power_w / 1000:.1f}" if point.power_w else "",
    ]


def _named(answer: History) -> dict[str, object]:
    points = [msgspec.structs.asdict(point) for point in answer.points]
    return {"span": answer.span, "step_s": answer.step_s, "points": points}


def as_csv(answer: History) -> str:
    """Return every step by RFC 4180; times are UTC."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(HistoryPoint.__struct_fields__)
    for point in answer.points:
        at, *rest = msgspec.structs.astuple(point)
        writer.writerow([time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at)), *rest])
    return out.getvalue()
