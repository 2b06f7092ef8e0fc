"""How long nobody has touched this machine: one interface, and where each system tells it.

``IdleWatch.idle_s`` asks every source that is there and believes the newest input. Linux: an X server
(``x11_idle``), and input devices under /dev/input where the agent's user may read them (group ``input``;
that is also the way under Wayland); where neither tells, logind (``logind_idle``), which knows later and less. Other
systems have one call (``idle_elsewhere``).
"""

from __future__ import annotations

import ctypes
import logging
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

from node_agent.agent.idle_elsewhere import mac_idle_s, read_ioreg, windows_idle_s
from node_agent.agent.logind_idle import LogindIdle
from node_agent.agent.x11_idle import X11Fault, X11Idle

RETRY_S = 10.0
READ_BYTES = 4096
DEVICE_FOLDER = Path("/dev/input")

_log = logging.getLogger("agent")


class IdleSource(Protocol):
    """One way to learn it."""

    def idle_s(self, now: float) -> float | None:
        """Seconds since the last input; None: cannot tell."""
        ...

    def close(self) -> None: ...


class InputDevices:
    """Devices whose readability is an input: keyboards and mice of Linux, as event files."""

    def __init__(self, paths: Sequence[Path], now: float) -> None:
        self._input_at = now
        """Nobody knows about before: whoever started the agent sat here."""
        self._descriptors: list[int] = []
        for path in paths:
            try:
                self._descriptors.append(os.open(path, os.O_RDONLY | os.O_NONBLOCK))
            except OSError as error:
                _log.debug("no input from %s: %s", path, error)

    def idle_s(self, now: float) -> float | None:
        """As the interface says."""
        heard = [_drained(descriptor) for descriptor in self._descriptors]
        if any(heard):
            self._input_at = now
        return now - self._input_at if self._descriptors else None

    def close(self) -> None:
        """Close the devices."""
        for descriptor in self._descriptors:
            os.close(descriptor)
        self._descriptors = []


def _drained(descriptor: int) -> bool:
    """Whether something had come; takes all of it."""
    heard = False
    try:
        while os.read(descriptor, READ_BYTES):
            heard = True
    except OSError:  # nothing more, or the device was unplugged
        return heard
    return heard


class X11Display:
    """An X server that may come and go with its artist's session."""

    def __init__(self, display: str) -> None:
        self._display = display
        self._server: X11Idle | None = None
        self._retry_at = float("-inf")

    def idle_s(self, now: float) -> float | None:
        """As the interface says."""
        if self._server is None and now < self._retry_at:
            return None
        try:
            self._server = self._server or X11Idle(self._display)
            return self._server.idle_s()
        except X11Fault as fault:
            _log.debug("%s", fault)
            self.close()
            self._retry_at = now + RETRY_S
            return None

    def close(self) -> None:
        """Hang up."""
        server, self._server = self._server, None
        if server is not None:
            server.close()


class Asked:
    """A system that has one call for it."""

    def __init__(self, ask: Callable[[], float | None]) -> None:
        self._ask = ask

    def idle_s(self, now: float) -> float | None:
        """As the interface says."""
        return self._ask()

    def close(self) -> None:
        """Nothing is open."""


class IdleWatch:
    """All sources of this machine."""

    def __init__(self, sources: Sequence[IdleSource], last: IdleSource | None = None) -> None:
        self._sources = sources
        self._last = last
        """Is asked only where none of the others tells."""

    def idle_s(self, now: float) -> float | None:
        """The least that any source tells; None where none does."""
        told = [source.idle_s(now) for source in self._sources]
        least = min((seconds for seconds in told if seconds is not None), default=None)
        return self._last.idle_s(now) if least is None and self._last is not None else least

    def close(self) -> None:
        """Close all."""
        for source in (*self._sources, *([self._last] if self._last is not None else [])):
            source.close()


def watch(devices: Sequence[Path], now: float) -> IdleWatch:
    """All that tells of input on this system."""
    return IdleWatch(sources(devices, now), LogindIdle() if sys.platform == "linux" else None)


def sources(devices: Sequence[Path], now: float) -> list[IdleSource]:
    """What tells of input on this system; ``devices``: event files to watch, on Linux."""
    if sys.platform == "win32":
        libraries = ctypes.windll
        return [Asked(lambda: windows_idle_s(libraries.user32, libraries.kernel32))]
    if sys.platform == "darwin":
        return [Asked(lambda: mac_idle_s(read_ioreg))]
    return linux_sources(devices, now)


def linux_sources(devices: Sequence[Path], now: float) -> list[IdleSource]:
    """Given input devices, or else those of the machine; and the display of the environment."""
    display = os.environ.get("DISPLAY", "")
    paths = devices or sorted(DEVICE_FOLDER.glob("event*"))
    return [InputDevices(paths, now), *([X11Display(display)] if display else [])]
