"""How long nobody has touched a Windows or a macOS machine: one call of each system.

Tested with stand-ins for those calls, and not on the real thing: Windfire's agent is proved on Linux.
"""

from __future__ import annotations

import ctypes
import re
import subprocess
from collections.abc import Callable
from typing import Any

IOREG = ("/usr/sbin/ioreg", "-c", "IOHIDSystem", "-d", "4")
IOREG_S = 2.0
_HID_IDLE = re.compile(r'"HIDIdleTime" = (\d+)')
TICKS = 1 << 32
"""Windows counts milliseconds since its start in 32 bits: they begin anew after 49 days."""


class LastInput(ctypes.Structure):
    """LASTINPUTINFO of the Windows API."""

    _fields_ = (("size", ctypes.c_uint), ("tick", ctypes.c_uint))


def windows_idle_s(user32: Any, kernel32: Any) -> float | None:
    """By GetLastInputInfo; None for a service, which has no desktop. Takes the two libraries."""
    last = LastInput(ctypes.sizeof(LastInput), 0)
    if not user32.GetLastInputInfo(ctypes.byref(last)):
        return None
    return ((int(kernel32.GetTickCount()) - last.tick) % TICKS) / 1000


def mac_idle_s(read: Callable[[], str]) -> float | None:
    """By what ``ioreg`` prints of the input system, in nanoseconds; None where it does not say."""
    found = _HID_IDLE.search(read())
    return int(found[1]) / 1e9 if found else None


def read_ioreg() -> str:
    """Run it; '' where it does not answer."""
    try:
        return subprocess.run(
            IOREG, capture_output=True, text=True, timeout=IOREG_S, check=False
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return ""
