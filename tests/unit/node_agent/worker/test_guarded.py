"""Programs under guardians that one server forks, in this process as in a worker."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from node_agent.worker import guardian
from node_agent.worker.guarded import Server

ENVIRONMENT = {"PATH": os.environ["PATH"]}
WAIT_S = 60.0


@pytest.fixture
def server():
    found = Server()
    yield found
    found.close()


def run(server: Server, argv: list[str], folder: Path) -> tuple[int | None, bytes, bytes]:
    """Return the exit code, what was printed, and the report."""
    process = server.start(argv, ENVIRONMENT, str(folder))
    code = process.wait(WAIT_S)
    printed = os.read(process.log, 1000)
    process.close()
    return code, printed, process.report


def test_each_program_has_its_own_ending_folder_and_cost(server, tmp_path):
    code, printed, report = run(server, ["sh", "-c", "pwd; exit 3"], tmp_path)
    assert (code, printed.decode().strip()) == (3, str(tmp_path))
    assert len(report.split()) == 2
    assert run(server, ["true"], tmp_path)[0] == 0
    assert run(server, ["sh", "-c", "kill -9 $$"], tmp_path)[0] == 128 + 9


def test_what_cannot_be_started_says_so(server, tmp_path):
    code, printed, _ = run(server, ["no-such-program"], tmp_path)
    assert (code, printed) == (
        guardian.NOT_STARTED,
        b"no-such-program: No such file or directory\n",
    )
    assert run(server, ["true"], tmp_path / "none")[0] == guardian.NOT_STARTED


def test_programs_run_beside_each_other(server, tmp_path):
    long = server.start(["sleep", "600"], ENVIRONMENT, str(tmp_path))
    assert run(server, ["true"], tmp_path)[0] == 0
    assert long.poll() is None
    long.send_signal(1)
    assert long.wait(WAIT_S) == 128 + 9
    long.close()


def test_programs_end_with_the_server_of_their_guardians(server, tmp_path):
    process = server.start(["sleep", "600"], ENVIRONMENT, str(tmp_path))
    server._process.kill()
    server._process.wait()
    assert process.wait(WAIT_S) == 128 + 9
    process.close()
    assert not server.is_alive
