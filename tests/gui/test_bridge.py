"""Other threads' work reaches Qt's in order, a little at a time, and is told once."""

import threading
import time

from app.client.connection import LinkState
from app.gui import bridge as bridges
from app.gui.bridge import TURN_S, Farm
from tests.gui.fakes import LIVE, FakeLink, replaced, small_farm
from tests.gui.fixtures import settle


def test_work_of_other_threads_runs_here_and_in_order(qtbot, bridge):
    ran = []
    home = threading.get_ident()

    def post_many():
        for number in range(500):
            bridge.post(lambda number=number: ran.append((number, threading.get_ident())))

    poster = threading.Thread(target=post_many)
    poster.start()
    qtbot.waitUntil(lambda: len(ran) == 500)
    poster.join()
    assert ran == [(number, home) for number in range(500)]


def test_ux07_a_flood_is_worked_off_in_turns(qtbot, bridge):
    """Between two turns the loop must come round, or the window would stand still."""
    rounds = []
    for _ in range(20):
        bridge.post(lambda: time.sleep(TURN_S / 3))
    bridge.post(lambda: rounds.append("last"))
    bridge._run()
    assert rounds == []
    qtbot.waitUntil(lambda: rounds == ["last"])


def test_work_that_fails_does_not_stop_what_follows(qtbot, bridge):
    ran = []
    with qtbot.captureExceptions() as caught:
        bridge.post(lambda: 1 / 0)
        bridge.post(lambda: ran.append(1))
        qtbot.waitUntil(lambda: ran == [1])
    assert [kind for kind, *_ in caught] == [ZeroDivisionError]


def test_ux07_ten_thousand_deltas_are_few_tellings(qtbot, watchdog):
    link, farm = FakeLink(), Farm()
    farm.attach(link)
    link.show(small_farm(50))
    told = []
    farm.changed.connect(told.append)
    watchdog.restart()
    for number in range(10_000):
        shot = number % 50 + 1
        link.change(replaced(link.replica.shots[shot], done=number % 24))
    settle(farm)
    assert len(told) == 1
    assert told[0].reset
    link.change(replaced(link.replica.shots[7], done=3))
    link.change(replaced(link.replica.shots[9], done=4))
    settle(farm)
    assert told[1].shots == {7, 9}
    assert watchdog.stop() > 0


def test_the_link_is_told_as_it_is(farm, link):
    heard = []
    farm.link_changed.connect(heard.append)
    lost = LinkState("lost", 5.0, "Gone.")
    link.tell_state(lost)
    assert heard == [lost]
    assert not farm.is_live
    link.tell_state(LIVE)
    assert farm.is_live


def test_without_a_link_nothing_is_asked(qapp):
    farm = Farm()
    farm.ask(object())
    assert farm.replica.shots == {}
    assert not farm.is_live


def test_a_windows_rows_are_kept_from_the_collector_and_those_of_tests_are_not(
    farm, link, monkeypatch
):
    frozen = []
    monkeypatch.setattr(bridges.gc, "freeze", lambda: frozen.append(1))
    link.show(small_farm())
    settle(farm)
    assert not frozen
    farm.keeps_rows = True
    link.show(small_farm())
    settle(farm)
    assert frozen == [1]
    link.change(replaced(farm.replica.shots[1], user="someone"))
    settle(farm)
    assert frozen == [1]
