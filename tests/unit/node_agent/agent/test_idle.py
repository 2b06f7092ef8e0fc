"""Input as each source tells it: an X server's protocol, event files, and the least of them all."""

import os
import socket
import struct
import threading

import pytest

from node_agent.agent import x11_idle
from node_agent.agent.idle import IdleWatch, InputDevices
from node_agent.agent.x11_idle import X11Fault, X11Idle

ROOT_WINDOW = 0x123


class FakeServer:
    """One client of an X server, by the book: greeting, an event in between, the extension, answers."""

    def __init__(self, *, has_extension: bool = True) -> None:
        self.here, self._there = socket.socketpair()
        for end in (self.here, self._there):
            end.settimeout(30.0)
        self._has_extension = has_extension
        self.cookie = b""
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        there = self._there
        head = there.recv(12)
        name, data = struct.unpack_from("<HH", head, 6)
        rest = there.recv(name + -name % 4 + data + -data % 4) if name else b""
        self.cookie = rest[name + -name % 4 :][:data]
        vendor = b"Fake"
        setup = bytearray(32)
        struct.pack_into("<H", setup, 16, len(vendor))
        setup[20], setup[21] = 1, 2
        setup += vendor + bytes(16) + struct.pack("<I", ROOT_WINDOW) + bytes(36)
        there.sendall(struct.pack("<BxHHH", 1, 11, 0, len(setup) // 4) + setup)
        assert there.recv(28)[8:25] == x11_idle.EXTENSION
        there.sendall(bytes([34]) + bytes(31))  # an event that nobody asked for
        there.sendall(bytes([1, 0, 1, 0, 0, 0, 0, 0, self._has_extension, 140]) + bytes(22))
        while request := there.recv(8):
            assert request == struct.pack("<BBHI", 140, 1, 2, ROOT_WINDOW)
            there.sendall(struct.pack("<BBHIIII12x", 1, 0, 2, 0, 0, 0, 4500))

    def close(self) -> None:
        self.here.close()
        self._thread.join()
        self._there.close()


@pytest.fixture
def authority(tmp_path):
    def field(data: bytes) -> bytes:
        return struct.pack(">H", len(data)) + data

    path = tmp_path / "Xauthority"
    record = (
        b"\1\0" + field(b"host") + field(b"7") + field(x11_idle.COOKIE) + field(b"sixteen bytes ok")
    )
    path.write_bytes(
        b"\1\0" + field(b"host") + field(b"8") + field(b"OTHER") + field(b"no") + record
    )
    return path


def test_an_x_server_is_asked_with_its_cookie(monkeypatch, authority):
    server = FakeServer()
    monkeypatch.setattr(x11_idle, "_connected", lambda host, number: server.here)
    display = X11Idle(":7.0", authority)
    assert display.idle_s() == 4.5
    assert server.cookie == b"sixteen bytes ok"
    server.close()
    with pytest.raises(X11Fault):
        display.idle_s()


def test_a_server_without_the_extension_does_not_tell(monkeypatch, tmp_path):
    server = FakeServer(has_extension=False)
    monkeypatch.setattr(x11_idle, "_connected", lambda host, number: server.here)
    with pytest.raises(X11Fault, match="does not tell"):
        X11Idle(":0", tmp_path / "none")
    server.close()


@pytest.mark.parametrize("display", ["", "nonsense", ":123456", "unix:99999"])
def test_no_server_is_a_fault_and_no_more(display):
    with pytest.raises(X11Fault):
        X11Idle(display)


def test_an_input_device_counts_from_its_last_event(tmp_path):
    path = tmp_path / "event0"
    os.mkfifo(path)
    keeper = os.open(path, os.O_RDWR)
    devices = InputDevices([path, tmp_path / "missing"], 100.0)
    try:
        assert devices.idle_s(130.0) == 30.0
        os.write(keeper, b"e" * 9000)
        assert devices.idle_s(131.0) == 0.0
        assert devices.idle_s(135.0) == 4.0
    finally:
        devices.close()
        os.close(keeper)


def test_the_newest_input_of_all_sources_counts():
    class Told:
        def __init__(self, seconds):
            self._seconds = seconds

        def idle_s(self, now):
            return self._seconds

        def close(self):
            pass

    assert IdleWatch([Told(None), Told(5.0), Told(3.0)]).idle_s(0.0) == 3.0
    assert IdleWatch([Told(None)]).idle_s(0.0) is None
    assert IdleWatch([]).idle_s(0.0) is None
