"""The queue's brain: events in, actions out; the shell (app.dispatcher) does the rest.

PURE. How the shell uses it, one turn of its loop:

1. ``actions += dispatcher.handle(event, now)`` for each event drained from the sockets, or ``Tick`` when
   ``next_deadline()`` has come. At start: one ``Tick`` before anything else.
2. ``actions += dispatcher.place(now)`` once: one placement pass, then the rows of all that changed
   (nothing publishes rows but this).
3. Write every ``Save`` of the turn, in order, in one transaction. **If it fails, send nothing, drop the
   dispatcher and load anew**: its state is ahead of the database.
4. Do the other actions in order. ``Ack`` and ``Grant`` are among them: that is why 3 comes first.

Where a wait of microseconds counts, ``handle_all(events, now)`` is 1 and the first half of 2, and
``show(now)``, after 4, the rows.

The state is changed by nothing but ``FarmState.apply`` of what was saved, so that loading sections and
replaying the changes after them gives the same state. Sessions, leases and progress are not durable:
after a restart each running attempt gets one full lease of grace, and its agent's Hello takes it back.

What the shell answers itself, after ``refusal(key, body, now)`` said None: ``GetSnapshot`` by
``snapshot()``; ``GetLog``, ``GetPreview``, ``GetAttempts`` from its files and tables; ``WatchTask`` by
sending ``Watch`` to the key that ``where()`` gives and ``watch()`` so that a later Assign says so too.
``Receipt.seq`` is left 0: the shell fills it. ``Metrics``, ``LogLines`` and ``Preview`` go through
``handle`` as everything does (they show that the node lives; one that is not current is answered
``Stale``); what is in them is kept by the shell if ``is_current(ref, key)``.

What an agent may rely on: a message of a key without a session (after a restart of the dispatcher, or
when the node was lost) is answered ``Refused(retry=True)``: say Hello again. A reliable report with a
gap before it is answered so too. An ``Assign`` may come twice (same ref), and may name a device whose
last child is still being killed: begin when it is gone.
"""

from __future__ import annotations

from collections.abc import Iterable

from app.core import views as v
from app.core.actions import Action, KeyChanged
from app.core.audit import Recorded, audit_lines
from app.core.budgets import budget_rows
from app.core.changes import KeyAdded
from app.core.checks import check
from app.core.commands import AuditLog, Command, Morning, Query, Refusal
from app.core.config import Config
from app.core.events import ClientAsked, Event, NodeSaid, Now, Tick, TokenMade
from app.core.explain import Explainer
from app.core.farm_rows import FarmRows, limit_rows, project_rows
from app.core.forecast import Forecaster
from app.core.ids import Role
from app.core.morning import Night, idle_nodes, morning
from app.core.on_client import on_client, on_token, refusal
from app.core.on_message import on_message
from app.core.on_node import admit_node
from app.core.on_report import is_current
from app.core.on_timer import on_time, take_up
from app.core.placing import place
from app.core.pulse import Pulse, pulse
from app.core.rows import NO_FINISH, job_row, node_row, shot_row, step_row, task_change
from app.core.state import FarmState
from app.core.turn import Turn
from node_agent.wire.messages import AttemptRef


