"""Networks that break: cut, one-way, flapping, half closed, slow; and connections that never say anything."""

from __future__ import annotations

import random
import socket
import time
from itertools import pairwise
from pathlib import Path

import msgspec
import pytest

from app.core.commands import GetAttempts, GetSnapshot, Receipt, StepRequest, Submit
from app.core.views import Snapshot
from node_agent.wire import messages as m
from node_agent.wire.job import CommandWork
from node_agent.wire.token import format_token, parse_token
from tests.faults.conftest import only_long
from tests.faults.proxy import Proxy
from tests.integration.agent.fake_dispatcher import Agent, FakeDispatcher
from tests.integration.dispatcher.fake_agent import FakeNodes
from tests.integration.dispatcher.farm import Client, Dispatching, admin_of, dispatching, join_node

FRAMES = 30
NODES = 2


class Broken:
    """A dispatcher, and nodes that reach it through a proxy each."""

    def __init__(self, dispatcher: Dispatching, nodes: FakeNodes) -> None:
        self.nodes = nodes
        self.client = Client(dispatcher.connection, admin_of(dispatcher.home))
        port = int(dispatcher.connection.address_nodes.rsplit(":", 1)[1])
        self.proxies = [Proxy(port) for _ in range(NODES)]
        for number, proxy in enumerate(self.proxies):
            proxy.__enter__()
            pair = join_node(self.client, f"node{number}")
            key = dispatcher.connection.server_key
            nodes.add(f"node{number}", proxy.address, key, pair, render_s=0.1)
        step = StepRequest(work=CommandWork(argv=["true"]), frames=f"1-{FRAMES}")
        body = Submit(project="NET", sequence="sq", shot="sh", name="job", steps=[step])
        assert isinstance(self.client.ask(body), Receipt)

    def close(self) -> None:
        for proxy in self.proxies:
            proxy.__exit__(None, None, None)
        self.client.context.destroy(linger=0)

    def done(self) -> int:
        snapshot = self.client.ask(GetSnapshot())
        assert isinstance(snapshot, Snapshot)
        return sum(shot.done for shot in snapshot.shots)

    def run_until(self, frames: int, what: str) -> None:
        asked_at = 0.0

        def is_there() -> bool:
            nonlocal asked_at
            if time.monotonic() < asked_at:
                return False
            asked_at = time.monotonic() + 0.1
            return self.done() >= frames

        self.nodes.run_until(is_there, what, 60)

    def run_for(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        self.nodes.run_until(lambda: time.monotonic() > end, "the time", seconds + 60)

    def check(self) -> None:
        """Every frame once, by an attempt that its own node published."""
        attempts = self.client_attempts()
        accepted = sorted(row.task for row in attempts if row.outcome == "done")
        assert accepted == list(range(FRAMES))
        published = {(ref.task, ref.epoch) for ref in self.nodes.published}
        assert {(r.task, r.epoch) for r in attempts if r.outcome == "done"} <= published

    def client_attempts(self):
        return self.client.ask(GetAttempts(count=10_000)).rows


@pytest.fixture
def broken(tmp_path: Path):
    with dispatching(tmp_path) as dispatcher, FakeNodes() as nodes:
        made = Broken(dispatcher, nodes)
        try:
            yield made
        finally:
            made.close()


def set_cut(broken: Broken, is_cut: bool) -> None:
    for proxy in broken.proxies:
        proxy.is_cut = is_cut


@only_long
def test_a_cut_longer_than_a_lease_costs_time_and_nothing_else(broken: Broken) -> None:
    broken.run_until(4, "some frames")
    set_cut(broken, True)
    broken.run_for(4.5)  # the lease is 3 s
    before = broken.done()
    set_cut(broken, False)
    broken.run_until(FRAMES, "the end")
    assert before < FRAMES
    broken.check()


@pytest.mark.parametrize("way", [pytest.param("up", marks=only_long), "down"])
def test_a_link_that_carries_one_way_alone_is_no_link(broken: Broken, way: str) -> None:
    broken.run_until(4, "some frames")
    for proxy in broken.proxies:
        setattr(proxy, f"lets_{way}", False)
    broken.run_for(4.5)
    for proxy in broken.proxies:
        setattr(proxy, f"lets_{way}", True)
    broken.run_until(FRAMES, "the end")
    broken.check()


@only_long
def test_a_link_that_flaps_and_half_closes_loses_nothing(broken: Broken) -> None:
    draw = random.Random(17)
    for flap in range(20):
        broken.run_for(draw.uniform(0.2, 1.0))
        proxy = draw.choice(broken.proxies)
        if flap % 3 == 2:
            proxy.half_close()
            continue
        proxy.is_cut = True
        broken.run_for(draw.uniform(0.1, 1.0))
        proxy.is_cut = False
    broken.run_until(FRAMES, "the end")
    broken.check()


class Behind(FakeDispatcher):
    """Whose tokens name the proxy."""

    proxy: Proxy

    def token(self, secret: str | None = None) -> str:
        token = parse_token(super().token(secret))
        return format_token(msgspec.structs.replace(token, address=self.proxy.address))


@only_long
def test_a_line_of_64_kbit_full_of_log_loses_no_lease(tmp_path: Path) -> None:
    with Behind(heartbeat_s=1.0) as peer, Proxy(peer.port) as proxy:
        peer.proxy = proxy
        with Agent(peer, tmp_path / "data"):
            peer.wait_for(m.Heartbeat)
            proxy.bytes_a_s = 8_000
            ref = peer.assign(
                CommandWork(argv=["bash", "-c", "yes 'a line of log' | head -200000"])
            )
            peer.until(lambda: peer.all_of((m.Done, m.Failed), ref), 120)
            peer.until(lambda: len(peer.times_of(m.Heartbeat)) >= 3, 120)
            beats = peer.times_of(m.Heartbeat)
    assert max(after - before for before, after in pairwise(beats)) < peer.lease_s
    assert isinstance(peer.all_of((m.Done, m.Failed), ref)[0], m.Done)


@only_long
def test_connections_that_never_speak_are_closed_and_delay_nobody(tmp_path: Path) -> None:
    with dispatching(tmp_path) as dispatcher:
        ports = dispatcher.sockets.ports
        silent = [socket.create_connection(("127.0.0.1", ports.nodes)) for _ in range(200)]
        try:
            with Client(dispatcher.connection, admin_of(dispatcher.home)) as client:
                assert isinstance(client.ask(GetSnapshot()), Snapshot)
            for each in silent:
                each.settimeout(30.0)
                while each.recv(1024):  # its greeting, then the end
                    pass
        finally:
            for each in silent:
                each.close()
