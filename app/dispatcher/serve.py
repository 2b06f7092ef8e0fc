"""``serve``: the dispatcher as a process in the foreground, from a data folder to an exit code."""

from __future__ import annotations

import getpass
import logging
import os
import signal
import socket
import sys
from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

import msgspec

import app
from app.core.config import Config
from app.dispatcher.access import Access
from app.dispatcher.keys import admin_pair, server_pair
from app.dispatcher.loop import Identity, Loop
from app.dispatcher.pruning import LIMIT_BYTES
from app.dispatcher.sockets import Ports, Sockets
from app.dispatcher.staging import Staging
from app.errors import EnvironmentFault, WindfireError
from app.store.database import sqlite_note
from app.store.home import (
    Connection,
    Home,
    KeyPair,
    find_home,
    read_connection,
    remove_connection,
    write_connection,
    write_private,
)
from app.store.repository import Repository
from node_agent.wire.version import PROTOCOL

OpenRepository = Callable[[Path], Repository]

log = logging.getLogger("windfire.dispatcher")

DEFAULT_PORTS = Ports(nodes=17150, clients=17151, deltas=17152, staging=17153)
"""Below the ports of outgoing connections, see ``sockets.FREE_PORTS``."""
LOOPBACK = ("127.0.0.1", "::1", "localhost")
_EVERYWHERE = ("0.0.0.0", "::")


@dataclass(frozen=True, kw_only=True)
class ServeConfig:
    """What a person may choose; all have defaults that are right on one desktop."""

    home: Home = field(default_factory=find_home)
    listen: str = "127.0.0.1"
    """Address to bind; "0.0.0.0" for a studio."""
    advertise: str = ""
    """Host name or address by which nodes reach this machine; found out where it is empty."""
    ports: Ports | None = None
    """None: those of the last time, else the usual ones, else (on loopback) free ones."""
    core: Config = field(default_factory=Config)
    staged_bytes: int = LIMIT_BYTES
    """Of staged files to keep; what unfinished work needs is kept above it, too."""


def serve(config: ServeConfig, open_repository: OpenRepository = Repository) -> int:
    """Run a dispatcher until SIGTERM or SIGINT; returns the exit code, having said why on stderr.

    ``open_repository`` is how tests make the disk fail.
    """
    try:
        with ExitStack() as stack:
            loop = _open(config, stack, open_repository)
            loop.run()
    except WindfireError as fault:
        log.error("%s", fault.sentence)  # noqa: TRY400 -- the sentence is for a person
        sys.stderr.write(f"{fault.sentence}\n")
        return fault.exit_code
    return 0


def _open(config: ServeConfig, stack: ExitStack, open_repository: OpenRepository) -> Loop:
    home = config.home
    # The lock first: a second dispatcher must not touch keys, ports or connection.json.
    repository = open_repository(home.database)
    stack.callback(repository.close)
    pair, admin = server_pair(home), admin_pair(home)
    _raise_file_limit()
    sockets = _open_sockets(config, pair)
    stack.callback(sockets.close)
    access = Access()
    staging = _staging(config, pair, sockets.ports.staging, access)
    stack.callback(staging.stop)
    ports = replace(sockets.ports, staging=staging.port)
    write_private(home.root / "ports.json", msgspec.json.encode(_port_numbers(ports)))
    connection = _connection(config, ports, pair)
    loop = Loop(
        home=home,
        config=msgspec.structs.replace(
            config.core, staging_port=staging.port, version=app.__version__, is_patient=True
        ),
        identity=Identity(
            address_nodes=connection.address_nodes,
            server_key=pair.public,
            admin_key=admin.public,
            admin_name=_user(),
        ),
        repository=repository,
        sockets=sockets,
        access=access,
        grants=staging.grants,
    )
    stack.callback(loop.close)
    loop.on_begin = lambda instance: _announce(home, connection, instance)
    # Before anybody can find us: whoever reads connection.json may end us at once.
    stack.enter_context(_signals(loop))
    loop.begin()
    staging.start()
    found = read_connection(home)
    if found is None or found.pid != os.getpid():
        raise EnvironmentFault(
            f"{home.connection} could not be written: nobody would find this farm."
        )
    stack.callback(remove_connection, home, os.getpid())
    log.info("%s", sqlite_note())
    sys.stdout.write(
        f"Windfire dispatcher on {connection.address_nodes}, database {home.database}, "
        f"{sqlite_note()}\n"
    )
    sys.stdout.flush()
    return loop


