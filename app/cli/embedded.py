"""The farm of one desktop: a dispatcher and an agent that `windfire` starts and leaves running.

They are children of nobody that matters: closing the window leaves them rendering, the next `windfire`
finds them by ``connection.json`` and ``local.json``, and `windfire stop` ends them. A process is known by
its id and its time of start together, since ids are used again.
"""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import msgspec
import psutil

from app.cli.processes import module_command, start, tail
from app.client.api import Farm, connect
from app.client.settings import is_alive
from app.errors import EnvironmentFault, WindfireError
from app.store.home import Home, read_connection, write_private

START_S = 30.0
POLL_S = 0.05
SAME_START_S = 1.0


class Local(msgspec.Struct, kw_only=True):
    """A process of this farm on this machine."""

    kind: str
    pid: int
    started_at: float


class LocalProcesses(msgspec.Struct, kw_only=True):
    """``local.json``."""

    processes: list[Local] = []


def ensure_farm(home: Home, tell: Callable[[str], None]) -> list[subprocess.Popen[bytes]]:
    """Start what is not running: a dispatcher, and an agent for this machine; return what was started.

    A dispatcher that somebody else started, here or elsewhere, gets no agent: whether this machine is one
    of its nodes is theirs to say. Raises EnvironmentFault. The caller may forget the processes when it ends
    itself, not before.
    """
    started: list[subprocess.Popen[bytes]] = []
    if not dispatcher_runs(home):
        tell("Starting the dispatcher ...")
        started.append(spawn_dispatcher(home))
        remember_local(home, "dispatcher", started[-1])
        await_dispatcher(home, started[-1])
    if is_running(home, "dispatcher") and not is_running(home, "agent"):
        tell("Starting the agent of this machine ...")
        with connect(home.root) as farm:
            started.append(start_agent(home, farm, _node_name(), home.root / "node"))
        remember_local(home, "agent", started[-1])
    return started


def dispatcher_runs(home: Home) -> bool:
    """Tell whether connection.json names a process that lives."""
    found = read_connection(home)
    return found is not None and is_alive(home, found)


def spawn_dispatcher(home: Home, *options: object) -> subprocess.Popen[bytes]:
    """Start `windfire serve` without waiting for it."""
    return start(module_command("app", "--home", home.root, "serve", *options), _log(home))


def await_dispatcher(home: Home, process: subprocess.Popen[bytes]) -> None:
    """Return when it answers a client. Raises EnvironmentFault with its last words."""
    deadline = time.monotonic() + START_S
    while not _answers(home, process):
        if process.poll() is not None and not dispatcher_runs(home):
            raise EnvironmentFault(
                f"The dispatcher ended at once: {tail(_log(home)) or _log(home)}"
            )
        if time.monotonic() > deadline:
            raise EnvironmentFault(
                f"The dispatcher did not answer in {START_S:.0f} s; see {_log(home)}."
            )
        time.sleep(POLL_S)


def start_agent(
    home: Home, farm: Farm, name: str, data: Path, *options: object
) -> subprocess.Popen[bytes]:
    """Start an agent of this machine, with a join token where its folder is new."""
    join = () if _has_joined(data) else ("--join", farm.token())
    command = module_command("node_agent", "--data", data, "--name", name, *join, *options)
    command += ["--allow-root"]  # it is the person's own machine, and they are root
    return start(command, home.logs / f"{name}.log")


def remember_local(home: Home, kind: str, process: subprocess.Popen[bytes]) -> None:
    """Note a started process in local.json, for later commands to find and end."""
    try:
        started_at = psutil.Process(process.pid).create_time()
    except psutil.NoSuchProcess:
        return  # gone already; whoever waits for it will say so
    kept = [each for each in _read(home).processes if _lives(each) and each.kind != kind]
    kept.append(Local(kind=kind, pid=process.pid, started_at=started_at))
    write_private(_file(home), msgspec.json.encode(LocalProcesses(processes=kept)))


def is_running(home: Home, kind: str) -> bool:
    """Tell whether local.json has a living process of this kind."""
    return any(each.kind == kind and _lives(each) for each in _read(home).processes)


def stop_farm(home: Home) -> int:
    """End the processes of local.json, agents first; return how many were running."""
    alive = [each for each in _read(home).processes if _lives(each)]
    for each in sorted(alive, key=lambda each: each.kind):
        _end(each)
    _file(home).unlink(missing_ok=True)
    return len(alive)


def _end(each: Local) -> None:
    try:
        process = psutil.Process(each.pid)
        process.terminate()
        process.wait(START_S)
    except psutil.NoSuchProcess:
        return
    except psutil.TimeoutExpired as error:
        raise EnvironmentFault(
            f"The {each.kind} (process {each.pid}) does not end; it was asked to."
        ) from error


def _answers(home: Home, process: subprocess.Popen[bytes]) -> bool:
    """Tell whether this dispatcher, or another that was faster, answers a client."""
    if not dispatcher_runs(home):
        return False
    found = read_connection(home)
    if found is not None and found.pid not in (0, process.pid) and process.poll() is None:
        return False  # a stale file of a dispatcher that was killed, whose id lives again
    try:
        with connect(home.root, timeout_s=2.0) as farm:
            farm.ping()
    except WindfireError:
        return False
    return True


def _log(home: Home) -> Path:
    return home.logs / "dispatcher.log"


def _has_joined(data: Path) -> bool:
    return any(data.glob("*key*"))


def _lives(each: Local) -> bool:
    try:
        process = psutil.Process(each.pid)
        is_same = abs(process.create_time() - each.started_at) < SAME_START_S
        return is_same and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _read(home: Home) -> LocalProcesses:
    try:
        return msgspec.json.decode(_file(home).read_bytes(), type=LocalProcesses)
    except (OSError, msgspec.MsgspecError):
        return LocalProcesses()


def _file(home: Home) -> Path:
    return home.root / "local.json"


def _node_name() -> str:
    return socket.gethostname().split(".")[0][:60] or "desktop"
