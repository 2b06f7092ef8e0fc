"""A bounded log of the core's inputs from which any incident can be run again.

A file is a row of MessagePack values: a header (configuration and the state's sections), then one
``Turn`` for each turn, with a checksum of what the turn before it decided. ``replay`` of the first file of
a process gives exactly what happened, and the checksums say where it does not; a later file begins with the
nodes' last Hellos over the state as it was then, so it may decide otherwise. Bodies of pictures, log lines and
metrics are left out, and so is the text of join tokens: the core decides nothing by them.
"""

from __future__ import annotations

import logging
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import BufferedWriter
from pathlib import Path

import msgspec

from app.core.actions import Action, Save
from app.core.changes import Change
from app.core.config import Config
from app.core.dispatcher import Dispatcher
from app.core.events import Event, NodeSaid, Now, TokenMade
from app.core.folding import Folder
from app.core.state import FarmState
from app.errors import EnvironmentFault
from node_agent.wire.messages import Hello, LogLines, Metrics, Preview

log = logging.getLogger("windfire.dispatcher")

FILE_BYTES_MAX = 64 << 20
FILES_MAX = 4
RETRY_S = 60.0
VERSION = 1

Watch = tuple[int, int, bool]


class Header(msgspec.Struct, frozen=True):
    version: int
    config: Config
    sections: dict[str, bytes]
    is_first: bool = False
    """Of a dispatcher's life: what runs again is exactly what happened."""
    changes: list[bytes] = []
    """What came after the sections, as the store keeps it: a list of changes each."""


class Turn(msgspec.Struct, frozen=True, array_like=True):
    """Events in the order of ``handle``, then the watches that began or ended, then one ``place``."""

    now: Now
    events: list[Event]
    watches: list[Watch] = []
    decided_before: int | None = None
    """``checksum`` of the changes that the turn before this one saved; None: not known."""


_encode = msgspec.msgpack.Encoder().encode
_THICK = (Preview, LogLines, Metrics)
_NO_METRICS = Metrics(0, 0, 0, 0, 0, 0, 0, 0)


class Recorder:
    """Writes ``events/<number>.rec``; a full disk ends the recording, never the dispatcher."""

    def __init__(
        self, folder: Path, bytes_max: int = FILE_BYTES_MAX, files_max: int = FILES_MAX
    ) -> None:
        self._folder = folder
        self._bytes_max = bytes_max
        self._files_max = files_max
        self._file: BufferedWriter | None = None
        self._size = 0
        self._hellos: dict[str, NodeSaid] = {}
        self._is_first = True
        self._retry_at = float("-inf")

    def begin(
        self, sections: dict[str, bytes], changes: list[bytes], config: Config, now: Now
    ) -> None:
        """Start a new file with the state as it is, and drop the oldest ones."""
        self.close()
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            numbers = sorted(int(path.stem) for path in self._folder.glob("*.rec"))
            for old in numbers[: max(0, len(numbers) + 1 - self._files_max)]:
                self._path(old).unlink()
            # Open as long as the recording goes on.
            self._file = open(self._path(numbers[-1] + 1 if numbers else 1), "xb")  # noqa: SIM115
        except (OSError, ValueError) as error:
            log.warning("Nothing is recorded in %s: %s", self._folder, error)
            return
        self._size = 0
        self._write(Header(VERSION, config, sections, self._is_first, changes))
        self._is_first = False
        if self._hellos:
            self._write(Turn(now, list(self._hellos.values())))

    def is_wanting(self, mono: float) -> bool:
        """Tell whether it is time to ``begin``: at the start, when the file is full, after a fault."""
        if self._file is not None:
            return self._size >= self._bytes_max
        is_time = mono >= self._retry_at
        if is_time:
            self._retry_at = mono + RETRY_S
        return is_time

    def record(
        self,
        now: Now,
        events: list[Event],
        watches: list[Watch],
        decided_before: int | None = None,
    ) -> None:
        """Append one turn, before it is handled: if that ends the process, the file says by what."""
        if self._file is None:
            return
        thin = thinned(events)
        for event in thin:
            if isinstance(event, NodeSaid) and isinstance(event.message, Hello):
                self._hellos[event.key] = event
        self._write(Turn(now, thin, watches, decided_before))

    def restart(self) -> None:
        """The state is loaded anew: what is recorded from here on begins another life."""
        self.close()
        self._hellos.clear()
        self._is_first = True

    def flush(self) -> None:
        """Hand what is buffered to the system."""
        if self._file is not None:
            self._guard(self._file.flush)

    def close(self) -> None:
        if self._file is not None:
            self._guard(self._file.close)
            self._file = None

    def _write(self, value: Header | Turn) -> None:
        data = pack(value)
        file = self._file
        if file is not None:
            self._guard(lambda: file.write(data))
            self._size += len(data)

    def _guard(self, action: object) -> None:
        assert callable(action)
        try:
            action()
        except OSError as error:
            log.warning("The recording in %s ends here: %s", self._folder, error)
            self._file = None

    def _path(self, number: int) -> Path:
        return self._folder / f"{number:06}.rec"


