"""Logs of attempts: each line once, gaps said, bounded, read in windows."""

from __future__ import annotations

from pathlib import Path

from app.dispatcher.logs import LINE_BYTES_MAX, Logs
from node_agent.wire.messages import AttemptRef, LogLines

REF = AttemptRef(3, 5, 2)


def text(logs: Logs, offset: int = 0, size: int = 65536) -> str:
    return logs.read(3, 5, 2, offset, size).text.decode()


def test_lines_are_appended_in_order(tmp_path: Path) -> None:
    logs = Logs(tmp_path)
    assert logs.add(LogLines(REF, 0, ["a", "b"])) == ["a", "b"]
    assert logs.add(LogLines(REF, 2, ["c"])) == ["c"]
    assert text(logs) == "a\nb\nc\n"
    assert (tmp_path / "3" / "5.2.log").exists()


def test_a_line_said_twice_is_kept_once(tmp_path: Path) -> None:
    logs = Logs(tmp_path)
    logs.add(LogLines(REF, 0, ["a", "b"]))
    assert logs.add(LogLines(REF, 1, ["b", "c"])) == ["c"]
    assert logs.add(LogLines(REF, 0, ["a"])) == []
    assert text(logs) == "a\nb\nc\n"


def test_a_gap_is_said(tmp_path: Path) -> None:
    logs = Logs(tmp_path)
    logs.add(LogLines(REF, 0, ["a"]))
    logs.add(LogLines(REF, 5, ["f"]))
    assert text(logs) == "a\n[4 lines are missing]\nf\n"


def test_goes_on_after_a_restart(tmp_path: Path) -> None:
    Logs(tmp_path).add(LogLines(REF, 0, ["a"]))
    logs = Logs(tmp_path)
    logs.add(LogLines(REF, 1, ["b"]))
    assert text(logs) == "a\nb\n"


def test_is_bounded(tmp_path: Path) -> None:
    logs = Logs(tmp_path, bytes_max=1000)
    for number in range(100):
        logs.add(LogLines(REF, number, ["x" * 50]))
    found = text(logs)
    assert len(found) < 1100
    assert found.endswith("[the log is full: what follows is not kept]\n")


def test_a_long_line_is_cut_and_a_broken_one_is_one_line(tmp_path: Path) -> None:
    logs = Logs(tmp_path)
    logs.add(LogLines(REF, 0, ["x" * 10_000, "a\nb"]))
    assert text(logs) == "x" * LINE_BYTES_MAX + "\na b\n"


def test_reads_windows(tmp_path: Path) -> None:
    logs = Logs(tmp_path)
    logs.add(LogLines(REF, 0, ["0123456789"]))
    assert text(logs, 2, 3) == "234"
    assert text(logs, -4) == "789\n"
    assert text(logs, 1000) == ""
    answer = logs.read(3, 5, 2, -4, 2)
    assert (answer.offset, answer.size, answer.text) == (7, 11, b"78")
    assert logs.read(3, 5, 9, 0, 10).size == 0


def test_a_full_disk_costs_lines_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "3").write_text("a file where the folder should be")
    logs = Logs(tmp_path)
    assert logs.add(LogLines(REF, 0, ["a"])) == []
    assert logs.lost == 1
