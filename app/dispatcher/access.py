"""Who may enter by which door, and who is shut out for a while. No sockets here.

The table is the core's allow-list (``KeyChanged``). It is asked twice: at the handshake, and again for
every single message, since a revoked key keeps its live connection.
"""

from __future__ import annotations

from app.core.actions import KeyChanged
from app.core.ids import Role

NODES, CLIENTS, DELTAS, STAGING = "nodes", "clients", "deltas", "staging"

STRIKES_MAX = 20
STRIKES_S = 60.0
"""Strikes older than this are forgotten."""
BAN_S = 60.0
_NODE_ROLES = (Role.NODE, Role.JOINER)


class Access:
    """The allow-list and the strikes against the keys on it."""

    def __init__(self, strikes_max: int = STRIKES_MAX) -> None:
        self._strikes_max = strikes_max
        self._keys: dict[str, tuple[Role, float]] = {}
        # By key: time of the first strike, and how many. Only keys of the list are here: it is bounded.
        self._strikes: dict[str, tuple[float, int]] = {}
        self._banned: dict[str, float] = {}
        self.malformed = 0
        self.refused = 0

    def change(self, change: KeyChanged) -> Role | None:
        """Follow the core's list; returns the role that the key had before."""
        before, _ = self._keys.get(change.key, (None, 0.0))
        if change.role is None:
            self._keys.pop(change.key, None)
        else:
            self._keys[change.key] = (Role(change.role), change.expires_at)
        return before

    def replace(self, changes: list[KeyChanged]) -> None:
        """Take over a whole list."""
        self._keys.clear()
        for change in changes:
            self.change(change)

    def role(self, key: str, wall: float) -> Role | None:
        """Return the role of a key that is on the list and has not expired."""
        role, expires_at = self._keys.get(key, (None, 0.0))
        return None if expires_at and wall >= expires_at else role

    def may_enter(self, door: str, key: str, wall: float) -> bool:
        """Tell whether this key may use that socket."""
        role = self.role(key, wall)
        if role is None:
            return False
        if door == NODES:
            return role in _NODE_ROLES
        return door in (CLIENTS, DELTAS) and role >= Role.VIEWER

    def strike(self, key: str, mono: float) -> bool:
        """Count a message that is none; True when that was one too many and the ban begins."""
        self.malformed += 1
        since, count = self._strikes.get(key, (mono, 0))
        if mono - since > STRIKES_S:
            since, count = mono, 0
        if count + 1 < self._strikes_max:
            self._strikes[key] = (since, count + 1)
            return False
        self._strikes.pop(key, None)
        self._banned[key] = mono + BAN_S
        return True

    def is_banned(self, key: str, mono: float) -> bool:
        """Tell whether messages of this key are dropped unread."""
        until = self._banned.get(key)
        if until is None:
            return False
        if mono < until:
            return True
        del self._banned[key]
        return False
