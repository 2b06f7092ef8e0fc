"""The dispatcher end to end: no-op frames a second, durable and over CURVE; drop to assignment; restart.

Everything is the product: ``windfire serve`` in its own process, ``synchronous=FULL``, every frame with
its Ready, grant, Done and ledger line. The nodes are light ones in this process
(``benchmarks.dispatch_load``); those that hold frames for 5 s are ``app.simulate.light``; `true` runs through
a real agent. Ratios are to a bare ROUTER that answers the same messages of as many nodes and keeps nothing (what
one node says of several devices in one message costs it next to nothing, so 1,200 nodes of one device are
where they differ least), and to the same dispatcher without CURVE or without its store (``benchmarks.dispatch_variants``), each measured in turns with
it, since this machine drifts by a factor of two.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

import psutil
import zmq

from app.cli.embedded import ensure_farm, stop_farm
from app.client import Farm, connect
from app.core.commands import MakeToken, Move, Receipt, StepRequest, Submit
from app.simulate.real import Load as Real
from app.simulate.real import drive
from app.store.home import Home, read_connection
from benchmarks.dispatch_load import Load, Node
from benchmarks.dispatch_load import connect as open_node
from benchmarks.dispatch_restart import restart
from node_agent.wire.codec import decode_to_node, encode
from node_agent.wire.job import CommandWork, Needs
from node_agent.wire.messages import Join, Joined
from node_agent.wire.token import parse_token
from node_agent.wire.version import PROTOCOL

ROOT = Path(__file__).parents[1]
NODES, DEVICES = 20, 8
START_S = 60.0
HELLO_S = 1.0


MANY, LONE = 150, 1_200
NOOP_LIMIT, LONE_LIMIT = 20_000.0, 10_000.0
"""Tasks a second without files that 150 agents of 8 devices, and 1,200 agents of one, must get through on
two cores."""


def run(quick: bool) -> dict[str, float | list[float]]:
    """Measure; see the module."""
    tasks = 4_000 if quick else 40_000
    rounds = 1 if quick else 3
    rates, bare, ratios, costs, noops, lone = [], [], [], [], [], []
    curve, full, many_to_echo, lone_to_echo = [], [], [], []
    for _ in range(rounds):
        (ours, cost), theirs = _rate(tasks), _echo_rate(tasks)
        rates.append(ours)
        costs.append(cost)
        bare.append(theirs)
        ratios.append(ours / theirs)
        noops.append(_rate(tasks, MANY, publishes=False)[0])
        many_to_echo.append(noops[-1] / _echo_rate(tasks, MANY, publishes=False))
        lone.append(_rate(tasks, LONE, 1, publishes=False)[0])
        lone_to_echo.append(lone[-1] / _echo_rate(tasks, LONE, 1, publishes=False))
        for variant, found in (("no_curve", curve), ("no_store", full)):
            other = _rate(tasks, MANY, publishes=False, variant=variant)[0]
            found.append(noops[-1] / other)
    drops = _drop_latencies(30 if quick else 200)
    return {
        "frames_per_s": rates,
        "noop_tasks_per_s": noops,
        "noop_to_limit_ratio": [rate / NOOP_LIMIT for rate in noops],
        "noop_tasks_per_s_1200_agents": lone,
        "noop_to_limit_1200_agents_ratio": [rate / LONE_LIMIT for rate in lone],
        "noop_to_bare_echo_ratio": many_to_echo,
        "noop_to_bare_echo_1200_agents_ratio": lone_to_echo,
        "curve_to_no_curve_ratio": curve,
        "full_to_no_store_ratio": full,
        "dispatcher_cpu_us_per_frame": costs,
        "bare_echo_frames_per_s": bare,
        "frames_to_bare_echo_ratio": ratios,
        "drop_to_assign_p50_ms": _percentile(drops, 50),
        "drop_to_assign_p99_ms": _percentile(drops, 99),
        "agents_1200_back_s": _back(100 if quick else LONE),
        **restart(50 if quick else 1_900),
        **_idle(quick),
        **_real(quick),
    }


# --- frames a second ------------------------------------------------------------------------------


def _rate(
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
        _farm(variant) as home,
        _nodes(home, nodes, devices, plain=plain) as load,
        connect(home.root) as farm,
    ):
        connection = read_connection(home)
        assert connection is not None
        process = psutil.Process(connection.pid)
        for node in load.nodes:
            node.publishes = publishes
        _submit(farm, "shot", tasks)
        before = sum(process.cpu_times()[:2])
        seconds = load.run_until(lambda: load.done >= tasks)
        cpu_s = sum(process.cpu_times()[:2]) - before
    return tasks / seconds, 1e6 * cpu_s / tasks


def _echo_rate(
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


# --- drop to assignment ---------------------------------------------------------------------------


def _drop_latencies(rounds: int) -> list[float]:
    """Milliseconds from sending a Move, with a frame ending at the same time, to an Assign of that shot."""
    found: list[float] = []
    with _farm() as home, _nodes(home, 1, hold=True) as load, connect(home.root) as farm:
        shots = [_submit(farm, name, 10_000).ids[0] for name in ("a", "b")]
        node = load.nodes[0]
        load.run_until(lambda: len(node.running) == DEVICES)
        for number in range(rounds):
            shot = shots[(number + 1) % 2]
            node.assigned.clear()
            start = time.perf_counter()
            farm._ask(Move(shots=[shot], place="top"), Receipt)
            node.finish()
            load.run_until(lambda: bool(node.assigned))
            at, ref = node.assigned[0]
            assert ref.step == shots.index(shot) + 1, "the wrong shot came next"
            found.append(1000 * (at - start))
    return found


# --- nodes come back, devices wait ------------------------------------------------------------------


def _back(nodes: int) -> float:
    """Seconds from the restart of a killed dispatcher until all agents have their Welcome."""
    with _farm() as home, _nodes(home, nodes, 1) as load:
        connection = read_connection(home)
        assert connection is not None
        psutil.Process(connection.pid).kill()
        for node in load.nodes:
            node.is_welcome = False
        process = start(home)
        said_at = 0.0

        def all_back() -> bool:
            # As agents do until they are answered: what was said into a broken connection is lost.
            nonlocal said_at
            away = [node for node in load.nodes if not node.is_welcome]
            if time.perf_counter() - said_at > HELLO_S:
                said_at = time.perf_counter()
                for node in away:
                    node.hello()
            return not away

        try:
            return load.run_until(all_back)
        finally:
            process.kill()
            process.wait()


def _idle(quick: bool) -> dict[str, float]:
    """A device's wait between two frames of 5 s, 1,200 devices; their nodes are processes of their own."""
    nodes, gpus, seconds = (15, 120, 12.0) if quick else (150, 1_200, 30.0)
    found = drive(Real(nodes, gpus, seed=1, frame_s=5.0, seconds=seconds))
    return {
        "idle_between_5s_tasks_p50_ms": found.idle_p50_ms,
        "idle_between_5s_tasks_p99_ms": found.idle_p99_ms,
        "utilisation_5s_tasks_ratio": found.utilisation,
    }


