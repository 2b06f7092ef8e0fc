"""What a person chooses of the window: kept, taken on while the window lives, read before there is one."""

import os

import pytest
from PySide6.QtCore import QTime

from app.gui import application as program
from app.gui import icons, style, words
from app.gui.dialogs.preferences import PreferencesDialog
from app.gui.preferences import Preferences, stored_scale
from app.gui.settings import Settings
from tests.gui.fakes import FakeLink, small_farm
from tests.gui.fixtures import settle


@pytest.fixture
def plain_after(qapp):
    yield
    words.use("en", qapp)
    style.use("dark")
    style.apply(qapp)
    icons.forget()


@pytest.fixture
def file(tmp_path):
    return str(tmp_path / "window.ini")


CHOSEN = Preferences(
    theme="light",
    language="zh_CN",
    scale=150,
    notices=frozenset({"late"}),
    is_quiet_kept=False,
    quiet_from=60,
    quiet_until=120,
)


def test_preferences_come_back_the_next_day(qapp, file):
    settings = Settings(file)
    assert Preferences.load(settings) == Preferences()
    CHOSEN.keep(settings)
    settings.shut_down()
    assert Preferences.load(Settings(file)) == CHOSEN
    assert stored_scale(file) == 150


def test_nonsense_in_the_file_is_the_default(qapp, file, tmp_path):
    (tmp_path / "window.ini").write_text(
        "[look]\ntheme=plaid\nscale=900\nlanguage=tlh\n[notice]\nquiet_from=soon\n"
    )
    read = Preferences.load(Settings(file))
    assert (read.theme, read.language, read.scale) == ("system", "system", 200)
    assert read.quiet_from == Preferences().quiet_from
    assert stored_scale(file) == 200
    (tmp_path / "window.ini").write_bytes(b"\xff\xfe\x00no ini")
    assert stored_scale(file) == stored_scale(str(tmp_path / "none.ini")) == 100


@pytest.mark.parametrize(
    ("minute", "is_quiet"),
    [(19 * 60, False), (20 * 60, True), (0, True), (479, True), (480, False)],
)
def test_ux21_quiet_hours_go_over_midnight(minute, is_quiet):
    assert Preferences().is_quiet(minute) is is_quiet
    assert not Preferences(is_quiet_kept=False).is_quiet(minute)
    assert Preferences(quiet_from=0, quiet_until=600).is_quiet(minute) is (minute < 600)


def test_the_dialog_gives_what_was_chosen(qtbot, farm):
    dialog = PreferencesDialog(farm, CHOSEN)
    qtbot.addWidget(dialog)
    assert dialog.value() == CHOSEN
    dialog.quiet.setChecked(True)
    dialog.quiet_from.setTime(QTime(22, 30))
    with qtbot.waitSignal(dialog.chosen) as given:
        dialog._keep()
    assert given.args[0].quiet_from == 22 * 60 + 30
    assert given.args[0].is_quiet_kept


def test_qt_is_told_the_scale_before_it_starts(file, tmp_path, monkeypatch):
    (tmp_path / "window.ini").write_text("[look]\nscale=150\n")
    monkeypatch.delenv("QT_SCALE_FACTOR", raising=False)
    program.set_scale(file)
    assert os.environ["QT_SCALE_FACTOR"] == "1.5"
    monkeypatch.setenv("QT_SCALE_FACTOR", "1")  # the desktop's own word comes first
    program.set_scale(file)
    assert os.environ["QT_SCALE_FACTOR"] == "1"


@pytest.fixture
def session(qtbot, file, monkeypatch, plain_after):
    import sys
    import threading

    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    settings = Settings(file)
    settings.set("look/theme", "dark")
    settings.set("look/language", "en")
    made = program.Session(lambda: None, settings, None)
    link = FakeLink()
    made.farm.attach(link)
    link.show(small_farm())
    link.start()
    settle(made.farm)
    made.window.docks["plots"].hide()
    made.window.show()
    yield made
    made.farm._teller.stop()
    made.farm._summer.stop()
    made.window.hide()
    made.shut_down()
    made.window.deleteLater()


def test_ux20_another_theme_is_taken_on_while_the_window_lives(qtbot, session):
    old = session.window
    old.queue.view.choose([3])
    session.prefer(Preferences(theme="light", language="en"))
    qtbot.waitUntil(lambda: session.window is not old and session.window.isVisible())
    assert style.theme().name == "light"
    assert session.window.queue.view.chosen_shots() == [3]
    assert session.window.queue.model.order == [1, 2, 3, 4, 5, 6, 7, 8]
    assert not session.window.docks["plots"].isVisible()  # the layout is kept
    assert session.window.operations is session.operations  # and so is what can be undone


def test_a_theme_that_is_the_same_leaves_the_window(qtbot, session):
    old = session.window
    session.prefer(Preferences(theme="dark", language="en", notices=frozenset()))
    qtbot.wait(1)
    assert session.window is old
    assert session._settings.flag("notice/late", default=True) is False


def test_ux24_another_language_is_spoken_at_once(qtbot, session):
    old = session.window
    session.prefer(Preferences(theme="dark", language="zh_CN"))
    qtbot.waitUntil(lambda: session.window is not old and session.window.isVisible())
    assert words.language() == "zh_CN"


def test_ux21_a_clicked_notice_opens_its_shot_or_node(session):
    from app.gui.notices import Notice

    session.window.pages.show_page("wall")
    session.open_target(Notice("failed", "", "", 4))
    assert session.window.pages.page == "queue"
    assert session.window.queue.view.chosen_shots() == [4]
    session.open_target(Notice("lost", "", "", 2))
    assert [row.id for row in session.window.nodes.chosen()] == [2]
    session.open_target(Notice("finished", "", ""))  # of several: the window alone
    assert session.window.isVisible()
