"""What a person does: asked, shown as asked, settled by the delta, undone by name."""

import pytest

from app.client.connection import LinkState
from app.core.commands import Move, Pause, Receipt, Refusal, Retry, Submit, Undo
from app.errors import EnvironmentFault
from app.gui.operations import CUT_OFF
from tests.gui.fakes import small_farm
from tests.gui.fixtures import settle


@pytest.fixture
def said(operations):
    heard = []
    operations.said.connect(lambda sentence, kind: heard.append((sentence, kind)))
    return heard


def test_a_shot_is_asked_until_the_delta_that_shows_it(farm, link, operations):
    link.at_once = False
    link.answers[Pause] = lambda body: Receipt(command=1, seq=link.replica.seq + 1)
    operations.do(Pause(shots=[2, 3]), "Pause 2 shots")
    assert operations.asked_shots() == {2, 3}
    link.deliver()
    assert operations.asked_shots() == {2, 3}  # committed, but not yet to be seen
    link.change(link.replica.shots[2])
    settle(farm)
    assert operations.asked_shots() == set()


def test_a_refusal_is_said_and_nothing_stays_asked(link, operations, said):
    link.refuse_with = "Only a supervisor may change the order."
    operations.do(Move(shots=[2], place="top"), "Move sh0020 to the top")
    assert said == [("Only a supervisor may change the order.", "refused")]
    assert operations.asked_shots() == set()
    assert operations.moves == []
    assert operations.undo_title == ""


def test_a_lost_answer_is_said(link, operations, said):
    link.answers[Pause] = lambda body: EnvironmentFault("The farm did not answer in 10 s.")
    operations.do(Pause(shots=[2]), "Pause sh0020")
    assert said == [("The farm did not answer in 10 s.", "refused")]


def test_cut_off_nothing_is_asked(link, operations, said):
    link.tell_state(LinkState("lost", 4.0, "Lost."))
    asked = len(link.commands())
    operations.do(Pause(shots=[1]), "Pause sh0010")
    operations.undo()
    assert len(link.commands()) == asked
    assert said == [(CUT_OFF, "refused")]


def test_moves_under_way_are_known_in_their_order(link, operations):
    link.at_once = False
    first, second = Move(shots=[2], place="top"), Move(shots=[3], place="top")
    operations.do(first, "a")
    operations.do(second, "b")
    assert operations.moves == [first, second]
    link.deliver()
    assert operations.moves == []


def test_ux04_undo_and_redo_are_the_farms_and_have_names(link, operations, said):
    operations.do(Move(shots=[2], place="top"), "Move sh0020 to the top")
    operations.do(Pause(shots=[3]), "Pause sh0030")
    assert operations.undo_title == "Pause sh0030"
    operations.undo()
    assert link.commands()[-1] == Undo(command=2)
    assert said == [("Undo: Pause sh0030", "done")]
    assert (operations.undo_title, operations.redo_title) == (
        "Move sh0020 to the top",
        "Pause sh0030",
    )
    operations.redo()
    assert link.commands()[-1] == Undo(command=3)  # the undo, undone
    assert (operations.undo_title, operations.redo_title) == ("Pause sh0030", "")


def test_ux04_a_refused_undo_says_why_and_is_gone(link, operations, said):
    operations.do(Retry(shots=[2]), "Retry sh0020")
    link.answers[Undo] = lambda body: Refusal(sentence="sh0020 has been rendered since.")
    operations.undo()
    assert said == [("sh0020 has been rendered since.", "refused")]
    assert (operations.undo_title, operations.redo_title) == ("", "")
    operations.undo()  # nothing left: nothing asked
    assert len(link.commands()) == 2


def test_something_new_ends_what_could_be_redone(operations):
    operations.do(Pause(shots=[1]), "one")
    operations.undo()
    operations.do(Pause(shots=[2]), "two")
    assert operations.redo_title == ""


def test_a_submission_is_not_taken_back_by_accident(operations):
    request = Submit(project="a", sequence="b", shot="c", name="d", steps=[])
    got = []
    operations.do(request, "Add b / c", got.append)
    assert isinstance(got[0], Receipt)
    assert operations.undo_title == ""


def test_a_snapshot_settles_what_was_committed_before_it(farm, link, operations):
    link.answers[Pause] = lambda body: Receipt(command=1, seq=10_000)
    operations.do(Pause(shots=[2]), "Pause")
    assert operations.asked_shots() == {2}
    link.show(small_farm())
    settle(farm)
    assert operations.asked_shots() == set()


def test_a_command_that_shows_nothing_is_settled_by_the_next_delta(farm, link, operations):
    link.answers[Pause] = lambda _: Receipt(command=9, seq=link.replica.seq + 1)
    operations.do(Pause(shots=[3]), "Pause")
    assert operations.asked_shots() == {3}
    link.change()
    assert operations.asked_shots() == set()
