"""Records a simulated farm as a real one is recorded, so that `windfire replay` runs it again."""

from __future__ import annotations

from io import BufferedWriter
from pathlib import Path

from app.core.changes import Change
from app.core.config import Config
from app.core.events import Event, Now
from app.dispatcher.recorder import VERSION, Header, Turn, checksum, pack, thinned
from app.errors import EnvironmentFault
from app.simulate.checkers import host_sections
from app.simulate.host import Host


class Tape:
    """Writes ``path``, and ``path.2`` and so on for each further life of the dispatcher."""

    def __init__(self, path: Path, host: Host, config: Config) -> None:
        self._path, self._host, self._config = path, host, config
        self._file: BufferedWriter | None = None
        self._changes: list[Change] | None = None
        host.on_start = self._begin
        host.on_events = self._turn

    def saw(self, changes: list[Change]) -> None:
        """The turn that was begun last saved these."""
        if self._changes is not None:
            self._changes += changes

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    def _begin(self, _now: Now) -> None:
        self.close()
        life = self._host.life
        path = self._path if life == 1 else self._path.with_name(f"{self._path.name}.{life}")
        try:
            self._file = path.open("wb")
        except OSError as error:
            raise EnvironmentFault(f"{path} cannot be written: {error.strerror}.") from error
        sections = host_sections(self._host.brain.state)
        self._file.write(pack(Header(VERSION, self._config, sections, is_first=True)))
        self._changes = None

    def _turn(self, now: Now, events: list[Event]) -> None:
        if self._file is None:
            return
        decided = None if self._changes is None else checksum(self._changes)
        self._file.write(pack(Turn(now, thinned(events), [], decided)))
        self._changes = []
