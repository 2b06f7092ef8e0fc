"""The dialog that promises shots for a moment."""

import pytest

from app.client.moments import parse
from app.core.commands import OrderByDue, SetDue
from app.gui.dialogs.promise import PromiseDialog
from app.gui.due import moments
from app.gui.queue.cells import Column
from tests.gui.fakes import NOW, replaced
from tests.gui.fixtures import settle


@pytest.fixture
def opened(window):
    def opened(*shots):
        window.queue.view.choose(list(shots))
        window.actions_["promise"].trigger()
        return window.findChildren(PromiseDialog)[-1]

    return opened


def test_a_click_on_a_moment_of_the_day_and_one_on_promise(opened, link):
    dialog = opened(3)
    assert not dialog.keep.isEnabled()
    dialog.moments[0].click()
    first = moments.coming(NOW)[0]
    assert dialog.moment() == pytest.approx(first.at, abs=60)
    dialog.keep.click()
    assert link.commands() == [SetDue(shots=[3], due=dialog.moment(), pinned=True)]


def test_it_says_what_is_typed_and_whether_that_can_be_kept(opened):
    dialog = opened(2, 3)
    dialog.field.setText("in 2 h")
    assert "nine times in ten all is done by" in dialog.reading.text()
    dialog.field.setText("in 20 min")
    assert "move it up to keep this" in dialog.reading.text()
    dialog.field.setText("soon")
    assert dialog.reading.text().startswith("A moment looks like")
    assert not dialog.keep.isEnabled()
    dialog.field.setText("2020-01-01 10:00")
    assert dialog.reading.text() == "That is past."


def test_a_promise_is_taken_back(opened, link, farm):
    assert opened(3).back.isHidden()
    link.change(replaced(link.replica.shots[3], due=NOW + 7200, due_pinned=True))
    settle(farm)
    dialog = opened(3)
    assert parse(dialog.field.text(), NOW) == pytest.approx(NOW + 7200, abs=60)
    dialog.back.click()
    assert link.commands() == [SetDue(shots=[3], due=0.0)]


def test_the_row_says_how_it_stands_and_the_order_can_follow(window, link, farm):
    link.change(replaced(link.replica.shots[3], due=NOW + 60, due_pinned=True))
    settle(farm)
    index = window.queue.model.index_of_shot(3, Column.DUE)
    assert index.data().endswith("late by 29 min")
    assert window.queue.view.grab()
    window.actions_["order_by_due"].trigger()
    window.queue.view.choose([3, 4])
    window.actions_["order_by_due"].trigger()
    assert link.commands() == [OrderByDue(), OrderByDue(shots=[3, 4])]
    farm.summary_due.emit()
    assert "was promised for" in window.toast.label.text()
