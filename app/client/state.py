"""How true a replica is, and what an ask comes to; shared by the connection and its thread."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from app.core.commands import Answer
from app.errors import WindfireError

Outcome = Answer | WindfireError
"""An answer (a Refusal is one), or why there is none, as a value."""


@dataclass(frozen=True, slots=True)
class LinkState:
    """How true the replica is."""

    name: Literal["connecting", "live", "lost", "refused"]
    """'lost': there was a farm, and nothing has come for a while; 'refused': this key is not let in, or
    the home's files cannot be used."""
    age_s: float
    """Since the farm was last heard; 0 while 'connecting'."""
    sentence: str
    """For the banner; '' while live."""
