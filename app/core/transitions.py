"""Which states follow which, as data, and the one function that judges a step from one to the next.

PURE. Two rules. All that decides whether a transition is legal lives in this file. This file does not
know why anybody wants one. ``docs/transitions.md`` is drawn from these tables by
``python -m app.core.transitions``, so picture and code cannot part.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum
from typing import TypeVar

from app.core.ids import TaskState
from app.errors import BugFault


class Link(IntEnum):
    """What the dispatcher knows of a node's agent."""

    OFFLINE = 0
    """Not heard of since the dispatcher started, or it said Goodbye."""
    ONLINE = 1
    """Has a session: it said Hello and is not silent."""
    LOST = 2
    """Silent for a lease; its attempts are over."""
    ASLEEP = 3
    """Suspended, as it was told; runs nothing."""


class Phase(IntEnum):
    """An attempt as the dispatcher sees it; not durable, but for PUBLISHING."""

    SENT = 0
    """The assignment is on its way, or lost: it is sent again until the node names it."""
    HELD = 1
    """The node has named it."""
    PUBLISHING = 2
    """Granted."""
    CLOSING = 3
    """Revoked: its task has moved on; its device is free when the node says so."""
    OVER = 4


W, R, U, P = TaskState.WAITING, TaskState.READY, TaskState.RUNNING, TaskState.PUBLISHING
D, F, C = TaskState.DONE, TaskState.FAILED, TaskState.CANCELLED

TASKS: dict[TaskState, dict[TaskState, str]] = {
    W: {
        R: "the frames it depends on, or its pieces, are done, and its job may start",
        F: "a piece of it failed for good",
        C: "cancelled",
    },
    R: {
        U: "assigned (epoch + 1)",
        W: "its job's start was put off, or it was split into pieces",
        C: "cancelled",
    },
    U: {
        P: "output whole, grant recorded",
        D: "done, with nothing to publish",
        R: "lost, yielded, or failed with attempts left",
        F: "out of attempts, or the user is to blame",
        C: "cancelled",
    },
    P: {
        D: "published",
        R: "lost, or failed with attempts left",
        F: "out of attempts",
        C: "cancelled",
    },
    D: {},
    F: {
        R: "retried",
        W: "retried, and a frame it depends on is not done",
        C: "skipped",
    },
    C: {R: "retried", W: "retried, and a frame it depends on is not done"},
}

NODES: dict[Link, dict[Link, str]] = {
    Link.OFFLINE: {Link.ONLINE: "Hello"},
    Link.ONLINE: {
        Link.ONLINE: "Hello again",
        Link.LOST: "silent for a lease",
        Link.OFFLINE: "Goodbye, or its key was revoked",
        Link.ASLEEP: "told to sleep, and ready to",
    },
    Link.LOST: {Link.ONLINE: "Hello"},
    Link.ASLEEP: {
        Link.ONLINE: "Hello",
        Link.LOST: "told to wake, and did not",
        Link.OFFLINE: "its key was revoked",
    },
}

ATTEMPTS: dict[Phase, dict[Phase, str]] = {
    Phase.SENT: {
        Phase.HELD: "named by its node",
        Phase.PUBLISHING: "granted",
        Phase.CLOSING: "revoked",
        Phase.OVER: "reported, or its lease is over",
    },
    Phase.HELD: {
        Phase.PUBLISHING: "granted",
        Phase.CLOSING: "revoked",
        Phase.OVER: "reported, or its lease is over",
    },
    Phase.PUBLISHING: {
        Phase.CLOSING: "revoked",
        Phase.OVER: "reported, or its lease is over",
    },
    Phase.CLOSING: {Phase.OVER: "the node says it is gone, or is gone itself"},
    Phase.OVER: {},
}

S = TypeVar("S", bound=IntEnum)

LEGAL = frozenset((before, after) for before, to in TASKS.items() for after in to)
"""As ``TASKS``, for the hot path: (before, after) of each row."""

RUNS = (TaskState.RUNNING, TaskState.PUBLISHING)
"""States in which a node works on the task."""
ENDS = (TaskState.DONE, TaskState.FAILED, TaskState.CANCELLED)


def judge(table: Mapping[S, Mapping[S, str]], before: S, after: S) -> str:
    """Return why this transition happens. Raises BugFault when the table does not have it."""
    reason = table[before].get(after)
    if reason is None:
        raise BugFault(f"{type(before).__name__} cannot go from {before.name} to {after.name}.")
    return reason


def judge_task(before: TaskState, after: TaskState, epoch: int, epoch_after: int) -> str:
    """As ``judge`` over ``TASKS``, and the epoch grows by one at an assignment and never else."""
    reason = judge(TASKS, before, after)
    if epoch_after != epoch + (after is U):
        raise BugFault(
            f"A task going from {before.name} to {after.name} cannot take epoch {epoch} to {epoch_after}."
        )
    return reason


def markdown() -> str:
    """Draw the tables as the text of docs/transitions.md."""
    return "\n".join(
        [
            "# Transitions",
            "",
            "Drawn from the tables of `app/core/transitions.py` by",
            "`python -m app.core.transitions > docs/transitions.md`; a test sees that it is current.",
            *_drawn("Tasks", TASKS, "A byte of their step; durable."),
            *_drawn("Nodes", NODES, "What the dispatcher knows of the agent; not durable."),
            *_drawn(
                "Attempts", ATTEMPTS, "What the dispatcher knows of one try; PUBLISHING is durable."
            ),
            "",
        ]
    )


def _drawn(title: str, table: Mapping[S, Mapping[S, str]], about: str) -> list[str]:
    rows = [(before, after, why) for before, to in table.items() for after, why in to.items()]
    arrows = [f"    {before.name} --> {after.name}" for before, after, _ in rows]
    lines = [f"| {before.name} | {after.name} | {why} |" for before, after, why in rows]
    return [
        *("", f"## {title}", "", about, "", "```mermaid", "stateDiagram-v2"),
        *arrows,
        *("```", "", "| from | to | when |", "|---|---|---|"),
        *lines,
    ]


if __name__ == "__main__":
    print(markdown(), end="")  # noqa: T201
