"""The process: what it says, which ports it takes, how it ends; and what it keeps and streams."""

from __future__ import annotations

import os
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import msgspec
import pytest

from app.core.commands import Attempts as AttemptsAnswer
from app.core.commands import (
    GetAttempts,
    GetLog,
    GetPreview,
    GetSnapshot,
    LogText,
    PreviewImage,
    Receipt,
    Refusal,
    StepRequest,
    Submit,
    WatchTask,
)
from app.core.views import LogNews, PreviewNews, Snapshot
from app.dispatcher.recorder import replay
from app.dispatcher.replaying import run_again
from app.dispatcher.serve import DEFAULT_PORTS, ServeConfig, _connection, _wanted_ports
from app.dispatcher.sockets import Ports, Sockets
from app.errors import EnvironmentFault
from app.store.home import Home, KeyPair, read_connection
from app.store.repository import Repository
from node_agent.wire.job import CommandWork
from node_agent.wire.messages import (
    Assign,
    AttemptRef,
    DeviceInfo,
    Hello,
    LogLines,
    Metrics,
    Preview,
    Stale,
    Watch,
    Welcome,
)
from node_agent.wire.version import PROTOCOL
from tests.integration.dispatcher.fake_agent import FakeNodes
from tests.integration.dispatcher.farm import (
    ROOT,
    Client,
    Dispatching,
    NodePeer,
    admin_of,
    dispatching,
    join_node,
    server,
    wait_until,
)
from tests.integration.dispatcher.test_auth import Subscriber

HELLO = Hello(
    protocol=PROTOCOL,
    version="1",
    name="n",
    incarnation="0" * 16,
    devices=[DeviceInfo(kind="cpu", name="c", memory_bytes=1 << 30, cores=1)],
)


def submit(client: Client, frames: int = 1) -> Receipt:
    step = StepRequest(work=CommandWork(argv=["true"]), frames=f"1-{frames}")
    answer = client.ask(Submit(project="P", sequence="s", shot="a", name="j", steps=[step]))
    assert isinstance(answer, Receipt)
    return answer


class TestProcess:
    def test_says_where_it_is_and_ends_cleanly(self, tmp_path: Path) -> None:
        with server(tmp_path) as running:
            connection = read_connection(running.home)
            assert connection is not None
            line = f"Windfire dispatcher on {connection.address_nodes}, database "
            wait_until(lambda: line in running.log(), "the line that says it is ready")
            assert "SQLite" in running.log()
            for path in (running.home.root, running.home.database, running.home.admin_key):
                assert not stat.S_IMODE(path.stat().st_mode) & 0o077
            assert running.stop() == 0
            assert read_connection(running.home) is None

    @pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
    def test_ends_within_a_second(self, tmp_path: Path, number: signal.Signals) -> None:
        with server(tmp_path) as running:
            assert running.process is not None
            begin = time.monotonic()
            running.process.send_signal(number)
            assert running.process.wait(10) == 0
            assert time.monotonic() - begin < 3

    @pytest.mark.parametrize("is_frozen", [False, True])
    def test_second_one_is_told_the_pid_of_the_first(self, tmp_path: Path, is_frozen: bool) -> None:
        with server(tmp_path) as running:
            assert running.process is not None
            if is_frozen:
                os.kill(running.process.pid, signal.SIGSTOP)
            try:
                second = subprocess.run(
                    [sys.executable, "-m", "tests.integration.dispatcher.entry", running.home.root],
                    cwd=ROOT,
                    capture_output=True,
                    text=True,
                    timeout=30,
                )
            finally:
                os.kill(running.process.pid, signal.SIGCONT)
            assert second.returncode == 3
            assert f"pid {running.process.pid}" in second.stderr
            connection = read_connection(running.home)
            assert connection is not None
            assert connection.pid == running.process.pid  # the second touched nothing

    def test_comes_back_on_the_same_ports(self, tmp_path: Path) -> None:
        with server(tmp_path) as running:
            first = read_connection(running.home)
            running.kill()
            running.start()
            second = read_connection(running.home)
            assert first is not None
            assert second is not None
            assert first.address_nodes == second.address_nodes
            assert first.server_key == second.server_key
            assert first.instance != second.instance


