"""Outcomes that nobody has acknowledged, on disk: what an agent that is killed still owes.

Files that are published and checkpoints that are written must be heard of even when the agent dies
between the rename and the acknowledgement. So each outcome is appended and synced, one sync a turn
of the loop, before it is sent. Ready is not kept: its child dies with the agent.

One file an incarnation, ``outbox.<number>``: records of length, CRC-32 and MessagePack. A torn tail is
dropped. The next start reads the old files (``backlog``), and deletes them (``retire``) once its own
file holds what they held. A disk that fails costs no more than this safety, and says so.
"""

from __future__ import annotations

import logging
import os
import struct
import zlib
from pathlib import Path

import msgspec

from node_agent.agent.system import platform
from node_agent.wire.messages import Ready, Reliable

COMPACT_BYTES = 1 << 20
RECORD_BYTES_MAX = 4 << 20

_HEADER = struct.Struct("<II")
_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder[Reliable](Reliable)
_log = logging.getLogger("agent")


class Outbox:
    """The outbox of this incarnation, and what is left of those before."""

    def __init__(self, directory: Path) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self._previous = sorted(directory.glob("outbox.*"), key=_number)
        self._path = (
            directory / f"outbox.{_number(self._previous[-1]) + 1 if self._previous else 1}"
        )
        self._file = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        self._size = 0
        self._live: dict[int, bytes] = {}
        """Records that are not acknowledged, by number."""
        self._pending: list[bytes] = []
        self._is_broken = False
        """The last write or sync failed: what the file holds is unknown until it is written anew."""

    def backlog(self) -> list[Reliable]:
        """What earlier incarnations owe, in order."""
        return [report for path in self._previous for report in read(path)]

    def retire(self) -> None:
        """Delete the earlier files. Call when ``commit`` has brought their contents into this one."""
        if self._is_broken:
            return
        for path in self._previous:
            path.unlink(missing_ok=True)
        self._previous = []

    def keep(self, report: Reliable) -> None:
        """Take a numbered report; ``commit`` makes it durable."""
        if isinstance(report, Ready):
            return
        data = _encoder.encode(report)
        record = _HEADER.pack(len(data), zlib.crc32(data)) + data
        self._live[report.seq] = record
        self._pending.append(record)

    def commit(self) -> None:
        """Make all that was kept durable, in one sync. May block for as long as the disk does."""
        if not self._pending:
            return
        data = b"".join(self._pending)
        self._pending.clear()
        try:
            if self._is_broken:
                self._rewrite()
            else:
                self._append(data)
        except OSError as error:
            # A sync that failed must not be tried again as if nothing were: write all of it anew.
            if not self._is_broken:
                _log.error("cannot write %s: %s; a crash now may lose reports", self._path, error)
            self._is_broken = True

    def forget(self, seq: int) -> None:
        """Drop what is acknowledged."""
        for number in [number for number in self._live if number <= seq]:
            del self._live[number]
        try:
            if not self._live and self._size and not self._pending:
                os.ftruncate(self._file, 0)
                os.lseek(self._file, 0, os.SEEK_SET)
                self._size = 0
            elif self._size > COMPACT_BYTES and self._live_bytes() < self._size // 2:
                self._rewrite()
        except OSError as error:
            _log.error("cannot compact %s: %s", self._path, error)
            self._is_broken = True

    def close(self) -> None:
        """Close the file; delete it where nothing is owed."""
        os.close(self._file)
        if not self._live and not self._pending:
            self._path.unlink(missing_ok=True)

    def _append(self, data: bytes) -> None:
        _write_all(self._file, data)
        platform.sync_file(self._file)
        self._size += len(data)

    def _rewrite(self) -> None:
        """Replace the file by one that holds just what is live."""
        temporary = self._path.with_name(f".{self._path.name}.tmp")
        data = b"".join(self._live.values())
        file = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        try:
            _write_all(file, data)
            platform.sync_file(file)
            temporary.replace(self._path)
            platform.sync_directory(self._path.parent)
        except OSError:
            os.close(file)
            raise
        os.close(self._file)
        self._file, self._size, self._is_broken = file, len(data), False
        self._pending.clear()

    def _live_bytes(self) -> int:
        return sum(len(record) for record in self._live.values())


def read(path: Path) -> list[Reliable]:
    """Read an outbox up to the first record that is not whole."""
    try:
        data = path.read_bytes()
    except OSError as error:
        _log.error("cannot read %s: %s", path, error)
        return []
    reports: list[Reliable] = []
    start = 0
    while (report := _record(data, start)) is not None:
        reports.append(report)
        start += _HEADER.size + _HEADER.unpack_from(data, start)[0]
    if start < len(data):
        _log.warning("%s ends in a torn record; %d bytes dropped", path, len(data) - start)
    return reports


def _record(data: bytes, start: int) -> Reliable | None:
    body = start + _HEADER.size
    if len(data) < body:
        return None
    length, checksum = _HEADER.unpack_from(data, start)
    record = data[body : body + length]
    if length > RECORD_BYTES_MAX or len(record) < length or zlib.crc32(record) != checksum:
        return None
    try:
        return _decoder.decode(record)
    except msgspec.DecodeError:
        return None


def _write_all(file: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(file, view) :]


def _number(path: Path) -> int:
    suffix = path.name.partition(".")[2]
    return int(suffix) if suffix.isdigit() else 0
