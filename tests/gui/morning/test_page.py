"""The morning: what the night brought, one-click answers, and cards that keep their place."""

import pytest
from msgspec import structs
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.client.connection import LinkState
from app.core.command_set import BlockNodes, Move, Retry, Skip
from app.core.commands import GetMorning, Refusal
from app.core.ids import TaskState
from app.core.views import TaskChange
from app.gui.morning.page import MOST, SHARES
from tests.gui.fixtures import settle
from tests.gui.morning.nights import failure, night


@pytest.fixture
def tell(window, link):
    """Have the farm tell this night from now on; return the open page."""

    def tell(morning):
        link.answers[GetMorning] = lambda _: morning
        if window.pages.page == "morning":
            window.morning.ask()
        else:
            window.actions_["morning"].trigger()
        return window.morning

    return tell


def cards(page, section):
    return list(page.sections[section].cards.values())


def button(card, words):
    return next(each for each in card.buttons if each.text() == words)


def test_ux08_the_night_is_on_one_screen_in_numbers_and_cards(tell):
    page = tell(night())
    numbers = {name: each.text() for name, each in page.numbers.items()}
    assert numbers == {
        "finished": "2",
        "frames": "4\N{THIN SPACE}812",
        "failed": "3",
        "stuck": "1",
        "idle": "1",
        "used": "87 %",
    }
    for words in ("2 shots finished", "4\N{THIN SPACE}812 frames done", "30 attempts failed"):
        assert words in page.sentence.text()
    first = cards(page, "failed")[0]
    assert first.title.text() == "Solver 2: cloth.#.abc ends early"
    for words in ("20 failed", "2 frames left", "in sq010 / sh0020", "on node01, node02"):
        assert words in first.detail.text()
    assert cards(page, "stuck")[0].title.text() == "sq010 / sh0020 frame 1006 on node02"
    assert cards(page, "slips")[0].title.text() == "sq010 / sh0040  +1 h 00 min"
    assert cards(page, "idle")[0].title.text() == "node01  for 1 h 30 min"
    assert "in time" in cards(page, "finished")[0].detail.text()
    assert "late by 30 min" in cards(page, "finished")[1].detail.text()


def test_ux08_the_page_has_the_height_of_the_window_and_gives_it_back(window, tell):
    assert not window.docks["nodes"].isHidden()
    tell(night())
    assert window.docks["nodes"].isHidden()
    assert not window.docks["log"].isHidden()
    window.actions_["flat"].trigger()
    assert not window.docks["nodes"].isHidden()
    assert window.docks["plots"].isHidden()  # as it was before


@pytest.mark.parametrize(
    ("words", "command"),
    [
        ("Retry on other nodes", Retry(tasks=[(2, 3)])),
        ("Skip the frames", Skip(tasks=[(2, 3)])),
        ("Block node01", BlockNodes(jobs=[2], nodes=[1])),
    ],
)
def test_ux10_one_click_answers_for_the_whole_group_and_can_be_undone(
    window, link, tell, words, command
):
    page = tell(night())
    card = cards(page, "failed")[0]
    button(card, words).click()
    assert link.commands() == [command]
    assert card.is_over
    assert card.result.text() == f"Done: {words}"
    assert window.operations.undo_title == f"{words}: Solver 2: cloth.#.abc ends early"


def test_ux10_a_refused_answer_can_be_given_again(link, tell):
    page = tell(night())
    link.refuse_with = "They run already."
    card = cards(page, "failed")[0]
    button(card, "Skip the frames").click()
    assert not card.is_over
    assert button(card, "Skip the frames").isEnabled()


def test_ux10_an_answer_on_its_way_is_not_given_twice(link, tell):
    page = tell(night())
    link.at_once = False
    card = cards(page, "failed")[0]
    again = button(card, "Skip the frames")
    again.click()
    assert not again.isEnabled()
    again.click()
    assert len(link.commands()) == 1
    assert button(card, "Open log").isEnabled()
    link.deliver()
    assert card.is_over


