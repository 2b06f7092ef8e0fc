"""``windfire-agent``: reads the command line, puts the parts together, and says why it ends.

Exit codes: 0 as asked, 1 a bug, 2 a wrong command line or token, 3 something on this machine or the
way to the dispatcher, 4 refused by the dispatcher.
"""

from __future__ import annotations

import argparse
import logging
import os
import socket
import sys
from collections.abc import Sequence
from pathlib import Path

import msgspec
import platformdirs
import zmq

from node_agent import __version__
from node_agent.agent import platform_posix, probe
from node_agent.agent.identity import (
    DispatcherPlace,
    IdentityFault,
    load_dispatcher,
    load_or_make_keys,
)
from node_agent.agent.join import EXIT_ENVIRONMENT, JoinFault, join
from node_agent.agent.leftovers import Leftovers
from node_agent.agent.link import Link
from node_agent.agent.loop import AgentLoop
from node_agent.agent.outbox import Outbox
from node_agent.agent.selfcheck import SelfCheck
from node_agent.agent.session import AgentSession
from node_agent.agent.session_types import SessionConfig
from node_agent.agent.supervisor import Supervisor
from node_agent.agent.worker_process import Launch
from node_agent.wire.messages import DeviceInfo
from node_agent.wire.paths import system_of
from node_agent.wire.token import TokenError, parse_token

EXIT_USAGE = 2
NAME_MAX = 64
GOODBYE_MS = 500
"""The last message may take this long to leave."""
KINDS = ("cpu", "cuda")

