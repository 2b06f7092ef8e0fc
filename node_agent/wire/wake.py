"""Hardware addresses and the magic packets of wake-on-LAN, as bytes.

PURE. Dispatcher and agents send these packets alike; how is theirs.
"""

from __future__ import annotations

import re

PORTS = (9, 7)
"""UDP ports that network cards are known to listen to: discard, and echo."""
REPEATS = 16
_MAC = re.compile(r"[0-9a-f]{2}(?:[:-][0-9a-f]{2}){5}", re.IGNORECASE)


def is_mac(text: str) -> bool:
    """Tell whether this is a card's hardware address, such as ``0c:42:a1:5e:99:01``; not one of a group, and
    not all zeros."""
    if not _MAC.fullmatch(text):
        return False
    data = _bytes_of(text)
    return any(data) and not data[0] & 1


def is_ipv4(text: str) -> bool:
    """Tell whether this is an IPv4 address in numbers, so that nobody has to look a name up."""
    parts = text.split(".")
    return len(parts) == 4 and all(
        one.isascii() and one.isdigit() and int(one) < 256 for one in parts
    )


def magic_packet(mac: str) -> bytes:
    """Return the 102 bytes that wake the card: six of 255, then its address 16 times (AMD, Magic Packet
    Technology, 1995). Raises ValueError where that is no hardware address."""
    if not is_mac(mac):
        raise ValueError(f"{mac!r} is no hardware address")
    return b"\xff" * 6 + _bytes_of(mac) * REPEATS


def _bytes_of(mac: str) -> bytes:
    return bytes.fromhex(mac.replace(":", "").replace("-", ""))
