"""What attempts print: appended to ``logs/<step>/<task>.<epoch>.log``, bounded, read in windows.

Lines are numbered by the agent from 0, so that one sent twice is written once and a gap is said in the
file. The caller has fenced them (``is_current``). Every name in a path here is a number of ours.
"""

from __future__ import annotations

import logging
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path

from app.core.commands import LogText
from app.errors import EnvironmentFault
from node_agent.wire.messages import AttemptRef, LogLines

log = logging.getLogger("windfire.dispatcher")

LOG_BYTES_MAX = 64 << 20
LINE_BYTES_MAX = 4096
WINDOW_BYTES_MAX = 1 << 20
_OPEN_MAX = 10_000
_FULL = b"[the log is full: what follows is not kept]\n"


@dataclass(slots=True)
class _Written:
    """Where an attempt's log stands: the number of its next line, and its size."""

    next: int
    size: int


class Logs:
    """The folder of logs."""

    def __init__(self, folder: Path, bytes_max: int = LOG_BYTES_MAX) -> None:
        self._folder = folder
        self._bytes_max = bytes_max
        self._written: OrderedDict[AttemptRef, _Written] = OrderedDict()
        self.lost = 0
        """Messages that could not be written; the disk is full or gone."""

    def add(self, message: LogLines) -> list[str]:
        """Append what is new; returns those lines. Never raises: a log is not worth a dispatcher."""
        try:
            return self._add(message)
        except OSError as error:
            self.lost += 1
            if (
                self.lost & (self.lost - 1) == 0
            ):  # 1, 2, 4, 8 ..: it may come a thousand times a second
                log.warning(
                    "Log lines of %s are lost (%d messages): %s", message.ref, self.lost, error
                )
            return []

    def read(self, step: int, task: int, epoch: int, offset: int, size: int) -> LogText:
        """Read a window; a negative offset counts from the end. Raises EnvironmentFault."""
        path = self._path(AttemptRef(step, task, epoch))
        size = max(0, min(size, WINDOW_BYTES_MAX))
        try:
            with open(path, "rb") as file:
                total = file.seek(0, 2)
                start = max(0, total + offset) if offset < 0 else min(offset, total)
                file.seek(start)
                text = file.read(size)
        except FileNotFoundError:
            return LogText(text=b"", offset=0, size=0, path=str(path), epoch=epoch)
        except OSError as error:
            raise EnvironmentFault(f"The log {path} cannot be read: {error}.") from error
        return LogText(text=text, offset=start, size=total, path=str(path), epoch=epoch)

    def _add(self, message: LogLines) -> list[str]:
        written = self._standing(message)
        skip = max(0, written.next - message.first)
        lines = message.lines[skip:]
        if not lines:
            return []
        gap = message.first - written.next
        text = f"[{gap} lines are missing]\n".encode() if gap > 0 else b""
        text += b"".join(_line(line) for line in lines)
        written.next = message.first + len(message.lines)
        if written.size < self._bytes_max:
            if written.size + len(text) > self._bytes_max:
                text = text[: self._bytes_max - written.size] + b"\n" + _FULL
            self._append(message.ref, text)
            written.size += len(text)
        return lines

    def _append(self, ref: AttemptRef, text: bytes) -> None:
        path = self._path(ref)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with open(path, "ab") as file:
            file.write(text)

    def _standing(self, message: LogLines) -> _Written:
        ref = message.ref
        found = self._written.get(ref)
        if found is None:
            # Of an earlier dispatcher's log only the size is known: the first message is taken as it is.
            path = self._path(ref)
            size = path.stat().st_size if path.exists() else 0
            found = self._written[ref] = _Written(message.first if size else 0, size)
            if len(self._written) > _OPEN_MAX:
                self._written.popitem(last=False)
        else:
            self._written.move_to_end(ref)
        return found

    def _path(self, ref: AttemptRef) -> Path:
        return self._folder / str(ref.step) / f"{ref.task}.{ref.epoch}.log"


def _line(line: str) -> bytes:
    data = line.encode("utf-8", "replace").replace(b"\n", b" ")
    return data[:LINE_BYTES_MAX] + b"\n"
