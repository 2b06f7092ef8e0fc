"""A whole farm of real processes on loopback, for tests: dispatcher, agents, and the means to kill them.

Every process is started by this module, in its own process group, and ended by its own id. Nothing
here patches the product: it uses the command line that people use.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from app.client import Farm, connect
from tests.integration.ports import claim_ports

ROOT = Path(__file__).parents[2]
START_TIMEOUT_S = 60.0


def wait_until(condition: Callable[[], object], timeout_s: float, what: str) -> None:
    """Poll until the condition holds; the failure says what was waited for."""
    end = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f"{what} did not happen within {timeout_s:.0f} s")
        time.sleep(0.02)


@dataclass(slots=True)
class LocalFarm:
    """A farm in one folder: ``home`` is the dispatcher's, ``nodes/NAME`` each agent's."""

    folder: Path
    dispatcher: subprocess.Popen[bytes] | None = None
    agents: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def home(self) -> Path:
        return self.folder / "home"

    def start_dispatcher(self) -> None:
        """Start ``windfire serve`` and wait until a client is answered."""
        claim_ports(self.home)
        self.dispatcher = self._spawn(
            "dispatcher", sys.executable, "-m", "app", "--home", self.home, "serve"
        )
        wait_until(self._answers, START_TIMEOUT_S, "the dispatcher's first answer")

    def kill_dispatcher(self) -> None:
        """SIGKILL, as a power cut would be for the process."""
        assert self.dispatcher is not None
        self.dispatcher.kill()
        self.dispatcher.wait()

    def start_agent(self, name: str, *options: str, hidden: Sequence[Path] = ()) -> None:
        """Join the farm as a new node, or come back as the one that this name already is. ``hidden``:
        folders that it finds empty, as on a machine that does not share them (Linux, as root)."""
        data = self.folder / "nodes" / name
        known = (data / "node.key").exists() or any(data.glob("*key*"))
        join = () if known else ("--join", self._token())
        self.agents[name] = self._spawn(
            name,
            *_hiding(hidden),
            sys.executable,
            "-m",
            "node_agent",
            "--allow-root",
            "--data",
            data,
            "--name",
            name,
            *join,
            *options,
        )

    def kill_agent(self, name: str) -> None:
        """SIGKILL the agent's parent alone: its children must die of it by themselves."""
        agent = self.agents.pop(name)
        children = psutil.Process(agent.pid).children(recursive=True)
        agent.kill()
        agent.wait()
        _, alive = psutil.wait_procs(children, timeout=10)
        assert not alive, f"children outlived the agent {name}: {alive}"

    def client(self) -> Farm:
        return connect(home=self.home)

    def stop(self) -> None:
        for process in [*self.agents.values(), *([self.dispatcher] if self.dispatcher else [])]:
            _end(process)

    def log(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text(errors="replace")

    def _token(self) -> str:
        with self.client() as farm:
            return farm.token()

    def _answers(self) -> bool:
        assert self.dispatcher is not None
        assert self.dispatcher.poll() is None, f"the dispatcher ended:\n{self.log('dispatcher')}"
        with suppress(Exception), self.client() as farm:
            farm.list("nodes")
            return True
        return False

    def _spawn(self, name: str, *arguments: object) -> subprocess.Popen[bytes]:
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / f"{name}.log").open("ab") as log:
            return subprocess.Popen(
                [*map(str, arguments)],
                cwd=ROOT,
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
                env=os.environ | {"PYTHONUNBUFFERED": "1"},
            )


def _hiding(folders: Sequence[Path]) -> list[str]:
    """The beginning of a command line whose process has an empty file system at each folder."""
    mounts = [f"mount -t tmpfs none '{folder}'" for folder in folders]
    script = " && ".join([*mounts, 'exec "$@"'])
    return ["unshare", "--mount", "sh", "-c", script, "sh"] if folders else []


def _end(process: subprocess.Popen[bytes]) -> None:
    """Ask, then kill the process group that we made for it."""
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@contextmanager
def local_farm(folder: Path) -> Iterator[LocalFarm]:
    """A farm with a running dispatcher and no agents; everything is ended at the exit."""
    farm = LocalFarm(folder)
    try:
        farm.start_dispatcher()
        yield farm
    finally:
        farm.stop()
