"""The morning on one page: numbers at the top, then what failed, is stuck, slipped, idles and finished.

It asks the farm when it is shown, after each answer that was given here, and every few seconds; what is on
show then keeps its place and the keyboard's focus.
"""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from app.client.connection import Outcome
from app.core.command_set import Command, Remedy
from app.core.commands import GetMorning, Morning, Refusal
from app.errors import WindfireError
from app.gui import text
from app.gui.bridge import Farm
from app.gui.morning import entries
from app.gui.morning.card import Card
from app.gui.morning.section import Section
from app.gui.operations import Operations
from app.gui.said import spoken
from app.gui.widgets.make import label, named
from app.gui.words import tr

REFRESH_MS = 10_000
SOON_MS = 400
COLUMNS = (("failed",), ("stuck", "slips"), ("idle", "finished"))
SHARES = (4, 4, 3)
MOST = {"failed": 6, "stuck": 4, "slips": 5, "idle": 5, "finished": 6}
"""Cards that are shown at first: one screen."""


class MorningPage(QFrame):
    """What the night brought."""

    task_wanted = Signal(int, int, int)
    """Shot, step and task whose log is to be shown."""
    shot_wanted = Signal(int)

    def __init__(self, farm: Farm, operations: Operations, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("Morning")
        self._farm, self._operations = farm, operations
        self._is_afresh = True
        self._is_asking = False
        self._asked: dict[int, tuple[Card, Command]] = {}
        self.sentence = label("", "Title", wraps=True)
        self.hint = label("", "Hint", wraps=True)
        self.numbers: dict[str, QLabel] = {}
        self.sections = {
            name: Section(tr(title), icon, ink, MOST[name])
            for name, title, icon, ink in entries.SECTIONS
        }
        self._row = QHBoxLayout()
        self._again = QPushButton(tr("Refresh"))
        self._again.setAccessibleName(tr("Refresh"))
        self._again.clicked.connect(self.open_afresh)
        self._timer = QTimer(self, interval=REFRESH_MS)
        self._timer.timeout.connect(self.ask)
        self._soon = QTimer(self, interval=SOON_MS, singleShot=True)
        self._soon.timeout.connect(self.ask)
        self._lay_out()
        self._connect()

    # --- asking ---------------------------------------------------------------------------------------

    def open_afresh(self) -> None:
        """Show the morning anew: what was answered goes, the worst comes first."""
        self._is_afresh = True
        self.ask()

    def ask(self) -> None:
        """Ask the farm, unless an answer is on its way."""
        if self._is_asking or not self._farm.is_live:
            return
        self._is_asking = True
        self._farm.ask(GetMorning(), self._take)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.open_afresh()
        self._timer.start()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._timer.stop()
        self._soon.stop()

    def _take(self, outcome: Outcome) -> None:
        self._is_asking = False
        if isinstance(outcome, Morning):
            self._show(outcome)
        elif isinstance(outcome, (Refusal, WindfireError)):
            self.hint.setText(spoken(outcome.sentence))

    # --- showing --------------------------------------------------------------------------------------

    def _show(self, morning: Morning) -> None:
        now = self._farm.now()
        shots = self._farm.replica.shots
        names = {shot: f"{row.sequence} / {row.name}" for shot, row in shots.items()}
        found = entries.of(morning, names, now)
        for name, section in self.sections.items():
            section.show_entries(found[name], afresh=self._is_afresh)
        self._is_afresh = False
        self._share_room()
        self.sentence.setText(entries.headline(morning))
        self.hint.setText(_hint(morning, now))
        for name, number in self._count(morning).items():
            self.numbers[name].setText(number)
        self._enable()

    def _count(self, morning: Morning) -> dict[str, str]:
        used = f"{morning.utilisation * 100:.0f} %" if morning.utilisation >= 0 else "\N{EN DASH}"
        return {
            "finished": str(len(morning.finished)),
            "frames": f"{morning.frames_done:,}".replace(",", "\N{THIN SPACE}"),
            "failed": str(sum(each.left for each in morning.failures)),
            "stuck": str(len(morning.stuck)),
            "idle": str(len(morning.idle)),
            "used": used,
        }

    def _enable(self, _change: object = None) -> None:
        """Let what can be done now be done; an answer on its way is not asked for twice."""
        for key, (card, command) in list(self._asked.items()):
            if not self._operations.is_under_way(command):
                del self._asked[key]
                card.set_asking(is_asking=False, is_live=self._farm.is_live)
        asking = {id(card) for card, _ in self._asked.values()}
        for section in self.sections.values():
            section.each_card(
                lambda card: card.set_asking(
                    is_asking=id(card) in asking, is_live=self._farm.is_live
                )
            )

    # --- answering ------------------------------------------------------------------------------------

    def _answer(self, card: Card, remedy: Remedy) -> None:
        if remedy.command is None:
            return

        def done(_receipt: object) -> None:
            card.end(tr("Done: {what}").format(what=spoken(remedy.text)))
            if self.isVisible():
                self._soon.start()

        self._asked[id(card)] = (card, remedy.command)
        title = f"{spoken(remedy.text)}: {card.entry.title}"
        self._operations.do(remedy.command, title, done)
        self._enable()

    def _open_log(self, card: Card) -> None:
        if card.entry.task is not None:
            self.task_wanted.emit(card.entry.shot, *card.entry.task)

    # --- parts ----------------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self.sentence)
        words.addWidget(self.hint)
        head.addLayout(words, 1)
        head.addWidget(self._again, alignment=Qt.AlignmentFlag.AlignTop)
        body = named(QWidget(), "MorningBody")
        column = QVBoxLayout(body)
        column.setContentsMargins(18, 14, 18, 14)
        column.setSpacing(12)
        column.addLayout(head)
        column.addLayout(self._number_row())
        column.addLayout(self._columns(), 1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setAccessibleName(tr("What the night brought"))
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(body)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(area)

    def _number_row(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(28)
        for name, words in (
            ("finished", tr("shots finished")),
            ("frames", tr("frames done")),
            ("failed", tr("frames failed now")),
            ("stuck", tr("stuck")),
            ("idle", tr("idle nodes")),
            ("used", tr("of the farm used")),
        ):
            pair = QVBoxLayout()
            pair.setSpacing(0)
            self.numbers[name] = label("\N{EN DASH}", "Number")
            pair.addWidget(self.numbers[name])
            pair.addWidget(label(words, "Hint"))
            row.addLayout(pair)
        row.addStretch()
        return row

    def _columns(self) -> QHBoxLayout:
        row = self._row
        row.setSpacing(16)
        for names, share in zip(COLUMNS, SHARES, strict=True):
            column = QVBoxLayout()
            column.setSpacing(14)
            for name in names:
                column.addWidget(self.sections[name])
            column.addStretch()
            row.addLayout(column, share)
        return row

    def _share_room(self) -> None:
        """Give the room of a column with nothing in it to the others."""
        for at, (names, share) in enumerate(zip(COLUMNS, SHARES, strict=True)):
            is_used = any(self.sections[name].cards for name in names)
            self._row.setStretch(at, share if is_used else 0)

    def _connect(self) -> None:
        for section in self.sections.values():
            section.answered.connect(self._answer)
            section.log_wanted.connect(self._open_log)
            section.shot_wanted.connect(self.shot_wanted)
        self._operations.pending_changed.connect(self._enable)
        self._farm.link_changed.connect(self._back)

    def _back(self, _state: object) -> None:
        """Ask again once the farm can be reached again."""
        self._enable()
        if self._farm.is_live and self.isVisible():
            self.ask()


def _hint(morning: Morning, now: float) -> str:
    return tr("Since {since}; as of {at}.").format(
        since=text.clock(morning.since, now), at=text.clock(morning.at, now)
    )
