"""The dispatcher end to end: no-op frames a second, durable and over CURVE, beside a bare echo.

Everything is the product: ``windfire serve`` in its own process, ``synchronous=FULL``, every frame with
its Ready, grant, Done and ledger line. The nodes are light ones in this process (``benchmarks.dispatch_load``).
Ratios are to a bare ROUTER that answers the same messages of as many nodes and keeps nothing (what one node says
of several devices in one message costs it next to nothing, so 1,200 nodes of one device are where they differ
least), measured in turns with it, since this machine drifts by a factor of two. ``dispatch_costs``,
``dispatch_waits`` and ``dispatch_programs`` are the other parts; they share what starts farms here.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import zmq

from app.client import Farm, connect
from app.core.commands import MakeToken, Receipt, StepRequest, Submit
from app.store.home import Home, read_connection
from benchmarks.dispatch_load import Load, Node
from benchmarks.dispatch_load import connect as open_node
from node_agent.wire.codec import decode_to_node, encode
from node_agent.wire.job import CommandWork
from node_agent.wire.messages import Join, Joined
from node_agent.wire.token import parse_token
from node_agent.wire.version import PROTOCOL

ROOT = Path(__file__).parents[1]
NODES, DEVICES = 20, 8
START_S = 60.0
MANY, LONE = 150, 1_200
NOOP_LIMIT, LONE_LIMIT = 20_000.0, 10_000.0
"""Tasks a second without files that 150 agents of 8 devices, and 1,200 agents of one, must get through on
two cores."""


def run(quick: bool) -> dict[str, float | list[float]]:
    """Measure; see the module."""
    tasks = 4_000 if quick else 30_000
    found: dict[str, list[float]] = {}

    def add(name: str, figure: float) -> None:
        found.setdefault(name, []).append(figure)

    for _ in range(1 if quick else 3):
        rate, cpu_us = task_rate(tasks)
        add("frames_per_s", rate)
        add("dispatcher_cpu_us_per_frame", cpu_us)
        bare = echo_rate(tasks)
        add("bare_echo_frames_per_s", bare)
        add("frames_to_bare_echo_ratio", rate / bare)
        for nodes, devices, limit in ((MANY, DEVICES, NOOP_LIMIT), (LONE, 1, LONE_LIMIT)):
            rate, cpu_us = task_rate(tasks, nodes, devices, publishes=False)
            bare = echo_rate(tasks, nodes, devices, publishes=False)
            add(f"noop_tasks_per_s_{nodes}_agents", rate)
            add(f"noop_cpu_us_{nodes}_agents", cpu_us)
            add(f"noop_to_limit_{nodes}_agents_ratio", rate / limit)
            add(f"noop_to_bare_echo_{nodes}_agents_ratio", rate / bare)
    return dict(found)


# --- frames a second ------------------------------------------------------------------------------


def task_rate(
    tasks: int,
    nodes: int = NODES,
    devices: int = DEVICES,
    *,
    publishes: bool = True,
    variant: str = "",
) -> tuple[float, float]:
    """Frames a second, and the dispatcher's CPU time for one (less shaken by a shared machine)."""
    plain = variant == "no_curve"
    with (
        farm_of(variant) as home,
        nodes_of(home, nodes, devices, plain=plain) as load,
        connect(home.root) as farm,
    ):
        connection = read_connection(home)
        assert connection is not None
        process = psutil.Process(connection.pid)
        for node in load.nodes:
            node.publishes = publishes
        submit(farm, "shot", tasks)
        before = sum(process.cpu_times()[:2])
        seconds = load.run_until(lambda: load.done >= tasks)
        cpu_s = sum(process.cpu_times()[:2]) - before
    return tasks / seconds, 1e6 * cpu_s / tasks


