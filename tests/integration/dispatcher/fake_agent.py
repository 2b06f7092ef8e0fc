"""Many agents in one thread: the product's own sessions over real sockets, with children that only pretend.

A frame "renders" at once, or after ``render_s``; its file is a note of who published it, which the
checks compare with what the dispatcher accepted.
"""

from __future__ import annotations

import heapq
import time
from collections.abc import Callable
from itertools import count
from types import TracebackType
from typing import Self

import zmq

from app.store.home import KeyPair
from node_agent.agent import session_types as t
from node_agent.agent.session import AgentSession
from node_agent.wire.codec import decode_to_node, encode
from node_agent.wire.messages import AttemptRef, DeviceInfo, FromNode, OutputFile, Usage
from tests.integration.dispatcher.farm import TIMEOUT_S, secure

WAIT_MS_MAX = 20


class FakeAgent:
    """One node: a session, a DEALER and pretended children."""

    def __init__(
        self,
        context: zmq.Context[zmq.Socket[bytes]],
        *,
        name: str,
        address: str,
        server_key: str,
        pair: KeyPair,
        devices: int = 2,
        render_s: float = 0.0,
    ) -> None:
        self.name = name
        self.socket = context.socket(zmq.DEALER)
        secure(self.socket, server_key, pair)
        for option, value in (
            (zmq.LINGER, 0),
            (zmq.IMMEDIATE, 1),
            (zmq.RECONNECT_IVL, 20),
            (zmq.RECONNECT_IVL_MAX, 100),
        ):
            self.socket.setsockopt(option, value)
        self.monitor = self.socket.get_monitor_socket(zmq.EVENT_HANDSHAKE_SUCCEEDED)
        self.socket.connect(address)
        self.render_s = render_s
        self.published: list[AttemptRef] = []
        self.stopped = ""
        self._number = count()
        self._due: list[tuple[float, int, t.SessionEvent]] = []
        self._running: set[AttemptRef] = set()
        self._waiting: list[FromNode] = []
        self.session = AgentSession(
            t.SessionConfig(
                name=name,
                incarnation=f"{time.monotonic_ns():016x}"[-16:],
                version="test",
                devices=[
                    DeviceInfo(kind="cpu", name=f"core {number}", memory_bytes=1 << 30, cores=1)
                    for number in range(devices)
                ],
                cores=devices,
                memory_bytes=1 << 34,
                hello_retry_s=0.2,
            )
        )
        self._take(t.Begin())

    def turn(self) -> None:
        """Take what came and what is due."""
        while self.monitor.poll(0):
            self.monitor.recv_multipart()
            self._take(t.LinkUp())
        while self.socket.poll(0):
            for message in decode_to_node(self.socket.recv()):
                self._take(t.FromDispatcher(message))
        now = time.monotonic()
        while self._due and self._due[0][0] <= now:
            self._take(heapq.heappop(self._due)[2])
        deadline = self.session.next_deadline()
        if deadline is not None and deadline <= now:
            self._take(t.Tick())
        self._send()

    def close(self) -> None:
        self.socket.disable_monitor()
        self.monitor.close(linger=0)
        self.socket.close(linger=0)

    def _take(self, event: t.SessionEvent) -> None:
        for action in self.session.handle(event, time.monotonic()):
            self._act(action)

    def _act(self, action: t.SessionAction) -> None:
        match action:
            case t.Send(message):
                self._waiting.append(message)
            case t.StartChild(ref=ref):
                self._running.add(ref)
                self._later(0.0, t.ChildStarted(ref))
                self._later(self.render_s, t.ChildReady(ref, [_file(ref)]), ref)
            case t.PublishChild(ref):
                if ref in self._running:
                    self._running.discard(ref)
                    self.published.append(ref)
                    self._later(0.0, t.ChildDone(ref, [_file(ref)], Usage(wall_s=self.render_s)))
            case t.KillChild(ref):
                self._running.discard(ref)
                self._later(0.0, t.ChildKilled(ref, Usage()))
            case t.YieldChild(ref):
                self._running.discard(ref)
                self._later(0.0, t.ChildYielded(ref, "", 0, Usage()))
            case t.Stop(_, sentence):
                self.stopped = sentence
            case _:
                pass

    def _later(self, delay_s: float, event: t.SessionEvent, ref: AttemptRef | None = None) -> None:
        if ref is None or ref in self._running:
            heapq.heappush(self._due, (time.monotonic() + delay_s, next(self._number), event))

    def _send(self) -> None:
        if not self._waiting:
            return
        try:
            self.socket.send(encode(self._waiting), zmq.NOBLOCK)
        except zmq.Again:
            pass  # nobody there: what matters is said again after the next Welcome
        self._waiting = []


class FakeNodes:
    """Several fake agents, run by whoever waits for something."""

    def __init__(self) -> None:
        self._context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
        self.agents: list[FakeAgent] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None
    ) -> None:
        for agent in self.agents:
            agent.close()
        self._context.destroy(linger=0)

    def add(
        self, name: str, address: str, server_key: str, pair: KeyPair, **options: float
    ) -> None:
        self.agents.append(
            FakeAgent(
                self._context,
                name=name,
                address=address,
                server_key=server_key,
                pair=pair,
                devices=int(options.get("devices", 2)),
                render_s=options.get("render_s", 0.0),
            )
        )

    def run_until(
        self, condition: Callable[[], object], what: str, timeout_s: float = TIMEOUT_S
    ) -> None:
        """Let the agents work until the condition holds."""
        poller = zmq.Poller()
        for agent in self.agents:
            poller.register(agent.socket, zmq.POLLIN)
            poller.register(agent.monitor, zmq.POLLIN)
        end = time.monotonic() + timeout_s
        while not condition():
            assert time.monotonic() < end, f"{what} did not happen within {timeout_s:.0f} s"
            poller.poll(WAIT_MS_MAX)
            for agent in self.agents:
                agent.turn()
                assert not agent.stopped, agent.stopped

    @property
    def published(self) -> list[AttemptRef]:
        return [ref for agent in self.agents for ref in agent.published]


def _file(ref: AttemptRef) -> OutputFile:
    return OutputFile(f"/out/{ref.step}.{ref.task}", ref.epoch, "0" * 64)
