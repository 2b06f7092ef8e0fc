"""The one thread between this process and a dispatcher: asks and answers, deltas, reconnects.

It owns both sockets (DEALER for asks, SUB for what is published; CURVE on both) and never runs anybody
else's work: callbacks and every change of the replica are handed to ``post``, so that a window can have
them on the Qt thread. Only ``ask`` and ``close`` block their caller.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from app.client.replica import Batch, Replica
from app.client.settings import ClientSettings
from app.core.commands import Answer, Command, Query
from app.core.views import LogNews, PreviewNews
from app.errors import WindfireError

BATCHES_PER_S_MAX = 25
ASK_TIMEOUT_S = 10.0

Post = Callable[[Callable[[], None]], None]
Outcome = Answer | WindfireError


@dataclass(frozen=True, slots=True)
class LinkState:
    """How true the replica is."""

    name: Literal["connecting", "live", "lost", "refused"]
    """'lost': there was a farm, and nothing has come for three seconds; 'refused': the key is not let in."""
    age_s: float
    """Since the farm was last heard; 0 while 'connecting'."""
    sentence: str
    """For the banner; '' while live."""


class Connection:
    """A live link to one farm. Callbacks run where ``post`` runs them (by default on its own thread)."""

    replica: Replica
    """Changed only inside ``post``: read it there, or in a process without a second thread of yours."""

    def __init__(self, settings: ClientSettings, *, post: Post | None = None) -> None: ...

    def start(self) -> None:
        """Begin to connect; returns at once. Register callbacks first."""

    def close(self) -> None:
        """End the thread and the sockets; what is unanswered fails. Waits for the thread, at most 2 s."""

    def ask(self, body: Command | Query, timeout_s: float = ASK_TIMEOUT_S) -> Answer:
        """Send and wait for the answer. Raises EnvironmentFault without one; a Refusal is an answer."""
        raise NotImplementedError

    def ask_async(
        self,
        body: Command | Query,
        callback: Callable[[Outcome], None] | None = None,
        timeout_s: float = ASK_TIMEOUT_S,
    ) -> None:
        """Send; ``callback`` gets the answer, or the error as a value. Any thread; never blocks."""

    def on_batch(self, callback: Callable[[Batch], None]) -> None:
        """Call after each change of the replica, at most 25 times a second."""

    def on_state(self, callback: Callable[[LinkState], None]) -> None:
        """Call when the state changes, and once a second while it is not live (the age grows)."""

    def on_preview(self, callback: Callable[[PreviewNews], None]) -> None:
        """Call for each published preview; subscribes to the topic."""

    def on_log(self, callback: Callable[[LogNews], None]) -> None:
        """Call for the new log lines of tasks that somebody watches; subscribes to the topic."""
