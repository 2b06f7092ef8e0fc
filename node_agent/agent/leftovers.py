"""Notes of which temporary files a running attempt may leave, so that the next start deletes them.

A kill -9 of the agent takes its children along (they die with it), and nobody is left to delete their
files. One small note an attempt, not synced: after a power cut a hidden file may stay, no more.
"""

from __future__ import annotations

import logging
from pathlib import Path

import msgspec

from node_agent.agent.session_types import StartChild
from node_agent.wire.job import Frames, Work
from node_agent.wire.messages import AttemptRef
from node_agent.wire.templates import temporary_paths

_log = logging.getLogger("agent")


class _Note(msgspec.Struct, frozen=True, array_like=True):
    work: Work
    frames: Frames
    epoch: int


class Leftovers:
    """A folder of notes, one an attempt that runs."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        directory.mkdir(parents=True, exist_ok=True)

    def note(self, start: StartChild) -> None:
        """Remember what this attempt may write. A full disk is no reason not to render."""
        output = start.work.output
        if not (output.directory or output.preview_directory):
            return
        note = _Note(start.work, start.frames, start.ref.epoch)
        try:
            self._path(start.ref).write_bytes(msgspec.msgpack.encode(note))
        except OSError as error:
            _log.warning("cannot note the temporary files of %s: %s", start.ref, error)

    def forget(self, ref: AttemptRef) -> None:
        """The attempt published or cleaned up after itself."""
        self._path(ref).unlink(missing_ok=True)

    def delete(self, start: StartChild) -> None:
        """Delete what the attempt left, and the note."""
        _unlink(temporary_paths(start.work, start.frames, start.ref.epoch))
        self.forget(start.ref)

    def delete_all(self) -> None:
        """Delete what a previous incarnation left. Called before anything starts."""
        for path in sorted(self._directory.glob("*.note")):
            try:
                note = msgspec.msgpack.decode(path.read_bytes(), type=_Note)
                _unlink(temporary_paths(note.work, note.frames, note.epoch))
            except (OSError, msgspec.DecodeError) as error:
                _log.warning("cannot use the note %s: %s", path.name, error)
            path.unlink(missing_ok=True)

    def _path(self, ref: AttemptRef) -> Path:
        return self._directory / f"{ref.step}.{ref.task}.{ref.epoch}.note"


def _unlink(paths: list[str]) -> None:
    for path in paths:
        try:
            Path(path).unlink(missing_ok=True)
        except OSError as error:
            _log.warning("cannot delete %s: %s", path, error)