def echo_rate(
    tasks: int, nodes: int = NODES, devices: int = DEVICES, *, publishes: bool = True
) -> float:
    """The same nodes, messages and CURVE against a ROUTER that keeps nothing."""
    public, secret = zmq.curve_keypair()
    context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
    context.set(zmq.MAX_SOCKETS, 2 * nodes + 64)
    with tempfile.TemporaryDirectory() as folder:
        port_file = Path(folder) / "port"
        code = "import sys; from benchmarks.dispatch_load import echo; echo(sys.argv[1], sys.argv[2], int(sys.argv[3]))"
        arguments = [sys.executable, "-c", code, str(port_file), secret.decode(), str(tasks)]
        with subprocess.Popen(arguments, cwd=ROOT) as process:
            try:
                _wait_for(port_file)
                address = f"tcp://127.0.0.1:{port_file.read_text()}"
                load = Load(
                    [
                        Node(
                            open_node(context, address, public, zmq.curve_keypair()),
                            devices,
                            f"{number:016x}",
                            hold=True,
                            publishes=publishes,
                        )
                        for number in range(nodes)
                    ]
                )
                for node in load.nodes:
                    node.hello()
                load.run_until(lambda: all(len(node.running) == devices for node in load.nodes))
                for node in load.nodes:
                    node.hold = False
                    node.finish_all()
                seconds = load.run_until(lambda: load.done >= tasks)
            finally:
                process.kill()
                context.destroy(linger=0)
    return tasks / seconds


# --- the farm -------------------------------------------------------------------------------------


@contextmanager
def farm_of(variant: str = "") -> Iterator[Home]:
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder))
        process = start(home, variant)
        try:
            yield home
        finally:
            process.terminate()
            process.wait()


def start(home: Home, variant: str = "") -> subprocess.Popen[bytes]:
    """Start a dispatcher, or a variant of it, and wait until it says where it is."""
    module = ["benchmarks.dispatch_variants", variant] if variant else ["app"]
    # The ports of the last time, so that nodes find a restarted one.
    port = [] if (home.root / "ports.json").exists() else ["--port", "0"]
    process = subprocess.Popen(
        [sys.executable, "-m", *module, "--home", str(home.root), "serve", *port],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    end = time.monotonic() + START_S
    while True:
        found = read_connection(home)
        if found is not None and found.pid == process.pid:
            return process
        if process.poll() is not None or time.monotonic() > end:
            raise RuntimeError("the dispatcher did not start")
        time.sleep(0.005)


@contextmanager
def nodes_of(
    home: Home,
    count: int = NODES,
    devices: int = DEVICES,
    *,
    hold: bool = False,
    plain: bool = False,
) -> Iterator[Load]:
    context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
    context.set(zmq.MAX_SOCKETS, 2 * count + 64)
    connection = read_connection(home)
    assert connection is not None
    server_key = connection.server_key.encode()
    try:
        with connect(home.root) as farm:
            keys = [join(context, farm, f"node{number}", plain=plain) for number in range(count)]
        load = Load(
            [
                Node(
                    open_node(context, connection.address_nodes, server_key, pair, is_plain=plain),
                    devices,
                    f"{number:016x}",
                    hold,
                )
                for number, pair in enumerate(keys)
            ]
        )
        for node in load.nodes:
            node.hello()
        load.run_until(lambda: all(node.is_welcome for node in load.nodes))
        yield load
    finally:
        context.destroy(linger=0)


def join(
    context: zmq.Context[zmq.Socket[bytes]], farm: Farm, name: str, *, plain: bool = False
) -> tuple[bytes, bytes]:
    """Join as a new node; return its key pair."""
    receipt = farm._ask(MakeToken(), Receipt)
    token = parse_token(receipt.text)
    own = zmq.curve_keypair()
    pair = (token.public_key.encode(), token.secret_key.encode())
    socket = open_node(context, token.address, token.server_key.encode(), pair, is_plain=plain)
    socket.send(encode([Join(protocol=PROTOCOL, name=name, public_key=own[0].decode())]))
    (answer,) = decode_to_node(socket.recv())
    assert isinstance(answer, Joined), answer
    socket.close(linger=0)
    return own


def submit(farm: Farm, shot: str, frames: int) -> Receipt:
    return farm._ask(
        Submit(
            project="FILM",
            sequence="sq010",
            shot=shot,
            name="beauty",
            steps=[StepRequest(work=CommandWork(argv=["true"]), frames=f"1-{frames}")],
        ),
        Receipt,
    )


def _wait_for(path: Path) -> None:
    end = time.monotonic() + START_S
    while not path.exists():
        if time.monotonic() > end:
            raise TimeoutError(path)
        time.sleep(0.005)
