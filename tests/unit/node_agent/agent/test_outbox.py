"""The outbox keeps outcomes through kill -9, torn tails and disks that fail."""

from __future__ import annotations

import errno
import os
import random
import signal
import subprocess
import sys

import pytest

from node_agent.agent import outbox as module
from node_agent.agent.outbox import Outbox, read
from node_agent.wire import messages as m

USAGE = m.Usage(wall_s=1.5)


def done(seq: int) -> m.Done:
    return m.Done(seq=seq, ref=m.AttemptRef(1, seq, 1), files=[], usage=USAGE)


def fill(directory, count: int) -> Outbox:
    outbox = Outbox(directory)
    for seq in range(1, count + 1):
        outbox.keep(done(seq))
    outbox.commit()
    return outbox


def file_of(directory):
    return sorted(directory.glob("outbox.*"))[-1]


def test_what_is_not_acknowledged_is_the_next_starts_backlog(tmp_path):
    fill(tmp_path, 3).close()

    outbox = Outbox(tmp_path)

    assert outbox.backlog() == [done(1), done(2), done(3)]
    outbox.close()


def test_what_is_acknowledged_is_gone(tmp_path):
    outbox = fill(tmp_path, 3)
    outbox.forget(3)
    outbox.close()

    assert list(tmp_path.iterdir()) == []


def test_ready_is_not_kept(tmp_path):
    outbox = Outbox(tmp_path)
    outbox.keep(m.Ready(seq=1, ref=m.AttemptRef(1, 1, 1), files=[]))
    outbox.commit()

    assert file_of(tmp_path).stat().st_size == 0
    outbox.close()


def test_old_files_stay_until_the_new_one_holds_what_they_held(tmp_path):
    fill(tmp_path, 2).close()
    crashed = Outbox(tmp_path)  # died before it had taken anything over
    crashed.close()

    outbox = Outbox(tmp_path)
    for report in outbox.backlog():
        outbox.keep(report)
    outbox.commit()
    outbox.retire()
    outbox.close()

    assert len(list(tmp_path.iterdir())) == 1
    assert read(file_of(tmp_path)) == [done(1), done(2)]


def test_a_tail_torn_anywhere_costs_only_the_torn_record(tmp_path):
    fill(tmp_path, 3).close()
    path = file_of(tmp_path)
    data = path.read_bytes()
    whole = len(data) // 3

    for length in range(len(data)):
        path.write_bytes(data[:length])
        assert len(read(path)) == length // whole


def test_a_flipped_bit_ends_what_is_believed(tmp_path):
    fill(tmp_path, 3).close()
    path = file_of(tmp_path)
    data = path.read_bytes()
    generator = random.Random(1)

    for _ in range(200):
        position = generator.randrange(len(data))
        flipped = bytearray(data)
        flipped[position] ^= 1 << generator.randrange(8)
        path.write_bytes(flipped)
        reports = read(path)
        assert reports == [done(1), done(2), done(3)][: len(reports)]


def test_a_long_file_is_compacted_while_something_is_owed(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "COMPACT_BYTES", 1000)
    outbox = fill(tmp_path, 100)

    outbox.forget(99)

    assert file_of(tmp_path).stat().st_size < 200
    outbox.keep(done(101))
    outbox.commit()
    outbox.close()
    assert read(file_of(tmp_path)) == [done(100), done(101)]


def test_after_a_failed_sync_everything_is_written_anew(tmp_path, monkeypatch):
    outbox = fill(tmp_path, 1)
    fdatasync = os.fdatasync

    def fail(_descriptor):
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, "fdatasync", fail)
    outbox.keep(done(2))
    outbox.commit()
    monkeypatch.setattr(os, "fdatasync", fdatasync)
    outbox.keep(done(3))
    outbox.commit()
    outbox.close()

    assert read(file_of(tmp_path)) == [done(1), done(2), done(3)]


@pytest.mark.parametrize("kill_after", [1, 7, 40])
def test_what_was_committed_survives_kill_9(tmp_path, kill_after):
    code = (
        "import sys; from pathlib import Path\n"
        "from node_agent.agent.outbox import Outbox; from node_agent.wire import messages as m\n"
        "outbox = Outbox(Path(sys.argv[1])); seq = 0\n"
        "while True:\n"
        "    seq += 1\n"
        "    outbox.keep(m.Released(seq=seq, ref=m.AttemptRef(1, seq, 1), usage=m.Usage()))\n"
        "    outbox.commit(); print(seq, flush=True)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, text=True
    ) as process:
        committed = [int(process.stdout.readline()) for _ in range(kill_after)]
        process.send_signal(signal.SIGKILL)
        committed += [int(line) for line in process.stdout.read().split()]

    assert [report.seq for report in read(file_of(tmp_path))][: len(committed)] == committed
