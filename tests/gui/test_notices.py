"""What is told on the desktop: one notice for each event, gathered, wanted, and not in quiet hours."""

from zoneinfo import ZoneInfo

import pytest

from app.client.connection import LinkState
from app.gui import text
from app.gui.notices import Notice, Notices
from app.gui.preferences import Preferences
from app.gui.tray import Tray, sign
from tests.gui.fakes import NOW, node_row, replaced, shot_row, small_farm, snapshot
from tests.gui.fixtures import settle

DAY = Preferences(is_quiet_kept=False)


@pytest.fixture(autouse=True)
def utc(monkeypatch):
    here = text.local
    monkeypatch.setattr(text, "local", lambda at, zone=None: here(at, zone or ZoneInfo("UTC")))


@pytest.fixture
def chosen():
    return [DAY]


@pytest.fixture
def notices(farm, link, chosen):
    made = Notices(farm, lambda: chosen[0])
    made.heard = []
    made.told.connect(made.heard.append)
    link.show(small_farm())
    settle(farm)
    yield made
    made.shut_down()


def heard(notices, farm):
    settle(farm)
    notices.tell()
    told, notices.heard[:] = list(notices.heard), []
    return [(notice.kind, notice.target) for notice in told]


def test_ux21_a_shot_that_finishes_is_told_once(notices, farm, link):
    link.change(shot_row(3, state="done", done=24))
    assert heard(notices, farm) == [("finished", 3)]
    link.change(shot_row(3, state="done", done=24, user="x"))
    assert heard(notices, farm) == []
    link.change(shot_row(3, state="ready"))  # retried
    link.change(shot_row(3, state="done", done=24))
    settle(farm)
    assert heard(notices, farm) == []  # gathered: it was done before and is done now
    link.change(shot_row(3, state="ready"))
    settle(farm)
    link.change(shot_row(3, state="done", done=24))
    assert heard(notices, farm) == [("finished", 3)]


def test_ux21_a_shot_with_many_failed_frames_is_one_notice(notices, farm, link):
    for failed in (1, 2, 9):
        link.change(shot_row(2, state="running", failed=failed, error="cloth.1014.abc is cut off"))
        settle(farm)
    assert heard(notices, farm) == [("failed", 2)]


def test_what_stood_there_at_first_is_no_news(farm, link):
    made = Notices(farm, lambda: DAY)
    told = []
    made.told.connect(told.append)
    link.show(snapshot([shot_row(1, state="done"), shot_row(2, failed=3)]))
    settle(farm)
    made.tell()
    assert told == []


def test_ux18_a_new_snapshot_tells_nothing_twice_and_forgets_nothing(notices, farm, link):
    link.change(shot_row(3, state="done", done=24))
    assert heard(notices, farm) == [("finished", 3)]
    again = small_farm()
    rows = [shot_row(3, state="done"), shot_row(4, state="done")]
    link.show(replaced(again, shots=[*again.shots[:2], *rows, *again.shots[4:]]))
    assert heard(notices, farm) == [("finished", 4)]  # it finished while nobody could be heard


def test_a_lost_node_is_told_until_it_is_back(notices, farm, link):
    link.change(node_row(2, state="lost"))
    assert heard(notices, farm) == [("lost", 2)]
    link.change(node_row(2, state="idle"))
    settle(farm)
    link.change(node_row(2, state="lost"))
    assert heard(notices, farm) == [("lost", 2)]


def test_many_at_once_are_one_line(notices, farm, link):
    link.change(*(shot_row(number, state="done") for number in range(1, 8)))
    settle(farm)
    notices.tell()
    (notice,) = notices.heard
    assert notice.title == "7 shots are finished"
    assert notice.sentence.count("\n") == 3
    assert notice.target == 0


def test_what_is_not_wanted_is_not_told(notices, farm, link, chosen):
    chosen[0] = Preferences(is_quiet_kept=False, notices=frozenset({"late"}))
    link.change(shot_row(3, state="done"), node_row(1, state="lost"))
    assert heard(notices, farm) == []
    notices.add_slip(5, "sh0050 was promised for 10:00.")
    assert heard(notices, farm) == [("late", 5)]


def test_ux21_quiet_hours_hold_it_back(notices, farm, link, chosen):
    minute = text.local(NOW).hour * 60 + text.local(NOW).minute
    chosen[0] = Preferences(quiet_from=minute - 5, quiet_until=minute + 5)
    link.change(shot_row(3, state="done"))
    assert heard(notices, farm) == []
    assert notices._gather.isActive()  # looks again
    farm.now = lambda: NOW + 6 * 60
    assert heard(notices, farm) == [("finished", 3)]


def test_the_tray_says_how_the_farm_is(qtbot, farm, link):
    tray = Tray(farm)
    assert "2 nodes" in tray.words()
    assert tray.mark() == ""
    link.change(shot_row(2, state="failed", failed=1))
    settle(farm)
    assert tray.mark() == "failed"
    link.tell_state(LinkState("lost", 12.0, "The dispatcher has not been heard for 12 s."))
    assert (tray.mark(), tray.words()) == ("waiting", "The dispatcher has not been heard for 12 s.")
    images = {bytes(sign(mark).pixmap(64).toImage().bits()) for mark in ("", "failed", "waiting")}
    assert len(images) == 3
    tray.shut_down()


def test_ux21_a_click_on_a_notice_opens_what_it_is_about(qtbot, farm, monkeypatch):
    tray = Tray(farm)
    shown = []
    monkeypatch.setattr(tray.icon, "showMessage", lambda *said: shown.append(said[:2]))
    notice = Notice("finished", "sh0030 is finished", "All 24 frames are done.", 3)
    tray.tell(notice)
    assert shown == [("sh0030 is finished", "All 24 frames are done.")]
    with qtbot.waitSignal(tray.target_wanted) as wanted:
        tray.icon.messageClicked.emit()
    assert wanted.args == [notice]
    tray.shut_down()


def test_the_trays_menu_leads_into_the_window(qtbot, farm):
    tray = Tray(farm)
    show, settings, leave = tray.menu.actions()
    for action, wanted in (
        (show, tray.opened),
        (settings, tray.preferences_wanted),
        (leave, tray.quit_wanted),
    ):
        with qtbot.waitSignal(wanted):
            action.trigger()
    tray.shut_down()
