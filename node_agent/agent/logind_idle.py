"""How long nobody has touched this machine, as logind knows it: a question over the system's D-Bus.

The protocol itself, without a library: a light parent asks two properties, nothing else. logind learns of idling from
the desktop (after the delay that is set there), and of people on terminals by itself; under Wayland it is the only one
who tells an agent that may not read ``/dev/input``. A desktop that tells logind nothing is never idle.
"""

from __future__ import annotations

import os
import socket
import struct
import time
from collections.abc import Callable

BUS = "/run/dbus/system_bus_socket"
PATIENCE_S = 0.2
"""A bus that answers later than this is not asked by a loop that renews leases."""
RETRY_S = 30.0
MESSAGE_MAX = 1 << 16
CALL, RETURN, ERROR = 1, 2, 3
PATH, INTERFACE, MEMBER, DESTINATION, SIGNATURE = 1, 2, 3, 6, 8
MANAGER = "org.freedesktop.login1.Manager"


class LogindFault(Exception):
    """There is no bus, or no logind on it."""


def call(serial: int, destination: str, path: str, member: tuple[str, str], *words: str) -> bytes:
    """Return a method call with strings as its arguments, little-endian (D-Bus specification, "Message protocol")."""
    body = b""
    for word in words:
        body = _padded(body, 4) + _string(word)
    fields = b""
    named = [(PATH, "o", path), (INTERFACE, "s", member[0]), (MEMBER, "s", member[1])]
    for code, kind, text in [*named, (DESTINATION, "s", destination)]:
        fields = _padded(fields, 8) + bytes((code, 1)) + kind.encode() + b"\0" + _string(text)
    if words:
        signature = b"s" * len(words)
        fields = _padded(fields, 8) + bytes((SIGNATURE, 1)) + b"g\0"
        fields += bytes((len(signature),)) + signature + b"\0"
    head = struct.pack("<cBBBIII", b"l", CALL, 0, 1, len(body), serial, len(fields))
    return _padded(head + fields, 8) + body


def _string(text: str) -> bytes:
    data = text.encode()
    return struct.pack("<I", len(data)) + data + b"\0"


def _padded(data: bytes, width: int) -> bytes:
    return data + bytes(-len(data) % width)


def value_of(body: bytes, order: str) -> int:
    """Return the boolean or the 64-bit number of a variant. Raises LogindFault for another."""
    kind = body[1:2]
    try:
        if kind == b"b":
            return struct.unpack_from(order + "I", body, 4)[0]
        if kind == b"t":
            return struct.unpack_from(order + "Q", body, 8)[0]
    except struct.error as error:
        raise LogindFault("logind's answer is too short") from error
    raise LogindFault("logind's answer is no number")


class _Bus:
    """A connection with one question at a time."""

    def __init__(self, address: str, patience_s: float) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.settimeout(patience_s)
        self._serial = 0
        try:
            self._socket.connect(address)
            user = str(os.getuid()).encode().hex().encode()
            self._socket.sendall(b"\0AUTH EXTERNAL " + user + b"\r\n")
            if not self._socket.recv(512).startswith(b"OK "):
                raise LogindFault("the bus does not know this user")
            self._socket.sendall(b"BEGIN\r\n")
            own = "org.freedesktop.DBus"
            self.ask(own, "/org/freedesktop/DBus", (own, "Hello"))
        except BaseException:
            self.close()
            raise

    def ask(
        self, destination: str, path: str, member: tuple[str, str], *words: str
    ) -> tuple[bytes, str]:
        """Return the answer's body and byte order. Raises LogindFault, OSError."""
        self._serial += 1
        self._socket.sendall(call(self._serial, destination, path, member, *words))
        while True:
            kind, body, order = self._read()
            if kind == RETURN:
                return body, order
            if kind == ERROR:
                raise LogindFault(f"{destination} did not answer {member[1]}")

    def _read(self) -> tuple[int, bytes, str]:
        head = self._exactly(16)
        order = "<" if head[:1] == b"l" else ">"
        size, _, fields = struct.unpack(order + "III", head[4:])
        if size + fields > MESSAGE_MAX:
            raise LogindFault("a message on the bus is too long")
        self._exactly(fields + -fields % 8)
        return head[1], self._exactly(size), order

    def _exactly(self, size: int) -> bytes:
        data = b""
        while len(data) < size:
            more = self._socket.recv(size - len(data))
            if not more:
                raise LogindFault("the bus hung up")
            data += more
        return data

    def close(self) -> None:
        self._socket.close()


class LogindIdle:
    """A source of idle time (see ``idle``); a bus that is not there is looked for again later."""

    def __init__(
        self,
        address: str = BUS,
        wall: Callable[[], float] = time.time,
        patience_s: float = PATIENCE_S,
    ) -> None:
        self._address = address
        self._patience_s = patience_s
        self._wall = wall
        self._bus: _Bus | None = None
        self._retry_at = float("-inf")

    def idle_s(self, now: float) -> float | None:
        """Seconds since the last input, 0 while logind calls the machine busy; None: it does not tell."""
        if self._bus is None and now < self._retry_at:
            return None
        try:
            self._bus = self._bus or _Bus(self._address, self._patience_s)
            if not self._property("IdleHint"):
                return 0.0
            return max(0.0, self._wall() - self._property("IdleSinceHint") / 1e6)
        except (OSError, LogindFault):
            self.close()
            self._retry_at = now + RETRY_S
            return None

    def _property(self, name: str) -> int:
        assert self._bus is not None
        get = ("org.freedesktop.DBus.Properties", "Get")
        answer = self._bus.ask(
            "org.freedesktop.login1", "/org/freedesktop/login1", get, MANAGER, name
        )
        return value_of(*answer)

    def close(self) -> None:
        """Hang up."""
        bus, self._bus = self._bus, None
        if bus is not None:
            bus.close()
