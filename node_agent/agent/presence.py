"""Whether a workstation is its artist's or the farm's: rules and readings in, one reason out.

PURE. The artist's return counts at once; the farm gets the machine back when it was left alone for
``idle_after_s``. A load that others make counts like a hand on the mouse: somebody waits for it.
"""

from __future__ import annotations

from msgspec import Struct

from node_agent.agent.hours import Hours

POLICIES = ("finish", "yield", "hand-back")
"""What happens to running attempts when the node goes away: they finish; kernels stop with their samples
and commands finish; or kernels stop and commands are killed and go back to the queue."""
NEVER = float("-inf")


class Rules(Struct, frozen=True, kw_only=True):
    """What makes a node go away, and what it then does."""

    policy: str = "yield"
    watches_input: bool = False
    idle_after_s: float = 300.0
    busy_percent: float = 0.0
    """Of the whole machine, used by others; 0: load does not matter."""
    hours: Hours | None = None


class Reading(Struct, frozen=True, kw_only=True):
    """What the shell measured."""

    idle_s: float | None = None
    """Since the last key or movement; None: nothing tells."""
    foreign_percent: float = 0.0
    weekday: int = 0
    minute: int = 0


class Presence:
    """Keeps when the machine was last somebody's."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        self._loaded_at = NEVER

    def why_away(self, reading: Reading, now: float) -> str:
        """One sentence; '' where the farm may have the machine."""
        rules = self.rules
        if rules.hours is not None and not rules.hours.hold(reading.weekday, reading.minute):
            return "It is outside the node's hours."
        idle_s = reading.idle_s
        if rules.watches_input and idle_s is not None and idle_s < rules.idle_after_s:
            return "An artist works here."
        if rules.busy_percent and reading.foreign_percent >= rules.busy_percent:
            self._loaded_at = now
        if now - self._loaded_at < rules.idle_after_s:
            return "Other programs need this machine."
        return ""
