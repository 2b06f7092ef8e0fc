"""logind as a source of idle time, on a bus that a test plays."""

import socket
import struct
import threading

import pytest

from node_agent.agent.idle import IdleWatch
from node_agent.agent.logind_idle import RETRY_S, LogindFault, LogindIdle, call, value_of


def answer(kind, body, order="<"):
    """A message of the bus; of its header only the sizes matter."""
    fields = b"\x05\x01u\0\x01\0\0\0"
    mark = b"l" if order == "<" else b"B"
    head = mark + struct.pack(order + "BBBIII", kind, 0, 1, len(body), 1, len(fields))
    return head + fields + body


def flag(value, order="<"):
    return b"\x01b\0\0" + struct.pack(order + "I", value)


def microseconds(value):
    return b"\x01t\0" + bytes(5) + struct.pack("<Q", value)


def message_from(file):
    """Read one message whole."""
    head = file.read(16)
    size, _, fields = struct.unpack("<III", head[4:])
    return head + file.read(fields + -fields % 8 + size)


class Bus:
    """Answers each message with the next of its answers; a signal comes before the first."""

    def __init__(self, path, answers, greeting=b"OK 0123\r\n") -> None:
        self.asked = []
        self._answers, self._greeting = answers, greeting
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.bind(str(path))
        self._socket.listen()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self):
        connection, _ = self._socket.accept()
        with connection, connection.makefile("rb") as lines:
            assert lines.readline().startswith(b"\0AUTH EXTERNAL ")
            connection.sendall(self._greeting)
            if not lines.readline():
                return
            self.asked.append(message_from(lines))
            connection.sendall(answer(4, b"signal") + answer(2, b""))
            for one in self._answers:
                self.asked.append(message_from(lines))
                connection.sendall(one)

    def close(self):
        self._socket.close()
        self._thread.join(30)


@pytest.fixture
def make_bus(tmp_path):
    made = []

    def make(*answers, **more):
        made.append(Bus(tmp_path / "bus", answers, **more))
        return made[0], LogindIdle(str(tmp_path / "bus"), lambda: 1_000_000.0, 30.0)

    yield make
    for bus in made:
        bus.close()


def test_a_machine_in_use_is_not_idle(make_bus):
    bus, source = make_bus(answer(2, flag(0)))
    assert source.idle_s(0.0) == 0.0
    source.close()
    assert b"org.freedesktop.login1.Manager" in bus.asked[1]
    assert b"IdleHint" in bus.asked[1]


def test_an_idle_one_says_since_when(make_bus):
    _, source = make_bus(answer(2, flag(1, ">"), ">"), answer(2, microseconds(999_400_000_000)))
    assert source.idle_s(0.0) == 600.0
    source.close()


def test_without_logind_it_does_not_tell_and_looks_again_later(make_bus, tmp_path):
    absent = LogindIdle(str(tmp_path / "none"))
    assert absent.idle_s(0.0) is None
    _, source = make_bus(answer(3, b""))
    assert source.idle_s(0.0) is None
    assert source.idle_s(RETRY_S - 1) is None


def test_a_bus_that_does_not_know_the_user_does_not_tell(make_bus):
    _, source = make_bus(greeting=b"REJECTED EXTERNAL\r\n")
    assert source.idle_s(0.0) is None


def test_a_call_is_laid_out_as_the_specification_says():
    message = call(7, "a.b", "/c", ("d.e", "Get"), "x", "yz")
    size, serial, fields = struct.unpack_from("<III", message, 4)
    assert message[:4] == b"l\x01\x00\x01"
    assert serial == 7
    begin = 16 + fields + -fields % 8
    assert len(message) == begin + size
    assert message[begin:] == b"\x01\0\0\0x\0\0\0\x02\0\0\0yz\0"


@pytest.mark.parametrize("body", [b"\x01s\0\0", b"", b"\x01t\0"])
def test_another_answer_is_none(body):
    with pytest.raises(LogindFault):
        value_of(body, "<")


class Tells:
    def __init__(self, seconds) -> None:
        self.seconds, self.asked = seconds, 0

    def idle_s(self, _now):
        self.asked += 1
        return self.seconds

    def close(self):
        pass


def test_logind_is_asked_only_where_nobody_else_tells():
    last = Tells(9.0)
    assert IdleWatch([Tells(None), Tells(5.0)], last).idle_s(0.0) == 5.0
    assert last.asked == 0
    assert IdleWatch([Tells(None)], last).idle_s(0.0) == 9.0
