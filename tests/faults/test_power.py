"""Power cuts and failing syncs of the dispatcher's disk: what was acknowledged is there at the next start."""

from __future__ import annotations

import random
import shutil
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from app.core.commands import Receipt, StepRequest, Submit
from app.store.home import Home, read_connection
from app.store.repository import Repository
from node_agent.wire.job import CommandWork
from tests.faults.conftest import only_long
from tests.integration.dispatcher.farm import Client, Server, admin_of, server

IMAGES = 20
SEED = 3


def submit(client: Client, name: str) -> bool:
    """Tell whether the shot was acknowledged."""
    step = StepRequest(work=CommandWork(argv=["true"]), frames="1-50")
    body = Submit(project="P", sequence="sq", shot=name, name="job", steps=[step])
    return isinstance(client.try_ask(body, 5.0), Receipt)


@contextmanager
def client_of(running: Server) -> Iterator[Client]:
    connection = read_connection(running.home)
    assert connection is not None
    with Client(connection, admin_of(running.home)) as client:
        yield client


def shots_in(home: Home) -> set[str]:
    repository = Repository(home.database)
    names = {shot.name for shot in repository.load().shots.values()}
    repository.close()
    return names


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[tuple[Path, Path]]:
    """An ext4 of 96 MiB in a file, mounted: (the file, the folder). Needs root and loop devices."""
    image, folder = tmp_path / "image", tmp_path / "disk"
    folder.mkdir()
    with image.open("wb") as file:
        file.truncate(96 << 20)
    made = subprocess.run(["mkfs.ext4", "-q", image], capture_output=True, text=True)
    if made.returncode or not mount(image, folder):
        pytest.skip(f"no ext4 on a loop device here: {made.stderr.strip()[:80]}")
    yield image, folder
    subprocess.run(["umount", folder], check=True)


def mount(image: Path, folder: Path) -> bool:
    done = subprocess.run(["mount", "-o", "loop", image, folder], capture_output=True, text=True)
    return done.returncode == 0


@only_long
@pytest.mark.timeout(300)
def test_after_a_power_cut_what_was_acknowledged_is_there(
    disk: tuple[Path, Path], tmp_path: Path
) -> None:
    """The image is copied while the dispatcher writes: what was not synced is not in it."""
    image, folder = disk
    draw, copies = random.Random(SEED), [tmp_path / f"cut{number}" for number in range(IMAGES)]
    acked: list[set[str]] = []
    names: set[str] = set()
    with server(folder) as running, client_of(running) as client:
        for copy in copies:
            until = time.monotonic() + draw.uniform(0.05, 0.4)
            while time.monotonic() < until:
                name = f"shot{len(names)}"
                assert submit(client, name)
                names.add(name)
            acked.append(set(names))
            writer = subprocess.Popen(["cp", "--sparse=always", image, copy])
            while writer.poll() is None:  # it goes on writing meanwhile
                name = f"shot{len(names)}"
                assert submit(client, name)
                names.add(name)
    there = tmp_path / "there"
    there.mkdir()
    for copy, wanted in zip(copies, acked, strict=True):
        assert mount(copy, there)
        try:
            home = Home(there / "home")
            database = sqlite3.connect(home.database)
            assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            database.close()
            assert wanted <= shots_in(home)
        finally:
            subprocess.run(["umount", there], check=True)
            copy.unlink()


@only_long
@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")
@pytest.mark.parametrize("when", [1, 2, 3, 5, 8, 13])
def test_a_sync_that_fails_is_never_acknowledged(tmp_path: Path, when: int) -> None:
    with server(tmp_path) as running:
        assert running.process is not None
        with client_of(running) as client:
            acked = {"before"} if submit(client, "before") else set()
            fault = f"inject=fdatasync,fsync:error=EIO:when={when}+"
            pid = str(running.process.pid)
            tracer = subprocess.Popen(
                ["strace", "-f", "-q", "-e", fault, "-o", "/dev/null", "-p", pid]
            )
            for number in range(40):
                if running.process.poll() is not None:
                    break
                if submit(client, f"shot{number}"):
                    acked.add(f"shot{number}")
            tracer.terminate()
            tracer.wait()
            assert running.process.wait(30) != 0, "it went on over a disk that does not answer"
        running.start()
        assert running.stop() == 0
        assert acked <= shots_in(running.home)
        assert len(acked) < 41
