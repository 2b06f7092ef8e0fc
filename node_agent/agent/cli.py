"""``windfire-agent``: reads the command line, puts the parts together, and says why it ends.

Exit codes: 0 as asked, 1 a bug, 2 a wrong command line or token, 3 something on this machine or the
way to the dispatcher, 4 refused by the dispatcher.
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import zmq

from node_agent import __version__
from node_agent.agent import probe
from node_agent.agent.cards import cards, is_this_machine
from node_agent.agent.cgroups import groups
from node_agent.agent.desk import Desk
from node_agent.agent.identity import (
    DispatcherPlace,
    IdentityFault,
    load_dispatcher,
    load_or_make_keys,
)
from node_agent.agent.idle import watch
from node_agent.agent.join import EXIT_ENVIRONMENT, JoinFault, join
from node_agent.agent.leftovers import Leftovers
from node_agent.agent.link import KeyPair, Link
from node_agent.agent.loop import AgentLoop
from node_agent.agent.outbox import Outbox
from node_agent.agent.power import Power
from node_agent.agent.selfcheck import SelfCheck
from node_agent.agent.services import install
from node_agent.agent.session import AgentSession
from node_agent.agent.session_types import SessionConfig
from node_agent.agent.settings import Settings, SettingsFault, parser, printed, settings_of
from node_agent.agent.stage import Place, Stage
from node_agent.agent.supervisor import Supervisor
from node_agent.agent.system import platform
from node_agent.agent.update import install as install_version
from node_agent.agent.update import start_anew
from node_agent.agent.worker_process import Launch
from node_agent.wire.messages import DeviceInfo
from node_agent.wire.paths import system_of
from node_agent.wire.token import TokenError, parse_token

EXIT_USAGE = 2
GOODBYE_MS = 500
"""The last message may take this long to leave."""
ROOT = (
    "Started as root: every job's command would be root too. Use another user, or --worker-user USER, "
    "or say --allow-root."
)

_log = logging.getLogger("agent")


class Ended(NamedTuple):
    """Exit code, and the version to install before starting anew; '': none."""

    code: int
    version: str = ""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the agent until it is told to stop; return the exit code."""
    options = parser().parse_args(arguments)
    try:
        settings = settings_of(options)
    except SettingsFault as error:
        return _end(EXIT_USAGE, str(error))
    if options.action == "install":
        return _install(settings)
    if "print_config" in options:
        print(printed(settings))
        return 0
    _log_to_stderr(settings.log_level)
    try:
        ended = _run(settings)
        if ended.version:
            install_version(ended.version, settings.update_command)
            start_anew()
    except TokenError as error:
        return _end(EXIT_USAGE, str(error))
    except JoinFault as error:
        return _end(error.code, str(error))
    except (IdentityFault, OSError) as error:
        return _end(EXIT_ENVIRONMENT, str(error))
    return ended.code


def _install(settings: Settings) -> int:
    try:
        hint = install(settings)
        if settings.join:
            with zmq.Context[zmq.Socket[bytes]]() as context:
                _dispatcher(settings, Path(settings.data), context)
    except TokenError as error:
        return _end(EXIT_USAGE, str(error))
    except JoinFault as error:
        return _end(error.code, str(error))
    except (IdentityFault, OSError) as error:
        return _end(EXIT_ENVIRONMENT, f"The service cannot be installed: {error}.")
    print(hint)
    return 0


def _log_to_stderr(level: str) -> None:
    logging.basicConfig(
        level=level.upper(),
        stream=sys.stderr,
        format="%(asctime)s %(levelname)-7s %(name)s: %(message)s",
    )


def _end(code: int, sentence: str) -> int:
    print(f"windfire-agent: {sentence}", file=sys.stderr)
    return code


def _run(settings: Settings) -> Ended:
    if hasattr(os, "geteuid") and os.geteuid() == 0 and not settings.worker_user:
        if not settings.allow_root:
            return Ended(_end(EXIT_USAGE, ROOT))
        _log.warning("running as root: so does every command that a job brings")
    data = Path(settings.data)
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    with open(data / "agent.lock", "wb") as lock:
        if not platform.lock(lock):
            return Ended(
                _end(EXIT_ENVIRONMENT, f"Another agent runs already with the folder {data}.")
            )
        with zmq.Context[zmq.Socket[bytes]]() as context:
            return _serve(settings, data, context)


