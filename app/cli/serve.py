"""`windfire serve`: the dispatcher of a farm, in the foreground."""

from __future__ import annotations

import argparse
import logging

from app.cli.text import port_number
from app.dispatcher.pruning import LIMIT_BYTES
from app.dispatcher.serve import DEFAULT_PORTS, ServeConfig, serve
from app.dispatcher.sockets import Ports
from app.errors import UserMistake
from app.store.home import find_home

PORT_MAX = 65533


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Where its data are and where it listens."""
    parser.add_argument("--data", metavar="DIR", help="the farm's folder; the same as --home")
    parser.add_argument(
        "--listen",
        default="127.0.0.1",
        metavar="ADDRESS",
        help="0.0.0.0: let nodes of the network join (default: this machine alone)",
    )
    parser.add_argument(
        "--advertise", default="", metavar="HOST", help="by which name nodes reach this machine"
    )
    parser.add_argument(
        "--port",
        type=port_number,
        metavar="N",
        help=f"N for nodes, N+1 and N+2 for clients; 0: free ones (default: {DEFAULT_PORTS.nodes})",
    )
    parser.add_argument(
        "--staged-gb",
        type=float,
        default=LIMIT_BYTES / 1e9,
        metavar="GB",
        help="staged files to keep beyond what unfinished work needs (default: %(default).0f)",
    )


def run(options: argparse.Namespace) -> int:
    """Serve until SIGTERM or Ctrl-C."""
    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    return serve(
        ServeConfig(
            home=find_home(options.data or options.home),
            listen=options.listen,
            advertise=options.advertise,
            ports=_ports(options.port),
            staged_bytes=max(0, int(options.staged_gb * 1e9)),
        )
    )


def _ports(port: int | None) -> Ports | None:
    if port is None:
        return None
    if port > PORT_MAX:
        raise UserMistake(f"--port {port} leaves no room for the two ports above it.")
    return Ports(nodes=port, clients=port + 1, deltas=port + 2) if port else Ports()