def pack(value: Header | Turn) -> bytes:
    """Return the bytes of one value in a recording."""
    data = _encode(value)
    return len(data).to_bytes(4, "little") + data


def checksum(changes: Sequence[Change]) -> int:
    """Return what tells apart what two turns saved: of no changes 0, else of their bytes in the store."""
    return zlib.crc32(_encode(changes)) if changes else 0


def thinned(events: Sequence[Event]) -> list[Event]:
    """Return the events without what the core does not look at."""
    return [event if _is_thin(event) else _thin(event) for event in events]


def read(path: Path) -> tuple[Header, Iterator[Turn]]:
    """Open a recording. A torn end, as a kill leaves it, is left out. Raises EnvironmentFault."""
    try:
        blocks = _blocks(path.read_bytes())
        header = msgspec.msgpack.decode(next(blocks), type=Header)
    except (OSError, StopIteration, msgspec.MsgspecError) as error:
        raise EnvironmentFault(f"{path} is not a recording: {error}.") from error
    turn = msgspec.msgpack.Decoder(Turn)
    return header, (turn.decode(block) for block in blocks)


@dataclass(frozen=True)
class Replayed:
    """A turn that ran again: what came in, what the core decides now, and the core after it."""

    turn: Turn
    actions: list[Action]
    core: Dispatcher

    @property
    def changes(self) -> list[Change]:
        """What it saves."""
        return [action.change for action in self.actions if isinstance(action, Save)]


def replay(path: Path) -> Iterator[Replayed]:
    """Run a recording again, turn by turn. Raises EnvironmentFault where it is none."""
    header, turns = read(path)
    core = Dispatcher(_state_of(header), header.config)
    for turn in turns:
        actions: list[Action] = []
        for event in turn.events:
            actions += core.handle(event, turn.now)
        for step, task, on in turn.watches:
            core.watch(step, task, on)
        actions += core.place(turn.now)
        yield Replayed(turn, actions, core)


def _state_of(header: Header) -> FarmState:
    state = FarmState.from_sections(header.sections)
    folder, changes = Folder(state), msgspec.msgpack.Decoder(list[Change])
    for data in header.changes:
        folder.fold(changes.decode(data))
    folder.end()
    return state


def _blocks(data: bytes) -> Iterator[bytes]:
    at = 0
    while at + 4 <= len(data):
        size = int.from_bytes(data[at : at + 4], "little")
        if at + 4 + size > len(data):
            return
        yield data[at + 4 : at + 4 + size]
        at += 4 + size


def _is_thin(event: Event) -> bool:
    return isinstance(event, NodeSaid) and not isinstance(event.message, _THICK)


def _thin(event: Event) -> Event:
    """Leave out what the core does not look at."""
    match event:
        case NodeSaid(key, Preview(ref, frame, done, passes)):
            return NodeSaid(key, Preview(ref, frame, done, passes, b""))
        case NodeSaid(key, LogLines(ref, first)):
            return NodeSaid(key, LogLines(ref, first, []))
        case NodeSaid(key, Metrics()):
            return NodeSaid(key, _NO_METRICS)
        case TokenMade():
            return msgspec.structs.replace(event, text="")
        case _:
            return event
