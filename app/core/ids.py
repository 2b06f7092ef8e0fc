"""Names of things: ids as NewTypes and the two closed sets of states.

PURE; the lowest module of the core. Ids are positive integers, never reused within a database.
"""

from __future__ import annotations

from enum import IntEnum
from typing import NewType

ShotId = NewType("ShotId", int)
JobId = NewType("JobId", int)
StepId = NewType("StepId", int)
NodeId = NewType("NodeId", int)
CommandId = NewType("CommandId", int)


class TaskState(IntEnum):
    """A byte a task; the value is what lies in a step's ``states`` and in the database."""

    WAITING = 0
    """A step it depends on has not given what it needs."""
    READY = 1
    """May start; its epoch is the number of attempts so far."""
    RUNNING = 2
    PUBLISHING = 3
    """Granted: its files may be renamed now; as RUNNING, but never yielded."""
    DONE = 4
    FAILED = 5
    """Out of attempts (or the user is to blame); waits for a retry."""
    CANCELLED = 6


class Role(IntEnum):
    """What a key may do; each role may do all that the lower ones may, NODE and JOINER stand apart."""

    JOINER = 0
    NODE = 1
    VIEWER = 2
    ARTIST = 3
    SUPERVISOR = 4
    ADMIN = 5
