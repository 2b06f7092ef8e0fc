"""A live link to one farm: asks and answers, the replica kept true, previews and log lines.

One thread (``app.client.link``) owns the sockets and never runs anybody else's work: callbacks and every
change of the replica are handed to ``post``, so that a window can have them on the Qt thread, without a
lock and without waiting. Only ``ask``, ``wait_live`` and ``close`` block their caller.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Self, TypeVar

from app.client.link import Handlers, Item, Link, Settings
from app.client.replica import Batch, Gap, Replica
from app.client.state import LinkState, Outcome
from app.core.commands import Answer, Command, Query
from app.core.views import Delta, LogNews, PreviewNews
from app.errors import EnvironmentFault, WindfireError

BATCHES_PER_S_MAX = 25
ASK_TIMEOUT_S = 10.0
ITEMS_WAITING_MAX = 1000
"""For an owner that does not run what was posted, 40 s' worth; then it gets a snapshot instead."""
CLOSE_S_MAX = 2.0

Post = Callable[[Callable[[], None]], None]
_T = TypeVar("_T")
_log = logging.getLogger("windfire.client")

__all__ = ["Batch", "Connection", "LinkState", "Outcome", "Post"]


class Connection:
    """A link to one farm. Callbacks run where ``post`` runs them (by default on the link's own thread)."""

    replica: Replica
    """Changed only inside ``post``: read it there, or copy under your own care."""

    def __init__(
        self, settings: Settings, *, post: Post | None = None, follow: bool = True
    ) -> None:
        """Make it without connecting. ``settings``: where to, or a function that reads where to, called
        on the link's thread again while the farm is lost (a restarted dispatcher may have other ports).
        ``follow=False``: asks only, no replica."""
        self.replica = Replica()
        self._post = post or _run
        self._batch: list[Callable[[Batch], None]] = []
        self._state: list[Callable[[LinkState], None]] = []
        self._preview: list[Callable[[PreviewNews], None]] = []
        self._log_lines: list[Callable[[LogNews], None]] = []
        self._lock = threading.Lock()
        self._waiting: list[Item] = []
        self._is_posted = False
        handlers = Handlers(items=self._on_items, state=self._on_state, news=self._on_news)
        self._link = Link(settings, handlers, follow=follow)
        self._is_started = False

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def start(self) -> None:
        """Begin to connect; returns at once. Register callbacks first."""
        self._is_started = True
        self._link.start()

    def close(self) -> None:
        """End the thread and the sockets; what is unanswered fails. Waits for the thread, at most 2 s."""
        self._link.stop()
        if not self._is_started:
            self._link.run()  # closes what was made for it
        elif threading.current_thread() is not self._link and self._link.is_alive():
            # Not alive: ended, or Ctrl-C came while start() waited for its birth; it ends by stop().
            self._link.join(CLOSE_S_MAX)

    def ask(self, body: Command | Query, timeout_s: float = ASK_TIMEOUT_S) -> Answer:
        """Send and wait for the answer. Raises EnvironmentFault without one; a Refusal is an answer."""
        if threading.current_thread() is self._link:
            raise RuntimeError("ask() inside a callback would wait for itself: use ask_async()")
        done = threading.Event()
        outcomes: list[Outcome] = []

        def take(outcome: Outcome) -> None:
            outcomes.append(outcome)
            done.set()

        self._link.ask(body, take, timeout_s)
        if not done.wait(timeout_s + CLOSE_S_MAX) or not outcomes:
            raise EnvironmentFault("The connection is closed.")
        if isinstance(outcomes[0], WindfireError):
            raise outcomes[0]
        return outcomes[0]

    def ask_async(
        self,
        body: Command | Query,
        callback: Callable[[Outcome], None] | None = None,
        timeout_s: float = ASK_TIMEOUT_S,
    ) -> None:
        """Send; ``callback`` gets the answer, or the error as a value. Any thread; never blocks."""

        def take(outcome: Outcome) -> None:
            if callback is not None:
                self._hand_over(callback, outcome)

        self._link.ask(body, take, timeout_s)

    def on_batch(self, callback: Callable[[Batch], None]) -> None:
        """Call after each change of the replica, at most 25 times a second."""
        self._batch.append(callback)

    def on_state(self, callback: Callable[[LinkState], None]) -> None:
        """Call when the state changes, and once a second while it is not live (the age grows)."""
        self._state.append(callback)

    def on_preview(self, callback: Callable[[PreviewNews], None]) -> None:
        """Call for each published preview; subscribes to the topic."""
        if not self._preview:
            self._link.subscribe(b"preview")
        self._preview.append(callback)

    def on_log(self, callback: Callable[[LogNews], None]) -> None:
        """Call for the new log lines of tasks that somebody watches; subscribes to the topic."""
        if not self._log_lines:
            self._link.subscribe(b"log")
        self._log_lines.append(callback)

    # --- on the link's thread ---------------------------------------------------------------------

    def _on_items(self, items: list[Item]) -> None:
        with self._lock:
            self._waiting += items
            is_late = len(self._waiting) > ITEMS_WAITING_MAX
            if is_late:
                self._waiting.clear()
            must_post = not self._is_posted and not is_late
            self._is_posted |= must_post
        if is_late:
            self._link.lose()
        if must_post:
            self._post(self._apply_waiting)

    def _on_state(self, state: LinkState) -> None:
        for callback in tuple(self._state):
            self._hand_over(callback, state)

    def _on_news(self, news: PreviewNews | LogNews) -> None:
        if isinstance(news, PreviewNews):
            for show in tuple(self._preview):
                self._hand_over(show, news)
        else:
            for read in tuple(self._log_lines):
                self._hand_over(read, news)

    def _hand_over(self, callback: Callable[[_T], None], value: _T) -> None:
        self._post(lambda: _guard(callback, value))

    # --- on the owner's thread --------------------------------------------------------------------

    def _apply_waiting(self) -> None:
        with self._lock:
            items, self._waiting = self._waiting, []
            self._is_posted = False
        whole = Batch()
        for item in items:
            batch = self._apply(item)
            if isinstance(batch, Gap):
                self._link.lose()
                break
            whole.merge(batch)
        if whole:
            for callback in tuple(self._batch):
                _guard(callback, whole)

    def _apply(self, item: Item) -> Batch | Gap:
        if isinstance(item, Delta):
            return self.replica.apply(item)
        return self.replica.apply_snapshot(item)


def _run(work: Callable[[], None]) -> None:
    work()


def _guard(callback: Callable[[_T], None], value: _T) -> None:
    """A caller's mistake must not end the link for everybody else."""
    try:
        callback(value)
    except Exception:
        _log.exception("A callback of the connection failed.")
