"""The queue's brain: events in, actions out; the shell (app.dispatcher) does the rest.

PURE. How the shell uses it, one turn of its loop:

1. ``actions += dispatcher.handle(event, now)`` for each event drained from the sockets, or ``Tick`` when
   ``next_deadline()`` has come. At start: one ``Tick`` before anything else.
2. ``actions += dispatcher.place(now)`` once: one placement pass, then the rows of all that changed
   (nothing publishes rows but this).
3. Write every ``Save`` of the turn, in order, in one transaction. **If it fails, send nothing, drop the
   dispatcher and load anew**: its state is ahead of the database.
4. Do the other actions in order. ``Ack`` and ``Grant`` are among them: that is why 3 comes first.

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

from app.core.actions import Action, KeyChanged
from app.core.commands import Command, Query, Refusal
from app.core.config import Config
from app.core.events import Event, Now
from app.core.ids import Role
from app.core.state import FarmState
from app.core.views import FarmInfo, Snapshot
from node_agent.wire.messages import AttemptRef


class Dispatcher:
    """The pure core over one ``FarmState``."""

    def __init__(self, state: FarmState, config: Config) -> None:
        """Take over a state as loaded; nothing happens before the first event."""
        self.state = state
        self.config = config

    def handle(self, event: Event, now: Now) -> list[Action]:
        """Decide what one event changes. Never raises on anything a peer or person sent."""
        raise NotImplementedError

    def place(self, now: Now) -> list[Action]:
        """Give idle devices work, then publish the rows that changed: once a turn, after the events."""
        raise NotImplementedError

    def next_deadline(self) -> float | None:
        """Return the moment (``Now.mono``) of the next Tick; may be past; None: nothing to wait for."""
        raise NotImplementedError

    def snapshot(self, now: Now, farm: FarmInfo, seq: int) -> Snapshot:
        """Build the whole farm as rows; ``samples`` is empty, the shell's rings fill it."""
        raise NotImplementedError

    def refusal(self, key: str, body: Command | Query, now: Now) -> Refusal | None:
        """Return why this key may not ask that, or None; for the queries that the shell answers."""
        raise NotImplementedError

    def role_of(self, key: str, now: Now) -> Role | None:
        """Return the role of a key that is known, unrevoked and unexpired."""
        raise NotImplementedError

    def allowed_keys(self, now: Now) -> list[KeyChanged]:
        """Return the whole allow-list, for the start; later changes come as actions."""
        raise NotImplementedError

    def admit(self, public_key: str, role: Role, name: str, now: Now) -> list[Action]:
        """Let a key in by the shell's own word (embedded start: the owner's key, the local agent's).

        With ``Role.NODE`` the node is made too. A key that is in already with that role changes nothing.
        """
        raise NotImplementedError

    def is_current(self, ref: AttemptRef, key: str) -> bool:
        """Tell whether this is the task's newest attempt and was given to the node of this key."""
        raise NotImplementedError

    def where(self, step: int, task: int) -> tuple[str, AttemptRef] | None:
        """Return the node's key and the attempt that runs this task now."""
        raise NotImplementedError

    def watch(self, step: int, task: int, on: bool) -> None:
        """Remember that somebody looks at this task: its next Assign says ``watched``."""
        raise NotImplementedError

    def check_invariants(self) -> None:
        """Raise BugFault where two parts of the state contradict each other; for tests, O(tasks)."""
        raise NotImplementedError