def test_ux12_open_log_shows_the_failed_frame_and_its_error(window, link, farm, tell):
    link.change(tasks=[TaskChange(2, 3, int(TaskState.FAILED), 1, 0)])
    settle(farm)
    page = tell(night())
    button(cards(page, "failed")[0], "Open log").click()
    assert window.log._task == (2, 3)
    assert window.viewer._chosen == (2, 3)
    assert window.pages.page == "morning"


def test_a_finished_shot_is_shown_among_the_others(window, tell):
    page = tell(night())
    button(cards(page, "finished")[0], "Show").click()
    assert window.pages.page == "queue"
    assert window.queue.view.chosen_shots() == [5]


def test_cards_keep_their_place_and_the_focus_when_the_night_is_told_anew(tell):
    page = tell(night())
    held = button(cards(page, "failed")[1], "Skip the frames")
    held.setFocus()
    first = cards(page, "failed")
    tell(night(failures=3))  # a third cause, more frequent than both
    assert cards(page, "failed")[:2] == first
    assert cards(page, "failed")[2].title.text().startswith("Solver 3")
    assert held.hasFocus() or page.window().focusWidget() is held


def test_what_is_no_longer_so_stays_where_it_is_and_says_so(tell):
    page = tell(night())
    before = cards(page, "failed")
    tell(night(failures=1, stuck=[]))
    assert cards(page, "failed") == before
    assert before[0].result.text() == "This is no longer so."
    assert not any(each.isEnabled() for each in before[0].buttons)
    assert cards(page, "stuck")[0].is_over
    page.open_afresh()
    assert [card.title.text() for card in cards(page, "failed")] == [before[1].title.text()]
    assert page.sections["stuck"].isHidden()


def test_numbers_change_in_place(tell):
    page = tell(night())
    card = cards(page, "failed")[0]
    buttons = list(card.buttons)
    tell(structs.replace(night(), failures=[failure(2, count=77), failure(1)]))
    assert "77 failed" in card.detail.text()
    assert card.buttons == buttons


def test_many_causes_are_a_screen_and_a_button_for_the_rest(tell):
    page = tell(night(failures=9))
    section = page.sections["failed"]
    assert sum(not card.isHidden() for card in section.cards.values()) == 6
    assert section._more.text() == "Show 3 more"
    section._more.click()
    assert not any(card.isHidden() for card in section.cards.values())


def test_cut_off_nothing_can_be_answered_and_it_is_asked_again_later(link, tell):
    page = tell(night())
    link.tell_state(LinkState("lost", 14.0, "Lost."))
    card = cards(page, "failed")[0]
    assert not button(card, "Skip the frames").isEnabled()
    asked = link.asked.count(GetMorning())
    link.tell_state(LinkState("live", 0.0, ""))
    assert button(card, "Skip the frames").isEnabled()
    assert link.asked.count(GetMorning()) == asked + 1


def test_a_farm_that_cannot_tell_says_why(tell):
    page = tell(Refusal(sentence="This farm is too old to tell of its night."))
    assert page.hint.text() == "This farm is too old to tell of its night."


def test_every_answer_is_reached_by_keys_alone(window, link, tell):
    page = tell(night(stuck=[], idle=[], finished=[]))
    page._again.setFocus()
    for _ in range(40):
        QTest.keyClick(window.focusWidget(), Qt.Key.Key_Tab)
        if window.focusWidget() in cards(page, "slips")[0].buttons:
            break
    QTest.keyClick(window.focusWidget(), Qt.Key.Key_Space)
    assert link.commands() == [Move(shots=[4], place="top")]


def test_ux08_a_bad_night_makes_no_more_cards_than_are_shown(tell):
    page = tell(night(failures=90))
    section = page.sections["failed"]
    assert len(section.cards) == MOST["failed"]
    assert "90" in section._title.text()
    section._more.click()
    assert len(section.cards) == 90
    assert section._more.isHidden()


def test_a_column_with_nothing_in_it_leaves_its_room_to_the_others(tell):
    page = tell(night(stuck=[], slips=[]))
    assert [page._row.stretch(at) for at in range(3)] == [SHARES[0], 0, SHARES[2]]
    page = tell(night())
    assert [page._row.stretch(at) for at in range(3)] == list(SHARES)
