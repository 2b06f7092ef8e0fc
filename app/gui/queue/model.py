"""The queue as a Qt model: the replica's order, the moves under way on top of it, filtered and grouped.

Lines are known by key, never by row, and each change of order is told to Qt as the few removals, moves
and insertions that it is, so that selection, scroll and open branches stay with what they belong to.
While *frozen* (a press, a drag, an open menu) lines keep their place; their contents go on living.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence

from PySide6.QtCore import QMimeData, QModelIndex, QObject, Qt, Signal

from app.client.replica import Batch
from app.core.commands import Finish, Move, SetDue
from app.core.views import ShotRow
from app.gui.bridge import Farm
from app.gui.due import lanes, standing
from app.gui.due.lanes import Lane
from app.gui.keyed import Branch, Item, Key, KeyedTreeModel, keepers
from app.gui.operations import Operations
from app.gui.queue import cells, drops, effect, filters, lines, order, tree
from app.gui.queue.cells import TITLES, Column
from app.gui.queue.drops import Drop
from app.gui.words import tr

MIME = "application/x-windfire-shots"
LINE = Qt.ItemDataRole.UserRole + 1
"""Role of a line's ``lines.Line``."""
ROWS_MAX = 64
"""More changed lines than that in one batch are told as one range."""
NO_INDEX = QModelIndex()
# Made once: a view asks for the flags of every line whenever it lays them out.
ROOT_FLAGS = Qt.ItemFlag.ItemIsDropEnabled
GROUP_FLAGS = (
    Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsDragEnabled
)
SHOT_FLAGS = GROUP_FLAGS | Qt.ItemFlag.ItemNeverHasChildren