_log = logging.getLogger("agent")


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """What the command line and the defaults come to; ``--print-config`` prints it."""

    name: str
    data: str
    kernel_cache: str
    devices: list[str]
    threads: int
    tags: list[str]
    join: str
    log_level: str
    self_check: bool


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the agent until it is told to stop; return the exit code."""
    options = _parser().parse_args(arguments)
    settings = _settings(options)
    if options.print_config:
        shown = msgspec.structs.replace(settings, join="(given)" if settings.join else "")
        print(msgspec.json.format(msgspec.json.encode(shown), indent=2).decode())
        return 0
    _log_to_stderr(settings.log_level)
    try:
        return _run(settings)
    except TokenError as error:
        return _end(EXIT_USAGE, str(error))
    except JoinFault as error:
        return _end(error.code, str(error))
    except (IdentityFault, OSError) as error:
        return _end(EXIT_ENVIRONMENT, str(error))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="windfire-agent", description="Render on this machine for a Windfire dispatcher."
    )
    add = parser.add_argument
    add("--join", default="", metavar="TOKEN", help="the line that `windfire token` printed")
    add("--name", default="", help="how people call this node (default: its host name)")
    add("--data", type=Path, metavar="DIR", help="where keys and notes are kept")
    add("--devices", type=_kinds, default=list(KINDS), help="cpu, cuda or both (cpu,cuda)")
    add("--threads", type=_threads, default=0, help="of the CPU (default: all that no GPU needs)")
    add("--tag", action="append", default=[], dest="tags", help="what this node can do; repeatable")
    add("--log-level", default="info", choices=["debug", "info", "warning", "error"])
    add("--no-self-check", action="store_true", help="measure no GFLOP/s and disk rate")
    add("--print-config", action="store_true", help="print the settings in effect, and end")
    add("--version", action="version", version=f"windfire-agent {__version__}")
    return parser


def _kinds(text: str) -> list[str]:
    kinds = [kind.strip() for kind in text.split(",") if kind.strip()]
    wrong = [kind for kind in kinds if kind not in KINDS]
    if wrong or not kinds:
        raise argparse.ArgumentTypeError(f"{text!r} is not cpu, cuda or cpu,cuda.")
    return [kind for kind in KINDS if kind in kinds]


def _threads(text: str) -> int:
    if not text.isdigit() or not 1 <= int(text) <= 4096:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of threads from 1 to 4096.")
    return int(text)


def _settings(options: argparse.Namespace) -> Settings:
    data: Path | None = options.data
    name = options.name or socket.gethostname()
    return Settings(
        name="".join(c for c in name if c.isprintable()).strip()[:NAME_MAX] or "node",
        data=str((data or platformdirs.user_data_path("windfire-agent")).absolute()),
        kernel_cache=str(platformdirs.user_cache_path("windfire") / "kernels"),
        devices=options.devices,
        threads=options.threads,
        tags=sorted(set(options.tags)),
        join=options.join,
        log_level=options.log_level,
        self_check=not options.no_self_check,
    )


def _log_to_stderr(level: str) -> None:
    logging.basicConfig(
        level=level.upper(),
        stream=sys.stderr,
        format="%(asctime)s %(levelname)-7s %(name)s: %(message)s",
    )


def _end(code: int, sentence: str) -> int:
    print(f"windfire-agent: {sentence}", file=sys.stderr)
    return code


def _run(settings: Settings) -> int:
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        _log.warning("running as root: so does every command that a job brings")
    data = Path(settings.data)
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    with open(data / "agent.lock", "wb") as lock:
        if not platform_posix.lock(lock):
            return _end(EXIT_ENVIRONMENT, f"Another agent runs already with the folder {data}.")
        with zmq.Context[zmq.Socket[bytes]]() as context:
            return _serve(settings, data, context)


def _serve(settings: Settings, data: Path, context: zmq.Context[zmq.Socket[bytes]]) -> int:
    place = _dispatcher(settings, data, context)
    if place is None:
        return _end(EXIT_USAGE, "This node has joined no farm yet: start it with --join TOKEN.")
    devices = probe.devices(settings.devices, settings.threads)
    if not devices:
        return _end(EXIT_ENVIRONMENT, f"This machine has none of: {', '.join(settings.devices)}.")
    platform_posix.adopt_orphans()
    supervisor = _supervisor(settings, data, devices)
    link = Link(context, place.address, place.server_key, load_or_make_keys(data))
    try:
        loop = AgentLoop(
            lambda kernels: AgentSession(_config(settings, devices, kernels)),
            link,
            supervisor,
            Outbox(data / "outbox"),
            probe.MetricsProbe(devices),
            SelfCheck(data, platform_posix.usable_cores()) if settings.self_check else None,
        )
        return loop.run()
    finally:
        link.close(GOODBYE_MS)


def _dispatcher(
    settings: Settings, data: Path, context: zmq.Context[zmq.Socket[bytes]]
) -> DispatcherPlace | None:
    place = load_dispatcher(data)
    if not settings.join:
        return place
    token = parse_token(settings.join)
    if place is not None and place == DispatcherPlace(token.address, token.server_key):
        _log.info("already joined to %s; the token is not needed", place.address)
        return place
    return join(context, token, settings.name, data)


def _supervisor(settings: Settings, data: Path, devices: list[DeviceInfo]) -> Supervisor:
    cache, work = Path(settings.kernel_cache), data / "work"
    for folder in (cache, work):
        folder.mkdir(parents=True, exist_ok=True)
    leftovers = Leftovers(data / "attempts")
    leftovers.delete_all()
    launches = [Launch(device=d, directory=work, kernel_cache=cache) for d in devices]
    return Supervisor(launches, leftovers, data / "checkpoints", sweeps_orphans=True)


def _config(settings: Settings, devices: list[DeviceInfo], kernels: list[str]) -> SessionConfig:
    return SessionConfig(
        name=settings.name,
        # Not `secrets`: that imports OpenSSL, 4 MB for eight bytes.
        incarnation=os.urandom(8).hex(),
        version=__version__,
        devices=devices,
        kernels=kernels,
        tags=settings.tags,
        cores=platform_posix.usable_cores(),
        memory_bytes=probe.memory_bytes(),
        platform=probe.platform_name(),
        system=system_of(sys.platform),
    )