def _serve(settings: Settings, data: Path, context: zmq.Context[zmq.Socket[bytes]]) -> Ended:
    place = _dispatcher(settings, data, context)
    if place is None:
        return Ended(
            _end(EXIT_USAGE, "This node has joined no farm yet: start it with --join TOKEN.")
        )
    devices = probe.devices(settings.devices, settings.threads)
    if not devices:
        return Ended(
            _end(EXIT_ENVIRONMENT, f"This machine has none of: {', '.join(settings.devices)}.")
        )
    platform.adopt_orphans()
    supervisor = _supervisor(settings, data, devices)
    keys = load_or_make_keys(data)
    link = Link(context, place.address, place.server_key, keys)
    try:
        loop = AgentLoop(
            lambda kernels: AgentSession(_config(settings, place, devices, kernels)),
            link,
            supervisor,
            Outbox(data / "outbox"),
            probe.MetricsProbe(devices),
            SelfCheck(data, platform.usable_cores()) if settings.self_check else None,
            _desk(settings),
            _stage(settings, data, supervisor, place, keys),
            Power(_sleep_command(settings, place), data),
        )
        return Ended(loop.run(), loop.update)
    finally:
        link.close(GOODBYE_MS)


def _stage(
    settings: Settings, data: Path, supervisor: Supervisor, place: DispatcherPlace, keys: KeyPair
) -> Stage:
    host = place.address.rpartition(":")[0]
    staging = Place(
        host=host,
        server_key=place.server_key,
        public=keys.public,
        secret=keys.secret,
        cache=data / "cache",
        scratch=data / "work" / "staged",
        limit_bytes=int(settings.cache_gb * 1e9),
        user=settings.worker_user,
    )
    return Stage(supervisor, staging)


def _sleep_command(settings: Settings, place: DispatcherPlace) -> list[str]:
    if not settings.may_sleep or settings.sleep_command:
        return settings.sleep_command if settings.may_sleep else []
    # A dispatcher that sleeps wakes nobody: its machine does so only by a command that somebody chose.
    host = place.address.removeprefix("tcp://").rpartition(":")[0].strip("[]")
    return [] if is_this_machine(host) else platform.sleep_command()


def _desk(settings: Settings) -> Desk | None:
    rules = settings.rules()
    if rules is None:
        return None
    devices = [Path(path) for path in settings.input_devices]
    return Desk(rules, watch(devices, platform.now()))


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
    if settings.worker_user:
        for folder in (cache, work):
            platform.give_to(folder, settings.worker_user)
        data.chmod(0o711)  # the children pass through to their folder; keys are 0600
    launches = [
        Launch(
            device=device,
            directory=work,
            kernel_cache=cache,
            pass_on=tuple(settings.pass_on),
            user=settings.worker_user,
            niceness=settings.niceness,
        )
        for device in devices
    ]
    return Supervisor(
        launches,
        leftovers,
        data / "checkpoints",
        sweeps_orphans=True,
        groups=groups(limits_ram=settings.hold_to_ram),
    )


def _config(
    settings: Settings, place: DispatcherPlace, devices: list[DeviceInfo], kernels: list[str]
) -> SessionConfig:
    macs, broadcasts = cards()
    return SessionConfig(
        name=settings.name,
        # Not `secrets`: that imports OpenSSL, 4 MB for eight bytes.
        incarnation=os.urandom(8).hex(),
        version=__version__,
        devices=devices,
        kernels=kernels,
        tags=list(dict.fromkeys([*settings.tags, *probe.own_tags()])),
        cores=platform.usable_cores(),
        memory_bytes=probe.memory_bytes(),
        platform=probe.platform_name(),
        system=system_of(sys.platform),
        macs=macs,
        broadcasts=broadcasts,
        can_sleep=bool(_sleep_command(settings, place)),
    )
