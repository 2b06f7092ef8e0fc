"""The thread behind a Connection: it alone touches the sockets.

Asks wait here until the dispatcher is really connected (ZMQ_IMMEDIATE), so that one that timed out is
known not to have been sent; a sent one without an answer says that its effect is unknown. CURVE sockets
never try again after a refused key (libzmq gives up), so they are made anew every few seconds.
"""

from __future__ import annotations

import socket
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count

import msgspec
import zmq

from app.client.health import Health
from app.client.replica import Feed
from app.client.settings import ClientSettings
from app.client.state import LinkState, Outcome
from app.core.commands import Answer, Ask, Command, GetSnapshot, Query, Refusal
from app.core.views import Delta, LogNews, PreviewNews, Snapshot
from app.errors import EnvironmentFault, PeerFault, WindfireError
from node_agent.wire.version import PROTOCOL

MESSAGE_BYTES_MAX = 256 << 20
"""A snapshot of 1.2 million tasks is some 3 MB; the peer is authenticated, so this is only a backstop."""
FLUSH_S = 1 / 25
SNAPSHOT_TIMEOUT_S = 10.0
POLL_S_MAX = 0.5

_MONITORED = zmq.Event.HANDSHAKE_FAILED_AUTH | zmq.Event.DISCONNECTED
_encoder = msgspec.msgpack.Encoder()
_answers = msgspec.msgpack.Decoder(Answer)
_deltas = msgspec.msgpack.Decoder(Delta)
_previews = msgspec.msgpack.Decoder(PreviewNews)
_logs = msgspec.msgpack.Decoder(LogNews)

Item = Snapshot | Delta
Settings = ClientSettings | Callable[[], ClientSettings]


class _Envelope(msgspec.Struct):
    """A Reply whose body is decoded later, so that a bad body fails the right ask."""

    id: int
    body: msgspec.Raw


_envelopes = msgspec.msgpack.Decoder(_Envelope)


@dataclass(slots=True)
class _Asked:
    data: bytes
    callback: Callable[[Outcome], None]
    deadline: float
    is_sent: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Handlers:
    """What the link calls, always on its own thread; none may block or raise."""

    items: Callable[[list[Item]], None]
    state: Callable[[LinkState], None]
    news: Callable[[PreviewNews | LogNews], None]


@dataclass(slots=True)
class _Sockets:
    dealer: zmq.Socket[bytes]
    monitor: zmq.Socket[bytes]
    sub: zmq.Socket[bytes] | None

    def close(self) -> None:
        self.dealer.disable_monitor()
        for each in (self.dealer, self.monitor, self.sub):
            if each is not None:
                each.close(linger=0)


