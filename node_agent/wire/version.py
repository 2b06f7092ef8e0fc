"""The protocol's number and the one rule of compatibility: equal numbers talk, others are refused.

PURE. Agents update themselves to the dispatcher's version (later work); until then a mismatch is a
sentence on both sides, never a guess.
"""

from __future__ import annotations

PROTOCOL = 1


def refusal(theirs: int) -> str | None:
    """Return why a peer of protocol ``theirs`` cannot be served, or None."""
    if theirs == PROTOCOL:
        return None
    return f"This side speaks protocol {PROTOCOL}, the other {theirs}: install the same version."
