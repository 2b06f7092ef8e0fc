"""Where a farm is and with which key it is entered: what a Connection is made from.

A home (a data folder that a dispatcher on this machine made) has ``connection.json``; a studio's farm
is named by address, the dispatcher's public key and a key file of one's own.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientSettings:
    """Addresses are ``tcp://host:port``; keys are CURVE keys in Z85, 40 characters."""

    address: str
    """Of the dispatcher's socket for clients' asks."""
    events: str
    """Of the socket on which it publishes deltas, previews and log lines."""
    server_key: str
    public_key: str
    secret_key: str = field(repr=False)  # must not end in a traceback or a log line
