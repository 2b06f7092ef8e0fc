"""A TCP proxy that a test breaks as it likes: cut, deaf in one direction, slow, half closed.

Linux here has no netem; what it would do to packets this does to streams, which is what ZeroMQ sees.
"""

from __future__ import annotations

import selectors
import socket
import threading
import time
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

PIECE = 4096
TURN_S = 0.01


@dataclass(eq=False)
class Pipe:
    """One direction of a connection; ``up`` is from the one who connected."""

    source: socket.socket
    target: socket.socket
    is_up: bool
    waiting: bytes = b""
    due: float = 0.0


@dataclass
class Proxy:
    """Carries connections to a port of loopback. Use ``with``; set its fields at any time."""

    target: int
    lets_up: bool = True
    lets_down: bool = True
    """False: what is sent that way stays where it is, as behind a route that swallows packets."""
    bytes_a_s: float = 0.0
    """Of each direction; 0: as fast as it goes."""
    is_cut: bool = False
    """True: connections end, and new ones end at once."""
    accepted: int = 0
    _pipes: list[Pipe] = field(default_factory=list)
    _is_over: bool = False

    def __enter__(self) -> Self:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.setblocking(False)
        self.port = self._listener.getsockname()[1]
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._listener, selectors.EVENT_READ)
        self._thread = threading.Thread(target=self._serve, name="proxy")
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._is_over = True
        self._thread.join()
        self._selector.close()
        self._listener.close()

    @property
    def address(self) -> str:
        return f"tcp://127.0.0.1:{self.port}"

    def _serve(self) -> None:
        while not self._is_over:
            for key, _ in self._selector.select(TURN_S):
                if key.fileobj is self._listener:
                    self._accept()
            if self.is_cut:
                self._end_all()
            for pipe in list(self._pipes):
                if pipe in self._pipes:
                    self._carry(pipe)
            time.sleep(TURN_S / 10)
        self._end_all()

    def _accept(self) -> None:
        near, _ = self._listener.accept()
        if self.is_cut:
            near.close()
            return
        self.accepted += 1
        try:
            far = socket.create_connection(("127.0.0.1", self.target))
        except OSError:
            near.close()
            return
        for each in (near, far):
            each.setblocking(False)
        self._pipes += [Pipe(near, far, is_up=True), Pipe(far, near, is_up=False)]

    def _carry(self, pipe: Pipe) -> None:
        now = time.monotonic()
        if not (self.lets_up if pipe.is_up else self.lets_down) or now < pipe.due:
            return
        try:
            if not pipe.waiting:
                pipe.waiting = pipe.source.recv(PIECE)
                if not pipe.waiting:
                    self._end(pipe)
                    return
            sent = pipe.target.send(pipe.waiting)
        except BlockingIOError:
            return
        except OSError:
            self._end(pipe)
            return
        pipe.waiting = pipe.waiting[sent:]
        if self.bytes_a_s:
            pipe.due = max(pipe.due, now) + sent / self.bytes_a_s

    def half_close(self) -> None:
        """Say on every connection that no more will come from the one who connected."""
        for pipe in list(self._pipes):
            if pipe.is_up:
                pipe.target.shutdown(socket.SHUT_WR)

    def _end(self, pipe: Pipe) -> None:
        ends = {pipe.source, pipe.target}
        self._pipes = [each for each in self._pipes if each.source not in ends]
        for end in ends:
            end.close()

    def _end_all(self) -> None:
        for pipe in list(self._pipes):
            if pipe in self._pipes:
                self._end(pipe)
