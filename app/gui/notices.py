"""News for somebody who does not look at the window: one for each event, gathered, and held in quiet hours.

Decides what is told and when; how it reaches the desktop is the tray's. What was true when the window
opened is no news, and neither is what a new snapshot says again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QObject, QTimer, Signal

from app.client.replica import Batch
from app.core.views import NodeRow, ShotRow
from app.gui import text
from app.gui.bridge import Farm
from app.gui.preferences import Preferences
from app.gui.said import spoken
from app.gui.words import tr

GATHER_MS = 2_000
"""What comes within that time is told at once."""
APART_MAX = 3
"""More of one kind than that are told in one line."""
QUIET_MS = 30_000
"""So often it is looked whether the quiet hours are over."""


@dataclass(frozen=True, slots=True)
class Notice:
    """``kind`` is one of ``preferences.NOTICES``; ``target`` the shot or node that it is about, 0 for several."""

    kind: str
    title: str
    sentence: str
    target: int = 0


class Notices(QObject):
    """Watches the farm, and gives what a person wants to be told."""

    told = Signal(object)
    """A ``Notice``, now."""

    def __init__(
        self, farm: Farm, preferences: Callable[[], Preferences], parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._farm, self._preferences = farm, preferences
        self._is_known = False
        self._done: set[int] = set()
        self._failed: set[int] = set()
        self._lost: set[int] = set()
        self._waiting: list[Notice] = []
        self._gather = QTimer(self, interval=GATHER_MS, singleShot=True)
        self._gather.timeout.connect(self.tell)
        farm.changed.connect(self._take)

    # --- what is news -----------------------------------------------------------------------------------

    def _take(self, batch: Batch) -> None:
        replica = self._farm.replica
        if not batch and not self._is_known:
            return
        shots = replica.shots if batch.reset else batch.shots
        nodes = replica.nodes if batch.reset else batch.nodes
        found = [
            *(self._of_shot(replica.shots[shot]) for shot in shots if shot in replica.shots),
            *(self._of_node(replica.nodes[node]) for node in nodes if node in replica.nodes),
        ]
        if self._is_known:
            for notice in filter(None, found):
                self.add(notice)
        # The first snapshot is how things stand. An empty one is a window without a farm yet.
        self._is_known = self._is_known or (batch.reset and bool(replica.shots or replica.nodes))

    def _of_shot(self, row: ShotRow) -> Notice | None:
        name = f"{row.project} / {row.sequence} / {row.name}"
        if row.state != "done":
            self._done.discard(row.id)
        elif row.id not in self._done:
            self._done.add(row.id)
            frames = tr("All {n} frame(s) are done.", "", row.total)
            return Notice("finished", tr("{shot} is finished").format(shot=name), frames, row.id)
        if not row.failed:
            self._failed.discard(row.id)
        elif row.id not in self._failed:
            self._failed.add(row.id)
            return Notice(
                "failed", tr("{shot} has failed").format(shot=name), spoken(row.error), row.id
            )
        return None

    def _of_node(self, row: NodeRow) -> Notice | None:
        if row.state != "lost":
            self._lost.discard(row.id)
            return None
        if row.id in self._lost:
            return None
        self._lost.add(row.id)
        sentence = tr("Its frames go on elsewhere when their leases are over.")
        return Notice("lost", tr("{node} is lost").format(node=row.name), sentence, row.id)

    def add_slip(self, shot: int, sentence: str) -> None:
        """Take in that a promise will be late."""
        self.add(Notice("late", tr("A promise will be late"), sentence, shot))

    # --- when it is told --------------------------------------------------------------------------------

    def add(self, notice: Notice) -> None:
        """Tell this soon, or when the quiet hours are over, if it is wanted."""
        if notice.kind in self._preferences().notices:
            self._waiting.append(notice)
            if not self._gather.isActive():
                self._gather.start(GATHER_MS)

    def tell(self) -> None:
        """Tell what waits; in quiet hours look again later."""
        wanted = self._preferences().notices
        self._waiting = [notice for notice in self._waiting if notice.kind in wanted]
        here = text.local(self._farm.now())
        if not self._waiting:
            return
        if self._preferences().is_quiet(here.hour * 60 + here.minute):
            self._gather.start(QUIET_MS)
            return
        waiting, self._waiting = self._waiting, []
        for kind in dict.fromkeys(notice.kind for notice in waiting):
            self._tell_kind([notice for notice in waiting if notice.kind == kind])

    def _tell_kind(self, notices: list[Notice]) -> None:
        if len(notices) <= APART_MAX:
            for notice in notices:
                self.told.emit(notice)
            return
        titles = {
            "finished": tr("{n} shot(s) are finished", "", len(notices)),
            "failed": tr("{n} shot(s) have failed", "", len(notices)),
            "late": tr("{n} promise(s) will be late", "", len(notices)),
            "lost": tr("{n} node(s) are lost", "", len(notices)),
        }
        kind = notices[0].kind
        of = [notice.sentence if kind == "late" else notice.title for notice in notices]
        self.told.emit(Notice(kind, titles[kind], "\n".join([*of[:APART_MAX], "…"])))

    def shut_down(self) -> None:
        """Tell nothing more."""
        self._gather.stop()