class TestPorts:
    def test_binds_loopback_unless_told(self, tmp_path: Path) -> None:
        config = ServeConfig(home=Home(tmp_path))
        assert config.listen == "127.0.0.1"

    def test_a_studio_never_moves_to_ports_that_its_nodes_do_not_know(self, tmp_path: Path) -> None:
        path = tmp_path / "ports.json"
        near = ServeConfig(home=Home(tmp_path))
        far = ServeConfig(home=Home(tmp_path), listen="0.0.0.0")
        assert _wanted_ports(near, path) == [DEFAULT_PORTS, Ports()]
        assert _wanted_ports(far, path) == [DEFAULT_PORTS]
        path.write_text("[1,2,3]")
        assert _wanted_ports(near, path) == [Ports(1, 2, 3), DEFAULT_PORTS, Ports()]
        assert _wanted_ports(far, path) == [Ports(1, 2, 3)]

    def test_local_clients_go_by_loopback(self, tmp_path: Path) -> None:
        config = ServeConfig(home=Home(tmp_path), listen="0.0.0.0", advertise="farm")
        connection = _connection(config, Ports(1, 2, 3), KeyPair("k" * 40, "s" * 40))
        assert connection.address_nodes == "tcp://farm:1"
        assert connection.address_clients == "tcp://127.0.0.1:2"

    def test_a_taken_port_is_said(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            with pytest.raises(EnvironmentFault, match=f"Port {port} of 127"):
                Sockets(KeyPair("k" * 40, "s" * 40), "127.0.0.1", Ports(nodes=port))


class Busy:
    """A node with a running frame, spoken for by the test."""

    def __init__(self, dispatcher: Dispatching, admin: Client) -> None:
        connection = dispatcher.connection
        pair = join_node(admin, "n")
        self.peer = NodePeer(connection.address_nodes, connection.server_key, pair)
        self.peer.say(HELLO)
        assert isinstance(self.peer.hear()[0], Welcome)
        submit(admin)
        (assign,) = [m for m in self.peer.hear() if isinstance(m, Assign)]
        self.ref = assign.ref

    def close(self) -> None:
        self.peer.__exit__()


@pytest.fixture
def busy(dispatcher: Dispatching, admin: Client) -> Iterator[Busy]:
    with closing(Busy(dispatcher, admin)) as found:
        yield found


class TestContent:
    def test_log_is_kept_and_read(self, admin: Client, busy: Busy) -> None:
        busy.peer.say(LogLines(busy.ref, 0, ["hello", "world"]))

        def log() -> bytes:
            answer = admin.ask(GetLog(step=busy.ref.step, task=busy.ref.task))
            assert isinstance(answer, LogText)
            return answer.text

        wait_until(lambda: log() == b"hello\nworld\n", "the log")

    def test_lines_and_pictures_of_another_attempt_are_not_kept(
        self, admin: Client, busy: Busy
    ) -> None:
        old = AttemptRef(busy.ref.step, busy.ref.task, busy.ref.epoch + 1)
        busy.peer.say(LogLines(old, 0, ["false"]), Preview(old, 1, 1, 2, b"false"))
        assert wait_until(lambda: [m for m in busy.peer.hear() if isinstance(m, Stale)], "Stale")
        answer = admin.ask(GetLog(step=old.step, task=old.task, epoch=old.epoch))
        assert isinstance(answer, LogText)
        assert answer.size == 0
        assert isinstance(admin.ask(GetPreview(step=old.step, task=old.task)), Refusal)

    def test_watched_task_streams_pictures_and_lines(
        self, dispatcher: Dispatching, admin: Client, busy: Busy
    ) -> None:
        ref = busy.ref
        with Subscriber(dispatcher, admin_of(dispatcher.home)) as sub:
            assert sub.poll(10_000)
            admin.ask(WatchTask(step=ref.step, task=ref.task, seconds=0.5))
            (watch,) = wait_until(
                lambda: [m for m in busy.peer.hear() if isinstance(m, Watch)], "Watch"
            )
            assert watch.on
            busy.peer.say(Preview(ref, 1, 1, 4, b"picture"), LogLines(ref, 0, ["line"]))
            found: dict[bytes, bytes] = {}

            def heard() -> bool:
                while sub.poll(0):
                    topic, data = sub.recv_multipart()
                    found[topic] = data
                return found.keys() >= {b"preview", b"log"}

            wait_until(heard, "picture and line")
            picture = msgspec.msgpack.decode(found[b"preview"], type=PreviewNews)
            assert (picture.image, picture.passes_done) == (b"picture", 1)
            news = msgspec.msgpack.decode(found[b"log"], type=LogNews)
            assert (news.first, news.lines) == (0, ["line"])
            (watch,) = wait_until(
                lambda: [m for m in busy.peer.hear() if isinstance(m, Watch)], "the watch's end"
            )
            assert not watch.on
        answer = admin.ask(GetPreview(step=ref.step, task=ref.task))
        assert isinstance(answer, PreviewImage)

    def test_metrics_are_in_the_snapshot(self, admin: Client, busy: Busy) -> None:
        busy.peer.say(Metrics(42.0, 1, 2, 3.0, 4.0, 5.0, 6.0, 7.0))

        def samples() -> list[float]:
            answer = admin.ask(GetSnapshot())
            assert isinstance(answer, Snapshot)
            return [sample.cpu_percent for sample in answer.samples]

        wait_until(lambda: samples() == [42.0], "the sample")

    def test_running_attempts_are_listed_first(self, admin: Client, busy: Busy) -> None:
        for query in (GetAttempts(), GetAttempts(shot=1), GetAttempts(step=1, task=0)):
            answer = admin.ask(query)
            assert isinstance(answer, AttemptsAnswer)
            assert [(row.outcome, row.node_name, row.first) for row in answer.rows] == [
                ("running", "n", 1)
            ]
        answer = admin.ask(GetAttempts(step=1, task=3))
        assert isinstance(answer, AttemptsAnswer)
        assert answer.rows == []


def test_receipt_names_the_delta_that_shows_it(dispatcher: Dispatching, admin: Client) -> None:
    with Subscriber(dispatcher, admin_of(dispatcher.home)) as sub:
        assert sub.poll(10_000)
        receipt = submit(admin)

        def shown() -> bool:
            _, data = sub.recv_multipart()
            delta = msgspec.msgpack.decode(data)
            is_shown = any(row["type"] == "shot" for row in delta["rows"])
            assert is_shown == (delta["seq"] == receipt.seq) or delta["seq"] > receipt.seq
            return is_shown

        wait_until(shown, "the delta")


def test_a_recording_runs_again_to_the_same_state(tmp_path: Path) -> None:
    with (
        dispatching(tmp_path) as dispatcher,
        Client(dispatcher.connection, admin_of(dispatcher.home)) as admin,
        FakeNodes() as nodes,
    ):
        connection = dispatcher.connection
        for name in ("a", "b"):
            pair = join_node(admin, name)
            nodes.add(name, connection.address_nodes, connection.server_key, pair)
        submit(admin, 30)
        nodes.run_until(lambda: len(nodes.published) == 30, "all frames")
    repository = Repository(dispatcher.home.database)
    expected = repository.load().sections()
    repository.close()
    (path,) = dispatcher.home.events.iterdir()
    assert b"wf1-" not in path.read_bytes()  # tokens are in no file
    state = None
    for turn in replay(path):
        state = turn.core.state
    assert state is not None
    assert state.sections() == expected
    account = run_again(path)
    assert account.is_first
    assert account.compared > 10
    assert account.difference is None
