"""The harness itself: put a bug back that the farm must not have, and the simulated farms must notice."""

from __future__ import annotations

from unittest.mock import patch

import pytest

from app.core import on_report, publish
from node_agent.agent.foreman import Foreman
from node_agent.agent.reports import Reports
from tests.faults.conftest import only_long
from tests.simulation.world import Broken, World

SEEDS = 60


def _any_attempt(turn, _session, ref):
    """The fence without its epoch and node: a zombie's report counts."""
    return turn.live.attempts.get((ref.step, ref.task))


def _forget_all(reports, _seq):
    """An agent for which any acknowledgement is one of everything."""
    waiting = list(reports._unacked.values())
    reports._unacked.clear()
    reports._acked = reports._last
    return waiting


def _say_nothing_of_tasks(publisher, change, _out):
    """A dispatcher that does not publish what a task does."""
    publisher._note_step(change.step)


def _keep_what_is_stale(_foreman, _ref):
    """An agent that does not end what it is told is another's by now."""


MUTANTS = {
    "fence": patch.object(on_report, "current", _any_attempt),
    "acknowledgements": patch.object(Reports, "acknowledge", _forget_all),
    "publishing": patch.object(publish.Publisher, "_note_task", _say_nothing_of_tasks),
    "stale": patch.object(Foreman, "discard", _keep_what_is_stale),
}


@pytest.mark.parametrize(
    "name", [name if name == "fence" else pytest.param(name, marks=only_long) for name in MUTANTS]
)
def test_a_bug_that_is_put_back_is_noticed(name: str) -> None:
    with MUTANTS[name], pytest.raises(Broken):
        run_farms()


def run_farms() -> None:
    for seed in range(1, SEEDS):
        World(seed).run()
