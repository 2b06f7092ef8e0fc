"""Puts this machine to sleep, and sends the packets that wake others.

The session decides when; here is how. The command that suspends may return before the machine sleeps, when it is
awake again, or with an error: only the last is news.
"""

from __future__ import annotations

import logging
import socket
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from node_agent.agent.session_types import SleepFailed
from node_agent.agent.side_process import SideProcess
from node_agent.agent.system import platform
from node_agent.wire.wake import PORTS, is_ipv4, is_mac, magic_packet

LIMITED_BROADCAST = "255.255.255.255"
PASSED_ON = ("PATH", "DBUS_SYSTEM_BUS_ADDRESS", "XDG_RUNTIME_DIR", "LANG")

_log = logging.getLogger("agent")


class Power:
    """Runs the command that suspends. Nothing here blocks but ``close``."""

    def __init__(self, command: Sequence[str], directory: Path) -> None:
        self._command = list(command)
        self._directory = directory
        self._process: SideProcess | None = None
        self._fault = ""

    @property
    def pid(self) -> int | None:
        """Of the command while it runs."""
        return self._process.pid if self._process is not None else None

    def readable(self) -> Iterator[int]:
        """Descriptors to poll for input."""
        if self._process is not None and not self._process.has_ended:
            yield self._process.stdout

    def suspend(self) -> None:
        """Start it; ``turn`` says what became of it."""
        if self._process is not None:
            return
        try:
            environment = platform.environment(PASSED_ON)
            self._process = SideProcess(self._command, environment, self._directory)
        except (OSError, IndexError) as error:
            self._fault = f"{' '.join(self._command) or 'no command'}: {error}"

    def turn(self) -> SleepFailed | None:
        """Look how it went; None where there is nothing to say."""
        if self._fault:
            fault, self._fault = self._fault, ""
            return SleepFailed(fault)
        process = self._process
        if process is None:
            return None
        process.read_lines()
        if not process.has_ended:
            return None
        errors, self._process = process.errors, None
        code = process.close()
        if code == 0:
            return None
        last = f": {errors.splitlines()[-1]}" if errors else ""
        return SleepFailed(f"{self._command[0]} ended with {code}{last}")

    def close(self) -> None:
        """Leave nothing behind."""
        process, self._process = self._process, None
        if process is not None:
            process.close()


def send_packets(
    macs: Iterable[str], broadcasts: Iterable[str], ports: Sequence[int] = PORTS
) -> None:
    """Send a magic packet for each card to each address and port. Never blocks, never raises."""
    targets = dict.fromkeys([*filter(is_ipv4, broadcasts), LIMITED_BROADCAST])
    packets = [magic_packet(mac) for mac in macs if is_mac(mac)]
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            sender.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
            sender.settimeout(0)
            for target in targets:
                _send(sender, packets, [(target, port) for port in ports])
    except OSError as error:
        _log.info("no magic packets can be sent: %s", error)


def _send(
    sender: socket.socket, packets: Iterable[bytes], targets: Iterable[tuple[str, int]]
) -> None:
    for target in targets:
        for packet in packets:
            try:
                sender.sendto(packet, target)
            except OSError as error:
                _log.debug("no magic packet to %s: %s", target[0], error)
                return
