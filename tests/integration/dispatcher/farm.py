"""A dispatcher for tests, in a thread or in a process of its own, and a plain client for it.

The client is a bare DEALER: what it sends may be anything, as an attacker's may.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import msgspec
import zmq

from app.core.commands import Answer, Ask, Command, MakeToken, Query, Receipt, Reply
from app.core.config import Config
from app.core.events import Now
from app.dispatcher.access import Access
from app.dispatcher.clock import read_now
from app.dispatcher.keys import admin_pair, new_pair, server_pair
from app.dispatcher.loop import Identity, Loop
from app.dispatcher.sockets import Ports, Sockets
from app.errors import EnvironmentFault
from app.store.home import Connection, Home, KeyPair, read_connection, read_key_pair
from app.store.repository import Repository
from node_agent.wire.codec import decode_to_node, encode
from node_agent.wire.messages import FromNode, Join, Joined, ToNode
from node_agent.wire.token import parse_token
from node_agent.wire.version import PROTOCOL
from tests.integration.ports import claim_ports

ROOT = Path(__file__).parents[3]
TIMEOUT_S = 20.0
QUICK = Config(lease_s=3.0, heartbeat_s=0.3, resend_s=0.7, grant_s=2.0, absence_s=60.0)

_encode = msgspec.msgpack.encode
_replies = msgspec.msgpack.Decoder(Reply)


def wait_until(condition: Callable[[], object], what: str, timeout_s: float = TIMEOUT_S) -> Any:
    """Poll until the condition holds; returns what it gave."""
    end = time.monotonic() + timeout_s
    while not (found := condition()):
        assert time.monotonic() < end, f"{what} did not happen within {timeout_s:.0f} s"
        time.sleep(0.005)
    return found


# --- dispatchers ----------------------------------------------------------------------------------


class Dispatching(threading.Thread):
    """The loop in a thread of the test's process, so that a test can look into it."""

    repository: Repository
    sockets: Sockets
    connection: Connection
    loop: Loop

    def __init__(
        self,
        folder: Path,
        config: Config = QUICK,
        access: Access | None = None,
        open_repository: Callable[[Path], Repository] = Repository,
    ) -> None:
        super().__init__(name="dispatcher")
        self._open_repository = open_repository
        self.access = access or Access()
        self.home = Home(folder)
        self.config = config
        self.wall_ahead_s = 0.0
        self.error: BaseException | None = None
        self.ready = threading.Event()
        self._wake_out, self._wake_in = socket.socketpair()

    def end(self) -> None:
        self.loop.stop()
        self._wake_in.send(b".")
        self.join()

    def _now(self) -> Now:
        now = read_now()
        return Now(now.mono, now.wall + self.wall_ahead_s)

    def run(self) -> None:
        # SQLite's connection belongs to the thread that opened it.
        self.repository = self._open_repository(self.home.database)
        try:
            self._open()
            self.ready.set()
            self.loop.run()
        except BaseException as error:
            self.error = error
        finally:
            self.ready.set()
            self.loop.close()
            self.sockets.close()
            self.repository.close()
            self._wake_in.close()
            self._wake_out.close()

    def _open(self) -> None:
        pair, admin = server_pair(self.home), admin_pair(self.home)
        self.sockets = Sockets(pair, "127.0.0.1", Ports())
        ports = self.sockets.ports
        self.connection = Connection(
            address_clients=f"tcp://127.0.0.1:{ports.clients}",
            address_deltas=f"tcp://127.0.0.1:{ports.deltas}",
            address_nodes=f"tcp://127.0.0.1:{ports.nodes}",
            server_key=pair.public,
        )
        self.loop = Loop(
            home=self.home,
            config=self.config,
            identity=Identity(
                address_nodes=self.connection.address_nodes,
                server_key=pair.public,
                admin_key=admin.public,
                admin_name="tester",
            ),
            repository=self.repository,
            sockets=self.sockets,
            now=self._now,
            access=self.access,
        )
        self.loop.watch(self._wake_out)
        self.loop.begin()


@contextmanager
def dispatching(folder: Path, **options: Any) -> Iterator[Dispatching]:
    """Run a dispatcher in a thread; a fault in it fails the test."""
    dispatcher = Dispatching(folder, **options)
    dispatcher.start()
    dispatcher.ready.wait(TIMEOUT_S)
    try:
        yield dispatcher
    finally:
        dispatcher.end()
    assert dispatcher.error is None, dispatcher.error