class Link(threading.Thread):
    """Start it once; ``stop`` ends it. Public methods may be called from any thread and never block."""

    def __init__(self, settings: Settings, handlers: Handlers, *, follow: bool) -> None:
        super().__init__(name="windfire-client", daemon=True)
        self._load = settings if callable(settings) else lambda: settings
        self._handlers = handlers
        self._follows = follow
        self._ids = count(1)
        self._asked: dict[int, _Asked] = {}
        self._inbox: deque[tuple[int, _Asked]] = deque()
        self._topics: deque[bytes] = deque()
        self._wanted_topics = [b"delta"]
        self._feed = Feed()
        self._is_snapshot_asked = False
        self._ready: list[Item] = []
        self._flushed_at = 0.0
        self._health = Health()
        self._is_stopping = False
        self._has_lost = False
        self._wake_in, self._wake_out = socket.socketpair()
        for end in (self._wake_in, self._wake_out):
            end.setblocking(False)  # noqa: FBT003 - it takes no keyword

    # --- from any thread --------------------------------------------------------------------------

    def ask(
        self, body: Command | Query, callback: Callable[[Outcome], None], timeout_s: float
    ) -> None:
        """Queue an ask; ``callback`` is called exactly once, on the link's thread."""
        number = next(self._ids)
        data = _encoder.encode(Ask(id=number, body=body, protocol=PROTOCOL))
        self._inbox.append((number, _Asked(data, callback, time.monotonic() + timeout_s)))
        self._wake()

    def subscribe(self, topic: bytes) -> None:
        """Receive this topic too."""
        self._topics.append(topic)
        self._wake()

    def lose(self) -> None:
        """The reader fell behind and dropped items: start over from a snapshot."""
        self._has_lost = True
        self._wake()

    def stop(self) -> None:
        """End the thread; asks without an answer fail."""
        self._is_stopping = True
        self._wake()

    def _wake(self) -> None:
        try:
            self._wake_in.send(b".")
        except (BlockingIOError, OSError):
            return  # full: it is awake already; closed: it has ended

    # --- the thread -------------------------------------------------------------------------------

    def run(self) -> None:
        """Serve until stopped."""
        context = zmq.Context()
        sockets: _Sockets | None = None
        settings: ClientSettings | None = None
        try:
            while not self._is_stopping:
                if sockets is None or time.monotonic() >= self._health.reopen_at:
                    sockets, settings = self._reopen(context, sockets, settings)
                self._turn(sockets)
        finally:
            if sockets is not None:
                sockets.close()
            context.destroy(linger=0)
            self._wake_in.close()
            self._wake_out.close()
            self._fail_all()

    def _reopen(
        self,
        context: zmq.Context[zmq.Socket[bytes]],
        old: _Sockets | None,
        was: ClientSettings | None,
    ) -> tuple[_Sockets | None, ClientSettings | None]:
        """Make the sockets anew where that can help: never made, key refused, or the farm has moved."""
        health = self._health
        health.look_again(time.monotonic())
        try:
            settings = self._load()
        except WindfireError as error:
            health.load_error = error.sentence
            return old, was
        health.load_error = ""
        if old is not None and settings == was and not health.refusal:
            return old, was
        if old is not None:
            old.close()
        self._start_over()
        return self._open(context, settings), settings

    def _open(self, context: zmq.Context[zmq.Socket[bytes]], settings: ClientSettings) -> _Sockets:
        dealer = _secure(context.socket(zmq.DEALER), settings)
        dealer.setsockopt(zmq.IMMEDIATE, 1)
        monitor = dealer.get_monitor_socket(_MONITORED)
        dealer.connect(settings.address)
        sub: zmq.Socket[bytes] | None = None
        if self._follows:
            sub = _secure(context.socket(zmq.SUB), settings)
            for topic in self._wanted_topics:
                sub.setsockopt(zmq.SUBSCRIBE, topic)
            sub.connect(settings.events)
        return _Sockets(dealer, monitor, sub)

    def _turn(self, sockets: _Sockets | None) -> None:
        self._take_inbox(sockets)
        self._keep_following()
        poller = zmq.Poller()
        poller.register(self._wake_out, zmq.POLLIN)
        if sockets is not None:
            has_unsent = any(not asked.is_sent for asked in self._asked.values())
            poller.register(sockets.dealer, zmq.POLLIN | (zmq.POLLOUT if has_unsent else 0))
            poller.register(sockets.monitor, zmq.POLLIN)
            if sockets.sub is not None:
                poller.register(sockets.sub, zmq.POLLIN)
        poller.poll(self._wait_ms())
        self._drain_wakes()
        if sockets is not None:
            self._receive(sockets)
            self._send(sockets.dealer)
        self._expire()
        self._flush()
        self._tell_state()

    def _wait_ms(self) -> int:
        now = time.monotonic()
        waits = [POLL_S_MAX, *(asked.deadline - now for asked in self._asked.values())]
        if self._ready:
            waits.append(self._flushed_at + FLUSH_S - now)
        return max(0, int(min(waits) * 1000) + 1)

    def _drain_wakes(self) -> None:
        try:
            while self._wake_out.recv(4096):
                pass
        except BlockingIOError:
            return

    def _take_inbox(self, sockets: _Sockets | None) -> None:
        while self._inbox:
            number, asked = self._inbox.popleft()
            self._asked[number] = asked
        while self._topics:
            topic = self._topics.popleft()
            self._wanted_topics.append(topic)
            if sockets is not None and sockets.sub is not None:
                sockets.sub.setsockopt(zmq.SUBSCRIBE, topic)
        if self._has_lost:
            self._has_lost = False
            self._ready.clear()
            self._feed.lose()

    # --- asks -------------------------------------------------------------------------------------

    def _send(self, dealer: zmq.Socket[bytes]) -> None:
        for asked in self._asked.values():
            if asked.is_sent:
                continue
            try:
                dealer.send(asked.data, zmq.NOBLOCK)
            except zmq.Again:
                return
            asked.is_sent = True

    def _expire(self) -> None:
        now = time.monotonic()
        late = [number for number, asked in self._asked.items() if asked.deadline <= now]
        for number in late:
            asked = self._asked.pop(number)
            asked.callback(EnvironmentFault(self._why_no_answer(asked)))

    def _why_no_answer(self, asked: _Asked) -> str:
        if self._health.fault:
            return self._health.fault
        if asked.is_sent:
            return "The dispatcher took the request but has not answered in time: look before you ask again."
        return "The dispatcher cannot be reached; nothing was asked of it."

    def _start_over(self) -> None:
        """The sockets are new: what was never answered stays sent, and its effect unknown."""
        self._is_snapshot_asked = False
        self._feed.lose()

    def _fail_all(self) -> None:
        self._take_inbox(None)
        for asked in self._asked.values():
            asked.callback(EnvironmentFault("The connection was closed before the answer came."))
        self._asked.clear()

    # --- what arrives -----------------------------------------------------------------------------

    def _receive(self, sockets: _Sockets) -> None:
        for frames in _drain(sockets.dealer):
            self._on_reply(frames[-1])
        if sockets.sub is not None:
            for frames in _drain(sockets.sub):
                self._on_published(frames)
        for frames in _drain(sockets.monitor):
            self._on_monitor(frames)

    def _on_reply(self, data: bytes) -> None:
        try:
            envelope = _envelopes.decode(data)
        except msgspec.MsgspecError:
            return  # whose it was cannot be told; that ask times out
        self._health.refusal = ""
        asked = self._asked.pop(envelope.id, None)
        if asked is None:
            return  # it had timed out
        try:
            outcome: Outcome = _answers.decode(envelope.body)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            outcome = PeerFault(f"The dispatcher's answer cannot be read: {error}.")
        asked.callback(outcome)

    def _on_published(self, frames: list[bytes]) -> None:
        try:
            topic, data = frames
            match topic:
                case b"delta":
                    self._on_delta(_deltas.decode(data))
                case b"preview":
                    self._handlers.news(_previews.decode(data))
                case b"log":
                    self._handlers.news(_logs.decode(data))
                case _:
                    return
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, ValueError):
            return  # a lost delta shows as a gap

    def _on_delta(self, delta: Delta) -> None:
        self._health.heard_at = time.monotonic()
        self._ready += self._feed.on_delta(delta)

    def _on_monitor(self, frames: list[bytes]) -> None:
        # By hand: zmq.utils.monitor would import asyncio, a fifth of the time that `windfire ls` takes.
        event = int.from_bytes(frames[0][:2], sys.byteorder)
        if event == zmq.Event.HANDSHAKE_FAILED_AUTH:
            self._health.refusal = (
                "The farm does not know this key: ask its administrator to let it in."
            )
            self._health.look_again(time.monotonic())
        elif event == zmq.Event.DISCONNECTED and self._follows:
            # The process is gone: do not show old rows as live until the silence is long enough.
            self._health.fall_silent(time.monotonic())

    # --- following --------------------------------------------------------------------------------

    def _keep_following(self) -> None:
        if self._follows and self._feed.wants_snapshot and not self._is_snapshot_asked:
            self._is_snapshot_asked = True
            self.ask(GetSnapshot(), self._on_snapshot, SNAPSHOT_TIMEOUT_S)
            self._take_inbox(None)

    def _on_snapshot(self, outcome: Outcome) -> None:
        self._is_snapshot_asked = False
        if isinstance(outcome, Snapshot):
            self._health.heard_at, self._health.has_lived = time.monotonic(), True
            self._ready[:] = self._feed.on_snapshot(outcome)
        elif isinstance(outcome, Refusal):
            self._health.refusal = outcome.sentence
            self._health.look_again(time.monotonic())

    def _flush(self) -> None:
        now = time.monotonic()
        if self._ready and now >= self._flushed_at + FLUSH_S:
            self._flushed_at = now
            ready, self._ready = self._ready, []
            self._handlers.items(ready)

    # --- state ------------------------------------------------------------------------------------

    def _tell_state(self) -> None:
        if not self._follows:
            return
        state = self._health.news(time.monotonic())
        if state is not None:
            self._handlers.state(state)


