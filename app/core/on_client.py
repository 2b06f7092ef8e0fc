"""What people and pipelines ask: roles, the audit log, undo, tokens, and the core's own queries.

PURE. A command is checked, carried out, written to the audit log and answered by a receipt, or refused
with one sentence and nothing changed.
"""

from __future__ import annotations

from app.core import changes as c
from app.core import commands as a
from app.core.actions import NewKeyPair
from app.core.carry_out import carry_out
from app.core.events import ClientAsked, TokenMade
from app.core.explain import explain
from app.core.ids import Role
from app.core.outcome import Outcome
from app.core.preempt import cost
from app.core.rows import task_rows
from app.core.stamps import pack_command
from app.core.submit import submission
from app.core.turn import Turn
from app.core.undo import inverse_of
from app.errors import UserMistake

TOKEN_S_MIN, TOKEN_S_MAX = 60.0, 30 * 86400.0
WINDOW_MAX = 10_000


def refusal(turn: Turn, key: str, body: a.Command | a.Query) -> a.Refusal | None:
    """Return why this key may not ask that, or None."""
    role = turn.role_of(key)
    if role is None:
        return a.Refusal(sentence="This key is not on the dispatcher's list.")
    parts = body.commands if isinstance(body, a.Together) else [body]
    needed = max((a.ROLES.get(type(part), Role.VIEWER) for part in parts), default=Role.VIEWER)
    if role < Role.VIEWER:
        return a.Refusal(sentence="This key is a machine's: it cannot ask for a person.")
    if role < needed:
        word = type(body).__name__
        return a.Refusal(sentence=f"{word} needs the role {needed.name.lower()}; ask an admin.")
    return None


def on_client(turn: Turn, asked: ClientAsked) -> None:
    """Answer one command or query."""
    if refused := refusal(turn, asked.key, asked.body):
        turn.answer(asked, refused)
        return
    try:
        _answer(turn, asked)
    except UserMistake as mistake:
        turn.refuse(asked, mistake.sentence)


def _answer(turn: Turn, asked: ClientAsked) -> None:
    match asked.body:
        case a.GetTasks() | a.GetRules() | a.GetSubmission() as query:
            turn.answer(asked, _state_of(turn, query))
        case a.GetPreemption(move=move):
            turn.answer(asked, cost(turn, move))
        case a.Explain() as query:
            turn.answer(asked, explain(turn, query))
        case a.Forecast(move=move):
            turn.ask_forecast(asked, move)
        case a.MakeToken(valid_s=valid_s):
            if not TOKEN_S_MIN <= valid_s <= TOKEN_S_MAX:
                raise UserMistake("A join token is good for one minute to 30 days.")
            turn.out.append(NewKeyPair(asked.key, asked.route, asked.id, valid_s))
        case a.Undo(command=number):
            _undo(turn, asked, number)
        case (
            a.GetSnapshot()
            | a.GetAttempts()
            | a.GetLog()
            | a.GetPreview()
            | a.WatchTask()
            | a.GetUsage()
            | a.GetAudit()
            | a.GetHistory()
            | a.GetMorning()
        ):
            turn.answer(asked, a.Refusal(sentence="The core was asked in vain.", blame="bug"))
        case command:
            outcome = carry_out(turn, command, turn.state.keys[asked.key].name)
            done = _audit(turn, asked.key, outcome.done or command, outcome)
            _receipt(turn, asked, done, outcome)


def _state_of(turn: Turn, query: a.GetTasks | a.GetRules | a.GetSubmission) -> a.Answer:
    if isinstance(query, a.GetTasks):
        return _tasks(turn, query)
    if isinstance(query, a.GetSubmission):
        return a.Submission(request=submission(turn.state, query.job))
    return a.FarmRules(
        paths=turn.state.paths, log_rules=turn.state.log_rules, sleep=turn.state.sleep
    )


def _tasks(turn: Turn, query: a.GetTasks) -> a.Tasks:
    shot = turn.state.shots.get(query.shot)
    if shot is None:
        raise UserMistake(f"There is no shot {query.shot}.")
    if query.first < 0 or not 0 <= query.count <= WINDOW_MAX:
        raise UserMistake(f"A window has 0 to {WINDOW_MAX:,} tasks.")
    now = turn.now.wall
    rows, total = task_rows(turn.state, turn.live, shot, query.first, query.count, now)
    return a.Tasks(rows=rows, total=total)


def _audit(turn: Turn, key: str, command: a.Command, outcome: Outcome, undoes: int = 0) -> int:
    number = turn.state.commands + 1
    turn.save(
        c.CommandDone(
            *(number, turn.now.wall, turn.state.keys[key].name),
            *(pack_command(command), pack_command(outcome.inverse)),
            *(undoes, outcome.renumbered),
        )
    )
    turn.rows.is_urgent = True
    return number


def _receipt(turn: Turn, asked: ClientAsked, number: int, outcome: Outcome) -> None:
    turn.answer(asked, a.Receipt(command=number, ids=list(outcome.ids)))


# --- undo -----------------------------------------------------------------------------------------


def _undo(turn: Turn, asked: ClientAsked, number: int) -> None:
    inverse = inverse_of(turn.state, number)
    if refused := refusal(turn, asked.key, inverse):
        raise UserMistake(refused.sentence)
    outcome = carry_out(turn, inverse, turn.state.keys[asked.key].name)
    done = _audit(turn, asked.key, a.Undo(command=number), outcome, undoes=number)
    _receipt(turn, asked, done, outcome)


# --- tokens ---------------------------------------------------------------------------------------


def on_token(turn: Turn, made: TokenMade) -> None:
    """The shell made the joiner's key pair: let it in, until it is used or too old."""
    command = a.MakeToken(valid_s=made.valid_s)
    asked = ClientAsked(made.key, made.route, made.id, command)
    if refused := refusal(turn, made.key, asked.body):
        turn.answer(asked, refused)
        return
    now = turn.now.wall
    turn.save(c.KeyAdded(made.public_key, Role.JOINER, "join token", now, now + made.valid_s))
    turn.key_changed(made.public_key)
    # Until somebody has joined with it, its key can be shut out again.
    outcome = Outcome(a.RevokeKey(public_key=made.public_key))
    number = _audit(turn, made.key, command, outcome)
    turn.answer(asked, a.Receipt(command=number, text=made.text))
