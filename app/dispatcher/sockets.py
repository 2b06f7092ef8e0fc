"""The sockets: two ROUTERs and a PUB with CURVE, and the answers to their handshakes.

ZAP, by which libzmq asks whether a key may enter, is answered by the loop itself: one thread, one table,
no race. ``ZAP_ENFORCE_DOMAIN`` makes libzmq refuse everybody when nobody answers; without it a CURVE
server lets any key in.
"""

from __future__ import annotations

import errno
import logging
import secrets
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import NamedTuple

import zmq
from zmq.utils import z85

from app.dispatcher.access import CLIENTS, DELTAS, NODES, STAGING
from app.errors import EnvironmentFault
from app.store.home import KeyPair

log = logging.getLogger("windfire.dispatcher")

NODE_MESSAGE_BYTES_MAX = 1 << 20
CLIENT_MESSAGE_BYTES_MAX = 16 << 20
"""A submission with a long environment or thousands of steps fits; a flood does not."""
HANDSHAKE_MS = 5000
BACKLOG = 2048
"""All nodes of a large farm reconnect in the same second after a restart."""
HEARTBEAT_MS = 2000
HEARTBEAT_TIMEOUT_MS = 10_000
SEND_QUEUE = 1000
STAGING_QUEUE = 32
"""Messages of up to 1 MiB: who does not read asks again later."""
DELTA_QUEUE = 250
"""Ten seconds of deltas for a subscriber that does not read; then it misses some and sees the gap."""

# Plain numbers: the enums that they are take longer to be or-ed than a message to be sent.
NOBLOCK = int(zmq.NOBLOCK)
MORE = int(zmq.SNDMORE) | NOBLOCK

FREE_PORTS = range(20_000, 32_768)
"""Below the ports that Linux gives to outgoing connections: an agent that reconnects to such a port on
loopback while nobody listens can get that very port, connect to itself and keep the dispatcher out."""
FREE_TRIES = 100

Socket = zmq.Socket[bytes]


class Incoming(NamedTuple):
    """One message: who says he is (route), who it is (key, '' unknown), what he says (None: malformed)."""

    route: bytes
    key: str
    body: bytes | None


@dataclass(frozen=True, slots=True)
class Ports:
    """0 means any free one."""

    nodes: int = 0
    clients: int = 0
    deltas: int = 0
    staging: int = 0


