"""What a broken or hostile peer sends costs a counter, never an exception, and nobody else notices."""

from __future__ import annotations

import os
import random
import socket
import time
from pathlib import Path

import msgspec
import psutil
import pytest
import zmq

from app.core.commands import GetSnapshot, Refusal, Reply
from app.core.views import Snapshot
from app.dispatcher.access import STRIKES_MAX, Access
from app.dispatcher.keys import new_pair
from app.dispatcher.sockets import Ports, Sockets
from node_agent.wire.codec import MESSAGE_BYTES_MAX, decode_to_node
from node_agent.wire.messages import (
    AttemptRef,
    Done,
    FromNode,
    Goodbye,
    Heartbeat,
    Hello,
    LogLines,
    Metrics,
    OutputFile,
    Preview,
    Progress,
    Ready,
    Refused,
    Usage,
    Welcome,
)
from node_agent.wire.version import PROTOCOL
from tests.integration.dispatcher.farm import (
    Client,
    Dispatching,
    NodePeer,
    admin_of,
    dispatching,
    join_node,
    secure,
    wait_until,
)

MALFORMED = 10_000
GARBAGE_CONNECTIONS = 300
REF = AttemptRef(1, 0, 1)
HELLO = Hello(protocol=PROTOCOL, version="1", name="n", incarnation="0" * 16, devices=[])
VALID: list[FromNode] = [
    HELLO,
    Heartbeat([REF]),
    Progress(REF, 1, 2),
    LogLines(REF, 0, ["hello"]),
    Preview(REF, 1, 1, 2, b"picture"),
    Metrics(1.0, 2, 3, 4.0, 5.0, 6.0, 7.0, 8.0),
    Ready(seq=1, ref=REF, files=[OutputFile("/a", 1, "0" * 64)]),
    Done(seq=2, ref=REF, files=[], usage=Usage()),
    Goodbye("bye"),
]
ODD = [float("nan"), float("inf"), -1, 1 << 63, (1 << 64) - 1, -(1 << 63), "\ud7ff", b"\xff" * 9]


def mutated(draw: random.Random) -> bytes:
    """Bytes near a real message: flipped, cut, doubled, with fields of another kind, or plain noise."""
    message = draw.choice(VALID)
    data = bytearray(msgspec.msgpack.encode([message]))
    kind = draw.randrange(7)
    if kind == 0:
        data[draw.randrange(len(data))] ^= 1 << draw.randrange(8)
    elif kind == 1:
        del data[draw.randrange(len(data)) :]
    elif kind == 2:
        return bytes(data) * 2
    elif kind == 3:
        return os.urandom(draw.randrange(64))
    elif kind == 4:
        fields = msgspec.to_builtins(message)
        fields[draw.randrange(len(fields))] = draw.choice(ODD)
        return msgspec.msgpack.encode([fields])
    elif kind == 5:
        return b"\x91" * draw.randrange(1, 100_000)
    else:
        return msgspec.msgpack.encode([["of the future", 1], *([message] * draw.randrange(3))])
    return bytes(data)


def test_malformed_frames_change_nothing(tmp_path: Path) -> None:
    """Nobody is shut out here, so that every one of the frames is really looked at."""
    draw = random.Random(24)
    with (
        dispatching(tmp_path, access=Access(strikes_max=1 << 30)) as dispatcher,
        Client(dispatcher.connection, admin_of(dispatcher.home)) as admin,
    ):
        own = join_node(admin, "n")
        before = dispatcher.loop._core.state.sections()
        memory = psutil.Process().memory_info().rss
        connection = dispatcher.connection
        with NodePeer(connection.address_nodes, connection.server_key, own) as peer:
            for number in range(MALFORMED):
                peer.socket.send(mutated(draw))
                if number % 100 == 0:  # the answers must be read, or they pile up in the socket
                    while peer.socket.poll(0):
                        decode_to_node(peer.socket.recv())
            wait_until(lambda: dispatcher.access.malformed > MALFORMED * 0.6, "the count")
            assert isinstance(admin.ask(GetSnapshot()), Snapshot)
        assert dispatcher.loop._core.state.sections() == before
        assert psutil.Process().memory_info().rss - memory < 60 << 20


def test_twenty_malformed_frames_are_a_ban(dispatcher: Dispatching, admin: Client) -> None:
    own = join_node(admin, "n")
    connection = dispatcher.connection
    with NodePeer(connection.address_nodes, connection.server_key, own) as peer:
        peer.say(HELLO)
        assert isinstance(peer.hear()[0], Welcome)
        for _ in range(STRIKES_MAX):
            peer.socket.send(b"\xc1")
        refused = wait_until(lambda: [m for m in peer.hear() if isinstance(m, Refused)], "the ban")
        assert refused[0].retry
        assert "shut out" in refused[0].sentence
        peer.say(HELLO)
        assert not [m for m in peer.hear(0.3) if isinstance(m, Welcome)]


