"""What an idle agent costs a render node: memory and CPU of its parent, and the time to its Hello."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from benchmarks.idle_process import idle_costs
from node_agent.wire import messages as m
from tests.integration.agent.fake_dispatcher import Agent, FakeDispatcher

SETTLE_S = 3.0
HEARTBEAT_S = 2.0


def run(quick: bool) -> dict[str, float]:
    """Measure a real agent of two threads, served by a dispatcher, with its kernels compiled."""
    measure_s = 5.0 if quick else 30.0
    with tempfile.TemporaryDirectory() as folder, FakeDispatcher(heartbeat_s=HEARTBEAT_S) as peer:
        started_at = time.monotonic()
        with Agent(peer, Path(folder) / "data") as agent:
            peer.wait_for(m.Hello)
            hello_s = time.monotonic() - started_at
            _let_kernels_compile(peer, agent)
            costs = idle_costs(
                "agent_parent", agent.pid, measure_s, lambda seconds: _turn_for(peer, seconds)
            )
    return costs | {"agent_start_to_hello_s": hello_s}


def _let_kernels_compile(peer: FakeDispatcher, agent: Agent) -> None:
    """Wait until the children are quiet; the first start on a machine compiles for a while."""
    children = agent.children()
    deadline = time.monotonic() + 180
    while time.monotonic() < deadline:
        before = sum(sum(child.cpu_times()[:2]) for child in children)
        _turn_for(peer, SETTLE_S)
        after = sum(sum(child.cpu_times()[:2]) for child in children)
        if after - before < 0.1 * SETTLE_S:
            return


def _turn_for(peer: FakeDispatcher, seconds: float) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        peer.turn()
