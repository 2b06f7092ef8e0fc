"""Deltas: numbered by one, merged, at most 25 a second, one a second in silence."""

from __future__ import annotations

import msgspec
import pytest

from app.core.events import Now
from app.core.views import Delta, NodeRow, NodeSample, StepRow, TaskChange
from app.dispatcher.publisher import INTERVAL_S, QUIET_S, Publisher


def node(number: int, state: str = "idle") -> NodeRow:
    return NodeRow(
        id=number,
        name="n",
        state=state,
        drain=False,
        devices=[],
        tags=[],
        cores=1,
        memory_bytes=1,
        platform="",
        version="",
        seen_at=0.0,
        done=0,
        failed=0,
    )


def step(number: int) -> StepRow:
    return StepRow(
        id=number,
        job=1,
        shot=1,
        name="s",
        kind="command",
        frames="1",
        runs=[],
        states=b"\1",
        directory="",
        pattern="",
        preview_directory="",
        width=1,
        height=1,
        samples=1,
    )


class Sent:
    def __init__(self) -> None:
        self.deltas: list[Delta] = []
        self.publisher = Publisher("i", self._send)

    def _send(self, topic: bytes, data: bytes) -> None:
        assert topic == b"delta"
        self.deltas.append(msgspec.msgpack.decode(data, type=Delta))


@pytest.fixture
def sent() -> Sent:
    return Sent()


def at(mono: float) -> Now:
    return Now(mono, 1000.0 + mono)


def test_first_delta_leaves_at_once_and_is_number_one(sent: Sent) -> None:
    assert sent.publisher.next_seq == 1
    assert sent.publisher.flush(at(0.0))
    assert [(d.instance, d.seq, d.at) for d in sent.deltas] == [("i", 1, 1000.0)]


def test_silence_is_an_empty_delta_each_second(sent: Sent) -> None:
    sent.publisher.flush(at(0.0))
    assert not sent.publisher.flush(at(QUIET_S - 0.01))
    assert sent.publisher.flush(at(QUIET_S))
    assert sent.deltas[-1].rows == []


def test_news_wait_for_the_interval_and_the_last_row_of_an_id_wins(sent: Sent) -> None:
    sent.publisher.flush(at(0.0))
    sent.publisher.add_row(node(1, "idle"))
    sent.publisher.add_row(node(1, "busy"))
    sent.publisher.add_row(node(2, "idle"))
    assert not sent.publisher.flush(at(INTERVAL_S / 2))
    assert sent.publisher.due_at() == INTERVAL_S
    assert sent.publisher.flush(at(INTERVAL_S))
    assert [(row.id, row.state) for row in sent.deltas[-1].rows] == [(1, "busy"), (2, "idle")]
    assert sent.publisher.due_at() == INTERVAL_S + QUIET_S


def test_a_step_replaces_its_older_single_changes_but_not_its_newer(sent: Sent) -> None:
    sent.publisher.add_task(TaskChange(7, 0, 2, 1, 1))
    sent.publisher.add_task(TaskChange(8, 0, 2, 1, 1))
    sent.publisher.add_row(step(7))
    sent.publisher.add_task(TaskChange(7, 1, 2, 1, 1))
    sent.publisher.flush(at(0.0))
    assert [(t.step, t.task) for t in sent.deltas[-1].tasks] == [(8, 0), (7, 1)]


def test_newest_sample_of_a_node_is_sent(sent: Sent) -> None:
    for cpu in (1.0, 2.0):
        sent.publisher.add_sample(NodeSample(1, 0.0, cpu, 0, 0, 0, 0, 0, 0, 0))
    sent.publisher.flush(at(0.0))
    assert [s.cpu_percent for s in sent.deltas[-1].samples] == [2.0]