def test_client_is_told_what_is_wrong(dispatcher: Dispatching, admin: Client) -> None:
    admin.socket.send(msgspec.msgpack.encode({"id": 7, "body": {"type": "no such thing"}}))
    data = admin.receive()
    assert data is not None
    reply = msgspec.msgpack.decode(data, type=Reply)
    assert reply.id == 7
    assert isinstance(reply.body, Refusal)
    assert reply.body.blame == "peer"


@pytest.mark.parametrize("parts", [2, 10_000])
def test_message_of_many_parts_is_one_strike(
    dispatcher: Dispatching, admin: Client, parts: int
) -> None:
    admin.socket.send_multipart([b"part"] * parts)
    wait_until(lambda: dispatcher.access.malformed == 1, "the strike")
    with Client(dispatcher.connection, admin_of(dispatcher.home)) as other:
        assert isinstance(other.ask(GetSnapshot()), Snapshot)


def test_oversized_message_cuts_its_sender_alone(dispatcher: Dispatching, admin: Client) -> None:
    own, other = join_node(admin, "n"), join_node(admin, "m")
    connection = dispatcher.connection
    address, key = connection.address_nodes, connection.server_key
    with NodePeer(address, key, own) as peer, NodePeer(address, key, other) as good:
        good.say(HELLO)
        assert isinstance(good.hear()[0], Welcome)
        peer.socket.send(bytes(MESSAGE_BYTES_MAX + 1))
        peer.say(HELLO)  # it is back by itself
        good.say(Heartbeat([]))
        assert good.hear()
    assert dispatcher.access.malformed == 0  # libzmq did not even hand it over


def test_garbage_on_the_raw_ports_delays_nobody(dispatcher: Dispatching, admin: Client) -> None:
    draw = random.Random(25)
    openings = [b"GET / HTTP/1.1\r\n\r\n", b"\x16\x03\x01\x02\x00\x01", b"\x01\x00", b"\xff" * 11]
    ports = dispatcher.sockets.ports
    raw: list[socket.socket] = []
    try:
        for number in range(GARBAGE_CONNECTIONS):
            port = (ports.nodes, ports.clients, ports.deltas)[number % 3]
            each = socket.create_connection(("127.0.0.1", port))
            each.sendall(draw.choice([*openings, draw.randbytes(64), b""]))
            raw.append(each)
        slowest = 0.0
        for _ in range(20):
            begin = time.monotonic()
            assert isinstance(admin.ask(GetSnapshot()), Snapshot)
            slowest = max(slowest, time.monotonic() - begin)
    finally:
        for each in raw:
            each.close()
    assert slowest < 0.5  # 50 ms on a quiet machine; this one is shared


def test_subscriber_that_never_reads_delays_nobody() -> None:
    """Its queue is bounded, then it misses deltas; publishing never waits."""
    pair = new_pair()
    sockets = Sockets(pair, "127.0.0.1", Ports())
    context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
    deaf, good = context.socket(zmq.SUB), context.socket(zmq.SUB)
    deaf.setsockopt(zmq.RCVHWM, 1)
    for each in (deaf, good):
        secure(each, pair.public, new_pair())
        each.setsockopt(zmq.SUBSCRIBE, b"")
        each.connect(f"tcp://127.0.0.1:{sockets.ports.deltas}")

    def publish(data: bytes) -> None:
        sockets.wait(0.0)
        sockets.answer_handshakes(lambda *_: True)
        sockets.publish(b"delta", data)

    wait_until(lambda: publish(b"first") or (deaf.poll(1) and good.poll(1)), "both subscriptions")
    memory = psutil.Process().memory_info().rss
    slowest, heard = 0.0, 0
    for _ in range(3000):
        begin = time.monotonic()
        publish(bytes(64 << 10))
        slowest = max(slowest, time.monotonic() - begin)
        while good.poll(0):
            good.recv_multipart()
            heard += 1
    while good.poll(500):  # what was on its way to it, which on a busy machine is much
        good.recv_multipart()
        heard += 1
    assert slowest < 0.1
    assert heard > 500  # twice what waits for the other one
    assert psutil.Process().memory_info().rss - memory < 100 << 20
    context.destroy(linger=0)
    sockets.close()
