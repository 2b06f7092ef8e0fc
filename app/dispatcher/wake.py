"""Sends magic packets from the dispatcher's machine to nodes that sleep.

The packets go to every broadcast address that is known of them and to the machine's own network; what cannot be
sent is logged and no fault: a node of the sleeper's network sends them too.
"""

from __future__ import annotations

import logging
import socket
from collections.abc import Iterable, Sequence

from node_agent.wire.wake import PORTS, is_ipv4, is_mac, magic_packet

LIMITED_BROADCAST = "255.255.255.255"

log = logging.getLogger("windfire.wake")


def wake(macs: Iterable[str], broadcasts: Iterable[str], ports: Sequence[int] = PORTS) -> None:
    """Send a packet for each card to each address and port. Never blocks, never raises."""
    targets = dict.fromkeys([*filter(is_ipv4, broadcasts), LIMITED_BROADCAST])
    packets = [magic_packet(mac) for mac in macs if is_mac(mac)]
    try:
        sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    except OSError as error:
        log.warning("no magic packets can be sent: %s", error)
        return
    with sender:
        sender.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        sender.settimeout(0)
        for target in targets:
            for port in ports:
                _send(sender, packets, (target, port))


def _send(sender: socket.socket, packets: Iterable[bytes], to: tuple[str, int]) -> None:
    for packet in packets:
        try:
            sender.sendto(packet, to)
        except OSError as error:
            log.info("no magic packet to %s: %s", to[0], error)
            return
