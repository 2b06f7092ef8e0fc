"""The program around the window: a farm that is not there, the question at the end, the eye for tests."""

import json
import sys
import threading

import pytest

from app.errors import EnvironmentFault
from app.gui.application import GOES_ON, Session
from app.gui.dialogs.close import CloseDialog
from app.gui.probe import VARIABLE, Probe
from app.gui.settings import Settings


def no_farm():
    raise EnvironmentFault("No farm is running here: start one with `windfire serve`.")


@pytest.fixture
def stopped():
    return []


@pytest.fixture
def session(qtbot, tmp_path, stopped, monkeypatch):
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    settings = Settings(str(tmp_path / "window.ini"))
    made = Session(no_farm, settings, lambda: stopped.append(True))
    qtbot.addWidget(made.window)
    made.window.docks["plots"].hide()
    made.window.show()
    yield made
    made.window.may_close = lambda: True
    made.farm._teller.stop()
    made.farm._summer.stop()
    made.window.hide()
    made.shut_down()


def test_a_farm_that_is_not_there_is_said_in_the_window(qtbot, session):
    session.connect()
    banner = session.window.banner
    qtbot.waitUntil(lambda: "No farm is running here" in banner.label.text(), timeout=10_000)
    assert banner.isVisible()
    assert not session.window.actions_["submit"].isEnabled()


@pytest.mark.parametrize("goes_on", [True, False])
def test_the_question_is_asked_once_and_remembered(qtbot, session, stopped, goes_on):
    session.window.close()
    assert session.window.isVisible()
    session.window.findChild(CloseDialog)._choose(goes_on=goes_on)
    qtbot.waitUntil(lambda: not session.window.isVisible())
    assert session._settings.flag(GOES_ON, default=not goes_on) is goes_on
    session.window.show()
    session.window.may_close = session._may_close
    session.window.close()
    assert not session.window.isVisible()  # not asked again
    session.shut_down()
    assert stopped == ([] if goes_on else [True])


def test_without_a_farm_of_its_own_it_just_closes(session):
    session._stop_farm = None
    session.window.close()
    assert not session.window.isVisible()


def test_the_eye_for_tests_is_shut_unless_asked_for(qtbot, window, tmp_path, monkeypatch):
    assert Probe.from_environment(window) is None
    file = tmp_path / "told.json"
    monkeypatch.setenv(VARIABLE, str(file))
    probe = Probe.from_environment(window)
    qtbot.waitUntil(file.exists)
    probe.shut_down()
    told = json.loads(file.read_text())
    assert told["order"] == [1, 2, 3, 4, 5, 6, 7, 8]
    assert told["link"] == "live"
    assert len(told["rows"]["1"]) == 3
