"""Who gets in: keys on the list, through the door of their role, for as long as they are on it."""

from __future__ import annotations

import zmq

from app.core.commands import (
    AddKey,
    GetSnapshot,
    MakeToken,
    Move,
    Receipt,
    Refusal,
    RevokeKey,
)
from app.core.ids import Role
from app.core.views import Snapshot
from app.dispatcher.keys import new_pair
from app.dispatcher.sockets import Ports, Sockets
from app.store.home import KeyPair
from node_agent.wire.messages import Hello, Join, Refused, Welcome
from node_agent.wire.token import parse_token
from node_agent.wire.version import PROTOCOL
from tests.integration.dispatcher.farm import (
    Client,
    Dispatching,
    NodePeer,
    admin_of,
    join_node,
    secure,
    wait_until,
)

SILENCE_S = 0.4
HELLO = Hello(protocol=PROTOCOL, version="1", name="n", incarnation="0" * 16, devices=[])


def let_in(admin: Client, role: Role) -> KeyPair:
    pair = new_pair()
    answer = admin.ask(AddKey(public_key=pair.public, role=role, name="someone"))
    assert isinstance(answer, Receipt)
    return pair


def test_owner_is_admin(admin: Client) -> None:
    assert isinstance(admin.ask(GetSnapshot()), Snapshot)
    assert isinstance(admin.ask(MakeToken()), Receipt)


class TestStrangers:
    def test_unknown_key_is_not_heard(self, dispatcher: Dispatching) -> None:
        with Client(dispatcher.connection, new_pair()) as client:
            assert client.try_ask(GetSnapshot(), SILENCE_S) is None
        wait_until(lambda: dispatcher.sockets.refused, "the refusal")

    def test_without_curve_is_not_heard(self, dispatcher: Dispatching) -> None:
        with Client(dispatcher.connection, None) as client:
            assert client.try_ask(GetSnapshot(), SILENCE_S) is None

    def test_with_another_servers_key_is_not_heard(self, dispatcher: Dispatching) -> None:
        with Client(dispatcher.connection, None) as client:
            secure(client.socket, new_pair().public, admin_of(dispatcher.home))
            client.socket.connect(dispatcher.connection.address_clients)
            assert client.try_ask(GetSnapshot(), SILENCE_S) is None

    def test_nobody_enters_while_nobody_answers_handshakes(self) -> None:
        """Without ZAP_ENFORCE_DOMAIN libzmq lets any key in when the handler is gone."""
        pair = new_pair()
        sockets = Sockets(pair, "127.0.0.1", Ports())
        context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
        dealer = context.socket(zmq.DEALER)
        secure(dealer, pair.public, new_pair())
        dealer.connect(f"tcp://127.0.0.1:{sockets.ports.clients}")
        dealer.send(b"let me in")
        assert not sockets.clients.poll(int(SILENCE_S * 1000))
        context.destroy(linger=0)
        sockets.close()


class TestDoors:
    def test_node_key_is_refused_at_the_clients_door(
        self, dispatcher: Dispatching, admin: Client
    ) -> None:
        with Client(dispatcher.connection, join_node(admin, "n")) as client:
            assert client.try_ask(GetSnapshot(), SILENCE_S) is None

    def test_admin_key_is_refused_at_the_nodes_door(self, dispatcher: Dispatching) -> None:
        connection = dispatcher.connection
        pair = admin_of(dispatcher.home)
        with NodePeer(connection.address_nodes, connection.server_key, pair) as peer:
            peer.say(HELLO)
            assert peer.hear(SILENCE_S) == []

    def test_node_key_cannot_subscribe(self, dispatcher: Dispatching, admin: Client) -> None:
        node = join_node(admin, "n")
        with Subscriber(dispatcher, node) as sub:
            assert not sub.poll(int(SILENCE_S * 4 * 1000))

    def test_viewer_can_subscribe_and_look(self, dispatcher: Dispatching, admin: Client) -> None:
        viewer = let_in(admin, Role.VIEWER)
        with Subscriber(dispatcher, viewer) as sub:
            assert sub.poll(10_000)
        with Client(dispatcher.connection, viewer) as client:
            assert isinstance(client.ask(GetSnapshot()), Snapshot)

    def test_viewer_cannot_move(self, dispatcher: Dispatching, admin: Client) -> None:
        with Client(dispatcher.connection, let_in(admin, Role.VIEWER)) as client:
            answer = client.ask(Move(shots=[1], place="top"))
        assert isinstance(answer, Refusal)
        assert "supervisor" in answer.sentence.lower()


