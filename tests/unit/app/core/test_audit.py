"""The audit log: every command in words, what can be taken back, and why the rest can not."""

import pytest

from app.core import commands as cmd
from app.core.audit import Recorded, words
from app.core.changes import CommandDone
from app.core.ids import Role
from app.core.stamps import unpack_command
from node_agent.wire import messages as m
from tests.unit.app.core.bench import Bench, assigned, command_work

EXAMPLES: list[tuple[cmd.Command, str]] = [
    (cmd.Move(shots=[1], before=2), "Moved a before b."),
    (
        cmd.Move(shots=[1, 2], place="top", preempt=True),
        "Moved a and b to the top and made room for it.",
    ),
    (cmd.Pause(shots=[1, 2, 3, 4, 5]), "Paused a, b and 3 more shots."),
    (cmd.Resume(shots=[9]), "Resumed shot 9."),
    (cmd.OrderByDue(shots=[1]), "Ordered a by due date."),
    (cmd.SetDue(shots=[1], due=5.0), "Promised a."),
    (cmd.SetDue(shots=[1], due=0.0), "Took the promise of a back."),
    (cmd.SetStart(jobs=[1], at=5.0), "Put off the start of a v001."),
    (cmd.SetLimit(name="nuke", count=3), "Set the limit nuke to 3."),
    (cmd.SetLimit(name="nuke", count=-1), "Took the limit nuke away."),
    (cmd.SetShare(project="P", cap=0.5), "Set the share of P to 0% to 50%."),
    (cmd.SetPaths(), "Named 0 shared folders for the farm's systems."),
    (cmd.SetLogRules(), "Gave the farm 0 log rules."),
    (
        cmd.SetBudget(project="P", gpu_hours=5, at_end="stop"),
        "Gave P a budget of 5 GPU-hours, then stop.",
    ),
    (cmd.SetBudget(project="P"), "Took the budget of P away."),
    (cmd.ReserveNodes(nodes=[1], until=9.0, project="P"), "Reserved n1 for P."),
    (cmd.ReserveNodes(nodes=[1], until=0.0), "Freed n1."),
    (cmd.SetNode(nodes=[1], pools=["x"]), "Set pools (x) and tags (none) of n1."),
    (cmd.BlockNodes(jobs=[1], nodes=[1]), "Blocked n1 for a v001."),
    (cmd.Skip(tasks=[(1, 0)]), "Went on without a frame 1."),
    (cmd.Kill(tasks=[(1, 1), (7, 0)]), "Ended a frame 2 and task 7/0."),
    (cmd.Together(commands=[cmd.Pause(shots=[1]), cmd.Resume(shots=[2])]), "Paused a. Resumed b."),
    (cmd.Restore(ranks=[(1, 2.0)]), "Put a back."),
    (cmd.Cancel(jobs=[2]), "Cancelled b v001."),
    (cmd.Retry(tasks=[(1, 0)]), "Retried a frame 1."),
    (cmd.DrainNode(nodes=[1], on=True), "Drained n1."),
    (cmd.MakeToken(), "Made a token for a new node."),
    (cmd.AddKey(public_key="k" * 40, role=Role.ARTIST, name="Bo"), "Let Bo in as artist."),
    (cmd.RevokeKey(public_key="k" * 40), "Shut key kkkkkkkk out."),
    (cmd.Undo(command=3), "Took command 3 back."),
    (
        cmd.Submit(project="P", sequence="s", shot="h", name="v1", steps=[]),
        "Submitted v1 of P/s/h.",
    ),
]


def farm() -> Bench:
    bench = Bench()
    bench.submit("a", "1-2", work=command_work())
    bench.submit("b", "1", work=command_work())
    bench.node("n1")
    return bench


def log(bench: Bench):
    """The audit log as the store would ask for it, newest first."""
    done = [change for change in bench.saved if isinstance(change, CommandDone)]
    rows = [
        Recorded(*(one.number, one.at, one.user, "", one.command), bool(one.inverse), one.undoes)
        for one in reversed(done)
    ]
    undone = {one.undoes: one.number for one in done if one.undoes}
    return bench.core.audit(rows, undone).rows


@pytest.mark.parametrize(("command", "sentence"), EXAMPLES, ids=lambda it: type(it).__name__)
def test_a_command_is_a_sentence(command, sentence):
    bench = farm()
    for shot in "cde":
        bench.submit(shot, "1", work=command_work())
    assert words(bench.state, command) == sentence


def test_the_log_says_what_can_be_taken_back():
    bench = farm()
    bench.ask(cmd.Pause(shots=[1]))
    bench.ask(cmd.Move(shots=[2], place="top"))
    bench.ask(cmd.Resume(shots=[1]))
    resume, move, pause, *_ = log(bench)
    assert (resume.user, resume.can_undo, move.can_undo) == ("Ada", True, True)
    assert pause.why_not == "Shot a was changed since by Ada, so this can no longer be undone."


def test_an_undo_and_its_undo_show():
    bench = farm()
    move = bench.ask(cmd.Move(shots=[2], place="top")).command
    undo = bench.ask(cmd.Undo(command=move)).command
    lines = {line.number: line for line in log(bench)}
    assert (lines[move].undone_by, lines[move].can_undo) == (undo, False)
    assert lines[move].why_not == f"Command {undo} took it back."
    assert lines[undo].can_undo
    redo = bench.ask(cmd.Undo(command=undo)).command
    lines = {line.number: line for line in log(bench)}
    assert (lines[move].undone_by, lines[undo].undone_by) == (0, redo)
    assert lines[move].can_undo


def test_a_key_that_was_let_in_is_taken_back_and_shut_out_again():
    bench = farm()
    key = "k" * 40
    add = bench.ask(cmd.AddKey(public_key=key, role=Role.ARTIST, name="Bo")).command
    bench.ask(cmd.AddKey(public_key=key, role=Role.VIEWER, name="Bo"))
    assert isinstance(bench.ask(cmd.Undo(command=add)), cmd.Refusal)
    bench.ask(cmd.Undo(command=add + 1))
    assert bench.state.keys[key].role == Role.ARTIST
    bench.ask(cmd.Undo(command=add))
    assert key not in bench.state.keys
    shut = bench.ask(cmd.AddKey(public_key=key, role=Role.ARTIST, name="Bo")).command + 1
    assert bench.ask(cmd.RevokeKey(public_key=key)).command == shut
    bench.ask(cmd.Undo(command=shut))
    assert bench.state.keys[key].role == Role.ARTIST


def test_a_cancel_beside_older_cancelled_frames_brings_back_its_own_alone():
    bench = Bench()
    key = bench.node("n1")
    bench.submit("a", "1-4", work=command_work(), scouts=False)
    (ref,) = assigned(bench.said) or [bench.core._turn.live.attempts[1, 0].ref]
    bench.report(key, m.Failed, ref, cause="user", sentence="No.")
    assert bench.states() == "FURR"
    number = bench.ask(cmd.Cancel(shots=[1])).command
    assert bench.states() == "FCCC"
    bench.ask(cmd.Undo(command=number))
    assert bench.states()[0] == "F"
    assert set(bench.states()[1:]) <= {"R", "U"}


def test_the_inverse_of_every_audited_command_is_a_command():
    bench = farm()
    bench.ask(cmd.SetLimit(name="nuke", count=1))
    for line in bench.state.audit:
        assert unpack_command(line.inverse) is not None
