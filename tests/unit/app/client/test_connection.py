"""The connection against a fake farm on real sockets: it follows, notices gaps, and says the truth."""

import threading
import time
from contextlib import closing

import pytest

from app.client.connection import Connection
from app.client.settings import load_settings
from app.core.commands import Forecast, GetSnapshot, GetTasks, Pause, Receipt, Refusal, Tasks
from app.core.views import LogNews, PreviewNews
from app.errors import EnvironmentFault, PeerFault
from tests.integration.cli.fake_farm import SILENT, FakeFarm, make_shot, make_snapshot

WAIT_S = 5.0


@pytest.fixture
def farm(tmp_path):
    with FakeFarm(tmp_path) as farm:
        yield farm


def until(condition):
    deadline = time.monotonic() + WAIT_S
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def follow(farm, **options):
    connection = Connection(lambda: load_settings(farm.home.root), **options)
    batches = []
    connection.on_batch(batches.append)
    connection.start()
    until(lambda: connection.replica.seq >= 0)
    time.sleep(0.1)  # PUB drops what is sent before the subscription has arrived
    return connection, batches


def asking(farm):
    return Connection(load_settings(farm.home.root), follow=False)


def test_it_takes_the_snapshot_and_then_deltas(farm):
    farm.snapshot = make_snapshot(shots=[make_shot(1)])
    connection, batches = follow(farm)
    with closing(connection):
        farm.publish(make_shot(2))
        until(lambda: 2 in connection.replica.shots)
    assert batches[0].reset
    assert batches[-1].shots == {2}


def test_a_gap_brings_a_new_snapshot(farm):
    connection, batches = follow(farm)
    with closing(connection):
        farm.snapshot = make_snapshot(seq=farm.seq + 4, shots=[make_shot(7)])
        farm.publish(make_shot(9), skip=3)
        until(lambda: 7 in connection.replica.shots)
    assert farm.asks.count(GetSnapshot()) == 2
    assert batches[-1].reset


def test_many_deltas_are_handed_over_at_most_25_times_a_second(farm):
    connection, batches = follow(farm)
    with closing(connection):
        start = time.monotonic()
        for _ in range(300):
            farm.publish(make_shot(1))
        until(lambda: connection.replica.seq == farm.seq)
        seconds = time.monotonic() - start
    assert len(batches) <= 3 + seconds * 25


def test_an_owner_that_takes_nothing_costs_no_memory_and_catches_up(farm):
    """The window's thread may hang; then it gets one snapshot, not everything it missed."""
    posted = []
    connection = Connection(load_settings(farm.home.root), post=posted.append)
    connection.start()
    with closing(connection):
        until(lambda: posted)
        time.sleep(0.1)
        for _ in range(1500):
            farm.publish(make_shot(1))
        farm.snapshot = make_snapshot(seq=farm.seq, shots=[make_shot(3)])
        until(lambda: farm.asks.count(GetSnapshot()) == 2)

        def caught_up():
            while posted:
                posted.pop(0)()
            return 3 in connection.replica.shots

        until(caught_up)
    assert connection.replica.seq == farm.seq


def test_ask_returns_the_answer_and_refusals_are_answers(farm):
    farm.on[Pause] = lambda _: Receipt(command=4)
    farm.on[Forecast] = lambda _: Refusal(sentence="No.")
    with asking(farm) as connection:
        assert connection.ask(Pause(shots=[1])) == Receipt(command=4)
        assert connection.ask(Forecast()) == Refusal(sentence="No.")


def test_ask_async_calls_back_where_post_says(farm):
    farm.on[GetTasks] = lambda _: Tasks(rows=[], total=0)
    posted, got = [], []
    connection = Connection(load_settings(farm.home.root), post=posted.append, follow=False)
    with connection:
        connection.ask_async(GetTasks(shot=1), got.append)
        until(lambda: posted)
        assert not got
        posted.pop()()
    assert got == [Tasks(rows=[], total=0)]


def test_no_answer_is_told_apart_from_nothing_sent(farm, tmp_path):
    farm.on[Pause] = lambda _: SILENT
    with (
        asking(farm) as connection,
        pytest.raises(EnvironmentFault, match="has not answered in time"),
    ):
        connection.ask(Pause(shots=[1]), timeout_s=0.5)
    farm.__exit__()
    with (
        asking(farm) as connection,
        pytest.raises(EnvironmentFault, match="nothing was asked of it"),
    ):
        connection.ask(Pause(shots=[1]), timeout_s=0.3)


@pytest.mark.parametrize("rubbish", [b"", b"\xc1", b"\x82\xa2id\x01\xa4body\x81\xa4type\xa1q"])
def test_rubbish_from_the_peer_ends_nothing(farm, rubbish):
    farm.on[Pause] = lambda _: rubbish
    farm.on[GetTasks] = lambda _: Tasks(rows=[], total=0)
    connection, _ = follow(farm)
    with closing(connection):
        farm.send(b"delta", rubbish)
        farm.send(b"nonsense", b"x")
        with pytest.raises((PeerFault, EnvironmentFault)):
            connection.ask(Pause(shots=[1]), timeout_s=0.3)
        assert connection.ask(GetTasks(shot=1)) == Tasks(rows=[], total=0)


def test_previews_and_log_lines_arrive(farm):
    news = []
    connection, _ = follow(farm)
    with closing(connection):
        connection.on_preview(news.append)
        connection.on_log(news.append)
        preview = PreviewNews(
            shot=1, step=1, task=0, epoch=1, frame=1, passes_done=1, passes=4, image=b"png"
        )
        lines = LogNews(step=1, task=0, epoch=1, first=0, lines=["hello"])

        def both_came():
            farm.send(b"preview", preview)
            farm.send(b"log", lines)
            time.sleep(0.02)
            return preview in news and lines in news

        until(both_came)
    assert {type(each) for each in news} == {PreviewNews, LogNews}


def test_states_connecting_live_lost_and_live_again_on_other_ports(farm, tmp_path):
    states = []
    connection = Connection(lambda: load_settings(farm.home.root))
    connection.on_state(lambda state: states.append(state.name))
    connection.start()
    with closing(connection):
        until(lambda: "live" in states)
        farm.__exit__()
        until(lambda: states[-1] == "lost")
        with FakeFarm(tmp_path, instance="two") as again:
            again.snapshot = make_snapshot(instance="two", seq=0, shots=[make_shot(5)])
            until(lambda: 5 in connection.replica.shots)
            until(lambda: states[-1] == "live")
    assert states[0] == "connecting"


def test_a_home_without_a_farm_says_what_to_do(tmp_path):
    with pytest.raises(
        EnvironmentFault, match=r"^No farm is running in .*: start one with `windfire"
    ):
        load_settings(tmp_path)


def test_a_failing_callback_does_not_end_the_link(farm, caplog):
    connection, _ = follow(farm)
    with closing(connection):
        connection.on_batch(lambda batch: 1 / 0)
        farm.publish(make_shot(1))
        farm.publish(make_shot(2))
        until(lambda: 2 in connection.replica.shots)
    assert "A callback of the connection failed." in caplog.text


def test_close_fails_what_is_unanswered_and_may_be_called_twice(farm):
    farm.on[Pause] = lambda _: SILENT
    outcomes = []
    connection = Connection(load_settings(farm.home.root), follow=False)
    connection.start()
    connection.ask_async(Pause(shots=[1]), outcomes.append)
    until(lambda: farm.asks)
    connection.close()
    connection.close()
    assert "was closed" in outcomes[0].sentence
    Connection(load_settings(farm.home.root)).close()  # never started
    assert threading.active_count() < 10