def _real(quick: bool) -> dict[str, float]:
    """`true` as a command through the real agent of this machine, a task a core; agent and worker included."""
    tasks = 100 if quick else 1_000
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder))
        ensure_farm(home, lambda _: None)
        try:
            with connect(home.root) as farm:
                _run_true(farm, "warm", 8)
                return {"true_commands_per_s": tasks / _run_true(farm, "true", tasks)}
        finally:
            stop_farm(home)


def _run_true(farm: Farm, shot: str, tasks: int) -> float:
    """Seconds from the submission until all tasks are done."""
    needs = Needs(device="cpu", cores=1)
    step = StepRequest(work=CommandWork(argv=["true"]), frames=f"1-{tasks}", needs=needs)
    began = time.perf_counter()
    farm.give(Submit(project="F", sequence="q", shot=shot, name="v1", steps=[step]))
    while sum(row.done for row in farm.list("shots") if row.name == shot) < tasks:
        time.sleep(0.02)
        if time.perf_counter() - began > 300:
            raise TimeoutError("`true` was not done in time")
    return time.perf_counter() - began


# --- the farm -------------------------------------------------------------------------------------


@contextmanager
def _farm(variant: str = "") -> Iterator[Home]:
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
def _nodes(
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


def _submit(farm: Farm, shot: str, frames: int) -> Receipt:
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


def _percentile(values: list[float], percent: int) -> float:
    ordered = sorted(values)
    if percent == 50:
        return median(ordered)
    return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)]
