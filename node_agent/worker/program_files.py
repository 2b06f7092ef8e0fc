"""The files that a program left: whether each is this attempt's, whole, and what the step asks for."""

from __future__ import annotations

from pathlib import Path

from node_agent.wire.job import Output
from node_agent.wire.templates import file_name
from node_agent.worker import verify_file
from node_agent.worker.channel import Orders
from node_agent.worker.output import Pending, TaskFault, pend

CLOCK_SLACK_S = 2.0
"""File servers' clocks differ from ours by a little."""


def check_in_place(
    output: Output, frames: list[int], started_at: float, orders: Orders
) -> list[Pending]:
    """Check the final names that a program wrote itself since ``started_at``. Raises Cancelled, TaskFault,
    TemplateFault."""
    pending: list[Pending] = []
    for frame in frames if output.directory else []:
        orders.check()
        final = Path(output.directory) / file_name(output, frame)
        check(final, final, output, started_at)
        pending.append(pend(final, final))
    return pending


def check(written: Path, final: Path, output: Output, started_at: float) -> None:
    """Raise TaskFault where ``written`` is no result."""
    fault = verify_file.fault(written, output)
    if not fault and written == final:
        age_s = started_at - written.stat().st_mtime
        fault = "is older than this attempt" if age_s > CLOCK_SLACK_S else ""
    if fault:
        raise TaskFault("output", f"The program ended well, but {final} {fault}.")
