"""What projects have used of their budgets, running attempts counted, and what follows at the end.

PURE. Ended attempts are summed in ``FarmState.used`` as the ledger has them; running ones count by the time that
they have had until now, so that a budget ends while frames run and not when they come in. Looked at once a
second while there are budgets. A project that is *spent* gets nothing more (``gates`` closes its classes).
"""

from __future__ import annotations

from typing import NamedTuple

from app.core import attempts, live
from app.core import views as v
from app.core.ids import TaskState
from app.core.pulse import takes
from app.core.records import Budget
from app.core.transitions import Phase
from app.core.turn import Turn
from node_agent.wire.job import KernelWork

CHECK_S = 1.0
HOUR_S = 3600.0
OK, WARNED, OVER = "ok", "warned", "over"


class Meter(NamedTuple):
    """What a project has used, in hours, how fast that grows, and how many attempts do it now."""

    gpu_hours: float
    core_hours: float
    gpus: float
    cores: float
    running: int


def meters(turn: Turn) -> dict[str, Meter]:
    """Return what every project with a budget has used up to now."""
    found: dict[str, Meter] = {}
    for project in turn.state.budgets:
        gpu_s, cpu_s = turn.state.used.get(project, (0.0, 0.0))
        found[project] = Meter(gpu_s / HOUR_S, cpu_s / HOUR_S, 0.0, 0.0, 0)
    for attempt in turn.live.attempts.values() if found else ():
        project = turn.state.shots[turn.state.steps[attempt.ref.step].shot].project
        if meter := found.get(project):
            hours = max(0.0, turn.now.wall - attempt.started_at) / HOUR_S
            gpus, cores = takes(turn, attempt)
            found[project] = Meter(
                meter.gpu_hours + gpus * hours,
                meter.core_hours + cores * hours,
                meter.gpus + gpus,
                meter.cores + cores,
                meter.running + 1,
            )
    return found


def standing(budget: Budget, meter: Meter) -> str:
    """Return 'ok', 'warned' or 'over'."""
    parts = [
        used / bound if bound > 0 else float("inf")
        for used, bound in _bounds(budget, meter)
        if bound >= 0
    ]
    most = max(parts, default=0.0)
    if most >= 1:
        return OVER
    return WARNED if most >= budget.warn else OK


def _bounds(budget: Budget, meter: Meter) -> tuple[tuple[float, float], tuple[float, float]]:
    return (meter.gpu_hours, budget.gpu_hours), (meter.core_hours, budget.core_hours)


def check(turn: Turn) -> None:
    """See where every budget stands now, and act where that changed."""
    before = turn.live.budget_states
    now = {name: standing(turn.state.budgets[name], m) for name, m in meters(turn).items()}
    turn.live.budget_states = now
    spent = {
        name
        for name, state in now.items()
        if state == OVER and turn.state.budgets[name].at_end != "warn"
    }
    if spent != turn.live.spent:
        turn.live.spent = spent
        turn.live.gates_stale = True
        turn.rows.all_shots()
    for name, state in now.items():
        if state != before.get(name, OK):
            _say(turn, turn.state.budgets[name], state)
        if name in spent and turn.state.budgets[name].at_end == "stop":
            _stop(turn, name)


def _say(turn: Turn, budget: Budget, state: str) -> None:
    if state == OVER:
        turn.log("warning", f"{budget.project} has used up its budget.")
    elif state == WARNED:
        turn.log("warning", f"{budget.project} has used {budget.warn:.0%} of its budget.")


def _stop(turn: Turn, project: str) -> None:
    """End what runs of a project: kernels keep their samples, what is being published is let through."""
    for attempt in list(turn.live.attempts.values()):
        step = turn.state.steps[attempt.ref.step]
        if turn.state.shots[step.shot].project != project or attempt.is_asked:
            continue
        if attempt.phase not in (Phase.SENT, Phase.HELD):
            continue
        if isinstance(step.work, KernelWork):
            attempts.ask_yield(turn, attempt)
        else:
            reason = f"{project} has used up its budget."
            attempts.cancel(turn, attempt, reason, TaskState.READY)


def on_time(turn: Turn) -> None:
    """Look, and look again while there is a budget."""
    turn.live.is_metering = False
    check(turn)
    watch(turn)


def watch(turn: Turn) -> None:
    """See to it that budgets are looked at."""
    if turn.state.budgets and not turn.live.is_metering:
        turn.live.is_metering = True
        turn.live.again(turn.now.mono + CHECK_S, (live.BUDGET, 0, 0, 0))


def budget_rows(turn: Turn) -> list[v.BudgetRow]:
    """Return a row for each budget."""
    return [_row(turn, turn.state.budgets[name], meter) for name, meter in meters(turn).items()]


def _row(turn: Turn, budget: Budget, meter: Meter) -> v.BudgetRow:
    return v.BudgetRow(
        name=budget.project,
        gpu_hours=budget.gpu_hours,
        core_hours=budget.core_hours,
        warn=budget.warn,
        at_end=budget.at_end,
        used_gpu_hours=round(meter.gpu_hours, 4),
        used_core_hours=round(meter.core_hours, 4),
        state=standing(budget, meter),
        running=meter.running,
        ends_at=_ends_at(turn, budget, meter),
    )


def _ends_at(turn: Turn, budget: Budget, meter: Meter) -> float:
    """Return when the first bound is reached at the pace of now; 0: never, or it was."""
    paces = (meter.gpus, meter.cores)
    left = [
        (bound - used) / pace
        for (used, bound), pace in zip(_bounds(budget, meter), paces, strict=True)
        if bound >= 0 and pace > 0
    ]
    if not left or min(left) <= 0:
        return 0.0
    return float(round(turn.now.wall + min(left) * HOUR_S, -1))