class Sockets:
    """Bound from construction to ``close``. Raises EnvironmentFault where a port is taken."""

    def __init__(self, pair: KeyPair, listen: str, ports: Ports) -> None:
        self._pair = pair
        self._listen = listen
        self.refused = 0
        self._context: zmq.Context[Socket] = zmq.Context()
        self._poller = zmq.Poller()
        self._poller_without_nodes = zmq.Poller()
        try:
            self._zap = self._context.socket(zmq.REP)
            self._zap.setsockopt(zmq.LINGER, 0)
            self._zap.bind("inproc://zeromq.zap.01")
            self.nodes = self._router(NODES, NODE_MESSAGE_BYTES_MAX)
            self.clients = self._router(CLIENTS, CLIENT_MESSAGE_BYTES_MAX)
            self.deltas = self._publisher()
            self.ports = Ports(
                _bind(self.nodes, listen, ports.nodes),
                _bind(self.clients, listen, ports.clients),
                _bind(self.deltas, listen, ports.deltas),
                ports.staging,
            )
        except BaseException:
            self._context.destroy(linger=0)
            raise
        self._poller.register(self.nodes, zmq.POLLIN)
        for each in (self._zap, self.clients):
            self._poller.register(each, zmq.POLLIN)
            self._poller_without_nodes.register(each, zmq.POLLIN)

    def watch(self, descriptor: int) -> None:
        """Wake up for this descriptor too."""
        self._poller.register(descriptor, zmq.POLLIN)
        self._poller_without_nodes.register(descriptor, zmq.POLLIN)

    def wait(self, timeout_s: float, *, nodes: bool = True) -> bool:
        """Sleep until something can be read; False when nothing came."""
        poller = self._poller if nodes else self._poller_without_nodes
        return bool(poller.poll(max(0, int(timeout_s * 1000 + 0.999))))

    def answer_handshakes(self, may_enter: Callable[[str, str], bool]) -> int:
        """Let in or refuse all that knock now; returns how many were refused."""
        refused = 0
        for key, door, enters in _answered(self._zap, may_enter):
            refused += not enters
            if not enters:
                self._say_refused(key, door)
        return refused

    def _say_refused(self, key: str, door: str) -> None:
        self.refused += 1
        if self.refused & (self.refused - 1) == 0:  # 1, 2, 4, 8 ..: anybody can knock, for ever
            log.warning("refused key %s at the door for %s (%d so far)", key, door, self.refused)

    def receive(self, socket: Socket, limit: int) -> Iterator[Incoming]:
        """Yield what has arrived on a ROUTER, at most ``limit`` messages."""
        return _received(socket, limit)

    def send(self, socket: Socket, route: bytes, data: bytes) -> bool:
        """Send to one peer; False when it is gone or does not read."""
        return _sent(socket, route, data)

    def publish(self, topic: bytes, data: bytes) -> None:
        """Hand to every subscriber of the topic that reads."""
        if not self.deltas.closed:
            self.deltas.send_multipart((topic, data), zmq.NOBLOCK)

    def expel_subscribers(self) -> None:
        """Cut every subscriber: a PUB cannot cut one. Those still allowed are back in a moment."""
        self.deltas.close(linger=0)
        self.reopen_deltas()

    def reopen_deltas(self) -> bool:
        """Bind the PUB again; False when the port is not free yet: call again soon."""
        if not self.deltas.closed:
            return True
        self.deltas = self._publisher()
        try:
            _bind(self.deltas, self._listen, self.ports.deltas)
        except EnvironmentFault:
            # libzmq closes the old one in its own thread, some time later.
            self.deltas.close(linger=0)
            return False
        return True

    def close(self) -> None:
        """Close everything now; what is unsent is dropped."""
        self._context.destroy(linger=0)

    def _router(self, door: str, bytes_max: int) -> Socket:
        socket = self._secure(self._context.socket(zmq.ROUTER), door)
        socket.setsockopt(zmq.MAXMSGSIZE, bytes_max)
        socket.setsockopt(zmq.SNDHWM, SEND_QUEUE)
        socket.setsockopt(zmq.RCVHWM, SEND_QUEUE)
        # Tell when a peer is gone, instead of dropping in silence. No ROUTER_HANDOVER: with it a key
        # could take over another's route by its name.
        socket.setsockopt(zmq.ROUTER_MANDATORY, 1)
        return socket

    def _publisher(self) -> Socket:
        socket = self._secure(self._context.socket(zmq.PUB), DELTAS)
        socket.setsockopt(zmq.SNDHWM, DELTA_QUEUE)
        # Subscribers send only their topics.
        socket.setsockopt(zmq.MAXMSGSIZE, 4096)
        return socket

    def _secure(self, socket: Socket, door: str) -> Socket:
        return _secured(socket, self._pair, door)


class StagingSocket:
    """One more ROUTER with CURVE, in a context of its own: another thread's. Raises EnvironmentFault."""

    def __init__(self, pair: KeyPair, listen: str, port: int) -> None:
        self._context: zmq.Context[Socket] = zmq.Context()
        self._poller = zmq.Poller()
        try:
            self._zap = self._context.socket(zmq.REP)
            self._zap.setsockopt(zmq.LINGER, 0)
            self._zap.bind("inproc://zeromq.zap.01")
            self._socket = _secured(self._context.socket(zmq.ROUTER), pair, STAGING)
            self._socket.setsockopt(zmq.MAXMSGSIZE, NODE_MESSAGE_BYTES_MAX)
            self._socket.setsockopt(zmq.SNDHWM, STAGING_QUEUE)
            self._socket.setsockopt(zmq.RCVHWM, STAGING_QUEUE)
            self._socket.setsockopt(zmq.ROUTER_MANDATORY, 1)
            self.port = _bind(self._socket, listen, port)
        except BaseException:
            self._context.destroy(linger=0)
            raise
        for each in (self._zap, self._socket):
            self._poller.register(each, zmq.POLLIN)

    def wait(self, timeout_s: float) -> None:
        """Sleep until something can be read."""
        self._poller.poll(int(timeout_s * 1000))

    def answer_handshakes(self, may_enter: Callable[[str, str], bool]) -> None:
        """Let in or refuse all that knock now."""
        for key, _, enters in _answered(self._zap, may_enter):
            if not enters:
                log.warning("refused key %s at the staging socket", key)

    def receive(self, limit: int) -> Iterator[Incoming]:
        """Yield what has arrived."""
        return _received(self._socket, limit)

    def send(self, route: bytes, data: bytes) -> bool:
        """Send to one peer; False when it is gone or does not read: it will ask again."""
        return _sent(self._socket, route, data)

    def close(self) -> None:
        """Close everything now."""
        self._context.destroy(linger=0)


