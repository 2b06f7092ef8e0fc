"""The real dispatcher process under hundreds of light nodes: `windfire simulate --real`.

Everything between them is the product's: ZeroMQ, CURVE, join tokens, SQLite with every commit on disk. Time is
real, so what is played of a film is what fits into the seconds that are given.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from array import array
from collections import Counter
from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec
import psutil
import zmq
from msgspec import Struct

from app.client.api import Farm, connect
from app.core.commands import StepRequest, Submit
from app.core.views import ABSENT
from app.errors import EnvironmentFault
from app.simulate.light import Account, NodePlan, Plan
from app.simulate.measure import percentile
from app.store.home import Connection, Home, read_connection
from node_agent.wire.codec import decode_to_node, encode
from node_agent.wire.job import KernelWork, Needs
from node_agent.wire.messages import Join, Joined
from node_agent.wire.token import JoinToken, parse_token
from node_agent.wire.version import PROTOCOL

START_S = 60.0
NODES_A_PROCESS = 250
SHOT_FRAMES = 640
SPARE = 1.5
"""Frames that are handed in for each that the farm can get through."""


@dataclass(frozen=True)
class Load:
    """What is driven, and for how long."""

    nodes: int
    gpus: int
    seed: int
    frame_s: float
    seconds: float


class RealFigures(Struct, frozen=True, kw_only=True):
    """What came of it."""

    seed: int
    nodes: int
    gpus: int
    frame_s: float
    seconds: float
    frames: int
    frames_per_s: float
    utilisation: float
    idle_p50_ms: float
    idle_p99_ms: float
    welcome_s: float
    """From the first Hello until all nodes were online."""
    dispatcher_cpu: float
    """Cores that it used."""
    dispatcher_rss_mb: float
    invariant_violations: int
    violations: list[str]


def drive(load: Load, on_news: Callable[[str], None] = lambda _: None) -> RealFigures:
    """Start a dispatcher of its own, drive it, and end all that was started. Raises EnvironmentFault."""
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="windfire-"))
        home = Home(Path(folder))
        process, connection = stack.enter_context(_dispatcher(home))
        farm = stack.enter_context(connect(home.root))
        on_news(f"joining {load.nodes} nodes")
        plans = _join_all(farm, load, on_news)
        children = [stack.enter_context(_light(plan)) for plan in _share(load, connection, plans)]
        welcome_s = _await_nodes(farm, load.nodes, on_news)
        _submit(farm, load)
        started, cpu = time.monotonic(), sum(psutil.Process(process.pid).cpu_times()[:2])
        while (spent := time.monotonic() - started) < load.seconds:
            time.sleep(min(1.0, load.seconds - spent))
            on_news(f"{spent:.0f} of {load.seconds:.0f} s, {_done(farm):,} frames")
        seconds = time.monotonic() - started
        used = psutil.Process(process.pid)
        cpu, rss = sum(used.cpu_times()[:2]) - cpu, used.memory_info().rss
        accounts = [_end(child) for child in children]
        done = _done(farm)
    return _figures(load, seconds, welcome_s, (cpu, rss), accounts, done)


@contextmanager
def _dispatcher(home: Home) -> Generator[tuple[subprocess.Popen[bytes], Connection]]:
    command = [sys.executable, "-m", "app", "--home", str(home.root), "serve", "--port", "0"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield process, _await_dispatcher(home, process)
    finally:
        process.terminate()
        process.wait()


def _await_dispatcher(home: Home, process: subprocess.Popen[bytes]) -> Connection:
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline and process.poll() is None:
        found = read_connection(home)
        if found is not None and found.pid == process.pid:
            return found
        time.sleep(0.01)
    raise EnvironmentFault("The dispatcher did not start; `windfire serve` says why.")


# --- nodes ----------------------------------------------------------------------------------------


def _join_all(farm: Farm, load: Load, on_news: Callable[[str], None]) -> list[NodePlan]:
    context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
    plans: list[NodePlan] = []
    try:
        for number in range(load.nodes):
            gpus = load.gpus * (number + 1) // load.nodes - load.gpus * number // load.nodes
            plans.append(_join(context, parse_token(farm.token()), f"light{number:04}", gpus))
            on_news(f"joining: {number + 1} of {load.nodes} nodes")
    finally:
        context.destroy(linger=0)
    return plans


def _join(
    context: zmq.Context[zmq.Socket[bytes]], token: JoinToken, name: str, gpus: int
) -> NodePlan:
    public, secret = zmq.curve_keypair()
    socket = context.socket(zmq.DEALER)
    socket.setsockopt(zmq.CURVE_SERVERKEY, token.server_key.encode())
    socket.setsockopt(zmq.CURVE_PUBLICKEY, token.public_key.encode())
    socket.setsockopt(zmq.CURVE_SECRETKEY, token.secret_key.encode())
    socket.setsockopt(zmq.RCVTIMEO, int(START_S * 1000))
    socket.connect(token.address)
    try:
        socket.send(encode([Join(protocol=PROTOCOL, name=name, public_key=public.decode())]))
        (answer,) = decode_to_node(socket.recv())
    except zmq.Again as error:
        raise EnvironmentFault("The dispatcher answers no node that wants to join.") from error
    finally:
        socket.close(linger=0)
    if not isinstance(answer, Joined):
        raise EnvironmentFault(f"The dispatcher does not let {name} join: {answer}")
    return NodePlan(name, public.decode(), secret.decode(), gpus)


def _share(load: Load, connection: Connection, plans: list[NodePlan]) -> list[Plan]:
    """Give each process its part of the nodes."""
    count = -(-len(plans) // NODES_A_PROCESS)
    address, key = connection.address_nodes, connection.server_key
    return [
        Plan(address, key, load.seed + number, load.frame_s, plans[number::count])
        for number in range(count)
    ]


@contextmanager
def _light(plan: Plan) -> Generator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "app.simulate.light"]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdin is not None
    process.stdin.write(msgspec.json.encode(plan) + b"\n")
    process.stdin.flush()
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()


def _await_nodes(farm: Farm, count: int, on_news: Callable[[str], None]) -> float:
    started = time.monotonic()
    while True:
        online = sum(row.state not in ABSENT for row in farm.list("nodes"))
        if online >= count:
            return time.monotonic() - started
        if time.monotonic() - started > START_S:
            raise EnvironmentFault(f"Only {online} of {count} light nodes came online.")
        on_news(f"{online} of {count} nodes are online")
        time.sleep(0.05)


def _end(process: subprocess.Popen[bytes]) -> Account:
    data, _ = process.communicate(timeout=START_S)
    return msgspec.json.decode(data, type=Account)


# --- work and its account -------------------------------------------------------------------------


def _submit(farm: Farm, load: Load) -> None:
    wanted = load.gpus * (1 + SPARE * load.seconds / max(load.frame_s, 0.01))
    work = KernelWork(kernel="pathtracer", scene="/film/scene.usda")
    for number in range(max(1, round(wanted / SHOT_FRAMES))):
        step = StepRequest(
            name="beauty", work=work, frames=f"1-{SHOT_FRAMES}", needs=Needs(device="cuda")
        )
        shot = f"sh{number:04}"
        farm.give(Submit(project="FILM", sequence="sq010", shot=shot, name="v001", steps=[step]))


def _done(farm: Farm) -> int:
    return sum(row.done for row in farm.list("shots"))


def _figures(
    load: Load,
    seconds: float,
    welcome_s: float,
    used: tuple[float, int],
    accounts: list[Account],
    done: int,
) -> RealFigures:
    there_s = sum(account.there_s for account in accounts)
    gaps = array("d", [gap for account in accounts for gap in account.gaps_ms])
    published = Counter(ref for account in accounts for ref in account.published)
    violations = [sentence for account in accounts for sentence in account.refused]
    twice = [ref for ref, count in published.items() if count > 1]
    violations += [f"{step}/{task} was granted twice" for step, task in twice]
    if done > len(published):
        violations.append(f"{done} frames are done, {len(published)} were published")
    return RealFigures(
        seed=load.seed,
        nodes=load.nodes,
        gpus=load.gpus,
        frame_s=load.frame_s,
        seconds=seconds,
        frames=done,
        frames_per_s=done / seconds,
        utilisation=sum(one.busy_s for one in accounts) / max(1e-9, there_s),
        idle_p50_ms=percentile(gaps, 50),
        idle_p99_ms=percentile(gaps, 99),
        welcome_s=welcome_s,
        dispatcher_cpu=used[0] / seconds,
        dispatcher_rss_mb=used[1] / 1e6,
        invariant_violations=len(violations),
        violations=violations[:20],
    )


def lines(found: RealFigures) -> list[str]:
    """Tell a person."""
    waiting = f"{found.idle_p50_ms:10.1f}  ms of a GPU between two frames, p99"
    size = f"{found.gpus:,} GPUs of {found.nodes:,} light nodes"
    cores, memory = found.dispatcher_cpu, found.dispatcher_rss_mb
    text = [
        f"{size}, frames of {found.frame_s:g} s, {found.seconds:.0f} s of real time",
        f"frames          {found.frames:10,d}  {found.frames_per_s:,.1f} a second",
        f"utilisation     {found.utilisation:10.2%}",
        f"waiting         {waiting} {found.idle_p99_ms:,.1f} ms",
        f"all nodes back  {found.welcome_s:10.1f}  s after the first said hello",
        f"dispatcher      {cores:10.2f}  cores, {memory:,.0f} MB",
    ]
    return text + [f"BROKEN  {sentence}" for sentence in found.violations]
