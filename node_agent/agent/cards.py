"""The network cards by which this machine can be woken: hardware addresses, and where packets for them go."""

from __future__ import annotations

import socket
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import psutil

from node_agent.wire.wake import is_mac

CARDS_MAX = 16
CLASS_NET = Path("/sys/class/net")


def cards(
    addresses: Callable[[], Mapping[str, Sequence[Any]]] = psutil.net_if_addrs,
    interfaces: Path = CLASS_NET,
) -> tuple[list[str], list[str]]:
    """Return the hardware addresses, and for each the IPv4 broadcast address of its network or ''. Bridges and
    tunnels, which are no hardware, are left out where the system tells them apart."""
    try:
        found = addresses()
    except (OSError, psutil.Error):
        return [], []
    pairs = {name: pair for name in found if (pair := _pair(found[name]))}
    real = [name for name in pairs if (interfaces / name / "device").exists()]
    chosen = [pairs[name] for name in (real or pairs)][:CARDS_MAX]
    return [mac for mac, _ in chosen], [to for _, to in chosen]


def is_this_machine(
    host: str, addresses: Callable[[], Mapping[str, Sequence[Any]]] = psutil.net_if_addrs
) -> bool:
    """Tell whether an address, or ``localhost``, is this machine's own."""
    if host in ("localhost", "::1") or host.startswith("127."):
        return True
    try:
        found = addresses()
    except (OSError, psutil.Error):
        return False
    return any(one.address == host for entries in found.values() for one in entries)


def _pair(entries: Sequence[Any]) -> tuple[str, str] | None:
    macs = [one.address for one in entries if one.family == psutil.AF_LINK]
    macs = [mac.replace("-", ":").lower() for mac in macs if is_mac(mac)]
    to = [one.broadcast for one in entries if one.family == socket.AF_INET and one.broadcast]
    return (macs[0], to[0] if to else "") if macs else None
