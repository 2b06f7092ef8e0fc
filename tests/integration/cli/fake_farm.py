"""A farm without a dispatcher: a thread that answers asks from a script and publishes what it is told.

It speaks the real wire (ROUTER and PUB, CURVE, MessagePack) and writes a real home, so that commands
and connections under test cannot tell it from the real one.
"""

import os
import queue
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Self

import msgspec
import zmq

from app.core.commands import Answer, Ask, GetSnapshot, Refusal, Reply
from app.core.views import Delta, FarmInfo, NodeRow, Row, ShotRow, Snapshot, StepRow, TaskChange
from app.store.home import Connection, Home, KeyPair, write_connection, write_key_pair
from node_agent.wire.job import Run

SILENT = object()
"""What an answering function returns to leave an ask without an answer."""


class FakeFarm:
    """Start it with ``with``. ``asks`` has every body in order; ``on[Type] = body -> Answer``."""

    def __init__(self, root: Path, instance: str = "one") -> None:
        self.home = Home(root)
        self.instance = instance
        self.asks: list = []
        self.on: dict[type, Callable] = {GetSnapshot: lambda _: self.snapshot}
        self.snapshot = make_snapshot(instance=instance)
        self.seq = self.snapshot.seq
        self._orders: queue.Queue = queue.Queue()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, name="fake-farm")

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._ready.wait(5)
        return self

    def __exit__(self, *_: object) -> None:
        self._orders.put(None)
        self._thread.join(5)

    def publish(self, *rows: Row, tasks: list[TaskChange] | None = None, skip: int = 0) -> None:
        """Send the next delta; ``skip`` numbers are lost on the way."""
        self.seq += 1 + skip
        delta = Delta(
            instance=self.instance,
            seq=self.seq,
            at=1000.0 + self.seq,
            rows=list(rows),
            tasks=tasks or [],
        )
        self.send(b"delta", delta)

    def send(self, topic: bytes, body: object) -> None:
        """Publish anything."""
        self._orders.put((topic, body if isinstance(body, bytes) else msgspec.msgpack.encode(body)))

    def _run(self) -> None:
        context = zmq.Context()
        public, secret = zmq.curve_keypair()
        router, pub = context.socket(zmq.ROUTER), context.socket(zmq.PUB)
        ports = []
        for each in (router, pub):
            each.curve_server = True
            each.curve_secretkey = secret
            each.setsockopt(zmq.LINGER, 0)
            ports.append(each.bind_to_random_port("tcp://127.0.0.1"))
        self._write_home(ports, public.decode())
        self._ready.set()
        try:
            while self._take_orders(pub):
                if router.poll(5):
                    self._serve(router)
        finally:
            context.destroy(linger=0)

    def _write_home(self, ports: list[int], server_key: str) -> None:
        mine = zmq.curve_keypair()
        write_key_pair(self.home.admin_key, KeyPair(mine[0].decode(), mine[1].decode()))
        address = [f"tcp://127.0.0.1:{port}" for port in ports]
        write_connection(
            self.home,
            Connection(
                address_clients=address[0],
                address_deltas=address[1],
                address_nodes=address[0],
                server_key=server_key,
                pid=os.getpid(),
                instance=self.instance,
                version="0",
            ),
        )

    def _take_orders(self, pub: zmq.Socket) -> bool:
        while True:
            try:
                order = self._orders.get_nowait()
            except queue.Empty:
                return True
            if order is None:
                return False
            pub.send_multipart(order)

    def _serve(self, router: zmq.Socket) -> None:
        route, data = router.recv_multipart()
        ask = msgspec.msgpack.decode(data, type=Ask)
        self.asks.append(ask.body)
        answer = self.on.get(type(ask.body), _refuse)(ask.body)
        if isinstance(answer, bytes):
            router.send_multipart([route, answer])
        elif answer is not SILENT:
            router.send_multipart([route, msgspec.msgpack.encode(Reply(id=ask.id, body=answer))])


def _refuse(_: object) -> Answer:
    return Refusal(sentence="The fake farm was not told what to answer.")


def make_snapshot(instance: str = "one", seq: int = 5, **lists: list) -> Snapshot:
    """A snapshot with what is named, and nothing else."""
    farm = FarmInfo(instance=instance, version="0", started_at=900.0, now=1000.0, database="x.db")
    kinds = ("shots", "jobs", "steps", "nodes", "tasks", "samples")
    none = {kind: list[object]() for kind in kinds}
    return Snapshot(seq=seq, farm=farm, **(none | lists))


def make_shot(number: int, name: str = "", **fields: object) -> ShotRow:
    """A shot of ten frames of film NZ2, sequence sq010, queued by its number."""
    values = {
        "id": number,
        "project": "NZ2",
        "sequence": "sq010",
        "name": name or f"sh{number:04d}",
        "rank": float(number),
        "state": "ready",
        "paused": False,
        "total": 10,
        "ready": 10,
        "running": 0,
        "done": 0,
        "failed": 0,
        "cancelled": 0,
        "progress": 0.0,
        "nodes": 0,
        "user": "ana",
        "submitted_at": 950.0,
        "finished_at": 0.0,
        "finish_p50": 0.0,
        "finish_p90": 0.0,
        "reason": "",
        "error": "",
        "jobs": [number],
    }
    return ShotRow(**{**values, **fields})


def make_step(number: int, shot: int = 1, tasks: int = 10, **fields: object) -> StepRow:
    """A kernel step of frames 1 to ``tasks``."""
    values = {
        "id": number,
        "job": shot,
        "shot": shot,
        "name": "render",
        "kind": "kernel",
        "frames": f"1-{tasks}",
        "runs": [Run(0, tasks, 1, 1, 0, 1)],
        "states": bytes([1] * tasks),
        "directory": "/out",
        "pattern": "a.{frame:04d}.exr",
        "preview_directory": "",
        "width": 96,
        "height": 54,
        "samples": 16,
    }
    return StepRow(**{**values, **fields})


def make_node(number: int, name: str = "", **fields: object) -> NodeRow:
    """An idle node without devices."""
    values = {
        "id": number,
        "name": name or f"node{number}",
        "state": "idle",
        "drain": False,
        "devices": [],
        "tags": [],
        "cores": 8,
        "memory_bytes": 16 << 30,
        "platform": "Linux",
        "version": "0",
        "seen_at": 999.0,
        "done": 3,
        "failed": 1,
    }
    return NodeRow(**{**values, **fields})
