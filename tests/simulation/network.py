"""One connection between an agent and the dispatcher: ordered, late, sometimes twice, sometimes gone.

As ZeroMQ over TCP: messages of one connection never overtake each other; a broken connection loses what
is under way and says nothing to the sender; the agent's side keeps what it sends while it reconnects.
"""

from collections import deque
from collections.abc import Callable
from random import Random
from typing import Any

from tests.simulation.clock import Clock
from tests.simulation.options import Options


class Pipe:
    """One direction; delivers in order, each message at its own delay or later."""

    def __init__(self, clock: Clock, rng: Random, options: Options) -> None:
        self._clock = clock
        self._rng = rng
        self.options = options
        self._queue: deque[tuple[float, Any]] = deque()
        self.is_stalled = False
        self.deliver: Callable[[Any], None] = lambda _: None

    def send(self, message: Any) -> None:
        copies = 2 if self._rng.random() < self.options.duplicates else 1
        for _ in range(copies):
            due = self._clock.now + self._rng.expovariate(1 / self.options.delay_s)
            if self._queue:
                due = max(due, self._queue[-1][0])
            self._queue.append((due, message))
            self._clock.at(due, self._drain)

    def _drain(self) -> None:
        while self._queue and not self.is_stalled and self._queue[0][0] <= self._clock.now:
            self.deliver(self._queue.popleft()[1])

    def cut(self) -> None:
        """Lose what is under way."""
        self._queue.clear()

    def resume(self) -> None:
        self.is_stalled = False
        self._drain()


class Link:
    """Both directions and the state of the connection."""

    def __init__(self, clock: Clock, rng: Random, options: Options) -> None:
        self.up = Pipe(clock, rng, options)
        self.down = Pipe(clock, rng, options)
        self.is_up = True
        self._kept: list[Any] = []
        self.on_up: Callable[[], None] = lambda: None

    def to_dispatcher(self, message: Any) -> None:
        if self.is_up:
            self.up.send(message)
        else:
            self._kept.append(message)  # the DEALER's queue

    def to_agent(self, message: Any) -> None:
        if self.is_up:
            self.down.send(message)  # else: the ROUTER has nowhere to send it

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
            for message in kept:
                self.up.send(message)
            self.on_up()

    def forget(self) -> None:
        """The agent's process died: its socket's queue with it."""
        self._kept.clear()
        self.up.cut()
        self.down.cut()
