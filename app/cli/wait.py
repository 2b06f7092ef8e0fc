"""`windfire wait [SHOT...]`: show progress until shots are finished; exit 1 when a frame failed."""

from __future__ import annotations

import argparse
import time

from app.cli.console import Live, bar, note, say, width
from app.cli.text import duration, joined, plural, span
from app.client.api import FOREVER_S, Farm, connect
from app.client.lookup import full_name
from app.core.views import ShotRow

BAR = 24


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which shots; all of the queue by default."""
    parser.add_argument(
        "shots", nargs="*", metavar="SHOT", help="(default: all shots of the queue)"
    )
    parser.add_argument(
        "--timeout", type=span, default=FOREVER_S, metavar="TIME", help="90s, 15m, 1h"
    )


def run(options: argparse.Namespace) -> int:
    """Wait, then say how it ended."""
    with connect(options.home) as farm:
        return wait_and_tell(farm, options.shots, options.timeout)


def wait_and_tell(farm: Farm, shots: list[str] | list[int], timeout_s: float = FOREVER_S) -> int:
    """Show progress until they are over; return the exit status."""
    with Live() as live:
        rows = farm.wait(
            shots, timeout_s=timeout_s, progress=lambda rows: live.update(*describe(rows))
        )
        live.update(*describe(rows), now=True)
    return tell_end(rows)


def describe(rows: list[ShotRow]) -> tuple[list[str], str]:
    """Return a line a shot, and all in one line."""
    room = min(40, max((len(full_name(row)) for row in rows), default=0), width() - BAR - 30)
    lines = [_line(row, room) for row in rows]
    done, total = sum(row.done for row in rows), sum(row.total for row in rows)
    failed = sum(row.failed for row in rows)
    summary = f"{done} of {plural(total, 'frame')} done" + (f", {failed} failed" if failed else "")
    return lines, summary


def _line(row: ShotRow, room: int) -> str:
    left = row.finish_p50 - time.time()
    eta = f"{duration(left)} left" if row.finish_p50 and left > 0 else row.state
    failed = f"  {row.failed} failed" if row.failed else ""
    return f"{full_name(row):{room}}  {bar(share(row), BAR)} {row.done:>5}/{row.total:<5} {eta}{failed}"


def share(row: ShotRow) -> float:
    """Return its progress, 1.0 only when every frame is done: the last may still be published."""
    return row.progress if row.done >= row.total else min(row.progress, 0.999)


def tell_end(rows: list[ShotRow]) -> int:
    """Say how it ended; 1 when anything failed or was cancelled."""
    bad = [row for row in rows if row.failed]
    for row in bad:
        note(f"{full_name(row)}: {plural(row.failed, 'frame')} failed. {row.error}".rstrip())
    cancelled = [full_name(row) for row in rows if row.cancelled]
    if cancelled:
        note(f"Cancelled in part or whole: {joined(cancelled)}.")
    if bad or cancelled:
        return 1
    say(f"All {plural(sum(row.done for row in rows), 'frame')} are done.")
    return 0
