"""A tree model whose lines have keys: give it the list that should be, and it tells Qt the few changes.

Selection, scroll and open branches stay with what they belong to, because nothing is reset: siblings that
left are removed, those that moved are moved (as few as can be), those that are new are inserted.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QObject, QPersistentModelIndex

T = TypeVar("T", bound=Hashable)
AnyIndex = QModelIndex | QPersistentModelIndex
"""As delegates get it."""
Key = tuple[str, int | str]
"""The kind of line, and its name within the kind."""

MOVES_MAX = 48
"""More moved lines than that in one change are told as a new layout, which is cheaper."""
RUNS_MAX = 40
"""More separate runs of lines that come or go than that are told as a reset: each costs Qt a layout."""
NO_INDEX = QModelIndex()


@dataclass(slots=True)
class Branch:
    """A line that should be there, and what should stand under it."""

    key: Key
    children: list[Branch] = field(default_factory=list)


class Item:
    """A line that is there. ``number`` names it in QModelIndex, and is never used again."""

    __slots__ = ("children", "key", "number", "parent", "row")

    def __init__(self, key: Key, number: int, parent: Item | None) -> None:
        self.key = key
        self.number = number
        self.parent = parent
        self.children: list[Item] = []
        self.row = 0


class KeyedTreeModel(QAbstractItemModel):
    """The tree and its changes; what a line shows is the subclass's. Each key is there at most once."""

    def __init__(self, columns: int, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._columns = columns
        self.root = Item(("root", ""), 0, None)
        self._items: dict[int, Item] = {0: self.root}
        self._by_key: dict[Key, Item] = {}
        self._next_number = 1

    def __len__(self) -> int:
        """Return the number of lines at all depths."""
        return len(self._by_key)

    def __bool__(self) -> bool:
        """An empty model is a model."""
        return True

    # --- Qt's questions ---------------------------------------------------------------------------

    def columnCount(self, parent: QModelIndex = NO_INDEX) -> int:
        return self._columns

    def rowCount(self, parent: QModelIndex = NO_INDEX) -> int:
        return 0 if parent.column() > 0 else len(self.item(parent).children)

    def index(self, row: int, column: int, parent: QModelIndex = NO_INDEX) -> QModelIndex:
        siblings = self.item(parent).children
        if 0 <= row < len(siblings) and 0 <= column < self._columns and parent.column() <= 0:
            return self.createIndex(row, column, siblings[row].number)
        return QModelIndex()

    def parent(self, index: QModelIndex = NO_INDEX) -> QModelIndex:
        above = self.item(index).parent if index.isValid() else None
        return self.index_of(above) if above is not None else QModelIndex()

    # --- for the subclass ---------------------------------------------------------------------------

    def item(self, index: QModelIndex) -> Item:
        """Return the line of an index; the root for an invalid one."""
        return self._items[index.internalId()] if index.isValid() else self.root

    def item_of(self, key: Key) -> Item | None:
        """Return the line with that key; None if it is not shown."""
        return self._by_key.get(key)

    def index_of(self, item: Item, column: int = 0) -> QModelIndex:
        """Return where the line is now."""
        if item is self.root:
            return QModelIndex()
        return self.createIndex(item.row, column, item.number)

    def tell_all(self, first: int, last: int) -> None:
        """Have these columns of all lines painted anew."""
        for item in [self.root, *self._by_key.values()]:
            if item.children:
                top, end = item.children[0], item.children[-1]
                self.dataChanged.emit(self.index_of(top, first), self.index_of(end, last))

    def replant(self, wanted: list[Branch]) -> None:
        """Show this tree, as a new one: where nothing would keep its parent."""
        self.beginResetModel()
        for item in self.root.children:
            self._drop(item)
        self._plant(self.root, wanted)
        self.endResetModel()

    def become(self, wanted: list[Branch]) -> None:
        """Show this tree, told to Qt as what changed, or as a new one where that is most of it."""
        if self._is_mostly_new(wanted):
            self.replant(wanted)
        else:
            self._grow(self.root, wanted)

    def _is_mostly_new(self, wanted: list[Branch]) -> bool:
        """Whether a flat list differs in more runs than are worth telling; a tree is always told."""
        if any(branch.children for branch in wanted):
            return False
        present = {item.key for item in self.root.children}
        keys = {branch.key for branch in wanted}
        gone = (item.row for item in self.root.children if item.key not in keys)
        fresh = (at for at, branch in enumerate(wanted) if branch.key not in present)
        return sum(1 for places in (gone, fresh) for _ in runs(places)) > RUNS_MAX

    # --- from what is to what should be -------------------------------------------------------------

    def _grow(self, parent: Item, wanted: list[Branch]) -> None:
        keys = [branch.key for branch in wanted]
        if [item.key for item in parent.children] != keys:
            self._remove_others(parent, set(keys))
            self._reorder(parent, keys)
            self._insert_missing(parent, wanted)
        for item, branch in zip(parent.children, wanted, strict=True):
            if branch.children or item.children:
                self._grow(item, branch.children)

    def _remove_others(self, parent: Item, keys: set[Key]) -> None:
        gone = [item.row for item in parent.children if item.key not in keys]
        for first, last in reversed(list(runs(gone))):
            self.beginRemoveRows(self.index_of(parent), first, last)
            for item in parent.children[first : last + 1]:
                self._drop(item)
            del parent.children[first : last + 1]
            _renumber(parent)
            self.endRemoveRows()

    def _reorder(self, parent: Item, keys: list[Key]) -> None:
        present = [item.key for item in parent.children]
        there = set(present)
        wanted = [key for key in keys if key in there]
        if present == wanted:
            return
        kept = keepers(present, wanted)
        if len(present) - len(kept) > MOVES_MAX:
            self._lay_out(parent, wanted)
            return
        # Each that moves goes right behind the one before it, which by then is where it belongs.
        rows = {item.key: item for item in parent.children}
        for at, key in enumerate(wanted):
            if key not in kept:
                self._move(parent, rows[key], rows[wanted[at - 1]].row + 1 if at else 0)

    def _move(self, parent: Item, item: Item, to: int) -> None:
        if to in (item.row, item.row + 1):
            return
        index = self.index_of(parent)
        # Qt counts the destination before the row is taken out.
        self.beginMoveRows(index, item.row, item.row, index, to)
        old = item.row
        parent.children.pop(old)
        parent.children.insert(to - 1 if to > old else to, item)
        _renumber(parent)
        self.endMoveRows()

    def _lay_out(self, parent: Item, wanted: list[Key]) -> None:
        self.layoutAboutToBeChanged.emit()
        old = self.persistentIndexList()
        held = [(self._items.get(index.internalId()), index.column()) for index in old]
        place = {key: at for at, key in enumerate(wanted)}
        parent.children.sort(key=lambda item: place[item.key])
        _renumber(parent)
        new = [self.index_of(item, column) if item else QModelIndex() for item, column in held]
        self.changePersistentIndexList(old, new)
        self.layoutChanged.emit()

    def _insert_missing(self, parent: Item, wanted: list[Branch]) -> None:
        present = {item.key for item in parent.children}
        missing = [at for at, branch in enumerate(wanted) if branch.key not in present]
        for first, last in runs(missing):
            self.beginInsertRows(self.index_of(parent), first, last)
            fresh = [self._sprout(branch, parent) for branch in wanted[first : last + 1]]
            parent.children[first:first] = fresh
            _renumber(parent)
            self.endInsertRows()

    def _sprout(self, branch: Branch, parent: Item) -> Item:
        item = Item(branch.key, self._next_number, parent)
        self._next_number += 1
        self._items[item.number] = item
        self._by_key[item.key] = item
        self._plant(item, branch.children)
        return item

    def _plant(self, parent: Item, branches: list[Branch]) -> None:
        parent.children = [self._sprout(branch, parent) for branch in branches]
        _renumber(parent)

    def _drop(self, item: Item) -> None:
        for child in item.children:
            self._drop(child)
        self._items.pop(item.number, None)
        # A line that changed its parent may already stand under the new one.
        if self._by_key.get(item.key) is item:
            del self._by_key[item.key]


def plain(index: AnyIndex) -> QModelIndex:
    """Return a persistent index as the plain one that models take."""
    if isinstance(index, QModelIndex):
        return index
    return index.model().index(index.row(), index.column(), index.parent())


def _renumber(parent: Item) -> None:
    for row, item in enumerate(parent.children):
        item.row = row


def keepers(present: Sequence[T], wanted: Sequence[T]) -> set[T]:
    """Return the largest set that need not move when ``present`` becomes ``wanted``.

    The longest increasing run of wanted places, by patience sorting: O(n log n).
    """
    place = {key: at for at, key in enumerate(wanted)}
    tops: list[int] = []
    top_at: list[int] = []
    came_from: list[int] = []
    for at, key in enumerate(present):
        pile = bisect_left(tops, place[key])
        came_from.append(top_at[pile - 1] if pile else -1)
        tops[pile : pile + 1] = [place[key]]
        top_at[pile : pile + 1] = [at]
    kept: set[T] = set()
    at = top_at[-1] if top_at else -1
    while at >= 0:
        kept.add(present[at])
        at = came_from[at]
    return kept


def runs(places: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Join ascending numbers into (first, last) runs."""
    first = last = None
    for at in places:
        if first is None or last is None or at != last + 1:
            if first is not None and last is not None:
                yield first, last
            first = at
        last = at
    if first is not None and last is not None:
        yield first, last
