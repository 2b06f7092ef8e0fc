"""Maintenance: a program that runs once on each node, as a job with a step for each.

A step needs the tag ``node:NAME``, so its one task waits for that node, however busy, and runs there when a device
comes free; the shot is at the bottom of the queue unless it is moved. A job has some hundred steps at most, so
a large farm gets several.
"""

from __future__ import annotations

from collections.abc import Sequence

from app.core.commands import StepRequest, Submit
from app.core.ready import NODE_TAG
from app.errors import UserMistake
from app.submit.person import user_name
from node_agent.wire.job import CommandWork, Needs

STEPS_A_JOB = 100
PROJECT, SEQUENCE = "farm", "maintenance"


def maintenance_requests(name: str, argv: Sequence[str], nodes: Sequence[str]) -> list[Submit]:
    """Return the jobs. Raises UserMistake."""
    if not argv or not nodes:
        raise UserMistake("Maintenance needs a program and at least one node.")
    work = CommandWork(argv=[word.replace("{", "{{").replace("}", "}}") for word in argv])
    steps = [
        StepRequest(name=node, work=work, needs=Needs(tags=[NODE_TAG + node])) for node in nodes
    ]
    return [
        Submit(
            project=PROJECT,
            sequence=SEQUENCE,
            shot=name,
            name=name,
            user=user_name(),
            steps=steps[at : at + STEPS_A_JOB],
            scouts=False,
        )
        for at in range(0, len(steps), STEPS_A_JOB)
    ]
