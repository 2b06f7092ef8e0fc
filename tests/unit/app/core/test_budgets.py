"""Budgets: what counts, when they end, and what that does to what runs and what waits."""

import pytest

from app.core import actions as act
from app.core import commands as cmd
from app.core import views as v
from app.core.events import ClientAsked
from node_agent.wire import messages as m
from node_agent.wire.job import Needs
from tests.unit.app.core.bench import ADMIN, CPU, GPU, Bench, command_work, kernel_work, of, sent

HOUR = 3600.0


def busy(**budget) -> tuple[Bench, str]:
    """A project with a budget on one GPU that works on its first command."""
    bench = Bench(lease_s=1e9)
    key = bench.node("n1", GPU)
    bench.ask(cmd.SetBudget(project="NZ2", **budget))
    bench.submit("a", "1-9", work=command_work())
    return bench, key


def finish(bench: Bench, key: str, task: int, wall_s: float, cpu_s: float = 0.0) -> None:
    usage = m.Usage(wall_s=wall_s, cpu_s=cpu_s)
    epoch = bench.state.steps[1].epochs[task]
    bench.report(key, m.Done, m.AttemptRef(1, task, epoch), files=[], usage=usage)


def running(bench: Bench) -> list[int]:
    return [task for step in bench.state.steps.values() for task in step.running]


def row(bench: Bench):
    (found,) = bench.core.snapshot(bench.now, None, 0).budgets
    return found


def test_ended_and_running_attempts_count():
    bench, key = busy(gpu_hours=10.0)
    (task,) = running(bench)
    bench.sleep(HOUR)
    finish(bench, key, task, HOUR, cpu_s=1800)
    bench.sleep(HOUR)
    found = row(bench)
    assert found.used_gpu_hours == pytest.approx(2.0, abs=0.01)
    assert found.used_core_hours == pytest.approx(0.5, abs=0.01)
    assert (found.state, found.running) == ("ok", 1)
    assert found.ends_at - bench.now.wall == pytest.approx(8 * HOUR, abs=20)


def test_warn_says_so_and_goes_on():
    bench, key = busy(gpu_hours=2.0, warn=0.5)
    (task,) = running(bench)
    said = of(act.Log, bench.sleep(1.1 * HOUR))
    assert [log.sentence for log in said] == ["NZ2 has used 50% of its budget."]
    assert row(bench).state == "warned"
    bench.sleep(HOUR)
    assert row(bench).state == "over"
    finish(bench, key, task, 2 * HOUR)
    assert len(running(bench)) == 1


def test_hold_lets_what_runs_end_and_assigns_nothing_more():
    bench, key = busy(gpu_hours=1.0, at_end="hold")
    (task,) = running(bench)
    bench.sleep(1.5 * HOUR)
    assert running(bench) == [task]
    finish(bench, key, task, 1.5 * HOUR)
    assert running(bench) == []
    # Another project is not held by it.
    body = cmd.Submit(
        project="P",
        sequence="s",
        shot="x",
        name="v",
        steps=[cmd.StepRequest(work=command_work("x"))],
    )
    bench.ask(body)
    assert len(running(bench)) == 1


def test_explain_names_the_budget_and_its_remedies_help():
    bench, key = busy(gpu_hours=1.0, at_end="hold")
    finish(bench, key, running(bench)[0], 1.5 * HOUR)
    bench.sleep(2)
    (reason,) = bench.ask(cmd.Explain(shot=1)).reasons
    assert reason.kind == "budget"
    assert reason.sentence == "NZ2 has used up its budget: 1.5 of 1.0 GPU-hours."
    more, warn = (remedy.command for remedy in reason.remedies)
    number = bench.ask(warn).command
    assert len(running(bench)) == 1
    bench.ask(cmd.Undo(command=number))
    assert bench.state.budgets["NZ2"].at_end == "hold"
    bench.ask(more)
    assert bench.state.budgets["NZ2"].gpu_hours > 1.5


def test_stop_ends_commands_and_lets_kernels_keep_their_samples():
    bench = Bench(lease_s=1e9)
    key = bench.node("n1", GPU, GPU)
    bench.ask(cmd.SetBudget(project="NZ2", gpu_hours=2.0, at_end="stop"))
    bench.submit("a", "1", work=command_work())
    bench.submit("b", "1", work=kernel_work())
    revoked = [
        (message.ref.step, message.mode)
        for message in sent(bench.sleep(1.5 * HOUR), key)
        if isinstance(message, m.Revoke)
    ]
    assert revoked == [(1, "kill"), (2, "yield")]
    # The device is free when the node says so; nothing more is put on it.
    bench.report(key, m.Released, m.AttemptRef(1, 0, 1))
    bench.report(
        key, m.Yielded, m.AttemptRef(2, 0, 1), checkpoint="/c", passes_done=3, usage=m.Usage()
    )
    assert (bench.states(1), bench.states(2)) == ("R", "R")
    bench.ask(cmd.SetBudget(project="NZ2", gpu_hours=99.0))
    assert (bench.states(1), bench.states(2)) == ("U", "U")


def test_core_hours_are_those_that_the_task_takes():
    bench = Bench(lease_s=1e9)
    bench.node("n1", CPU)
    bench.ask(cmd.SetBudget(project="NZ2", core_hours=16.0))
    bench.submit("a", "1", work=command_work())
    bench.sleep(HOUR / 4)
    assert row(bench).used_core_hours == pytest.approx(4.0, abs=0.01)
    bench.state.steps[1].needs = Needs(cores=4)
    assert row(bench).used_core_hours == pytest.approx(1.0, abs=0.01)
    bench.sleep(4 * HOUR)
    assert row(bench).state == "over"


def test_gpus_count_each():
    bench = Bench(lease_s=1e9)
    key = bench.node("n1", GPU)
    bench.ask(cmd.SetBudget(project="NZ2", gpu_hours=99.0))
    bench.submit("a", "1", work=command_work())
    bench.state.steps[1].needs = Needs(gpus=4)
    bench.sleep(HOUR)
    assert row(bench).used_gpu_hours == pytest.approx(4.0, abs=0.01)
    finish(bench, key, 0, HOUR)
    assert row(bench).used_gpu_hours == pytest.approx(4.0, abs=0.01)


def test_it_survives_a_restart():
    bench, key = busy(gpu_hours=1.0, at_end="hold")
    finish(bench, key, running(bench)[0], 1.5 * HOUR)
    bench.sleep(2)
    again = bench.restart()
    assert row(again).state == "over"
    assert again.core._turn.live.spent == {"NZ2"}


@pytest.mark.parametrize(
    ("command", "sentence"),
    [
        (cmd.SetBudget(project="NZ2"), "NZ2 has no budget."),
        (
            cmd.SetBudget(project="NZ2", gpu_hours=1.0, warn=0.0),
            "A budget warns at more than 0 and at most 1 of it.",
        ),
        (
            cmd.SetBudget(project="NZ2", gpu_hours=float("nan")),
            "A budget has at most 1,000,000,000 hours.",
        ),
    ],
)
def test_nonsense_is_refused(command, sentence):
    assert Bench().ask(command) == cmd.Refusal(sentence=sentence)


def test_undo_takes_a_budget_away():
    bench = Bench()
    number = bench.ask(cmd.SetBudget(project="NZ2", gpu_hours=1.0)).command
    gone = bench.turn(ClientAsked(ADMIN, b"r", 1, cmd.Undo(command=number)))
    assert bench.state.budgets == {}
    rows = [action.row for action in of(act.PublishRow, gone)]
    assert [row.gpu_hours for row in rows if isinstance(row, v.BudgetRow)] == [-1.0]