def _secure(each: zmq.Socket[bytes], settings: ClientSettings) -> zmq.Socket[bytes]:
    each.curve_serverkey = settings.server_key.encode("ascii")
    each.curve_publickey = settings.public_key.encode("ascii")
    each.curve_secretkey = settings.secret_key.encode("ascii")
    each.setsockopt(zmq.LINGER, 0)
    each.setsockopt(zmq.MAXMSGSIZE, MESSAGE_BYTES_MAX)
    # The default is to try again at once, for ever; and a dead peer is noticed only by heartbeats.
    each.setsockopt(zmq.RECONNECT_IVL, 100)
    each.setsockopt(zmq.RECONNECT_IVL_MAX, 2000)
    each.setsockopt(zmq.HEARTBEAT_IVL, 1000)
    each.setsockopt(zmq.HEARTBEAT_TIMEOUT, 5000)
    each.setsockopt(zmq.HANDSHAKE_IVL, 5000)
    return each


def _drain(each: zmq.Socket[bytes]) -> list[list[bytes]]:
    """Take what has arrived, at most a thousand messages so that one socket cannot starve the others."""
    messages: list[list[bytes]] = []
    for _ in range(1000):
        try:
            messages.append(each.recv_multipart(zmq.NOBLOCK))
        except zmq.Again:
            break
    return messages
