"""One connection between an agent and the dispatcher: ordered, late, sometimes twice, sometimes gone.

As ZeroMQ over TCP: messages of one connection never overtake each other; a broken connection loses what
is under way and says nothing to the sender; the agent's side keeps what it sends while it reconnects.
"""

from collections.abc import Callable
from random import Random
from typing import Any

from tests.simulation.clock import Clock
from tests.simulation.options import Options


class Pipe:
    """One direction; delivers in order, each message at its own delay or later."""

    def __init__(self, world_clock: Clock, rng: Random, options: Options) -> None:
        self._clock = world_clock
        self._rng = rng
        self._options = options
        self._last = 0.0
        self._life = 0
        self._waiting: list[Any] = []
        self.is_stalled = False
        self.deliver: Callable[[Any], None] = lambda _: None

    def send(self, message: Any) -> None:
        if self.is_stalled:
            self._waiting.append(message)
            return
        options, rng = self._options, self._rng
        copies = 2 if rng.random() < options.duplicates else 1
        for _ in range(copies):
            delay = rng.expovariate(1 / options.delay_s)
            self._last = max(self._last, self._clock.now + delay)
            life = self._life
            self._clock.at(self._last, lambda: self._arrive(message, life))

    def _arrive(self, message: Any, life: int) -> None:
        if life == self._life:
            if self.is_stalled:
                self._waiting.append(message)
            else:
                self.deliver(message)

    def cut(self) -> None:
        """Lose what is under way."""
        self._life += 1
        self._last = self._clock.now
        self._waiting.clear()

    def resume(self) -> None:
        """Deliver what waited, in order."""
        self.is_stalled = False
        waiting, self._waiting = self._waiting, []
        for message in waiting:
            self.send(message)


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
