"""What is known of devices that are held back for large tasks; ``holds`` says when and why.

PURE; not durable: after a restart a class waits anew.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class Hold:
    """The nodes that one class has."""

    klass: int
    nodes: tuple[int, ...]
    until: float
    """Monotonic."""


@dataclass(slots=True)
class Holds:
    """All holds, and the classes that wait for one."""

    since: dict[int, float] = field(default_factory=dict[int, float])
    """When the class found no room, with nothing of it begun since; monotonic."""
    by_klass: dict[int, Hold] = field(default_factory=dict[int, Hold])
    by_node: dict[int, Hold] = field(default_factory=dict[int, Hold])
