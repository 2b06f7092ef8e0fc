"""When every shot will be finished under an order: what was learned, played forward over what is there.

PURE. Done in slices, because a busy farm's next assignment must not wait for it: ``Forecaster.slices`` yields
every half millisecond, and ``Dispatcher.think`` goes on where it stopped. A what-if plays another order over the
facts that the last look recorded. What it leaves out: reservations, guarantees of shares, nodes that come.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Generator
from dataclasses import dataclass
from math import exp, log
from statistics import NormalDist

from app.core import commands
from app.core.commands import Move
from app.core.events import ClientAsked
from app.core.fluid import Group
from app.core.ids import TaskState
from app.core.learning import Learned
from app.core.live import Attempt
from app.core.order import checked_plan
from app.core.placing_rules import view_of
from app.core.playing import Farm, Finishes, Plan, Work, play
from app.core.records import Shot
from app.core.rows import NO_FINISH
from app.core.tasks import Step
from app.core.turn import Turn
from app.errors import UserMistake

W, R = TaskState.WAITING, TaskState.READY
F, C = TaskState.FAILED, TaskState.CANCELLED
SLICE = 50
"""Shots, steps or sessions that are looked at between two yields."""
RUNNING_MAX = 24
"""Running attempts of a step that its end is judged by, those that began last, and as many others."""
SHOWN_MAX = 200
"""Rows that a look has sent anew: building them all would keep the next assignment waiting."""
STALE_LOOKS = 3
"""A what-if goes by facts that are at most so many looks old."""
WAKES_S = 60.0
"""A machine that sleeps is taken to work so long after it was told to wake."""
_normal = NormalDist()


@dataclass(slots=True)
class Look:
    """The facts of a moment."""

    at: float
    """Monotonic."""
    farm: Farm
    plans: dict[int, Plan]
    order: list[int]
    steps_seen: float
    finishes: Finishes


class Forecaster:
    """Keeps the finishes that rows show, and answers what-ifs."""

    def __init__(self) -> None:
        self.learned = Learned()
        self._look: Look | None = None
        self._looked_at = float("-inf")
        self._asked: deque[tuple[ClientAsked, Move | None]] = deque()
        self._looking: Generator[None, None, None] | None = None
        self._answering: Generator[None, None, None] | None = None

    # --- when -------------------------------------------------------------------------------------

    def due(self, turn: Turn) -> float:
        return self._looked_at + turn.config.forecast_s

    @property
    def is_thinking(self) -> bool:
        """Tell whether there is something to go on with."""
        return bool(self._asked or self._looking or self._answering)

    def ask(self, turn: Turn, asked: ClientAsked, move: Move | None) -> None:
        """Answer as soon as it is played. Raises UserMistake for a move that cannot be made."""
        if move is not None:
            checked_plan(turn.state, move)
        self._asked.append((asked, move))
        if not turn.config.is_patient:
            self._look = self._looking = None

    def refresh(self, turn: Turn) -> None:
        """Begin a new look if it is time and something changed; without patience, end it too."""
        if turn.rows.has_news and turn.now.mono >= self.due(turn) and self._looking is None:
            turn.rows.has_news = False
            self._looked_at = turn.now.mono
            self._looking = self._take_look(turn)
        if not turn.config.is_patient:
            while self.is_thinking:
                self.think(turn)

    def think(self, turn: Turn) -> None:
        """Do a slice; who waits for an answer comes before the next look."""
        if self._asked and self._answering is None:
            if self._is_young(turn):
                self._answering = self._answers(turn)
            elif self._looking is None:
                self._looking = self._take_look(turn)
        if self._answering is not None:
            self._answering = _go_on(self._answering)
        elif self._looking is not None:
            self._looking = _go_on(self._looking)

    def _is_young(self, turn: Turn) -> bool:
        oldest = turn.now.mono - STALE_LOOKS * turn.config.forecast_s
        return self._look is not None and self._look.at >= oldest

    # --- what -------------------------------------------------------------------------------------

    def _answers(self, turn: Turn) -> Generator[None, None, None]:
        """Answer those who wait from the last look."""
        look = self._look
        assert look is not None
        while self._asked:
            asked, move = self._asked.popleft()
            try:
                yield from self._answer(turn, look, asked, move)
            except UserMistake as mistake:
                turn.refuse(asked, mistake.sentence)

    def _answer(
        self, turn: Turn, look: Look, asked: ClientAsked, move: Move | None
    ) -> Generator[None, None, None]:
        ranks = {shot: rank for rank, shot in turn.state.order}
        order = list(ranks)
        for shot in order:
            if shot not in look.plans and turn.state.is_open(shot):
                look.plans[shot] = _plan(turn, self.learned, look.farm.now, turn.state.shots[shot])
        before = look.finishes
        if order != look.order:
            before = yield from play(look.farm.copy(), look.plans, order, look.steps_seen)
            look.order, look.finishes = order, before
        after = before
        if move is not None:
            ranks.update(checked_plan(turn.state, move).ranks)
            wanted = sorted(ranks, key=ranks.__getitem__)
            after = yield from play(look.farm.copy(), look.plans, wanted, look.steps_seen)
        turn.answer(asked, _finishes(before, after))

    def _show(self, turn: Turn, finishes: Finishes) -> None:
        """Mark the rows that moved; when all do at once, the first of the queue, and more the next time."""
        shown, now = turn.rows.finishes, turn.now.wall
        left = SHOWN_MAX
        for shot in [*finishes, *(shot for shot in shown if shot not in finishes)]:
            if not _differs(shown.get(shot, NO_FINISH), finishes.get(shot, NO_FINISH), now):
                continue
            shown[shot] = finishes.get(shot, NO_FINISH)
            turn.rows.shot(shot)
            left -= 1
            if not left:
                turn.rows.has_news = True
                break

    def _take_look(self, turn: Turn) -> Generator[None, None, None]:
        """Learn what is new, note what is left and when devices come free, and play it as it lies."""
        at = turn.now.mono
        yield from self._learn(turn)
        farm = yield from _gather(turn, self.learned)
        order = [shot for _, shot in turn.state.order]
        plans: dict[int, Plan] = {}
        for place, shot in enumerate(order):
            if turn.state.is_open(shot):
                plans[shot] = _plan(turn, self.learned, farm.now, turn.state.shots[shot])
            if place % SLICE == SLICE - 1:
                yield
        seen = self.learned.steps_seen
        finishes = yield from play(farm.copy(), plans, order, seen)
        self._look = Look(at, farm, plans, order, seen, finishes)
        self._show(turn, finishes)
        turn.scores.keep(finishes, turn.now.wall)

    def _learn(self, turn: Turn) -> Generator[None, None, None]:
        for place, session in enumerate(turn.live.at_hand()):
            self.learned.meet(session)
            if place % SLICE == SLICE - 1:
                yield
        for place, step in enumerate(list(turn.state.steps.values())):
            self.learned.look(turn.state, step)
            if place % SLICE == SLICE - 1:
                yield
        yield from self.learned.conclude(turn.state, turn.now.wall)


def _go_on(run: Generator[None, None, None]) -> Generator[None, None, None] | None:
    """Let it run to its next yield; None when it is over."""
    try:
        next(run)
    except StopIteration:
        return None
    return run


def _finishes(before: Finishes, after: Finishes) -> commands.Finishes:
    return commands.Finishes(
        rows=[
            commands.Finish(shot, p50, p90, _change(before.get(shot, NO_FINISH)[0], p50))
            for shot, (p50, p90) in after.items()
        ]
    )


def _change(before: float, after: float) -> float:
    return after - before if before and after else 0.0


def _differs(shown: tuple[float, float], new: tuple[float, float], now: float) -> bool:
    """Tell whether a person would see the difference: a second, or a fiftieth of what is left."""
    if (shown[0] > 0) != (new[0] > 0):
        return True
    left = max(0.0, new[0] - now)
    return abs(shown[0] - new[0]) > max(1.0, 0.02 * left) or abs(shown[1] - new[1]) > max(
        1.0, 0.05 * left
    )


# --- the facts ------------------------------------------------------------------------------------


def _gather(turn: Turn, learned: Learned) -> Generator[None, None, Farm]:
    """Note the devices that take work, and when they come free."""
    farm = Farm(turn.now.wall)
    free: dict[tuple[int, str], list[float]] = {}
    for place, session in enumerate(turn.live.at_hand()):
        if not turn.state.nodes[session.node].drained and not session.away and session.is_at_hand:
            wakes_s = 0.0 if session.is_online else WAKES_S
            for slot in session.slots:
                view, kind = view_of(turn, slot), slot.info.kind
                key = (id(view), learned.model(session.node, kind))
                if key not in farm.groups:
                    speed = learned.speed(session.node, kind)
                    farm.groups[key] = Group(key[1], speed, view.klasses, slot.cores)
                lying = slot.attempts if not slot.has_room else ()
                busy = max((remaining(turn, learned, one, 0.5) for one in lying), default=0.0)
                free.setdefault(key, []).append(farm.now + wakes_s + busy)
        if place % SLICE == SLICE - 1:
            yield
    farm.close(free)
    _gather_bounds(turn, farm)
    nodes = turn.state.nodes.values()
    failed, done = sum(node.failed for node in nodes), sum(node.done for node in nodes)
    farm.fails = failed / (failed + done) if failed else 0.0
    return farm


def _gather_bounds(turn: Turn, farm: Farm) -> None:
    for limit in turn.state.limits.values():
        farm.bound(f"limit {limit.name}", limit.count)
    for share in turn.state.shares.values():
        if share.cap < 1:
            farm.bound(f"cap {share.project}", share.cap * farm.devices)


def remaining(turn: Turn, learned: Learned, attempt: Attempt, part: float) -> float:
    """Return the seconds within which a running attempt ends with that chance."""
    elapsed = max(0.0, turn.now.wall - attempt.started_at)
    if attempt.progress > 0.02:
        return elapsed * (1 - attempt.progress) / attempt.progress * (1.0 if part <= 0.5 else 1.2)
    known = learned.known(turn.state.steps[attempt.ref.step])
    mean = known.work / learned.speed(attempt.node, attempt.kind)
    scatter = max(
        0.02, known.scatter if known.is_seen else (known.scatter**2 + known.unsure**2) ** 0.5
    )
    middle = log(max(mean, 1e-3)) - scatter * scatter / 2
    gone = _normal.cdf((log(elapsed) - middle) / scatter) if elapsed > 0 else 0.0
    if gone > 0.999:
        return 0.1 * elapsed
    score = _normal.inv_cdf(min(0.9999, max(1e-4, gone + (1 - gone) * part)))
    return max(0.0, exp(middle + scatter * score) - elapsed)


def _plan(turn: Turn, learned: Learned, now: float, shot: Shot) -> Plan:
    """Note what is left of an open shot; None means that nothing can be said."""
    state = turn.state
    if shot.paused or shot.project in turn.live.spent:
        return None
    works: list[Work] = []
    places: dict[int, int] = {}
    for number in reversed(shot.jobs):
        job = state.jobs[number]
        for step in map(state.steps.__getitem__, job.steps):
            if not any(step.counts[: TaskState.DONE]):
                continue
            if step.counts[W] and any(_is_lost(state.steps[before]) for before in step.after):
                return None
            earliest = max(now, job.start_after) if step.counts[W] else now
            places[step.id] = len(works)
            works.append(_work(turn, learned, now, step, earliest, places))
    return tuple(works)


def _is_lost(before: Step) -> bool:
    """Tell whether what needs this step whole waits in vain."""
    return before.counts[F] + before.counts[C] > len(before.skipped)


def _work(
    turn: Turn, learned: Learned, now: float, step: Step, earliest: float, places: dict[int, int]
) -> Work:
    known, klass = learned.known(step), turn.state.queue.klasses[step.klass]
    return Work(
        klass=step.klass,
        tasks=step.counts[W] + step.counts[R],
        seconds=known.work,
        scatter=known.scatter,
        unsure=known.unsure,
        is_seen=known.is_seen,
        gpus=max(1, step.needs.gpus),
        cores=step.needs.cores,
        earliest=earliest,
        after=tuple(places[before] for before in step.after if before in places),
        along=tuple(places[before] for before, _, _ in step.frame_after if before in places),
        running=_running(turn, learned, now, step),
        limits=tuple((name, need) for name, need in klass.limits if name in turn.state.limits),
        project=klass.project,
    )


def _running(turn: Turn, learned: Learned, now: float, step: Step) -> tuple[float, float]:
    """Return when the last of what runs of a step ends, as p50 and p90; 0: nothing runs."""
    found = [turn.live.attempts.get((step.id, task)) for task in step.running]
    attempts: list[Attempt] = [attempt for attempt in found if attempt]
    if not attempts:
        return 0.0, 0.0
    count = len(attempts)
    if count > 2 * RUNNING_MAX:
        # Those that began last end last; of the others, some slow devices may be among a few.
        attempts.sort(key=lambda attempt: attempt.started_at)
        attempts = attempts[-RUNNING_MAX:] + attempts[: -RUNNING_MAX : count // RUNNING_MAX]
    p50, p90 = (
        max(remaining(turn, learned, attempt, part ** (1 / count)) for attempt in attempts)
        for part in (0.5, 0.9)
    )
    return now + p50, now + p90
