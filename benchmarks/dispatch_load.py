"""The load of ``benchmarks.dispatch``: light nodes without sessions, and the bare echo they are compared with.

A node here is a DEALER that answers at once: Assign with Ready, Grant with Done. It does only what the
protocol needs, so that the dispatcher is what is measured. The echo is a ROUTER that answers the same
messages with the same sizes and keeps nothing: what ZeroMQ, CURVE and MessagePack leave room for.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import zmq

from node_agent.wire.codec import decode_from_node, decode_to_node, encode
from node_agent.wire.job import Frames
from node_agent.wire.messages import (
    Ack,
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
    ToNode,
    Usage,
    Welcome,
)
from node_agent.wire.version import PROTOCOL

HEARTBEAT_S = 2.0
FILE = OutputFile("/film/NZ2/sq010/sh0040/beauty/frame.1001.exr", 12_345_678, "0" * 64)
USAGE = Usage(wall_s=0.001, cpu_s=0.001, peak_memory_bytes=1 << 30, samples=64)

Keys = tuple[bytes, bytes]


@dataclass
class Node:
    """One connection with several devices."""

    socket: zmq.Socket[bytes]
    devices: int
    incarnation: str
    hold: bool = False
    """Keep frames instead of finishing them; ``finish`` ends one."""
    publishes: bool = True
    """Ask for a grant before each frame is done; without files there is nothing to publish."""
    done: int = 0
    seq: int = 0
    running: dict[AttemptRef, int] = field(default_factory=dict)
    assigned: list[tuple[float, AttemptRef]] = field(default_factory=list)
    is_welcome: bool = False
    _beat_at: float = 0.0

    def hello(self) -> None:
        devices = [
            DeviceInfo(kind="cpu", name=f"cores {number}", memory_bytes=1 << 34, cores=8)
            for number in range(self.devices)
        ]
        self._send(
            [
                Hello(
                    protocol=PROTOCOL,
                    version="bench",
                    name=self.incarnation,
                    incarnation=self.incarnation,
                    devices=devices,
                )
            ]
        )

    def turn(self) -> None:
        """Answer everything that has come, in one frame."""
        answers: list[FromNode] = []
        while self.socket.poll(0):
            for message in decode_to_node(self.socket.recv()):
                self._answer(message, answers)
        now = time.monotonic()
        if now - self._beat_at > HEARTBEAT_S:
            self._beat_at = now
            answers.append(Heartbeat(list(self.running)))
        if answers:
            self._send(answers)

    def finish_all(self) -> None:
        """End what is held, in one message, and from now on what comes."""
        self.hold = False
        answers: list[FromNode] = []
        for ref in list(self.running):
            self._end(ref, answers)
        self._send(answers)

    def finish(self) -> None:
        """End one held frame."""
        ref = next(iter(self.running))
        self.seq += 1
        self._send([Ready(seq=self.seq, ref=ref, files=[FILE])])

    def _answer(self, message: ToNode, answers: list[FromNode]) -> None:
        if isinstance(message, Assign):
            self.running[message.ref] = message.device
            if self.hold:
                self.assigned.append((time.perf_counter(), message.ref))
                return
            self._end(message.ref, answers)
        elif isinstance(message, Grant):
            self.running.pop(message.ref, None)
            self.done += 1
            self.seq += 1
            answers.append(Done(seq=self.seq, ref=message.ref, files=[FILE], usage=USAGE))
        elif isinstance(message, Welcome):
            self.is_welcome = True
        elif isinstance(message, Refused) and message.retry:
            self.hello()

    def _end(self, ref: AttemptRef, answers: list[FromNode]) -> None:
        self.seq += 1
        if self.publishes:
            answers.append(Ready(seq=self.seq, ref=ref, files=[FILE]))
        else:
            self.running.pop(ref)
            self.done += 1
            answers.append(Done(seq=self.seq, ref=ref, files=[], usage=USAGE))

    def _send(self, messages: list[FromNode]) -> None:
        self.socket.send(encode(messages))


class Load:
    """Nodes that are turned together by whoever waits."""

    def __init__(self, nodes: list[Node]) -> None:
        self.nodes = nodes
        self._poller = zmq.Poller()
        self._by_socket = {node.socket: node for node in nodes}
        for node in nodes:
            self._poller.register(node.socket, zmq.POLLIN)

    def run_until(self, condition: Callable[[], bool], timeout_s: float = 120.0) -> float:
        """Work until the condition holds; returns the seconds it took."""
        start = time.perf_counter()
        while not condition():
            for socket, _ in self._poller.poll(100):
                self._by_socket[socket].turn()
            if time.perf_counter() - start > timeout_s:
                raise TimeoutError("the load was not done in time")
        return time.perf_counter() - start

    @property
    def done(self) -> int:
        return sum(node.done for node in self.nodes)


def connect(
    context: zmq.Context[zmq.Socket[bytes]],
    address: str,
    server_key: bytes,
    keys: Keys,
    *,
    is_plain: bool = False,
) -> zmq.Socket[bytes]:
    """Open a node's DEALER; ``is_plain``: to a door without CURVE, with the key as its route."""
    socket = context.socket(zmq.DEALER)
    if is_plain:
        socket.setsockopt(zmq.IDENTITY, keys[0])
    else:
        socket.curve_serverkey = server_key
        socket.curve_publickey, socket.curve_secretkey = keys
    socket.setsockopt(zmq.LINGER, 0)
    socket.connect(address)
    return socket


def echo(port_file: str, secret_key: str, tasks: int) -> None:
    """Be the bare ROUTER: answers of the real sizes, no state but a counter. For a process of its own."""
    context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
    router = context.socket(zmq.ROUTER)
    router.setsockopt(zmq.CURVE_SERVER, 1)
    router.curve_secretkey = secret_key.encode()
    port = router.bind_to_random_port("tcp://127.0.0.1", 20_000, 32_000)
    part = Path(f"{port_file}.part")
    part.write_text(str(port))
    part.rename(port_file)
    given = 0
    while True:
        route = router.recv()
        answers: list[ToNode] = []
        for message in decode_from_node(router.recv()):
            if isinstance(message, Ready):
                answers += [Grant(message.ref, 10.0), Ack(message.seq)]
            elif isinstance(message, Done):
                answers.append(Ack(message.seq))
                if given < tasks:
                    answers.append(_assign(given, 0))
                    given += 1
            elif isinstance(message, Hello):
                answers += [
                    Welcome(
                        node=1, lease_s=30.0, absence_s=600.0, heartbeat_s=2.0, keep=[], acked=0
                    ),
                    *(_assign(given + device, device) for device in range(len(message.devices))),
                ]
                given += len(message.devices)
        if answers:
            router.send_multipart((route, encode(answers)))


def _assign(task: int, device: int) -> Assign:
    return Assign(ref=AttemptRef(1, task, 1), device=device, frames=Frames(task, task))
