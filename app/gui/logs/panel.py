"""The log panel: the end of a task's log at once, its new lines as they come, more of it on request.

Text is plain, whatever a program writes. A failed task opens at its error line; a running one at its
end, and stays there until the person scrolls away.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QTimer
from PySide6.QtGui import (
    QColor,
    QGuiApplication,
    QSyntaxHighlighter,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
)
from PySide6.QtWidgets import (
    QHBoxLayout,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from app.client.connection import Outcome
from app.core.commands import GetLog, LogText, Refusal
from app.core.ids import TaskState
from app.core.views import LogNews
from app.errors import WindfireError
from app.gui import style
from app.gui.bridge import Farm
from app.gui.logs import lines
from app.gui.said import spoken
from app.gui.widgets.make import label, named, tool
from app.gui.words import tr
from node_agent.wire.job import frames_at

PIECE_BYTES = 65_536
BLOCKS_MAX = 50_000
"""Lines kept in the window; more would cost memory that nobody reads."""
TAIL_MS = 250


class ErrorMarker(QSyntaxHighlighter):
    """Tints lines that look like errors; Qt asks for each new line once, not for the whole log."""

    def __init__(self, document: QTextDocument) -> None:
        super().__init__(document)
        self._ink = QTextCharFormat()
        self._ink.setForeground(style.colour("bad"))
        ground = QColor(style.colour("bad"))
        ground.setAlphaF(0.12)
        self._ink.setBackground(ground)

    def highlightBlock(self, line: str) -> None:
        if lines.is_error(line):
            self.setFormat(0, len(line), self._ink)


class LogPanel(QWidget):
    """Shows the log of one task."""

    def __init__(self, farm: Farm, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._farm = farm
        self._task: tuple[int, int] | None = None
        self._first = 0
        self._end = 0
        self._is_asking = False
        self._is_behind = False
        self._path = ""
        self._tail = QTimer(self, interval=TAIL_MS, singleShot=True)
        self._tail.timeout.connect(self._ask_new)
        self.text = named(QPlainTextEdit(), "Log")
        self.text.setReadOnly(True)
        self._marker = ErrorMarker(self.text.document())
        self._title = label("", "Hint")
        self._earlier = tool("up", tr("Load earlier lines"), self._ask_earlier)
        self._error = tool("error", tr("Go to the error line"), self.go_to_error)
        self._follow = tool("follow", tr("Go to the end and stay there"), self.go_to_end)
        self._copy = tool("copy", tr("Copy the path of the log file"), self._copy_path)
        self._lay_out()
        farm.log.connect(self._take_news)
        farm.changed.connect(self._take)
        self._show_title()

    def _lay_out(self) -> None:
        self.text.setFont(style.mono())
        self.text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.text.setMaximumBlockCount(BLOCKS_MAX)
        self.text.setAccessibleName(tr("Log of the task"))
        self.text.setPlaceholderText(tr("Choose a frame to read its log."))
        bar = QHBoxLayout()
        bar.setContentsMargins(12, 0, 8, 2)
        bar.setSpacing(2)
        bar.addWidget(self._title, 1)
        for button in (self._earlier, self._error, self._follow, self._copy):
            bar.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 0, 8, 8)
        column.setSpacing(2)
        column.addLayout(bar)
        column.addWidget(self.text, 1)

    def show_task(self, step: int, task: int) -> None:
        """Show this task's log from its end."""
        if (step, task) == self._task:
            return
        self._task = (step, task)
        self._first = self._end = 0
        self._is_asking = self._is_behind = False
        self._path = ""
        self.text.clear()
        self._show_title()
        self._ask(-PIECE_BYTES, self._take_first)

    def clear(self) -> None:
        """Show nothing."""
        self._task = None
        self.text.clear()
        self._show_title()

    def go_to_error(self) -> None:
        """Put the error line in the middle and mark it."""
        at = lines.error_line(self.text.toPlainText().split("\n"))
        if at >= 0:
            self.text.setTextCursor(QTextCursor(self.text.document().findBlockByNumber(at)))
            self.text.centerCursor()

    def go_to_end(self) -> None:
        """Show the newest lines, and stay with them."""
        bar = self.text.verticalScrollBar()
        bar.setValue(bar.maximum())

    # --- asking -----------------------------------------------------------------------------------------

    def _ask(self, offset: int, take: Callable[[LogText], None], size: int = PIECE_BYTES) -> None:
        if self._task is None or self._is_asking:
            self._is_behind = True
            return
        self._is_asking = True
        asked = self._task

        def taken(outcome: Outcome) -> None:
            if asked != self._task:
                return  # another task is on show by now
            self._is_asking = False
            if isinstance(outcome, LogText):
                self._path = outcome.path
                take(outcome)
            elif isinstance(outcome, (Refusal, WindfireError)):
                self.text.setPlaceholderText(spoken(outcome.sentence))
            self._show_title()

        self._farm.ask(GetLog(step=asked[0], task=asked[1], offset=offset, size=size), taken)

    def _take_first(self, answer: LogText) -> None:
        data, cut = (answer.text, 0) if answer.offset == 0 else lines.whole_lines(answer.text)
        self._first = answer.offset + cut
        self._end = answer.offset + len(answer.text)
        self.text.setPlainText(lines.readable(data).rstrip("\n"))
        self.text.setPlaceholderText(tr("This frame has written nothing."))
        self.go_to_end()
        if self._state() == TaskState.FAILED:
            self.go_to_error()

    def _ask_new(self) -> None:
        self._is_behind = False
        self._ask(self._end, self._take_new)

    def _take_new(self, answer: LogText) -> None:
        if answer.offset != self._end or not answer.text:
            return
        self._end += len(answer.text)
        self._append(lines.readable(answer.text).strip("\n"))
        if self._end < answer.size or self._is_behind:
            self._tail.start()

    def _append(self, words: str) -> None:
        bar = self.text.verticalScrollBar()
        is_at_end = bar.value() >= bar.maximum() - 2
        self.text.appendPlainText(words)
        if is_at_end:
            self.go_to_end()

    def _ask_earlier(self) -> None:
        size = min(PIECE_BYTES, self._first)
        if size:
            self._ask(self._first - size, self._take_earlier, size)

    def _take_earlier(self, answer: LogText) -> None:
        data, cut = (answer.text, 0) if answer.offset == 0 else lines.whole_lines(answer.text)
        self._first = answer.offset + cut
        cursor = QTextCursor(self.text.document())
        cursor.insertText(lines.readable(data))

    def _take_news(self, news: LogNews) -> None:
        # The lines themselves come by offset, so that none is lost or shown twice.
        if (news.step, news.task) == self._task and not self._tail.isActive():
            self._tail.start()

    def _take(self, batch: object) -> None:
        changed = getattr(batch, "steps", {})
        if self._task and self._task[1] in changed.get(self._task[0], ()):
            self._show_title()
            if not self._tail.isActive():
                self._tail.start()

    # --- showing ----------------------------------------------------------------------------------------

    def _state(self) -> TaskState | None:
        step = self._farm.replica.steps.get(self._task[0]) if self._task else None
        if step is None or self._task is None or self._task[1] >= len(step.states):
            return None
        return TaskState(step.states[self._task[1]])

    def _show_title(self) -> None:
        step = self._farm.replica.steps.get(self._task[0]) if self._task else None
        if step is None or self._task is None:
            self._title.setText("")
        else:
            shot = self._farm.replica.shots.get(step.row.shot)
            frame = frames_at(step.row.runs, self._task[1]).first
            name = f"{shot.sequence} / {shot.name}  " if shot else ""
            said = tr("{step}, frame {frame}").format(step=step.row.name, frame=frame)
            self._title.setText(name + said)
        self._earlier.setEnabled(self._first > 0)
        self._copy.setEnabled(bool(self._path))

    def _copy_path(self) -> None:
        QGuiApplication.clipboard().setText(self._path)
