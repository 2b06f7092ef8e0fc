"""A node with eight GPUs that do not exist: metrics, previews and 5,000 log lines a second, heartbeats counted.

The agent is the real one; NVIDIA's library and its Python module are stand-ins that list eight cards. On each a
program prints its share of the lines, and on the cores a watched kernel sends pictures.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil

from benchmarks.report import Unavailable
from node_agent.wire import messages as m
from node_agent.wire.job import CommandWork, KernelWork
from tests.integration.agent.fake_dispatcher import Agent, FakeDispatcher

GPUS = 8
LINES_A_S = 5_000
HEARTBEAT_S = 2.0
LATE_S = 2 * HEARTBEAT_S
"""A heartbeat that comes this long after the one before was missed."""
PRINTS = """
import sys, time
n, began = 0, time.monotonic()
while n < {count}:
    due = min({count}, int({lines} * (time.monotonic() - began)) + 1)
    for n in range(n + 1, due + 1):
        sys.stdout.write("frame 1001 | pass %07d | ray depth 8 | a line of the usual length\\n" % n)
    sys.stdout.flush()
    time.sleep(0.05)
"""
"""Keeps its rate by the clock: a batch that came late is made up for."""
NVML = """
class NVMLError(Exception): pass
NVML_TEMPERATURE_GPU = 0
class _M: total, used = 24 << 30, 1 << 30
class _U: gpu = 97
def nvmlInit(): pass
def nvmlDeviceGetCount(): return 8
def nvmlDeviceGetHandleByIndex(i): return i
def nvmlDeviceGetHandleByUUID(u): return 0
def nvmlDeviceGetName(h): return "Pretend 4090"
def nvmlDeviceGetUUID(h): return "GPU-pretend-%d" % h
def nvmlDeviceGetMemoryInfo(h): return _M
def nvmlDeviceGetUtilizationRates(h): return _U
def nvmlDeviceGetTemperature(h, k): return 60
def nvmlDeviceGetPowerUsage(h): return 300000
def nvmlDeviceGetComputeRunningProcesses(h): return []
def nvmlDeviceGetGraphicsRunningProcesses(h): return []
"""


def measure(seconds: float) -> dict[str, object]:
    """Heartbeats that came late, lines that arrived, and what the parent used. Raises Unavailable."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _pretend(folder)
        options = ["--devices", "cpu,cuda", "--threads", "1"]
        with (
            FakeDispatcher(heartbeat_s=HEARTBEAT_S) as peer,
            Agent(peer, folder / "data", *options) as agent,
        ):
            return _flood(peer, agent, seconds)


def _pretend(folder: Path) -> None:
    (folder / "pynvml.py").write_text(NVML)
    library = folder / "libnvidia-ml.so.1"
    try:
        subprocess.run(["cc", "-shared", "-x", "c", "-o", library, os.devnull], check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise Unavailable(
            f"no C compiler for the stand-in of NVIDIA's library ({error})"
        ) from error
    # The agent is started by module: it finds these first.
    os.environ["PYTHONPATH"] = os.pathsep.join([str(folder), str(Path(__file__).parents[1])])
    os.environ["LD_LIBRARY_PATH"] = str(folder)


def _flood(peer: FakeDispatcher, agent: Agent, seconds: float) -> dict[str, object]:
    hello = peer.wait_for(m.Hello)
    assert len(hello.devices) == 1 + GPUS, hello.devices
    peer.wait_for(m.Heartbeat)
    each = LINES_A_S // GPUS
    code = PRINTS.format(lines=each, count=int(each * seconds))
    program = CommandWork(argv=[sys.executable, "-c", code])
    refs = [peer.assign(program, device=gpu) for gpu in range(1, GPUS + 1)]
    picture = KernelWork(
        kernel="noop",
        scene="",
        width=256,
        height=144,
        samples=100_000,
        samples_per_pass=1,
        options={"cost_s": 10_000.0},
    )
    watched = peer.assign(picture, watched=True)
    for ref in refs:
        peer.until(lambda ref=ref: peer.all_of(m.Started, ref), 120.0)
    process = psutil.Process(agent.pid)
    began, before = time.monotonic(), process.cpu_times()
    for ref in refs:
        peer.until(lambda ref=ref: peer.all_of((m.Done, m.Failed), ref), seconds + 120.0)
    elapsed = time.monotonic() - began
    after = process.cpu_times()
    beats = [at for at in peer.times_of(m.Heartbeat) if at >= began]
    gaps = [b - a for a, b in zip([began, *beats], beats, strict=False)]
    logs = {ref: peer.all_of(m.LogLines, ref) for ref in refs}
    lines = sum(len(log.lines) for each in logs.values() for log in each)
    lost = sum(
        each[-1].first + len(each[-1].lines) - sum(len(log.lines) for log in each)
        for each in logs.values()
    )
    metrics = [x for x in peer.all_of(m.Metrics) if len(x.gpus) == GPUS]
    return {
        "flood_gpus": GPUS,
        "flood_lines_a_s": _rate(peer, refs),
        "flood_lines": lines,
        "flood_lines_to_bar_ratio": _rate(peer, refs) / LINES_A_S,
        "flood_lines_lost": lost,
        "flood_metrics_a_s": len(metrics) / (time.monotonic() - began + 1e-9),
        "flood_previews": len(peer.all_of(m.Preview, watched)),
        "flood_heartbeats": len(beats),
        "flood_heartbeats_missed": sum(gap > LATE_S for gap in gaps),
        "flood_longest_gap_s": max(gaps, default=0.0),
        "flood_parent_cpu_percent": 100 * (sum(after[:2]) - sum(before[:2])) / elapsed,
    }


def _rate(peer: FakeDispatcher, refs: list[m.AttemptRef]) -> float:
    """Lines a second while all programs print: from the last one's first lines to the first one's last."""
    heard = [(at, log) for at, log in peer.heard if isinstance(log, m.LogLines)]
    logs = [(at, log) for at, log in heard if log.lines[-1].startswith("frame")]
    times = [[at for at, log in logs if log.ref == ref] for ref in refs]
    began, ended = max(each[0] for each in times), min(each[-1] for each in times)
    lines = sum(len(log.lines) for at, log in logs if began < at <= ended)
    return lines / (ended - began)
