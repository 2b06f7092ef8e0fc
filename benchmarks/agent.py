"""What the agent costs a node, beside OpenCue's rqd and Afanasy's afrender in the same run; what a task costs
beside a bare process.

rqd is installed from PyPI into a folder of its own and registers with a Cuebot of ours that answers and gives
nothing (``rqd_peer``); afrender is taken where somebody built it (``afrender_peer``). What is not there is left out.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks import afrender_peer, agent_idle, openjd, rqd_peer
from benchmarks.report import Unavailable
from node_agent.wire import messages as m
from node_agent.wire.job import CommandWork, KernelWork, Output
from tests.integration.agent.fake_dispatcher import Agent, FakeDispatcher

RSS_LIMIT_MB, CPU_LIMIT_PERCENT, START_LIMIT_S = 30.0, 0.3, 0.5
KERNEL_TASK_LIMIT_MS, COMMAND_TASK_LIMIT_MS = 5.0, 30.0
RETURN_LIMIT_S = 2.0


def run(quick: bool) -> dict[str, object]:
    """All figures; ``*_ratio`` are against the limits that the project set itself (below 1 is within)."""
    idle = agent_idle.run(quick)
    figures: dict[str, object] = {
        **idle,
        "rss_to_limit_ratio": idle["agent_parent_rss_mb"] / RSS_LIMIT_MB,
        "cpu_to_limit_ratio": idle["agent_parent_cpu_percent"] / CPU_LIMIT_PERCENT,
        "start_to_limit_ratio": idle["agent_start_to_hello_s"] / START_LIMIT_S,
    }
    for name, peer in (("rqd", rqd_peer), ("afrender", afrender_peer)):
        try:
            figures |= peer.measure(5.0 if quick else 15.0)
        except Unavailable as why:
            print(f"    {name} left out: {why}")
    figures |= _tasks(10 if quick else 40)
    figures |= {f"openjd_{name}": value for name, value in _openjd(quick).items()}
    return figures | _artist(1 if quick else 5)


def _tasks(count: int) -> dict[str, object]:
    """Assign to outcome of a task that does nothing, as its dispatcher sees it."""
    true = CommandWork(argv=["true"])
    noop = KernelWork(kernel="noop", scene="", width=8, height=8, samples=1, samples_per_pass=1)
    with (
        tempfile.TemporaryDirectory() as folder,
        FakeDispatcher(heartbeat_s=2.0) as peer,
        Agent(peer, Path(folder) / "data") as agent,
    ):
        peer.wait_for(m.Heartbeat)
        agent_idle._let_kernels_compile(peer, agent)
        kernel = _times(peer, noop, count)
        command = _times(peer, true, count)
    bare = [_bare() for _ in range(count)]
    command_ms, bare_ms = statistics.median(command) * 1e3, statistics.median(bare) * 1e3
    kernel_ms = statistics.median(kernel) * 1e3
    return {
        "kernel_task_ms": kernel_ms,
        "command_task_ms": command_ms,
        "bare_process_ms": bare_ms,
        "command_overhead_ms": command_ms - bare_ms,
        "kernel_task_to_limit_ratio": kernel_ms / KERNEL_TASK_LIMIT_MS,
        "command_overhead_to_limit_ratio": (command_ms - bare_ms) / COMMAND_TASK_LIMIT_MS,
    }


def _openjd(quick: bool) -> dict[str, float]:
    """The overhead of a task in an open session over the bare process, in a worker child."""
    found = openjd.run(quick)
    names = ("openjd_overhead_ms", "openjd_limit_ratio", "session_start_s")
    return {name.removeprefix("openjd_"): found[name] for name in names}


def _times(peer: FakeDispatcher, work, count: int) -> list[float]:
    times: list[float] = []
    for _ in range(count + 1):
        began = time.perf_counter()
        assert isinstance(peer.outcome(peer.assign(work)), m.Done)
        times.append(time.perf_counter() - began)
    return times[1:]  # the first one loads the runner


def _bare() -> float:
    began = time.perf_counter()
    subprocess.run(["true"], check=True)
    return time.perf_counter() - began


def _artist(count: int) -> dict[str, object]:
    """From a synthetic key press to the report that the device is free, with a kernel of 50 ms a pass."""
    with tempfile.TemporaryDirectory() as name, FakeDispatcher(heartbeat_s=0.5) as peer:
        folder = Path(name)
        os.mkfifo(folder / "event0")
        keyboard = os.open(folder / "event0", os.O_RDWR)
        watching = ["--workstation", "yield", "--idle-after", "1"]
        device = ["--input-device", str(folder / "event0")]
        with Agent(peer, folder / "data", *watching, *device):
            times = [_return(peer, keyboard, folder) for _ in range(count)]
        os.close(keyboard)
    worst = max(times)
    return {"artist_return_s": times, "artist_return_to_limit_ratio": worst / RETURN_LIMIT_S}


def _return(peer: FakeDispatcher, keyboard: int, folder: Path) -> float:
    work = KernelWork(
        kernel="noop",
        scene="",
        width=64,
        height=36,
        samples=1200,
        samples_per_pass=1,
        options={"cost_s": 60.0},
        output=Output(directory=str(folder / "out")),
    )
    peer.until(lambda: [a.why for a in peer.all_of(m.Away)][-1:] == [""])
    ref = peer.assign(work)
    peer.until(lambda: any(p.done >= 2 for p in peer.all_of(m.Progress, ref)))
    began = time.perf_counter()
    os.write(keyboard, b"key")
    yielded = peer.outcome(ref)
    seconds = time.perf_counter() - began
    assert isinstance(yielded, m.Yielded)
    assert yielded.passes_done >= 2
    return seconds


if __name__ == "__main__":
    sys.exit("Run it as: python -m benchmarks agent")
