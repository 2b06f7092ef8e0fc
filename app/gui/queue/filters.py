"""Which shots the search box leaves: words, and ``state:failed`` or ``user:ann,bob`` for one field.

No Qt. A shot must hold every word somewhere; of the values of a field, divided by commas, one is enough.
Upper and lower case are the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from app.core.views import ShotRow
from app.gui.said import spoken

FIELDS = ("state", "user", "project", "sequence", "shot", "due", "node")
"""``due`` is late, risk, ontime or none; ``node`` a node that works on it now."""
Values = Callable[[ShotRow, str], Iterable[str]]
"""What a shot has in a field, in lower case."""


@dataclass(frozen=True, slots=True)
class Filter:
    """A search, taken apart once and then held against each shot."""

    words: tuple[str, ...] = ()
    fields: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """(field, beginnings of its value)."""

    def __bool__(self) -> bool:
        """Tell whether it leaves anything out."""
        return bool(self.words or self.fields)

    def asks(self, field: str) -> bool:
        """Tell whether it looks at that field."""
        return any(name == field for name, _ in self.fields)

    def holds(self, row: ShotRow, haystack: str, values: Values | None = None) -> bool:
        """Tell whether the shot stays; ``haystack`` is ``haystack(row)``, kept by the caller."""
        if not all(word in haystack for word in self.words):
            return False
        look = values or plain
        return all(_any(look(row, name), beginnings) for name, beginnings in self.fields)


def _any(values: Iterable[str], beginnings: tuple[str, ...]) -> bool:
    return any(value.startswith(beginnings) for value in values)


def parse(text: str) -> Filter:
    """Read what is in the search box; half-typed words are words."""
    words: list[str] = []
    fields: list[tuple[str, tuple[str, ...]]] = []
    for part in text.casefold().split():
        name, colon, value = part.partition(":")
        if colon and name in FIELDS:
            wanted = tuple(filter(None, value.split(",")))
            fields.append((name, wanted or ("",)))
        else:
            words.append(part)
    return Filter(tuple(words), tuple(fields))


def haystack(row: ShotRow) -> str:
    """Return all of the shot that a search looks at."""
    seen = (
        row.project,
        row.sequence,
        row.name,
        row.user,
        row.state,
        spoken(row.reason),
        spoken(row.error),
    )
    return "\n".join(seen).casefold()


def plain(row: ShotRow, name: str) -> tuple[str, ...]:
    """Return what the row itself has in a field."""
    return (str(getattr(row, "name" if name == "shot" else name, "")).casefold(),)
