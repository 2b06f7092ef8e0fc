"""The connection to the dispatcher: one DEALER with CURVE, and what its monitor says.

Options that are not ZeroMQ's defaults each stop a fault that was measured: no limit of a message's
size, an exit that waits for ever to send, a dead peer that nobody notices, messages queued for a
dispatcher that is away (they would arrive an hour later).
"""

from __future__ import annotations

import enum

import zmq
from msgspec import Struct

from node_agent.wire.codec import MESSAGE_BYTES_MAX, WireError, decode_to_node
from node_agent.wire.messages import ToNode

RECONNECT_MS = 200
RECONNECT_MS_MAX = 2_000
"""715 nodes at this rate are 360 tries a second, and a healed network is seen within three seconds."""
HANDSHAKE_MS = 5_000
ZMTP_HEARTBEAT_MS = 2_000
ZMTP_TIMEOUT_MS = 8_000
MESSAGES_A_TURN = 200


class KeyPair(Struct, frozen=True):
    """A CURVE key pair, Z85."""

    public: str
    secret: str

    def __repr__(self) -> str:
        return f"KeyPair(public={self.public!r})"


def new_key_pair() -> KeyPair:
    """Make keys from the system's randomness."""
    public, secret = zmq.curve_keypair()
    return KeyPair(public.decode("ascii"), secret.decode("ascii"))


class LinkEvent(enum.Enum):
    """What happened to the connection."""

    UP = "up"
    DOWN = "down"
    DENIED = "denied"
    """The dispatcher does not take this key; ZeroMQ never tries again on the same socket."""


_EVENTS = {
    int(zmq.EVENT_HANDSHAKE_SUCCEEDED): LinkEvent.UP,
    int(zmq.EVENT_DISCONNECTED): LinkEvent.DOWN,
    int(zmq.EVENT_HANDSHAKE_FAILED_AUTH): LinkEvent.DENIED,
}


class Link:
    """Opened on creation."""

    def __init__(
        self, context: zmq.Context[zmq.Socket[bytes]], address: str, server_key: str, own: KeyPair
    ) -> None:
        self._context = context
        self._address = address
        self._server_key = server_key
        self._own = own
        self.errors = 0
        """Messages that were none."""
        self._open()

    def _open(self) -> None:
        self.socket = socket = self._context.socket(zmq.DEALER)
        socket.curve_serverkey = self._server_key.encode("ascii")
        socket.curve_publickey = self._own.public.encode("ascii")
        socket.curve_secretkey = self._own.secret.encode("ascii")
        for option, value in (
            (zmq.LINGER, 0),
            (zmq.IMMEDIATE, 1),
            (zmq.MAXMSGSIZE, MESSAGE_BYTES_MAX),
            (zmq.SNDHWM, 10_000),
            (zmq.RCVHWM, 10_000),
            (zmq.RECONNECT_IVL, RECONNECT_MS),
            (zmq.RECONNECT_IVL_MAX, RECONNECT_MS_MAX),
            (zmq.HANDSHAKE_IVL, HANDSHAKE_MS),
            (zmq.CONNECT_TIMEOUT, HANDSHAKE_MS),
            (zmq.HEARTBEAT_IVL, ZMTP_HEARTBEAT_MS),
            (zmq.HEARTBEAT_TIMEOUT, ZMTP_TIMEOUT_MS),
            (zmq.HEARTBEAT_TTL, ZMTP_TIMEOUT_MS),
            (zmq.IPV6, 1),
        ):
            socket.setsockopt(option, value)
        self.monitor = socket.get_monitor_socket(sum(_EVENTS))
        self.monitor.setsockopt(zmq.LINGER, 0)
        socket.connect(self._address)

    def reopen(self) -> None:
        """Throw the socket away and try anew: after DENIED, or when it no longer takes messages."""
        self.close()
        self._open()

    def close(self, linger_ms: int = 0) -> None:
        """Close both sockets; what is unsent has ``linger_ms`` to leave, while the context ends."""
        self.socket.disable_monitor()
        self.socket.close(linger_ms)

    def events(self) -> list[LinkEvent]:
        """What happened to the connection since the last call."""
        found: list[LinkEvent] = []
        while self.monitor.poll(0):
            frame = self.monitor.recv_multipart()[0]
            event = _EVENTS.get(int.from_bytes(frame[:2], "little"))
            if event is not None:
                found.append(event)
        return found

    def receive(self) -> list[ToNode]:
        """Messages that have come; a bounded number, and what is none is counted and dropped."""
        messages: list[ToNode] = []
        for _ in range(MESSAGES_A_TURN):
            try:
                parts = self.socket.recv_multipart(zmq.NOBLOCK)
            except zmq.Again:
                break
            try:
                messages += decode_to_node(parts[-1])
            except WireError:
                self.errors += 1
        return messages

    def send(self, data: bytes) -> bool:
        """Hand a batch over; False where there is no connection, or it takes nothing more."""
        try:
            self.socket.send(data, zmq.NOBLOCK)
        except zmq.Again:
            return False
        return True
