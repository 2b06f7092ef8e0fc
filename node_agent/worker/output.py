"""From a temporary file to a published one: hash, sync, wait for the grant, rename.

The rules of DESIGN 3.4 live here, for kernels and commands alike: nothing is reported that was not read
back whole, nothing renamed after the grant's deadline, and a file of before is replaced by a whole one
or not at all.
"""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from node_agent.wire.job import Output
from node_agent.wire.messages import OutputFile
from node_agent.wire.pipe import TaskReady
from node_agent.wire.templates import check_directory
from node_agent.worker import process_posix as process
from node_agent.worker.channel import Channel, Orders

HASH_BYTES = 1 << 20


class TaskFault(Exception):
    """The attempt failed; ``cause`` is one of ``FAILURE_CAUSES`` and the message one sentence."""

    def __init__(self, cause: str, sentence: str) -> None:
        super().__init__(sentence)
        self.cause = cause


@dataclass(slots=True)
class Pending:
    """A whole file that waits to be renamed."""

    temporary: Path
    final: Path
    file: OutputFile | None
    """None for a display picture: it is published, but not the task's result."""
    is_published: bool = False

    @property
    def is_in_place(self) -> bool:
        """Whether the program wrote the final name itself."""
        return self.temporary == self.final


def prepare_directories(output: Output) -> None:
    """Make the folders of a work. Raises TemplateFault, OSError."""
    for directory in (output.directory, output.preview_directory):
        if directory:
            check_directory(directory)
            Path(directory).mkdir(parents=True, exist_ok=True)


def pend(temporary: Path, final: Path) -> Pending:
    """Sync and hash a file that was verified."""
    digest = hashlib.sha256()
    size = 0
    with open(temporary, "rb") as stream:
        while chunk := stream.read(HASH_BYTES):
            digest.update(chunk)
            size += len(chunk)
        os.fsync(stream.fileno())
    return Pending(temporary, final, OutputFile(str(final), size, digest.hexdigest()))


def publish(
    pending: Sequence[Pending],
    orders: Orders,
    channel: Channel,
    now: Callable[[], float] = process.now,
) -> list[OutputFile]:
    """Ask for the grant and rename; ask again where it came too late. Raises Cancelled."""
    files = [p.file for p in pending if p.file is not None]
    while files:
        channel.send(TaskReady(orders.ref, files))
        if _rename_all(pending, orders.wait_for_grant(), now):
            return files
    _rename_all(pending, float("inf"), now)  # pictures alone need no grant
    return files


def _rename_all(pending: Sequence[Pending], deadline: float, now: Callable[[], float]) -> bool:
    for item in pending:
        if item.is_published or item.is_in_place:
            continue
        if now() >= deadline:
            return False
        _rename(item)
    for directory in {item.final.parent for item in pending}:
        process.sync_directory(directory)
    return True


def _rename(item: Pending) -> None:
    try:
        item.temporary.replace(item.final)
    except FileNotFoundError as error:
        sentence = f"The finished file {item.temporary} was deleted by somebody."
        raise TaskFault("environment", sentence) from error
    item.is_published = True


def discard(pending: Sequence[Pending]) -> None:
    """Delete what will not be published."""
    for item in pending:
        if not item.is_published and not item.is_in_place:
            item.temporary.unlink(missing_ok=True)


CARD_IS_FULL = "CUDA_ERROR_OUT_OF_MEMORY"
"""As the driver names it, in the text of numba's exception."""


def blame(error: Exception) -> TaskFault:
    """Say whose fault an exception is. An unknown one is a bug of ours."""
    if isinstance(error, TaskFault):
        return error
    if isinstance(error, MemoryError):
        return TaskFault("environment", "The node has too little memory for this frame.")
    if isinstance(error, OSError):
        place = f": {error.filename}" if error.filename else ""
        reason = error.strerror or str(error) or errno.errorcode.get(error.errno or 0, "unknown")
        return TaskFault("environment", f"{reason}{place}.")
    if type(error).__module__.startswith(("numba.cuda", "cuda.")):
        if CARD_IS_FULL in str(error):
            return TaskFault("gpu_memory", "The frame does not fit into the GPU's memory.")
        return TaskFault("environment", f"The GPU failed: {error}.")
    return TaskFault("bug", f"{type(error).__name__}: {error}")
