"""Light nodes that only keep the protocol: hundreds in one process, over real ZeroMQ with CURVE.

Run as ``python -m app.simulate.light`` by ``real``: a plan comes on stdin as one line of JSON, the account goes
to stdout when stdin ends. A device holds each frame for its time and does nothing meanwhile.
"""

from __future__ import annotations

import sys
import time
from heapq import heappop, heappush
from math import exp, log
from random import Random
from typing import Any

import msgspec
import zmq

from node_agent.wire.codec import decode_to_node, encode
from node_agent.wire.messages import (
    Assign,
    AttemptRef,
    DeviceInfo,
    Done,
    FromNode,
    Grant,
    Heartbeat,
    Hello,
    OutputFile,
    Ready,
    Refused,
    Revoke,
    Started,
    ToNode,
    Usage,
    Welcome,
    Yielded,
)
from node_agent.wire.version import PROTOCOL

SIGMA = 0.5
FILE = OutputFile("/film/frame.exr", 1_000_000, "0" * 64)
BEAT_S = 2.0


class NodePlan(msgspec.Struct):
    """One node: its name, its own key pair and how many GPUs it has."""

    name: str
    public: str
    secret: str
    gpus: int


class Plan(msgspec.Struct):
    """What a process of light nodes is told."""

    address: str
    server_key: str
    seed: int
    frame_s: float
    nodes: list[NodePlan]


class Account(msgspec.Struct):
    """What it did."""

    gaps_ms: list[float]
    """Of a device, from its Done to its next Assign."""
    busy_s: float
    there_s: float
    """Of all devices, from the first Assign on."""
    published: list[tuple[int, int]]
    """(step, task) of each frame that was granted and done."""
    refused: list[str]


class Node:
    """A DEALER with some devices."""

    def __init__(self, plan: NodePlan, socket: zmq.Socket[bytes], farm: Farm) -> None:
        self.plan, self.socket, self._farm = plan, socket, farm
        self._seq = 0
        self._beats = 0
        self._device: dict[AttemptRef, int] = {}
        self._free_since: dict[int, float] = {}
        self.beat_at = float("inf")

    def hello(self) -> None:
        card = DeviceInfo(kind="cuda", name="light", memory_bytes=80 << 30)
        self.send(
            [
                Hello(
                    protocol=PROTOCOL,
                    version="light",
                    name=self.plan.name,
                    incarnation=self.plan.public[:16],
                    devices=[card] * self.plan.gpus,
                    kernels=["pathtracer"],
                )
            ]
        )

    def send(self, messages: list[FromNode]) -> None:
        self.socket.send(encode(messages))

    def read(self, now: float) -> None:
        """Answer all that has come, in one frame."""
        answers: list[FromNode] = []
        while True:
            try:
                frame = self.socket.recv(zmq.NOBLOCK)
            except zmq.Again:
                break
            for message in decode_to_node(frame):
                self._answer(message, answers, now)
        if answers:
            self.send(answers)

    def _answer(self, message: ToNode, answers: list[FromNode], now: float) -> None:
        match message:
            case Assign(ref=ref, device=device) if ref not in self._device:
                self._device[ref] = device
                since = self._free_since.pop(device, None)
                if since is not None:
                    self._farm.account.gaps_ms.append(1000 * (now - since))
                answers.append(Started(ref))
                self._farm.render(self, ref, now)
            case Grant(ref=ref) if ref in self._device:
                answers.append(self._done(ref, now))
            case Revoke(ref=ref) if ref in self._device:
                self._leave(ref, now)
                answers.append(
                    Yielded(seq=self._next(), ref=ref, checkpoint="", passes_done=0, usage=Usage())
                )
            case Welcome():
                self.beat_at = now
            case Refused(sentence=sentence, retry=retry):
                if not retry:
                    self._farm.account.refused.append(sentence)
                self.hello()
            case _:
                pass

    def _next(self) -> int:
        self._seq += 1
        return self._seq

    def _leave(self, ref: AttemptRef, now: float) -> None:
        self._free_since[self._device.pop(ref)] = now

    def _done(self, ref: AttemptRef, now: float) -> Done:
        self._leave(ref, now)
        self._farm.account.published.append((ref.step, ref.task))
        return Done(seq=self._next(), ref=ref, files=[FILE], usage=Usage(wall_s=1.0))

    def ready(self, ref: AttemptRef) -> None:
        """Its frame is rendered, if it is still this node's."""
        if ref in self._device:
            self.send([Ready(seq=self._next(), ref=ref, files=[FILE])])

    def beat(self, now: float) -> None:
        self.beat_at = now + BEAT_S
        self._beats += 1
        self.send([Heartbeat(list(self._device), self._beats)])


