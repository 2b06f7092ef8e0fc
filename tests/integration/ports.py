"""Ports that a test's dispatcher has to itself, also while it is dead: what runs beside it must not take them.

A dispatcher takes the ports of its last time first. Without a last time it takes the usual ones, and gets others
when it comes back after another test's dispatcher took those, where its nodes cannot find it.
"""

from __future__ import annotations

import json
import random
from pathlib import Path

from app.dispatcher.sockets import FREE_PORTS


def claim_ports(home: Path) -> None:
    """Write down ports for the dispatcher of ``home``, unless it has some already."""
    file = home / "ports.json"
    if not file.exists():
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Not from the tests' seed: two processes would draw the same.
        file.write_text(json.dumps(random.SystemRandom().sample(FREE_PORTS, 4)))
        file.chmod(0o600)