class Dispatcher:
    """The pure core over one ``FarmState``."""

    def __init__(self, state: FarmState, config: Config) -> None:
        """Take over a state as loaded; nothing happens before the first event."""
        self.state = state
        self.config = config
        self._turn = turn = Turn(state, config)
        self._forecaster = forecaster = Forecaster()
        turn.ask_forecast = lambda asked, move: forecaster.ask(turn, asked, move)
        turn.rows.explainer = lambda: Explainer(turn)
        self._farm_rows = FarmRows(turn)
        turn.rows.farm_rows = self._farm_rows.news
        self._is_begun = False

    def handle(self, event: Event, now: Now) -> list[Action]:
        """Decide what one event changes. Never raises on anything a peer or person sent."""
        turn = self._begin(now)
        match event:
            case NodeSaid(key=key, message=message):
                on_message(turn, key, message)
            case ClientAsked():
                on_client(turn, event)
            case TokenMade():
                on_token(turn, event)
            case Tick():
                on_time(turn)
        return turn.out

    def handle_all(self, events: Iterable[Event], now: Now) -> list[Action]:
        """Decide what the events of a turn change, and give idle devices work; ``show`` is still to come."""
        actions: list[Action] = []
        turn = self._turn
        for event in events:
            if (
                isinstance(event, NodeSaid) and self._is_begun
            ):  # as ``handle``, without a list for each
                turn.now, turn.out = now, actions
                on_message(turn, event.key, event.message)
            else:
                actions += self.handle(event, now)
        turn = self._begin(now)
        place(turn)
        actions += turn.out
        return actions

    def place(self, now: Now) -> list[Action]:
        """Give idle devices work, then publish the rows that changed: once a turn, after the events."""
        turn = self._begin(now)
        place(turn)
        self._show(turn)
        return turn.out

    def show(self, now: Now) -> list[Action]:
        """Look at the forecast, and publish the rows that changed: nothing that has to be saved, so no assignment
        waits for it."""
        turn = self._begin(now)
        self._show(turn)
        return turn.out

    def _show(self, turn: Turn) -> None:
        self._forecaster.refresh(turn)
        turn.rows.flush(turn.now.mono, turn.out)

    @property
    def is_thinking(self) -> bool:
        """Tell whether ``think`` has something to go on with."""
        return self._forecaster.is_thinking

    def think(self, now: Now) -> list[Action]:
        """Go on with a forecast for half a millisecond; nothing that it gives has to be saved."""
        turn = self._begin(now)
        self._forecaster.think(turn)
        return turn.out

    def _begin(self, now: Now) -> Turn:
        turn = self._turn
        turn.now, turn.out = now, []
        if not self._is_begun:
            self._is_begun = True
            take_up(turn)
        return turn

    def next_deadline(self) -> float | None:
        """Return the moment (``Now.mono``) of the next Tick; may be past; None: nothing to wait for."""
        if not self._is_begun:
            return 0.0
        turn = self._turn
        times = [turn.live.next_moment(), turn.rows.next_flush()]
        if turn.rows.has_news:
            times.append(self._forecaster.due(turn))
        return min((time for time in times if time is not None), default=None)

    def snapshot(self, now: Now, farm: v.FarmInfo, seq: int) -> v.Snapshot:
        """Build the whole farm as rows; ``samples`` is empty, the shell's rings fill it."""
        state, live, finishes = self.state, self._turn.live, self._turn.rows.finishes
        explainer = Explainer(self._begin(now))
        return v.Snapshot(
            seq=seq,
            farm=farm,
            shots=[
                shot_row(state, live, explainer, state.shots[shot], finishes.get(shot, NO_FINISH))
                for _, shot in state.order
            ],
            jobs=[job_row(state, job) for job in state.jobs.values()],
            steps=[step_row(step) for step in state.steps.values() if not step.is_piece],
            nodes=[node_row(state, live, node) for node in state.nodes.values()],
            tasks=[
                task_change(state.steps[step], task, attempt.progress)
                for (step, task), attempt in live.attempts.items()
                if not state.steps[step].is_piece
            ],
            samples=[],
            limits=limit_rows(self._turn),
            projects=project_rows(self._turn),
            budgets=budget_rows(self._turn),
            scores=self._farm_rows.scores.rows(),
        )

    def pulse(self, now: Now) -> Pulse:
        """Count devices and tasks, for the farm's history."""
        return pulse(self._begin(now))

    def morning(self, night: Night, now: Now) -> Morning:
        """Say what happened since ``night.since``, and what stands now."""
        return morning(self._begin(now), night)

    def idle_nodes(self, now: Now) -> list[int]:
        """Return the nodes that run nothing."""
        return idle_nodes(self._begin(now))

    def finishes(self) -> dict[int, float]:
        """Return the p50 of every shot that has one, as last forecast."""
        return {shot: p50 for shot, (p50, _) in self._turn.rows.finishes.items() if p50}

    def audit(self, rows: Iterable[Recorded], undone: dict[int, int]) -> AuditLog:
        """Put rows of the store's table of commands into words; see ``audit.audit_lines``."""
        return AuditLog(rows=audit_lines(self.state, rows, undone))

    def refusal(self, key: str, body: Command | Query, now: Now) -> Refusal | None:
        """Return why this key may not ask that, or None; for the queries that the shell answers."""
        return refusal(self._begin(now), key, body)

    def role_of(self, key: str, now: Now) -> Role | None:
        """Return the role of a key that is known, unrevoked and unexpired."""
        return self._begin(now).role_of(key)

    def allowed_keys(self, now: Now) -> list[KeyChanged]:
        """Return the whole allow-list, for the start; later changes come as actions."""
        keys = self.state.keys.values()
        return [
            KeyChanged(key.public_key, key.role, key.expires_at)
            for key in keys
            if not key.expires_at or key.expires_at > now.wall
        ]

    def admit(self, public_key: str, role: Role, name: str, now: Now) -> list[Action]:
        """Let a key in by the shell's own word (embedded start: the owner's key, the local agent's).

        With ``Role.NODE`` the node is made too. A key that is in already with that role changes nothing.
        """
        turn = self._begin(now)
        known = self.state.keys.get(public_key)
        if known and known.role == role:
            return turn.out
        if role is Role.NODE:
            admit_node(turn, public_key, name)
        else:
            turn.save(KeyAdded(public_key, role, name, now.wall))
            turn.key_changed(public_key)
        return turn.out

    def is_current(self, ref: AttemptRef, key: str) -> bool:
        """Tell whether this is the task's newest attempt and was given to the node of this key."""
        return is_current(self._turn, ref, key)

    def where(self, step: int, task: int) -> tuple[str, AttemptRef] | None:
        """Return the node's key and the attempt that runs this task now."""
        attempt = self._turn.live.attempts.get((step, task))
        return (self.state.nodes[attempt.node].public_key, attempt.ref) if attempt else None

    def watch(self, step: int, task: int, on: bool) -> None:
        """Remember that somebody looks at this task: its next Assign says ``watched``."""
        (self._turn.watched.add if on else self._turn.watched.discard)((step, task))

    def check_invariants(self) -> None:
        """Raise BugFault where two parts of the state contradict each other; for tests, O(tasks)."""
        check(self._turn)
