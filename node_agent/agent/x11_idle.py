"""How long an X server has had no input, asked over its own socket.

Xlib would end this process when the server goes away, and costs megabytes; two requests of the protocol
(QueryExtension, ScreenSaverQueryInfo) do not. Little-endian throughout, which every server understands.
"""

from __future__ import annotations

import os
import re
import socket
import struct
from contextlib import suppress
from pathlib import Path

TIMEOUT_S = 0.2
"""A server that answers later than this is not asked by a loop that renews leases."""
REPLY_BYTES = 32
EXTENSION = b"MIT-SCREEN-SAVER"
COOKIE = b"MIT-MAGIC-COOKIE-1"
ERROR, REPLY = 0, 1
SETUP_BYTES_MAX = 1 << 18


class X11Fault(Exception):
    """There is no such server, it does not let us in, or it does not tell."""


class X11Idle:
    """One connection. ``close`` it."""

    def __init__(self, display: str, authority: Path | None = None) -> None:
        host, number = _parsed(display)
        self._socket = _connected(host, number)
        try:
            self._root = self._set_up(_cookie(authority, number))
            self._opcode = self._extension()
        except BaseException:
            self._socket.close()
            raise

    def idle_s(self) -> float:
        """Seconds since the last key, button or movement. Raises X11Fault."""
        reply = self._ask(struct.pack("<BBHI", self._opcode, 1, 2, self._root))
        (milliseconds,) = struct.unpack_from("<I", reply, 16)
        return milliseconds / 1000

    def close(self) -> None:
        """Hang up."""
        self._socket.close()

    def _set_up(self, cookie: bytes) -> int:
        name = COOKIE if cookie else b""
        head = struct.pack("<BxHHHHxx", ord("l"), 11, 0, len(name), len(cookie))
        self._send(head + _padded(name) + _padded(cookie))
        status, _, _, length = struct.unpack("<BxHHH", self._receive(8))
        if status != 1 or length * 4 > SETUP_BYTES_MAX:
            raise X11Fault("The X server does not let this user in.")
        return _root_of(self._receive(length * 4))

    def _extension(self) -> int:
        name = _padded(EXTENSION)
        head = struct.pack("<BxHHxx", 98, 2 + len(name) // 4, len(EXTENSION))
        reply = self._ask(head + name)
        if not reply[8]:
            raise X11Fault("The X server does not tell how long it was idle.")
        return reply[9]

    def _ask(self, request: bytes) -> bytes:
        """Send a request and return its reply, passing over events."""
        self._send(request)
        while (reply := self._receive(REPLY_BYTES))[0] != REPLY:
            if reply[0] == ERROR:
                raise X11Fault("The X server refused to tell how long it was idle.")
        (more,) = struct.unpack_from("<I", reply, 4)
        if more:
            self._receive(more * 4)
        return reply

    def _send(self, data: bytes) -> None:
        try:
            self._socket.sendall(data)
        except OSError as error:
            raise X11Fault(f"The X server is gone: {error}.") from error

    def _receive(self, size: int) -> bytes:
        data = b""
        try:
            while len(data) < size:
                part = self._socket.recv(size - len(data))
                if not part:
                    raise X11Fault("The X server hung up.")
                data += part
        except OSError as error:
            raise X11Fault(f"The X server does not answer: {error}.") from error
        return data


def _parsed(display: str) -> tuple[str, int]:
    match = re.fullmatch(r"(.*):(\d{1,5})(?:\.\d+)?", display)
    if match is None:
        raise X11Fault(f"{display!r} is no X display.")
    return match[1], int(match[2])


def _connected(host: str, number: int) -> socket.socket:
    try:
        if host and not host.startswith("unix"):
            return socket.create_connection((host, 6000 + number), TIMEOUT_S)
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(TIMEOUT_S)
        try:
            connection.connect(f"/tmp/.X11-unix/X{number}")  # noqa: S108 -- where X servers listen
        except OSError:
            connection.close()
            raise
    except OSError as error:
        raise X11Fault(f"No X server answers at display {host}:{number}: {error}.") from error
    return connection


def _cookie(authority: Path | None, number: int) -> bytes:
    """This display's cookie of an Xauthority file; b'' where there is none."""
    path = authority or Path(os.environ.get("XAUTHORITY") or Path.home() / ".Xauthority")
    with suppress(OSError, struct.error):
        data, at = path.read_bytes(), 0
        while at < len(data):
            at += 2  # the family: the number is enough on one machine
            fields: list[bytes] = []
            for _ in range(4):
                (length,) = struct.unpack_from(">H", data, at)
                fields.append(data[at + 2 : at + 2 + length])
                at += 2 + length
            if fields[1] in (b"", str(number).encode()) and fields[2] == COOKIE:
                return fields[3]
    return b""


def _root_of(setup: bytes) -> int:
    """The first screen's root window."""
    try:
        (vendor,) = struct.unpack_from("<H", setup, 16)
        at = 32 + vendor + -vendor % 4 + 8 * setup[21]
        return struct.unpack_from("<I", setup, at)[0]
    except (struct.error, IndexError) as error:
        raise X11Fault("The X server's greeting makes no sense.") from error


def _padded(data: bytes) -> bytes:
    return data + bytes(-len(data) % 4)