class Farm:
    """All nodes of this process, and the frames that they hold."""

    def __init__(self, plan: Plan) -> None:
        self.account = Account([], 0.0, 0.0, [], [])
        self._gpus = sum(node.gpus for node in plan.nodes)
        self._began_at: float | None = None
        self._rng = Random(plan.seed)
        self._middle = log(plan.frame_s) - SIGMA**2 / 2 if plan.frame_s > 0 else None
        self._ends: list[tuple[float, int, Node, AttemptRef]] = []
        self._count = 0
        self._context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
        self._context.set(zmq.MAX_SOCKETS, 2 * len(plan.nodes) + 64)
        self._nodes = [Node(node, self._open(plan, node), self) for node in plan.nodes]
        self._by_socket = {node.socket: node for node in self._nodes}

    def _open(self, plan: Plan, node: NodePlan) -> zmq.Socket[bytes]:
        socket = self._context.socket(zmq.DEALER)
        socket.setsockopt(zmq.CURVE_SERVERKEY, plan.server_key.encode())
        socket.setsockopt(zmq.CURVE_PUBLICKEY, node.public.encode())
        socket.setsockopt(zmq.CURVE_SECRETKEY, node.secret.encode())
        socket.setsockopt(zmq.LINGER, 0)
        socket.connect(plan.address)
        return socket

    def render(self, node: Node, ref: AttemptRef, now: float) -> None:
        """Hold a frame for its time."""
        seconds = exp(self._rng.gauss(self._middle, SIGMA)) if self._middle is not None else 0.0
        self._began_at = self._began_at or now
        self.account.busy_s += seconds
        self._count += 1
        heappush(self._ends, (now + seconds, self._count, node, ref))

    def serve(self) -> None:
        """Go on until stdin ends."""
        poller = zmq.Poller()
        for socket in self._by_socket:
            poller.register(socket, zmq.POLLIN)
        poller.register(sys.stdin.fileno(), zmq.POLLIN)
        for node in self._nodes:
            node.hello()
        while True:
            came: list[tuple[Any, int]] = poller.poll(self._wait_ms())
            for socket, _ in came:
                if socket not in self._by_socket:
                    return  # stdin: the parent wants the account
                self._by_socket[socket].read(time.monotonic())
            self._pass_time(time.monotonic())

    def _wait_ms(self) -> int:
        next_at = min((node.beat_at for node in self._nodes), default=0.0)
        if self._ends:
            next_at = min(next_at, self._ends[0][0])
        return int(1000 * min(1.0, max(0.0, next_at - time.monotonic())) + 0.999)

    def _pass_time(self, now: float) -> None:
        ends = self._ends
        while ends and ends[0][0] <= now:
            _, _, node, ref = heappop(ends)
            node.ready(ref)
        for node in self._nodes:
            if node.beat_at <= now:
                node.beat(now)

    def close(self) -> Account:
        """Return what was done; what is still held was not rendered for its whole time."""
        now = time.monotonic()
        self.account.busy_s -= sum(max(0.0, end - now) for end, *_ in self._ends)
        self.account.there_s = self._gpus * (now - (self._began_at or now))
        self._context.destroy(linger=0)
        return self.account


def main() -> None:
    plan = msgspec.json.decode(sys.stdin.buffer.readline(), type=Plan)
    farm = Farm(plan)
    farm.serve()
    sys.stdout.buffer.write(msgspec.json.encode(farm.close()))


if __name__ == "__main__":
    main()