@dataclass
class Server:
    """A dispatcher in a process of its own, which can be killed."""

    folder: Path
    options: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None

    @property
    def home(self) -> Home:
        return Home(self.folder / "home")

    def start(self, *, wait: bool = True) -> None:
        claim_ports(self.home.root)
        with (self.folder / "dispatcher.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tests.integration.dispatcher.entry", self.home.root],
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=os.environ | self.options,
            )
        if wait:
            wait_until(self.is_ready, "the dispatcher's start")

    def is_ready(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, self.log()
        try:
            found = read_connection(self.home)
        except EnvironmentFault:
            return False
        return found is not None and found.pid == self.process.pid

    def kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def stop(self) -> int:
        assert self.process is not None
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=TIMEOUT_S)

    def log(self) -> str:
        return (self.folder / "dispatcher.log").read_text(errors="replace")


@contextmanager
def server(folder: Path, **options: str) -> Iterator[Server]:
    """A started dispatcher process, ended whatever happens."""
    found = Server(folder, options)
    found.start()
    try:
        yield found
    finally:
        if found.process is not None and found.process.poll() is None:
            found.kill()


# --- peers ----------------------------------------------------------------------------------------


class Peer:
    """A DEALER with CURVE and whatever key it is given."""

    def __init__(self, address: str, server_key: str, pair: KeyPair | None) -> None:
        self.context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
        self.socket = self.context.socket(zmq.DEALER)
        self.socket.setsockopt(zmq.LINGER, 0)
        if pair is not None:
            secure(self.socket, server_key, pair)
        self.socket.connect(address)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.context.destroy(linger=0)

    def receive(self, timeout_s: float = TIMEOUT_S) -> bytes | None:
        """Return the next message, or None when none comes in time."""
        return self.socket.recv() if self.socket.poll(int(timeout_s * 1000)) else None


class Client(Peer):
    """Asks and waits."""

    def __init__(self, connection: Connection, pair: KeyPair | None) -> None:
        super().__init__(connection.address_clients, connection.server_key, pair)
        self.number = 0

    def ask(self, body: Command | Query, timeout_s: float = TIMEOUT_S) -> Answer:
        answer = self.try_ask(body, timeout_s)
        assert answer is not None, f"no answer to {body}"
        return answer

    def try_ask(self, body: Command | Query, timeout_s: float) -> Answer | None:
        self.number += 1
        self.socket.send(_encode(Ask(id=self.number, body=body, protocol=PROTOCOL)))
        end = time.monotonic() + timeout_s
        while (left := end - time.monotonic()) > 0:
            data = self.receive(left)
            if data is not None and (reply := _replies.decode(data)).id == self.number:
                return reply.body
        return None


class NodePeer(Peer):
    """Says messages of a node."""

    def say(self, *messages: FromNode) -> None:
        self.socket.send(encode(list(messages)))

    def hear(self, timeout_s: float = TIMEOUT_S) -> list[ToNode]:
        data = self.receive(timeout_s)
        return [] if data is None else decode_to_node(data)


def secure(socket: zmq.Socket[bytes], server_key: str, pair: KeyPair) -> None:
    socket.curve_serverkey = server_key.encode()
    socket.curve_publickey = pair.public.encode()
    socket.curve_secretkey = pair.secret.encode()


def admin_of(home: Home) -> KeyPair:
    return read_key_pair(home.admin_key)


def join_node(client: Client, name: str, valid_s: float = 600.0) -> KeyPair:
    """Enrol a node as an agent does: a token, a Join with its key, and a key of its own."""
    receipt = client.ask(MakeToken(valid_s=valid_s))
    assert isinstance(receipt, Receipt), receipt
    token = parse_token(receipt.text)
    own = new_pair()
    joiner = KeyPair(token.public_key, token.secret_key)
    with NodePeer(token.address, token.server_key, joiner) as peer:
        peer.say(Join(protocol=PROTOCOL, name=name, public_key=own.public))
        answer = peer.hear()
    assert isinstance(answer[0], Joined), answer
    return own
