"""Picks what differs between operating systems: ``platform`` is this system's module.

``platform_posix`` is for Linux, which the agent is proved on, and for macOS; ``platform_windows`` has the same functions.
Nothing else of the agent's parent imports ``fcntl``, ``pwd`` or another module that one system lacks.
"""

from __future__ import annotations

import sys

if sys.platform == "win32":
    from node_agent.agent import platform_windows as platform
else:
    from node_agent.agent import platform_posix as platform

__all__ = ["platform"]