def _announce(home: Home, connection: Connection, instance: str) -> None:
    try:
        write_connection(home, msgspec.structs.replace(connection, instance=instance))
    except EnvironmentFault as fault:
        # The disk is full, which is why there is a new instance; addresses and keys are the same.
        log.warning("%s", fault.sentence)


def _connection(config: ServeConfig, ports: Ports, pair: KeyPair) -> Connection:
    """Say where we are: to local clients by loopback where it is bound, to nodes by our name."""
    near = "127.0.0.1" if config.listen in _EVERYWHERE else config.listen
    far = config.advertise or (_outward() if config.listen in _EVERYWHERE else config.listen)
    return Connection(
        address_clients=_address(near, ports.clients),
        address_deltas=_address(near, ports.deltas),
        address_nodes=_address(far, ports.nodes),
        address_staging=_address(near, ports.staging),
        server_key=pair.public,
        pid=os.getpid(),
        version=app.__version__,
        protocol=PROTOCOL,
    )


def _address(host: str, port: int) -> str:
    return f"tcp://[{host}]:{port}" if ":" in host else f"tcp://{host}:{port}"


def _outward() -> str:
    """Return an address of this machine that others may reach; the host's name where none is seen."""
    import psutil  # not needed on a desktop

    for name, addresses in sorted(psutil.net_if_addrs().items()):
        stats = psutil.net_if_stats().get(name)
        for each in addresses:
            is_near = each.address.startswith(("127.", "169.254."))
            if each.family == socket.AF_INET and not is_near and (stats is None or stats.isup):
                return each.address
    return socket.gethostname()


# --- ports ----------------------------------------------------------------------------------------


def _open_sockets(config: ServeConfig, pair: KeyPair) -> Sockets:
    """Bind, trying the ports in order; agents and tokens know the old ones, so those come first."""
    path = config.home.root / "ports.json"
    return _first_free(config, pair, _wanted_ports(config, path))


def _staging(config: ServeConfig, pair: KeyPair, port: int, access: Access) -> Staging:
    """On the port that goes with the others, or any free one: nodes are told which."""
    folder = config.home.staged
    with suppress(EnvironmentFault):
        return Staging(pair, config.listen, port, folder, access, config.staged_bytes)
    return Staging(pair, config.listen, 0, folder, access, config.staged_bytes)


def _first_free(config: ServeConfig, pair: KeyPair, wanted: list[Ports]) -> Sockets:
    for ports in wanted[:-1]:
        with suppress(EnvironmentFault):
            return Sockets(pair, config.listen, ports)
    return Sockets(pair, config.listen, wanted[-1])


def _wanted_ports(config: ServeConfig, path: Path) -> list[Ports]:
    if config.ports is not None:
        return [config.ports]
    wanted = [ports for ports in [_last_ports(path)] if ports is not None]
    # A studio's nodes must find it where they were told; a desktop's own agent asks again.
    is_near = config.listen in LOOPBACK
    return [*wanted, DEFAULT_PORTS, Ports()] if is_near else (wanted or [DEFAULT_PORTS])


def _last_ports(path: Path) -> Ports | None:
    try:
        return Ports(*msgspec.json.decode(path.read_bytes(), type=list[int])[:4])
    except (OSError, msgspec.MsgspecError):
        return None


def _port_numbers(ports: Ports) -> tuple[int, ...]:
    return ports.nodes, ports.clients, ports.deltas, ports.staging


# --- the process ----------------------------------------------------------------------------------


@contextmanager
def _signals(loop: Loop) -> Generator[None]:
    """End the loop on SIGTERM and SIGINT, waking it if it sleeps."""
    wake_out, wake_in = socket.socketpair()
    for end in (wake_out, wake_in):
        end.setblocking(False)  # noqa: FBT003 -- it takes no keyword
    loop.watch(wake_out)
    old_descriptor = signal.set_wakeup_fd(wake_in.fileno(), warn_on_full_buffer=False)
    numbers = (signal.SIGTERM, signal.SIGINT)

    def stop(_number: int, _frame: object) -> None:
        loop.stop()

    old = [signal.signal(number, stop) for number in numbers]
    try:
        yield
    finally:
        for number, handler in zip(numbers, old, strict=True):
            signal.signal(number, handler)
        signal.set_wakeup_fd(old_descriptor)
        wake_out.close()
        wake_in.close()


def _raise_file_limit() -> None:
    """A node and a client cost a descriptor or two each; the usual soft limit is 1,024."""
    if sys.platform != "win32":
        import resource

        _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        with suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return "owner"
