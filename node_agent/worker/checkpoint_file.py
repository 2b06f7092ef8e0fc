"""A half-done chunk in one file: the frames that are finished, and the state of the one that is not.

It holds the finished frames themselves, not their names: temporary files belong to an epoch and are
deleted with it, and the file must suffice on any node. Layout: a magic line, the length of the header,
the header as MessagePack, the finished files one after the other, the kernel's own checkpoint. Written
under a temporary name, synced and renamed, so that one that exists is whole; hashes see to the rest.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import struct
from collections.abc import Sequence
from pathlib import Path
from typing import IO

import msgspec

from node_agent.wire.messages import AttemptRef
from node_agent.worker import process_posix as process

MAGIC = b"windfire checkpoint 1\n"
HEADER_BYTES_MAX = 16 << 20
COPY_BYTES = 1 << 20
_LENGTH = struct.Struct("<I")


class CheckpointFault(Exception):
    """The file cannot be resumed from; the message is one sentence."""


class KeptFile(msgspec.Struct, frozen=True, array_like=True):
    """A finished frame within the checkpoint."""

    name: str
    size: int
    sha256: str


class Header(msgspec.Struct, frozen=True, kw_only=True):
    """What the rest of the file is."""

    finished: list[KeptFile]
    """Of the chunk's first frames, in order."""
    passes_done: int
    """Of the next frame."""
    state_size: int
    state_sha256: str


class Resumed(msgspec.Struct, frozen=True, kw_only=True):
    """What was read back."""

    finished: list[tuple[str, Path]]
    """Name and temporary file of each finished frame, written and checked."""
    state: bytes
    """The kernel's; b'' where the chunk stopped between two frames."""


def path_of(directory: Path, ref: AttemptRef) -> Path:
    """Where an attempt keeps its checkpoint."""
    return directory / f"{ref.step}.{ref.task}.{ref.epoch}.checkpoint"


def write(
    path: Path, files: Sequence[tuple[KeptFile, Path]], passes_done: int, state: bytes
) -> None:
    """Write a whole checkpoint or none. Raises OSError."""
    header = msgspec.msgpack.encode(
        Header(
            finished=[kept for kept, _ in files],
            passes_done=passes_done,
            state_size=len(state),
            state_sha256=hashlib.sha256(state).hexdigest(),
        )
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.tmp")
    try:
        with open(temporary, "wb") as target:
            target.write(MAGIC + _LENGTH.pack(len(header)) + header)
            for _, source_path in files:
                with open(source_path, "rb") as source:
                    shutil.copyfileobj(source, target, COPY_BYTES)
            target.write(state)
            target.flush()
            os.fsync(target.fileno())
        temporary.replace(path)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise
    process.sync_directory(path.parent)


def read(path: Path, place: Sequence[tuple[str, Path]]) -> Resumed:
    """Read a checkpoint; its finished frames are written to ``place``, the chunk's names and temporary
    paths in order. Raises CheckpointFault, OSError."""
    with open(path, "rb") as source:
        header = _read_header(path, source.read(len(MAGIC) + _LENGTH.size), source)
        wanted = [name for name, _ in place[: len(header.finished)]]
        if [kept.name for kept in header.finished] != wanted:
            raise CheckpointFault(f"The checkpoint {path} is of other frames.")
        for kept, (_, temporary) in zip(header.finished, place, strict=False):
            _copy(path, source, kept, temporary)
        state = source.read(header.state_size)
    if hashlib.sha256(state).hexdigest() != header.state_sha256:
        raise CheckpointFault(f"The checkpoint {path} is damaged.")
    return Resumed(finished=list(place[: len(header.finished)]), state=state)


def _read_header(path: Path, start: bytes, source: IO[bytes]) -> Header:
    if not start.startswith(MAGIC) or len(start) < len(MAGIC) + _LENGTH.size:
        raise CheckpointFault(f"The file {path} is not a checkpoint.")
    (length,) = _LENGTH.unpack_from(start, len(MAGIC))
    if length > HEADER_BYTES_MAX:
        raise CheckpointFault(f"The checkpoint {path} is damaged.")
    try:
        return msgspec.msgpack.decode(source.read(length), type=Header)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise CheckpointFault(f"The checkpoint {path} is damaged.") from error


def _copy(path: Path, source: IO[bytes], kept: KeptFile, temporary: Path) -> None:
    digest, left = hashlib.sha256(), kept.size
    with open(temporary, "wb") as target:
        while left and (data := source.read(min(left, COPY_BYTES))):
            digest.update(data)
            target.write(data)
            left -= len(data)
        target.flush()
        os.fsync(target.fileno())
    if left or digest.hexdigest() != kept.sha256:
        temporary.unlink()
        raise CheckpointFault(f"The checkpoint {path} is damaged.")


def delete_older(directory: Path, ref: AttemptRef) -> None:
    """Delete the checkpoints of a task that is published; nobody needs one any more."""
    for path in directory.glob(f"{ref.step}.{ref.task}.*.checkpoint"):
        path.unlink(missing_ok=True)
    try:
        directory.rmdir()
    except OSError:
        return  # not empty, or never made
