"""Numbers as people read them, and what they write as numbers. PURE."""

from __future__ import annotations

import re
import time
from argparse import ArgumentTypeError

SIZE_MAX = 16384
SPP_MAX = 1 << 20
_UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


def duration(seconds: float) -> str:
    """Return "7 s", "4:05", "2:04:05", "3 d 4 h"."""
    whole = round(max(0.0, seconds))
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    if hours >= 48:
        return f"{hours // 24} d {hours % 24} h"
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


def clock(at: float) -> str:
    """Return local time as "14:05" today, "Tue 14:05" within a week, else the date; '' for 0."""
    if not at:
        return ""
    then, now = time.localtime(at), time.localtime()
    if then[:3] == now[:3]:
        return time.strftime("%H:%M", then)
    if abs(at - time.time()) < 6 * 86400:
        return time.strftime("%a %H:%M", then)
    return time.strftime("%Y-%m-%d %H:%M", then)


def size_of(count: float) -> str:
    """Return bytes as "1.5 GiB"."""
    for unit in ("B", "KiB", "MiB", "GiB"):
        if abs(count) < 1024:
            return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1024
    return f"{count:.1f} TiB"


def plural(count: int, noun: str) -> str:
    """Return "1 frame" or "3 frames"."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def joined(names: list[str]) -> str:
    """Return "a", "a and b" or "a, b and 3 more"."""
    if len(names) <= 3:
        return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
    return f"{', '.join(names[:2])} and {len(names) - 2} more"


# --- what argparse reads --------------------------------------------------------------------------


def kernel_option(text: str) -> tuple[str, float | int | str]:
    """Read "max_depth=12": a name and a number where it is one, else words."""
    name, equals, value = text.partition("=")
    if not equals or not name.isidentifier():
        raise ArgumentTypeError(f"must be NAME=VALUE, such as max_depth=12, not {text!r}")
    for number in (int, float):
        try:
            return name, number(value)
        except ValueError:
            continue
    return name, value


def whole_number(text: str) -> int:
    """Read a whole number above 0."""
    if not text.isascii() or not text.isdecimal() or not 0 < int(text[:12]) <= SPP_MAX:
        raise ArgumentTypeError(f"must be a whole number from 1 to {SPP_MAX}, not {text!r}")
    return int(text)


def image_size(text: str) -> tuple[int, int]:
    """Read "1920x1080"."""
    match = re.fullmatch(r"(\d{1,5})[x×](\d{1,5})", text, re.ASCII)
    if not match or not all(1 <= int(side) <= SIZE_MAX for side in match.groups()):
        raise ArgumentTypeError(f"must be WIDTHxHEIGHT, such as 1920x1080, not {text!r}")
    return int(match[1]), int(match[2])


def span(text: str) -> float:
    """Read "90", "90s", "15m", "1h" or "2d" as seconds."""
    match = re.fullmatch(r"(\d{1,9}(?:\.\d{1,3})?)([smhd]?)", text.strip(), re.ASCII)
    if not match or not float(match[1]):
        raise ArgumentTypeError(f"must be a time such as 90s, 15m, 1h or 2d, not {text!r}")
    return float(match[1]) * _UNITS[match[2] or "s"]


def port_number(text: str) -> int:
    """Read a TCP port; 0 takes any free one."""
    if not text.isascii() or not text.isdecimal() or int(text[:6]) > 65535:
        raise ArgumentTypeError(f"must be a port from 0 to 65535, not {text!r}")
    return int(text)
