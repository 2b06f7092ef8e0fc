"""Which shots the search box leaves: words, and ``state:failed`` or ``user:ann`` for one field.

No Qt. A shot must hold every word somewhere; upper and lower case are the same.
"""

from __future__ import annotations

from dataclasses import dataclass

from app.core.views import ShotRow

FIELDS = ("state", "user", "project", "sequence", "shot")


@dataclass(frozen=True, slots=True)
class Filter:
    """A search, taken apart once and then held against each shot."""

    words: tuple[str, ...] = ()
    fields: tuple[tuple[str, str], ...] = ()
    """(field, beginning of its value)."""

    def __bool__(self) -> bool:
        """Tell whether it leaves anything out."""
        return bool(self.words or self.fields)

    def holds(self, row: ShotRow, haystack: str) -> bool:
        """Tell whether the shot stays; ``haystack`` is ``haystack(row)``, kept by the caller."""
        return all(word in haystack for word in self.words) and all(
            _value(row, name).startswith(beginning) for name, beginning in self.fields
        )


def parse(text: str) -> Filter:
    """Read what is in the search box; half-typed words are words."""
    words: list[str] = []
    fields: list[tuple[str, str]] = []
    for part in text.casefold().split():
        name, colon, value = part.partition(":")
        if colon and name in FIELDS:
            fields.append((name, value))
        else:
            words.append(part)
    return Filter(tuple(words), tuple(fields))


def haystack(row: ShotRow) -> str:
    """Return all of the shot that a search looks at."""
    seen = (row.project, row.sequence, row.name, row.user, row.state, row.reason, row.error)
    return "\n".join(seen).casefold()


def _value(row: ShotRow, name: str) -> str:
    return str(getattr(row, "name" if name == "shot" else name)).casefold()
