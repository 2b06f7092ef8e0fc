"""The one object that handlers share: state, live knowledge, rows to publish, and the actions so far.

PURE. ``save`` is the only door to the state: it applies the change and notes the rows it dirties.
"""

from __future__ import annotations

from collections.abc import Callable

from app.core.actions import Action, AnswerClient, KeyChanged, Log, Save, SendNode
from app.core.changes import Change
from app.core.commands import Answer, Move, Refusal
from app.core.config import Config
from app.core.events import ClientAsked, Now
from app.core.gate_index import GateIndex
from app.core.held_back import Holds
from app.core.ids import Role
from app.core.live import Live
from app.core.publish import Publisher
from app.core.score import Scorekeeper
from app.core.state import FarmState
from app.errors import BugFault
from node_agent.wire.messages import AttemptRef, ToNode


def _nobody(_asked: ClientAsked, _move: Move | None) -> None:
    raise BugFault("No dispatcher has taken this turn.")


class Turn:
    """Context of a handler; lives as long as the dispatcher, ``now`` and ``out`` change each call."""

    def __init__(self, state: FarmState, config: Config) -> None:
        self.state = state
        self.config = config
        self.live = Live()
        self.gates = GateIndex()
        self.holds = Holds()
        self.rows = Publisher(state, self.live, config)
        self.scores = Scorekeeper(state)
        self.now = Now(0.0, 0.0)
        self.out: list[Action] = []
        # Set by the dispatcher: answers when every shot will finish, now or after a move.
        self.ask_forecast: Callable[[ClientAsked, Move | None], None] = _nobody
        # (step, task) that somebody looks at.
        self.watched: set[tuple[int, int]] = set()

    def save(self, change: Change) -> None:
        self.state.apply(change)
        self.out.append(Save(change))
        self.rows.note(change)
        for judged in self.scores.note(change):
            self.save(judged)

    def send(self, node: int, message: ToNode) -> None:
        self.out.append(SendNode(self.state.nodes[node].public_key, message))

    def send_key(self, key: str, message: ToNode) -> None:
        self.out.append(SendNode(key, message))

    def answer(self, asked: ClientAsked, body: Answer) -> None:
        self.out.append(AnswerClient(asked.route, asked.id, body))

    def refuse(self, asked: ClientAsked, sentence: str) -> None:
        self.answer(asked, Refusal(sentence=sentence))

    def log(self, level: str, sentence: str, ref: AttemptRef | None = None) -> None:
        self.out.append(Log(level, sentence, ref))

    def key_changed(self, key: str) -> None:
        """Tell the shell's allow-list how this key stands now."""
        record = self.state.keys.get(key)
        role, expires_at = (record.role, record.expires_at) if record else (None, 0.0)
        self.out.append(KeyChanged(key, role, expires_at))

    def role_of(self, key: str) -> Role | None:
        """Return the role of a key that is in and has not expired."""
        record = self.state.keys.get(key)
        if record is None or (record.expires_at and record.expires_at <= self.now.wall):
            return None
        return Role(record.role)