class QueueModel(KeyedTreeModel):
    """Shots in queue order, flat or under their sequences and projects."""

    waiting_changed = Signal(int)
    """So many changes of order wait for the end of a freeze."""
    drop_wanted = Signal(object)
    """A hand let go over this ``Drop``."""
    shown_changed = Signal()
    """Other lines are shown than before."""

    def __init__(self, farm: Farm, operations: Operations, parent: QObject | None = None) -> None:
        super().__init__(len(Column), parent)
        self._farm = farm
        self._operations = operations
        self._rows: dict[int, ShotRow] = {}
        self._lines: dict[Key, lines.Line] = {}
        self._haystacks: dict[int, str] = {}
        self._order: list[int] = []
        self._positions: dict[int, int] = {}
        self._asked: set[int] = set()
        self._trial: Mapping[int, Finish] = {}
        self._base: Mapping[int, Finish] = {}
        self._filter = filters.Filter()
        self._nodes_of: dict[int, set[str]] = {}
        self._mode = "flat"
        self._was = 0.0
        """When lanes were last held against the clock."""
        self._lanes: list[Lane] = []
        self._finished_last = True
        self._freezers: set[str] = set()
        self._waiting = 0
        self._is_late = False
        """Something would have moved while the lines were frozen."""
        self._moves: list[Move] = []
        farm.changed.connect(self._take)
        farm.summary_due.connect(self._follow_the_clock)
        operations.pending_changed.connect(self._take_pending)

    # --- what the panel reads and sets ------------------------------------------------------------

    @property
    def order(self) -> list[int]:
        """All shots in queue order, the moves under way applied."""
        return self._order

    @property
    def numbered(self) -> list[int]:
        """The shots that have a number, in its order."""
        return list(self._positions)

    def has_number(self, shot: int) -> bool:
        """Whether the shot is still to be rendered, and so has a place among those that are."""
        return shot in self._positions

    @property
    def mode(self) -> str:
        """'flat', 'grouped' under sequences and projects, or 'lanes' of what is promised."""
        return self._mode

    @property
    def is_grouped(self) -> bool:
        """Whether shots stand under other lines."""
        return self._mode != "flat"

    @property
    def is_filtered(self) -> bool:
        """Whether a search leaves shots out."""
        return bool(self._filter)

    def set_mode(self, mode: str) -> None:
        """Show the queue in another shape; a new list to Qt, since nothing keeps its parent."""
        if mode != self._mode:
            self._mode = mode
            self._lines.clear()
            self.replant(self._wanted())
            self.shown_changed.emit()

    def set_filter(self, words: str) -> None:
        """Leave only the shots that the search holds."""
        self._filter = filters.parse(words)
        self._sync()

    def set_finished_last(self, finished_last: bool) -> None:
        """Put done and cancelled shots below all others, wherever they stand in the queue."""
        self._finished_last = finished_last
        self._sync()

    def freeze(self, why: str) -> None:
        """Keep every line in its place until ``thaw`` with the same word."""
        self._freezers.add(why)

    def thaw(self, why: str) -> None:
        """Let lines move again, once nobody else holds them."""
        self._freezers.discard(why)
        if not self._freezers and self._is_late:
            self._sync()

    @property
    def is_frozen(self) -> bool:
        """Whether lines keep their place now."""
        return bool(self._freezers)

    def set_forecast(self, trial: Mapping[int, Finish], base: Mapping[int, Finish]) -> None:
        """Show the finish times that the drop under the hand would make, and how they differ from ``base``."""
        if trial or self._trial:
            self._trial, self._base = trial, base
            self.tell_all(Column.FINISH, Column.FINISH)

    def trial_of(self, index: QModelIndex) -> tuple[Finish, float] | None:
        """Return the finish that a drop here would give the line, and the change in seconds.

        A group's is that of its last shot. None while nothing is dragged.
        """
        if not self._trial:
            return None
        shots = [shot for shot in self.shots_of(index) if shot in self._trial]
        if not shots:
            return None
        new, old = _last(self._trial, shots), _last(self._base, shots)
        return (new, effect.change(old, new)) if new else None

    def is_asked(self, shot: int) -> bool:
        """Whether a command about the shot is on its way."""
        return shot in self._asked

    def row_of(self, shot: int) -> ShotRow | None:
        """Return the shot's row as it is shown."""
        return self._rows.get(shot)

    def visible_shots(self) -> list[int]:
        """Return the shots from the top of the list to its end, open branches or not."""
        return self._shots_under(self.root)

    def shots_of(self, index: QModelIndex) -> list[int]:
        """Return the shot of a line, or all of a group's."""
        return self._shots_under(self.item(index))

    def index_of_shot(self, shot: int, column: int = 0) -> QModelIndex:
        """Return the shot's place now; invalid if it is not shown."""
        item = self.item_of(("shot", shot))
        return self.index_of(item, column) if item else NO_INDEX

    def counts(self) -> dict[str, int]:
        """Return how many shots there are in each state, search or no search."""
        counted: dict[str, int] = {}
        for row in self._rows.values():
            counted[row.state] = counted.get(row.state, 0) + 1
        return counted

    # --- drops ------------------------------------------------------------------------------------

    def drop_for(self, shots: Sequence[int], row: int, parent: QModelIndex) -> Drop:
        """Return what letting go above line ``row`` of ``parent`` means."""
        siblings = self.item(parent).children
        above = [shot for item in siblings[:row] for shot in self._shots_under(item)]
        below = [shot for item in siblings[row:] for shot in self._shots_under(item)]
        lane = self._lane_of(self.item(parent))
        if lane is not None:
            return self._drop_into(lane, shots, above, below)
        is_head = row == 0 and not parent.isValid() and not self._filter and self._mode == "flat"
        if is_head and any(not self._is_sunk(shot) for shot in below):
            return Drop(order.top(self._order, shots))
        return Drop(drops.between(self._order, shots, above, below, self._is_sunk))

    def _drop_into(
        self, lane: Lane, shots: Sequence[int], above: list[int], below: list[int]
    ) -> Drop:
        """Return the drop into a lane: its promise, and a place among its shots where it has any."""
        rows = [self._rows[shot] for shot in shots if shot in self._rows]
        others = set(above + below) - set(shots)
        if not others:  # an empty lane: before what is promised for later
            siblings = self.root.children
            at = next((n for n, item in enumerate(siblings) if item.key == ("lane", lane.key)), 0)
            below = [shot for item in siblings[at + 1 :] for shot in self._shots_under(item)]
        move = drops.between(self._order, shots, above, below, self._is_sunk)
        stays = lane.due == lanes.KEEP or all(
            lanes.lane_of(row, self._lanes, self._farm.now()) == lane.key for row in rows
        )
        if stays:
            return Drop(move)
        pinned = bool(lane.due) and any(row.due_pinned for row in rows)
        return Drop(move, SetDue(shots=list(shots), due=lane.due, pinned=pinned))

    def _is_sunk(self, shot: int) -> bool:
        # A finished shot at the bottom of the list does not say where in the queue that is.
        is_moved = self._finished_last or self._mode == "lanes"
        return is_moved and self._rows[shot].state in lines.FINISHED

    def mimeTypes(self) -> list[str]:
        return [MIME]

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:
        data = QMimeData()
        shots = {shot for index in indexes for shot in self.shots_of(index)}
        data.setData(MIME, json.dumps(order.in_order(self._order, shots)).encode())
        return data

    def supportedDropActions(self) -> Qt.DropAction:
        return Qt.DropAction.MoveAction

    def canDropMimeData(
        self, data: QMimeData, action: Qt.DropAction, row: int, column: int, parent: QModelIndex
    ) -> bool:
        return data.hasFormat(MIME)

    def dropMimeData(
        self, data: QMimeData, action: Qt.DropAction, row: int, column: int, parent: QModelIndex
    ) -> bool:
        """Ask for the move, and say False: True would have the view remove the rows it dragged."""
        if action == Qt.DropAction.MoveAction and data.hasFormat(MIME):
            at = row if row >= 0 else len(self.item(parent).children)
            drop = self.drop_for(shots_in(data), at, parent)
            if drop.command is not None:
                self.drop_wanted.emit(drop)
        return False

    # --- Qt's questions ---------------------------------------------------------------------------

    def flags(self, index: QModelIndex) -> Qt.ItemFlag:
        if not index.isValid():
            return ROOT_FLAGS
        return SHOT_FLAGS if shot_of(self.item(index)) else GROUP_FLAGS

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> object:
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return tr(TITLES[section])
        return None

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        if role == LINE:
            return self.line(self.item(index))
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return cells.words(
                self.line(self.item(index)), Column(index.column()), self._farm.now()
            )
        if role == Qt.ItemDataRole.ToolTipRole:
            return cells.tip(self.line(self.item(index)), Column(index.column()), self._farm.now())
        return None

    def line(self, item: Item) -> lines.Line:
        """Return what the item shows; kept until one of its rows changes."""
        line = self._lines.get(item.key)
        if line is None:
            line = self._lines[item.key] = self._make_line(item)
        return line

    def _make_line(self, item: Item) -> lines.Line:
        if shot := shot_of(item):
            number = self._positions.get(shot, 0)
            is_said_above = self._mode == "grouped"
            return lines.of_shot(self._rows[shot], number, is_under_group=is_said_above)
        rows = [self._rows[shot] for shot in self._shots_under(item)]
        if lane := self._lane_of(item):
            return lines.of_lane(lane, rows, self._farm.now())
        title = str(item.key[1]).rpartition("/")[2]
        return lines.of_group(title, tr("{n} shot(s)", "", len(rows)), rows)

    def _lane_of(self, item: Item) -> Lane | None:
        kind, name = item.key
        return (
            next((each for each in self._lanes if each.key == name), None)
            if kind == "lane"
            else None
        )

    # --- changes ----------------------------------------------------------------------------------

    def _take(self, batch: Batch) -> None:
        replica = self._farm.replica
        if batch.reset:
            self._rows |= replica.shots
            self._lines.clear()
            self._haystacks.clear()
            self._sync()
            self.tell_all(0, len(Column) - 1)
            return
        fresh = {shot: replica.shots[shot] for shot in batch.shots if shot in replica.shots}
        if not fresh and not batch.removed:
            return
        moved_group = self._is_regrouped(fresh)
        self._rows |= fresh
        for shot in fresh:
            self._forget(shot)
        if batch.order_changed or batch.removed or moved_group or self._filter:
            self._sync()
        self._tell(fresh)

    def _is_regrouped(self, fresh: dict[int, ShotRow]) -> bool:
        """Whether a change of these rows may change the order: a finished shot sinks."""
        for shot, row in fresh.items():
            old = self._rows.get(shot)
            if old is None or (old.state in lines.FINISHED) != (row.state in lines.FINISHED):
                return True
            if self._mode == "lanes" and old.due != row.due:
                return True
        return False

    def _forget(self, shot: int) -> None:
        self._haystacks.pop(shot, None)
        for key in (("shot", shot), *tree.keys_above(self._rows[shot])):
            self._lines.pop(key, None)
        item = self.item_of(("shot", shot))
        if item is not None and item.parent is not None:
            self._lines.pop(item.parent.key, None)

    def _take_pending(self) -> None:
        asked = self._operations.asked_shots()
        changed = asked ^ self._asked
        self._asked = asked
        if self._moves != self._operations.moves:
            self._sync()
        self._tell(changed)

    def _tell(self, shots: Iterable[int]) -> None:
        """Have the lines of these shots, and of their groups, painted anew."""
        items = [item for shot in shots if (item := self.item_of(("shot", shot)))]
        if len(items) > ROWS_MAX:
            self.tell_all(0, len(Column) - 1)
            return
        above = {item.parent for item in items if item.parent and item.parent.parent}
        above |= {item.parent for item in above if item.parent and item.parent.parent}
        for item in [*items, *filter(None, above)]:
            self.dataChanged.emit(self.index_of(item), self.index_of(item, len(Column) - 1))

    def _sync(self) -> None:
        """Make the list what it should be, unless a hand is on it."""
        replica = self._farm.replica
        self._moves = self._operations.moves
        queue = order.replayed([row.id for row in replica.queue()], self._moves)
        self._is_late = bool(self._freezers)
        self._count_waiting(queue if self._freezers else None)
        if self._freezers:
            return
        fresh = {shot: replica.shots[shot] for shot in queue if shot not in self._rows}
        self._rows |= fresh
        self._order = queue
        self._number()
        before = len(self)
        self.become(self._wanted())
        # Only now: Qt asks for the contents of a line up to the moment in which it goes.
        self._rows = {shot: self._rows[shot] for shot in queue}
        if before != len(self):
            self.shown_changed.emit()

    def _count_waiting(self, queue: list[int] | None) -> None:
        if queue is None:
            waiting = 0
        else:
            old, new = set(self._order), set(queue)
            stay = [shot for shot in self._order if shot in new]
            kept = keepers(stay, [shot for shot in queue if shot in old])
            waiting = len(old ^ new) + len(stay) - len(kept)
        if waiting != self._waiting:
            self._waiting = waiting
            self.waiting_changed.emit(waiting)

    def _number(self) -> None:
        open_shots = [shot for shot in self._order if self._rows[shot].state not in lines.FINISHED]
        positions = {shot: at for at, shot in enumerate(open_shots, 1)}
        changed = {
            shot
            for shot in self._positions.keys() | positions.keys()
            if self._positions.get(shot) != positions.get(shot)
        }
        self._positions = positions
        for shot in changed:
            self._lines.pop(("shot", shot), None)
        self._tell(changed)

    def _wanted(self) -> list[Branch]:
        rows = [self._rows[shot] for shot in self._order]
        if self._filter:
            self._nodes_of = self._nodes_by_shot() if self._filter.asks("node") else {}
            rows = list(filter(self._holds, rows))
        if self._mode == "lanes":
            return self._in_lanes(rows)
        make = tree.grouped if self._mode == "grouped" else tree.flat
        return make(rows, finished_last=self._finished_last)

    def _in_lanes(self, rows: Sequence[ShotRow]) -> list[Branch]:
        now = self._farm.now()
        self._lanes = lanes.at(now)
        for lane in self._lanes:  # they count and name what stands under them
            self._lines.pop(("lane", lane.key), None)
        return tree.in_lanes(rows, self._lanes, now)

    def _follow_the_clock(self) -> None:
        """Let shots change their lanes when a moment passes."""
        if self._mode != "lanes":
            return
        now = self._farm.now()
        dues = [
            row.due for row in self._rows.values() if row.due and row.state not in lines.FINISHED
        ]
        is_over = any(self._was <= due <= now for due in dues)
        self._was = now
        if is_over or [lane.due for lane in self._lanes] != [lane.due for lane in lanes.at(now)]:
            self._sync()

    def _nodes_by_shot(self) -> dict[int, set[str]]:
        """Return the names of the nodes that work on each shot now."""
        found: dict[int, set[str]] = {}
        for node in self._farm.replica.nodes.values():
            for device in node.devices:
                for attempt in device.attempts:
                    found.setdefault(attempt.shot, set()).add(node.name.casefold())
        return found

    def _holds(self, row: ShotRow) -> bool:
        found = self._haystacks.get(row.id)
        if found is None:
            found = self._haystacks[row.id] = filters.haystack(row)
        return self._filter.holds(row, found, self._values)

    def _values(self, row: ShotRow, field: str) -> Iterable[str]:
        """Return what a shot has in a field of a search, beyond what its row says."""
        if field == "node":
            return self._nodes_of.get(row.id, ())
        if field == "due":
            stands = standing.of(row, self._farm.now()).name
            return ({"": "none", "at_risk": "risk"}.get(stands, stands.replace("_", "")),)
        return filters.plain(row, field)

    def _shots_under(self, item: Item) -> list[int]:
        if shot_of(item):
            return [shot_of(item)]
        return [shot for child in item.children for shot in self._shots_under(child)]


def _last(finishes: Mapping[int, Finish], shots: Sequence[int]) -> Finish | None:
    """Return the latest finish of these shots; None where one of them has none."""
    found = [finishes[shot] for shot in shots if shot in finishes]
    whole = len(found) == len(shots) and all(each.p50 for each in found)
    return max(found, key=lambda each: each.p50) if whole and found else None


def shots_in(data: QMimeData) -> list[int]:
    """Read the shots of a drag; what another program made of our type is no shot."""
    try:
        read = json.loads(bytes(data.data(MIME).data()))
    except ValueError:
        return []
    return [shot for shot in read if isinstance(shot, int)] if isinstance(read, list) else []


def shot_of(item: Item) -> int:
    """Return the id of the shot that the item stands for; 0 for a group."""
    kind, name = item.key
    return name if kind == "shot" and isinstance(name, int) else 0
