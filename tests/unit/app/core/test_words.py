"""The words between client and dispatcher: what one side writes the other reads as the same."""

import msgspec
import pytest

from app.core import commands as cmd
from app.core import reports as r

SAID = [
    cmd.SetBudget(project="NZ2", gpu_hours=100.0, at_end="hold"),
    cmd.GetAudit(user="ada", count=5),
    cmd.GetHistory(span="quarter"),
    cmd.GetMorning(since=1.0),
]
ANSWERED = [
    cmd.Finishes(rows=[cmd.Finish(1, 2.0, 3.0, -4.0)]),
    cmd.AuditLog(
        rows=[r.AuditLine(number=1, at=2.0, user="ada", kind="move", words="Moved.", can_undo=True)]
    ),
    cmd.History(span="day", step_s=300.0, points=[]),
    cmd.Morning(
        since=1.0,
        at=2.0,
        sentence="Quiet.",
        frames_done=0,
        attempts_failed=1,
        utilisation=0.5,
        failures=[
            r.MorningFailure(
                cause="crash",
                sentence="It died.",
                count=1,
                left=1,
                tasks=[(1, 2)],
                shots=[1],
                nodes=["n1"],
                remedies=[cmd.Remedy(text="Retry", command=cmd.Retry(shots=[1]))],
            )
        ],
    ),
]


@pytest.mark.parametrize("body", SAID, ids=lambda body: type(body).__name__)
def test_what_is_asked_arrives(body):
    ask = cmd.Ask(id=7, body=body)
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(ask), type=cmd.Ask) == ask


@pytest.mark.parametrize("body", ANSWERED, ids=lambda body: type(body).__name__)
def test_what_is_answered_arrives(body):
    reply = cmd.Reply(id=7, body=body)
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(reply), type=cmd.Reply) == reply


def test_a_finish_of_an_older_dispatcher_has_no_change():
    assert msgspec.msgpack.decode(
        msgspec.msgpack.encode([1, 2.0, 3.0]), type=cmd.Finish
    ) == cmd.Finish(1, 2.0, 3.0, 0.0)
