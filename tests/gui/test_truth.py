"""How true the window is: it says when it is old, nothing can be done to what is, and it is whole again after."""

import pytest
from PySide6.QtWidgets import QApplication

from app.client.connection import LinkState
from app.client.replica import Feed, Gap, Replica
from app.gui.actions import SPECS
from app.gui.operations import CUT_OFF
from tests.gui.fakes import LIVE, node_row, shot_row, small_farm
from tests.gui.fixtures import settle

PAGES = ("queue", "wall", "morning", "trends")


def lost(age: float) -> LinkState:
    return LinkState("lost", age, f"The dispatcher has not been heard for {age:.0f} s.")


@pytest.mark.parametrize("page", PAGES)
def test_ux18_no_page_looks_as_if_it_were_now(window, link, page):
    window.trends._is_wanted = True  # its plots would be there a thread later
    window.pages.show_page(page)
    before = window.pages.currentWidget().grab().toImage()
    link.tell_state(lost(3.0))
    veils = [veil for veil in window._veils if veil.parent() is window.pages.currentWidget()]
    assert veils
    assert all(veil.isVisible() for veil in veils)
    assert window.pages.currentWidget().grab().toImage() != before
    link.tell_state(LIVE)
    assert not any(veil.isVisible() for veil in window._veils)


def test_ux18_the_age_of_what_is_shown_goes_on(window, link):
    for age, words in ((3.0, "3 s"), (70.0, "1 min"), (7200.0, "2 h 00 min")):
        link.tell_state(lost(age))
        assert window.lamp.words == f"Lost, {words} ago"
        assert f"not been heard for {words}" in window.banner.label.text()
        assert "Nothing can be changed" in window.banner.label.text()


def test_ux18_cut_off_nothing_is_asked_of_the_farm(window, link, farm):
    window.queue.view.choose([3])
    window.nodes.choose([1])
    link.tell_state(lost(3.0))
    asked = len(link.asked)
    for spec in SPECS:
        if "live" in spec.needs:
            window.actions_[spec.name].trigger()
    window.queue.move_to_top()  # by a drag that had begun before
    window.nodes.drain()
    assert [body for body in link.asked[asked:] if body in link.commands()] == []
    assert window.toast.label.text() == CUT_OFF


def test_ux18_it_is_whole_again_without_duplicates(window, link, farm):
    window.queue.view.choose([3])
    window.nodes.choose([2])
    order = list(window.queue.model.order)
    link.tell_state(lost(9.0))
    for _ in range(3):
        link.show(small_farm())
        settle(farm)
    link.tell_state(LIVE)
    assert window.queue.model.order == order
    assert window.queue.model.rowCount() == 8
    assert len(window.nodes.model) == 2
    assert window.queue.view.chosen_shots() == [3]
    assert [row.id for row in window.nodes.chosen()] == [2]


def test_ux18_what_went_while_it_was_deaf_is_gone(window, link, farm):
    whole = small_farm(5)
    link.tell_state(lost(9.0))
    link.show(whole)
    settle(farm)
    link.tell_state(LIVE)
    assert window.queue.model.order == [1, 2, 3, 4, 5]
    assert window.queue.model.rowCount() == 5


def test_ux18_a_delta_that_is_missing_asks_for_a_snapshot(link, farm):
    replica, feed = Replica(), Feed()
    whole = small_farm()
    for each in feed.on_snapshot(whole):
        replica.apply_snapshot(each)
    from app.core.views import Delta

    late = Delta(instance="one", seq=5, at=1.0, rows=[shot_row(1, state="done")])
    assert feed.on_delta(late) == []
    assert feed.wants_snapshot
    assert isinstance(replica.apply(late), Gap)
    assert replica.shots[1].state == "ready"  # never a guess


def test_ux18_the_lamp_says_it_by_its_sign_too(window, link):
    link.tell_state(LIVE)
    live = window.lamp.grab().toImage()
    link.change(node_row(1))
    link.tell_state(lost(3.0))
    assert window.lamp.grab().toImage() != live
    assert "Connection: Lost" in window.lamp.accessibleName()
    assert QApplication.instance() is not None
