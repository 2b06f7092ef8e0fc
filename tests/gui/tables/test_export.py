"""Tables as files: every one, in plain words, safe for spreadsheets, and never in one piece."""

import csv
import io

import pytest
from PySide6.QtWidgets import QFileDialog

from app.core.commands import GetUsage, Refusal, UsageTable
from app.gui.due import standing
from app.gui.tables import farm as tables
from app.gui.tables.export import Export
from app.gui.tables.table import Table, lines, moment
from tests.gui.fakes import NOW, replaced, sample
from tests.gui.fixtures import settle


@pytest.fixture
def exported(window, bridge, qtbot, tmp_path):
    """Write a table to a file as the window does; return its rows as a spreadsheet reads them."""

    def exported(table):
        file = tmp_path / f"{table.name}.csv"
        export = window.exports.write(table, file)
        with qtbot.waitSignal(export.ended, timeout=30_000) as blocker:
            pass
        assert blocker.args[1] == "done"
        written = file.read_bytes()
        assert written.startswith(b"\xef\xbb\xbf")
        return list(csv.reader(io.StringIO(written.decode("utf-8-sig"), newline="")))

    return exported


def test_ux23_the_queue_as_it_is_shown(window, link, farm, exported, monkeypatch):
    row = replaced(
        link.replica.shots[5],
        name="=HYPERLINK(evil)",
        error='He said "no",\nthen -1',
        due=NOW + 60,
    )
    link.change(row)
    settle(farm)
    window.queue.search.setText("sq020")
    asked = []
    monkeypatch.setattr(window.exports, "ask_file", asked.append)
    window.actions_["export_queue"].trigger()
    rows = exported(asked[0])
    header, first, *rest = rows
    assert [row[0] for row in rows[1:]] == ["5", "6", "7", "8"]
    said = dict(zip(header, first, strict=True))
    assert said["Shot"] == "'=HYPERLINK(evil)"
    assert said["Newest error"] == 'He said "no",\nthen -1'
    assert said["Promise"] == "late"
    assert said["Finish (as likely before)"] == moment(NOW + 3000)
    assert len(rest) == 3
    assert not any("_" in name or name.islower() for name in header)


def test_ux23_nodes_frames_and_usage(window, link, farm, exported):
    link.change(samples=[sample(1, NOW, 40.0, [80.0, 60.0], 50.0)])
    header, first, _ = exported(tables.of_nodes(farm.replica))
    said = dict(zip(header, first, strict=True))
    assert (said["Node"], said["CPU in percent"], said["GPU in percent"]) == (
        "node01",
        "40.0",
        "70.0",
    )
    frames = exported(tables.of_frames(farm.replica, 3))
    assert len(frames) == 25
    assert frames[1][:4] == ["render", "1001", "1001", "Ready"]
    usage = UsageTable(columns=["project", "gpu_hours"], rows=[["NZ2", 12.5], ["@sum", -1.0]])
    assert exported(tables.of_usage(usage)) == [
        ["Project", "GPU hours"],
        ["NZ2", "12.5"],
        ["'@sum", "-1.0"],  # a number is no formula
    ]


def test_usage_is_asked_of_the_farm_and_a_refusal_is_said(window, link, monkeypatch):
    asked = []
    monkeypatch.setattr(window.exports, "ask_file", asked.append)
    link.answers[GetUsage] = lambda _: UsageTable(columns=["project"], rows=[["NZ2"]])
    window.actions_["export_usage"].trigger()
    assert asked[0].name == "usage"
    link.answers[GetUsage] = lambda _: Refusal(sentence="Not you.")
    window.actions_["export_usage"].trigger()
    assert window.toast.label.text() == "Not you."


def test_ux07_a_large_table_is_made_in_pieces_between_other_events(bridge, qtbot, tmp_path, window):
    """Were it made in one go, no other event would come before its end."""
    turns = []
    made = 0

    def rows():
        nonlocal made
        while made < 20_000:
            made += 1
            yield [made, "x" * 20]

    export = Export(Table("large", ("n", "x"), rows()), tmp_path / "large.csv", bridge, window)
    export._timer.timeout.connect(lambda: turns.append(made))
    with qtbot.waitSignal(export.ended, timeout=60_000):
        export.start()
    assert len(turns) > 3
    assert (tmp_path / "large.csv").read_bytes().count(b"\r\n") == 20_001


def test_a_folder_that_cannot_be_written_is_said(window, bridge, qtbot, tmp_path):
    export = Export(Table("t", ("n",), iter([])), tmp_path / "none" / "t.csv", bridge, window)
    with qtbot.waitSignal(export.ended, timeout=30_000) as blocker:
        export.start()
    sentence, kind = blocker.args
    assert kind == "refused"
    assert "cannot be written: No such file or directory" in sentence


def test_it_asks_for_a_file_and_remembers_the_folder(window, qtbot, tmp_path):
    window.actions_["export_nodes"].trigger()
    dialog = window.findChild(QFileDialog)
    assert dialog.defaultSuffix() == "csv"
    with qtbot.waitSignal(window.exports.said, timeout=30_000):
        dialog.fileSelected.emit(str(tmp_path / "mine.csv"))
        dialog.reject()
    assert (tmp_path / "mine.csv").exists()
    assert window.settings.get("export/folder") == str(tmp_path)


def test_what_a_spreadsheet_would_run_is_made_words():
    assert lines([["=1", "+2", "-3", "@x", "\tq", "ok", -5, 2.5]]) == (
        "'=1,'+2,'-3,'@x,'\tq,ok,-5,2.5\r\n"
    )
    assert set(tables.STANDINGS) == set(standing.INKS)
    assert moment(0.0) == ""
