"""A disk that is full or fails: nothing is acknowledged that was not written, and nothing is forgotten."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from app.core.changes import Change
from app.core.commands import GetSnapshot, Receipt, Refusal, StepRequest, Submit
from app.core.views import Snapshot
from app.store.faults import StoreFault
from app.store.home import read_connection
from app.store.repository import Repository
from node_agent.wire.job import CommandWork
from tests.integration.dispatcher.fake_agent import FakeNodes
from tests.integration.dispatcher.farm import (
    Client,
    Dispatching,
    Server,
    admin_of,
    dispatching,
    join_node,
    server,
    wait_until,
)


class Failing(Repository):
    """Fails as told, without writing."""

    fault: StoreFault | None = None

    def commit(self, changes: Sequence[Change], at: float) -> int:
        if self.fault is not None:
            raise self.fault
        return super().commit(changes, at)


def shot(name: str, frames: int = 4) -> Submit:
    step = StepRequest(work=CommandWork(argv=["true"]), frames=f"1-{frames}")
    return Submit(project="P", sequence="sq", shot=name, name="job", steps=[step])


def shots(client: Client) -> dict[str, int]:
    snapshot = client.ask(GetSnapshot())
    assert isinstance(snapshot, Snapshot)
    return {row.name: row.done for row in snapshot.shots}


def test_nothing_is_acknowledged_while_nothing_can_be_written(tmp_path: Path) -> None:
    with (
        dispatching(tmp_path, open_repository=Failing) as dispatcher,
        Client(dispatcher.connection, admin_of(dispatcher.home)) as client,
        FakeNodes() as nodes,
    ):
        connection = dispatcher.connection
        pair = join_node(client, "n")
        nodes.add("n", connection.address_nodes, connection.server_key, pair)
        assert isinstance(client.ask(shot("kept")), Receipt)
        instance = dispatcher.loop.instance
        fail(dispatcher, StoreFault("The disk is full.", passing=True))
        answer = client.ask(shot("refused"))
        assert answer == Refusal(sentence="The disk is full.", blame="environment")
        assert shots(client).keys() == {"kept"}
        assert dispatcher.loop.instance != instance  # clients must ask for a new snapshot
        nodes.run_until(lambda: True, "a turn of the agents")
        fail(dispatcher, None)
        wait_until(lambda: isinstance(client.ask(shot("later")), Receipt), "the end of the trouble")
        nodes.run_until(lambda: shots(client) == {"kept": 4, "later": 4}, "all frames")
        assert len(nodes.published) == len(set(nodes.published)) == 8


def test_an_io_error_ends_the_dispatcher(tmp_path: Path) -> None:
    """What a failed sync left on disk is known only to a new start."""
    dispatcher = Dispatching(tmp_path, open_repository=Failing)
    dispatcher.start()
    dispatcher.ready.wait()
    fail(dispatcher, StoreFault("The disk does not answer."))
    with Client(dispatcher.connection, admin_of(dispatcher.home)) as client:
        assert client.try_ask(shot("lost"), 0.5) is None
    dispatcher.join(10)
    assert isinstance(dispatcher.error, StoreFault)


def fail(dispatcher: Dispatching, fault: StoreFault | None) -> None:
    assert isinstance(dispatcher.repository, Failing)
    dispatcher.repository.fault = fault


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A real file system of 8 MiB; needs root."""
    folder = tmp_path / "small"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        pytest.skip(f"no file system of a chosen size here: {done.stderr.strip()}")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_full_disk_is_said_and_survived(small_disk: Path) -> None:
    with server(small_disk) as running:
        connection = read_connection(running.home)
        assert connection is not None
        with Client(connection, admin_of(running.home)) as client:
            client.ask(shot("before"))
            filler = fill(small_disk)
            refused = ask_until_refused(client)
            assert "disk is full" in refused.sentence
            assert refused.blame == "environment"
            kept = shots(client)
            assert "before" in kept
            filler.unlink()
            wait_until(lambda: isinstance(client.ask(shot("after")), Receipt), "the recovery", 10)
        restart(running)
        connection = read_connection(running.home)
        assert connection is not None
        with Client(connection, admin_of(running.home)) as client:
            assert shots(client).keys() >= {*kept, "after"}


def restart(running: Server) -> None:
    running.kill()
    running.start()


def fill(folder: Path) -> Path:
    path = folder / "filler"
    with path.open("wb", buffering=0) as file:
        try:
            while file.write(bytes(4096)):
                pass
        except OSError:
            return path
    return path


def ask_until_refused(client: Client) -> Refusal:
    for number in range(2000):  # the WAL has some room of its own
        answer = client.ask(shot(f"more{number}", 100))
        if isinstance(answer, Refusal):
            return answer
    raise AssertionError("8 MiB were never full")
