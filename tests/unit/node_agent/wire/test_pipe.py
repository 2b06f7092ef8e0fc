"""Frames of the worker's pipe survive any cutting, and a bad one is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node_agent.wire import pipe
from node_agent.wire.codec import WireError
from node_agent.wire.job import CommandWork, Frames
from node_agent.wire.messages import AttemptRef

REF = AttemptRef(1, 2, 3)


@given(st.integers(1, 40))
def test_messages_arrive_whole_however_the_pipe_cuts_them(size):
    run = pipe.RunTask(ref=REF, work=CommandWork(argv=["true"]), frames=Frames(1, 4))
    sent = [run, pipe.YieldTask(REF), pipe.Ping(7)]
    data = b"".join(pipe.pack(message) for message in sent)
    reader = pipe.parent_reader()

    got = [m for i in range(0, len(data), size) for m in reader.feed(data[i : i + size])]

    assert got == sent


def test_a_frame_over_the_limit_is_refused_before_it_is_read():
    with pytest.raises(WireError, match="over the limit"):
        pipe.worker_reader().feed((pipe.FRAME_BYTES_MAX + 1).to_bytes(4, "little"))


def test_a_message_over_the_limit_is_not_packed():
    with pytest.raises(WireError, match="over the limit"):
        pipe.pack(pipe.TaskLog(REF, ["x" * pipe.FRAME_BYTES_MAX]))


@given(st.binary(min_size=1, max_size=60))
def test_noise_is_refused(noise):
    with pytest.raises(WireError, match="Not a message"):
        pipe.worker_reader().feed(len(noise).to_bytes(4, "little") + noise)