class TestTokens:
    def test_token_lets_one_node_in(self, dispatcher: Dispatching, admin: Client) -> None:
        own = join_node(admin, "n")
        connection = dispatcher.connection
        with NodePeer(connection.address_nodes, connection.server_key, own) as peer:
            peer.say(HELLO)
            assert isinstance(peer.hear()[0], Welcome)

    def test_used_token_lets_nobody_in(self, dispatcher: Dispatching, admin: Client) -> None:
        answer = admin.ask(MakeToken())
        assert isinstance(answer, Receipt)
        assert join_with(answer.text, "first") == ["joined"]
        assert join_with(answer.text, "second") == []

    def test_expired_token_lets_nobody_in(self, dispatcher: Dispatching, admin: Client) -> None:
        answer = admin.ask(MakeToken(valid_s=60.0))
        assert isinstance(answer, Receipt)
        dispatcher.wall_ahead_s = 61.0
        assert join_with(answer.text, "late") == []

    def test_token_may_not_say_anything_else(self, dispatcher: Dispatching, admin: Client) -> None:
        answer = admin.ask(MakeToken())
        assert isinstance(answer, Receipt)
        token = parse_token(answer.text)
        joiner = KeyPair(token.public_key, token.secret_key)
        with NodePeer(token.address, token.server_key, joiner) as peer:
            peer.say(HELLO)
            assert isinstance(peer.hear()[0], Refused)


class TestRevoked:
    def test_live_client_is_out_at_once(self, dispatcher: Dispatching, admin: Client) -> None:
        pair = let_in(admin, Role.ADMIN)
        with Client(dispatcher.connection, pair) as client:
            assert isinstance(client.ask(GetSnapshot()), Snapshot)
            admin.ask(RevokeKey(public_key=pair.public))
            answer = client.ask(GetSnapshot())
            assert isinstance(answer, Refusal)
            assert "no longer" in answer.sentence

    def test_live_node_is_out_at_once(self, dispatcher: Dispatching, admin: Client) -> None:
        own = join_node(admin, "n")
        connection = dispatcher.connection
        with NodePeer(connection.address_nodes, connection.server_key, own) as peer:
            peer.say(HELLO)
            assert isinstance(peer.hear()[0], Welcome)
            admin.ask(RevokeKey(public_key=own.public))
            peer.say(HELLO)
            said = wait_until(lambda: [m for m in peer.hear() if isinstance(m, Refused)], "word")
            assert not said[0].retry

    def test_live_subscriber_is_cut(self, dispatcher: Dispatching, admin: Client) -> None:
        """libzmq keeps the subscription of a revoked key; the dispatcher opens that socket anew."""
        pair, other = let_in(admin, Role.VIEWER), let_in(admin, Role.VIEWER)
        with Subscriber(dispatcher, pair) as revoked, Subscriber(dispatcher, other) as kept:
            assert revoked.poll(10_000)
            assert kept.poll(10_000)
            admin.ask(RevokeKey(public_key=pair.public))
            drain(revoked)
            drain(kept)
            assert kept.poll(10_000)  # the others are back by themselves
            assert not revoked.poll(int(SILENCE_S * 1000))


def join_with(text: str, name: str) -> list[str]:
    token = parse_token(text)
    joiner = KeyPair(token.public_key, token.secret_key)
    with NodePeer(token.address, token.server_key, joiner) as peer:
        peer.say(Join(protocol=PROTOCOL, name=name, public_key=new_pair().public))
        return [type(each).__name__.lower() for each in peer.hear(SILENCE_S)]


class Subscriber:
    """A SUB on all topics."""

    def __init__(self, dispatcher: Dispatching, pair: KeyPair) -> None:
        self._context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
        self._socket = self._context.socket(zmq.SUB)
        secure(self._socket, dispatcher.connection.server_key, pair)
        self._socket.setsockopt(zmq.SUBSCRIBE, b"")
        self._socket.setsockopt(zmq.RECONNECT_IVL, 20)
        self._socket.connect(dispatcher.connection.address_deltas)

    def __enter__(self) -> zmq.Socket[bytes]:
        return self._socket

    def __exit__(self, *_: object) -> None:
        self._context.destroy(linger=0)


def drain(socket: zmq.Socket[bytes]) -> None:
    while socket.poll(0):
        socket.recv_multipart()