def _secured(socket: Socket, pair: KeyPair, door: str) -> Socket:
    socket.setsockopt(zmq.CURVE_SERVER, 1)
    socket.setsockopt(zmq.CURVE_SECRETKEY, pair.secret.encode("ascii"))
    socket.setsockopt(zmq.ZAP_DOMAIN, door.encode("ascii"))
    socket.setsockopt(zmq.ZAP_ENFORCE_DOMAIN, 1)
    socket.setsockopt(zmq.HANDSHAKE_IVL, HANDSHAKE_MS)
    socket.setsockopt(zmq.BACKLOG, BACKLOG)
    socket.setsockopt(zmq.HEARTBEAT_IVL, HEARTBEAT_MS)
    socket.setsockopt(zmq.HEARTBEAT_TIMEOUT, HEARTBEAT_TIMEOUT_MS)
    socket.setsockopt(zmq.LINGER, 0)
    return socket


def _answered(
    zap: Socket, may_enter: Callable[[str, str], bool]
) -> Iterator[tuple[str, str, bool]]:
    """Answer all that knock now; yields (key, door, whether it was let in)."""
    while True:
        try:
            request = zap.recv_multipart(zmq.NOBLOCK)
        except zmq.Again:
            return
        key = _key_of(request)
        door = request[2].decode("ascii", "replace") if len(request) > 2 else ""
        enters = bool(key) and may_enter(door, key)
        zap.send_multipart(_zap_answer(request, key, enters))
        yield key, door, enters


def _received(socket: Socket, limit: int) -> Iterator[Incoming]:
    for _ in range(limit):
        try:
            route = socket.recv(NOBLOCK)
        except zmq.Again:
            return
        frame = socket.recv(0, False)  # noqa: FBT003 -- no copy; a keyword costs a tenth of the call
        yield _incoming(socket, route, frame)


def _sent(socket: Socket, route: bytes, data: bytes) -> bool:
    try:
        socket.send(route, MORE)
        socket.send(data, NOBLOCK)
    except zmq.Again:
        return False
    except zmq.ZMQError as error:
        if error.errno != errno.EHOSTUNREACH:
            raise
        return False
    return True


def _bind(socket: Socket, listen: str, port: int) -> int:
    if ":" in listen:
        socket.setsockopt(zmq.IPV6, 1)
    if port:
        _bind_to(socket, listen, port)
        return port
    for _ in range(FREE_TRIES):
        port = FREE_PORTS.start + secrets.randbelow(len(FREE_PORTS))
        with suppress(EnvironmentFault):
            _bind_to(socket, listen, port)
            return port
    raise EnvironmentFault(f"No free port was found on {listen}; choose one with --port.")


def _bind_to(socket: Socket, listen: str, port: int) -> None:
    host = f"[{listen}]" if ":" in listen else listen
    try:
        socket.bind(f"tcp://{host}:{port}")
    except zmq.ZMQError as error:
        raise EnvironmentFault(f"Port {port} of {listen} cannot be used: {error}.") from error


def _incoming(socket: Socket, route: bytes, frame: zmq.Frame) -> Incoming:
    key = _user_of(frame)
    if not frame.more:
        return Incoming(route, key, frame.bytes)
    # One frame is a message of ours; the rest of any other is read and dropped, however long.
    while socket.getsockopt(zmq.RCVMORE):
        socket.recv(copy=False)
    return Incoming(route, key, None)


def _user_of(frame: zmq.Frame) -> str:
    try:
        user = frame.get("User-Id")
    except zmq.ZMQError:
        return ""
    return user if isinstance(user, str) else ""


def _key_of(request: list[bytes]) -> str:
    """Return the key, Z85, that a ZAP request asks for; '' for any other request."""
    if len(request) != 7 or request[0] != b"1.0" or request[5] != b"CURVE":
        return ""
    return z85.encode(request[6]).decode("ascii") if len(request[6]) == 32 else ""


def _zap_answer(request: list[bytes], key: str, enters: bool) -> list[bytes]:
    number = request[1] if len(request) > 1 else b""
    status = (b"200", b"OK", key.encode("ascii")) if enters else (b"400", b"not on the list", b"")
    return [b"1.0", number, *status, b""]
