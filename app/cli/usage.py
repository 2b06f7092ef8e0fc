"""`windfire usage [--from DAY] [--to DAY] [--by KEYS] [--csv|--json]`: what the farm was used for."""

from __future__ import annotations

import argparse
import csv
import io
import re
from datetime import UTC, datetime, timedelta
from typing import cast, get_args

import msgspec

from app.cli.console import note, say, table
from app.client.api import connect
from app.core.commands import UsageKey, UsageTable
from app.errors import UserMistake

KEYS = get_args(UsageKey)
MOMENT = re.compile(r"(\d{4})-(\d\d)(?:-(\d\d)(?:[T ](\d\d)(?::00)?)?)?")
BOM = "\ufeff"
"""Without it spreadsheets read UTF-8 as something else."""
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What begins so is run as a formula by spreadsheets: a shot may be named by anybody."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which time, by what, and how it is written."""
    moment = "2026-11, 2026-11-24 or 2026-11-24T18; UTC"
    parser.add_argument("--from", dest="since", metavar="TIME", help=f"{moment} (default: ever)")
    parser.add_argument("--to", dest="until", metavar="TIME", help="up to, not with (default: now)")
    parser.add_argument(
        "--by", default="project", metavar="KEYS", help=f"some of {', '.join(KEYS)} (project)"
    )
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--csv", action="store_true", help="RFC 4180 with UTF-8's mark, for sheets")
    how.add_argument("--json", action="store_true", help="one JSON object, for programs")


def run(options: argparse.Namespace) -> int:
    """Fetch the sums and write them."""
    by = check_keys(options.by)
    since, until = (moment(text) if text else 0.0 for text in (options.since, options.until))
    with connect(options.home) as farm:
        answer = farm.usage(by, since=since, until=until)
    if options.json:
        say(msgspec.json.format(msgspec.json.encode(answer), indent=2).decode())
    elif options.csv:
        say(as_csv(answer).removesuffix("\r\n"))
    elif not answer.rows:
        note("Nothing was used in that time.")
    else:
        for line in _lines(answer, len(by)):
            say(line)
    return 0


def check_keys(text: str) -> list[UsageKey]:
    """Read "project,month". Raises UserMistake."""
    keys = [key.strip() for key in text.split(",")]
    for key in keys:
        if key not in KEYS:
            raise UserMistake(f"--by takes some of {', '.join(KEYS)}, not {key!r}.")
    return cast("list[UsageKey]", list(dict.fromkeys(keys)))


def moment(text: str) -> float:
    """Read a month, a day or an hour in UTC as Unix seconds. Raises UserMistake."""
    found = MOMENT.fullmatch(text.strip())
    try:
        if found:
            year, month, day, hour = (int(part or 0) for part in found.groups())
            start = datetime(year, month, day or 1, tzinfo=UTC) + timedelta(hours=hour)
            if hour < 24:
                return start.timestamp()
    except ValueError:
        pass
    raise UserMistake(f"{text!r} is no time: write 2026-11, 2026-11-24 or 2026-11-24T18.")


def _lines(answer: UsageTable, keys: int) -> list[str]:
    headings = [name.replace("_", " ") for name in answer.columns]
    rows = [
        [*map(str, row[:keys]), *map(_figure, answer.columns[keys:], row[keys:])]
        for row in answer.rows
    ]
    return table(headings, rows, "<" * keys + ">" * (len(headings) - keys))


def _figure(column: str, value: str | float) -> str:
    if column == "energy_kwh" and not value:
        return "-"  # no agent measured it: that is not nothing
    return f"{int(value):,}" if column == "attempts" else f"{float(value):,.2f}"


def as_csv(answer: UsageTable) -> str:
    """Return the table by RFC 4180, safe to open in a spreadsheet."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(answer.columns)
    writer.writerows([safe(cell) for cell in row] for row in answer.rows)
    return BOM + out.getvalue()


def safe(cell: str | float) -> str | float:
    """Keep a text from being taken for a formula."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA) else cell
