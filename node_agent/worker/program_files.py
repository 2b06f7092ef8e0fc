"""The files that a program left: whether each is this attempt's, whole, and what the step asks for."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from node_agent.wire.job import Output
from node_agent.wire.pipe import TaskPreview
from node_agent.wire.templates import file_name
from node_agent.worker import verify_file
from node_agent.worker.channel import Channel, Orders
from node_agent.worker.output import Pending, TaskFault, pend

CLOCK_SLACK_S = 2.0
"""File servers' clocks differ from ours by a little."""


def check_in_place(
    output: Output, frames: list[int], started_at: float, orders: Orders, channel: Channel
) -> list[Pending]:
    """Check the final names that a program wrote itself since ``started_at``. Raises Cancelled, TaskFault,
    TemplateFault."""
    pending: list[Pending] = []
    for frame in frames if output.directory else []:
        orders.check()
        final = Path(output.directory) / file_name(output, frame)
        with thumbnail_of(frame, orders, channel, wanted=frame == frames[-1]) as small:
            check(final, final, output, started_at, small)
        pending.append(pend(final, final))
    return pending


@contextmanager
def thumbnail_of(
    frame: int, orders: Orders, channel: Channel, *, wanted: bool
) -> Generator[Path | None]:
    """A place for a frame's small picture, which is sent at the end if it was made. One a task is enough: the
    decoder's process takes a third of a second longer for it."""
    if not wanted:
        yield None
        return
    descriptor, name = tempfile.mkstemp(prefix="thumbnail.", suffix=".png", dir=Path.cwd())
    os.close(descriptor)
    try:
        yield Path(name)
        if image := Path(name).read_bytes():
            channel.send(TaskPreview(orders.ref, frame, 1, 1, image))
    finally:
        Path(name).unlink(missing_ok=True)


def check(
    written: Path, final: Path, output: Output, started_at: float, thumbnail: Path | None = None
) -> None:
    """Raise TaskFault where ``written`` is no result."""
    fault = verify_file.fault(written, output, thumbnail)
    if not fault and written == final:
        age_s = started_at - written.stat().st_mtime
        fault = "is older than this attempt" if age_s > CLOCK_SLACK_S else ""
    if fault:
        raise TaskFault("output", f"The program ended well, but {final} {fault}.")
