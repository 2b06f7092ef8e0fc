"""One connection between an agent and the dispatcher: ordered, late, sometimes twice, sometimes gone.

As ZeroMQ over TCP: frames of one connection never overtake each other; a broken connection loses what
is under way and says nothing to the sender; the agent's side keeps what it sends while it reconnects.
What goes through is the messages of a frame themselves, not their bytes.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from random import Random
from typing import Generic, TypeVar

from app.simulate.clock import Clock
from app.simulate.options import Options
from node_agent.wire.messages import FromNode, ToNode

M = TypeVar("M")


class Pipe(Generic[M]):
    """One direction; delivers frames in order, each at its own delay or later."""

    def __init__(self, clock: Clock, rng: Random, options: Options) -> None:
        self._clock = clock
        self._rng = rng
        self.options = options
        self._queue: deque[tuple[float, Sequence[M]]] = deque()
        self.is_stalled = False
        self.deliver: Callable[[Sequence[M]], object] = lambda _: None

    def send(self, frame: Sequence[M]) -> None:
        options = self.options
        if options.is_steady:
            self._put(self._clock.now + options.delay_s, frame)
            return
        copies = 2 if self._rng.random() < options.duplicates else 1
        for _ in range(copies):
            due = self._clock.now + self._rng.expovariate(1 / options.delay_s)
            if self._queue:
                due = max(due, self._queue[-1][0])
            self._put(due, frame)

    def _put(self, due: float, frame: Sequence[M]) -> None:
        self._queue.append((due, frame))
        self._clock.at(due, self._drain)

    def _drain(self) -> None:
        queue = self._queue
        while queue and not self.is_stalled and queue[0][0] <= self._clock.now:
            self.deliver(queue.popleft()[1])

    def cut(self) -> None:
        """Lose what is under way."""
        self._queue.clear()

    def resume(self) -> None:
        self.is_stalled = False
        self._drain()


class Link:
    """Both directions and the state of the connection."""

    def __init__(self, clock: Clock, rng: Random, options: Options) -> None:
        self.up: Pipe[FromNode] = Pipe(clock, rng, options)
        self.down: Pipe[ToNode] = Pipe(clock, rng, options)
        self.is_up = True
        self._kept: list[Sequence[FromNode]] = []
        self.on_up: Callable[[], None] = lambda: None

    def to_dispatcher(self, frame: Sequence[FromNode]) -> None:
        if self.is_up:
            self.up.send(frame)
        else:
            self._kept.append(frame)  # the DEALER's queue

    def to_agent(self, frame: Sequence[ToNode]) -> None:
        if self.is_up:
            self.down.send(frame)  # else: the ROUTER has nowhere to send it

    def break_(self) -> None:
        self.is_up = False
        self.up.cut()
        self.down.cut()

    def mend(self) -> None:
        for pipe in (self.up, self.down):
            if pipe.is_stalled:
                pipe.resume()
        if not self.is_up:
            self.is_up = True
            kept, self._kept = self._kept, []
            for frame in kept:
                self.up.send(frame)
            self.on_up()

    def forget(self) -> None:
        """The agent's process died: its socket's queue with it."""
        self._kept.clear()
        self.up.cut()
        self.down.cut()
