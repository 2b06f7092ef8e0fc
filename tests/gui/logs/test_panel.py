"""The log panel: the end first, new lines as they come, earlier ones on request, a failure at its cause."""

import pytest

from app.core.commands import GetLog, LogText, Refusal
from app.core.ids import TaskState
from app.core.views import LogNews, TaskChange
from app.gui.logs.panel import PIECE_BYTES, LogPanel
from tests.gui.fixtures import settle


class Log:
    """A log as the dispatcher keeps it."""

    def __init__(self, data: bytes) -> None:
        self.data = data

    def answer(self, body: GetLog) -> LogText:
        size = len(self.data)
        at = max(0, size + body.offset) if body.offset < 0 else min(body.offset, size)
        piece = self.data[at : at + body.size]
        return LogText(text=piece, offset=at, size=size, path="/logs/7.log", epoch=1)


@pytest.fixture
def log(link):
    made = Log(b"".join(b"line %d\n" % number for number in range(20_000)))
    link.answers[GetLog] = made.answer
    return made


@pytest.fixture
def panel(qtbot, farm, log):
    made = LogPanel(farm)
    qtbot.addWidget(made)
    made.resize(500, 300)
    made.show()
    yield made
    made._tail.stop()


def shown(panel):
    return panel.text.toPlainText().split("\n")


def test_it_opens_at_the_end_with_whole_lines(panel, log):
    panel.show_task(1, 3)
    assert shown(panel)[-1] == "line 19999"
    assert shown(panel)[0].startswith("line ")
    assert len(panel.text.toPlainText()) < PIECE_BYTES
    bar = panel.text.verticalScrollBar()
    assert bar.value() == bar.maximum()


def test_new_lines_follow_without_a_gap_or_a_double(qtbot, panel, link, log):
    panel.show_task(1, 3)
    log.data += b"line 20000\nline 20001\n"
    link.tell_log(LogNews(step=1, task=3, epoch=1, first=20_000, lines=["line 20000"]))
    qtbot.waitUntil(lambda: shown(panel)[-1] == "line 20001")
    log.data += b"line 20002\n"
    link.tell_log(LogNews(step=1, task=3, epoch=1, first=20_002, lines=["line 20002"]))
    link.tell_log(LogNews(step=9, task=9, epoch=1, first=0, lines=["another task's"]))
    qtbot.waitUntil(lambda: shown(panel)[-1] == "line 20002")
    numbers = [int(line.split()[1]) for line in shown(panel)]
    assert numbers == list(range(numbers[0], 20_003))


def test_ux12_earlier_lines_are_loaded_piece_by_piece(panel, log):
    panel.show_task(1, 3)
    first = int(shown(panel)[0].split()[1])
    panel._earlier.click()
    numbers = [int(line.split()[1]) for line in shown(panel)]
    assert numbers == list(range(numbers[0], 20_000))
    assert numbers[0] < first
    while panel._earlier.isEnabled():
        panel._earlier.click()
    assert shown(panel)[0] == "line 0"


def test_ux12_a_failed_task_opens_at_its_error_line(panel, farm, link, log):
    log.data = b"fine\n" * 500 + b"error: disk full\n" + b"cleaning up\n" * 500
    link.change(tasks=[TaskChange(1, 3, int(TaskState.FAILED), 3, 0)])
    settle(farm)
    panel.show_task(1, 3)
    assert panel.text.textCursor().block().text() == "error: disk full"


def test_markup_is_shown_not_believed(panel, log):
    log.data = b"<b>bold</b> <img src='http://example.invalid/x.png'>\n"
    panel.show_task(1, 3)
    assert "<b>bold</b>" in panel.text.toPlainText()


def test_a_refusal_stands_where_the_log_would(panel, link):
    link.answers[GetLog] = lambda body: Refusal(sentence="This frame has not been started.")
    panel.show_task(1, 4)
    assert panel.text.placeholderText() == "This frame has not been started."


def test_an_answer_for_the_task_before_is_dropped(panel, link, log):
    link.at_once = False
    panel.show_task(1, 3)
    log.data = b"of the second\n"
    panel.show_task(1, 4)
    link.deliver()
    assert panel.text.toPlainText() == "of the second"
