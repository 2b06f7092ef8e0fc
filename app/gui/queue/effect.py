"""What a move would do to everybody's finish, in one sentence for the tip beside the drop line.

No Qt, no clock. ``base`` is the forecast of the queue as it is, ``trial`` of the queue after the move.
A shot *misses* its promise when it is as likely as not to be late (p50), and is *at risk* from its p90.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from app.core.commands import Finish, Move
from app.core.views import ShotRow
from app.gui import text

LATER_S = 30.0
"""A smaller change than half a minute is none."""
Rows = Mapping[int, ShotRow]
Finishes = Mapping[int, Finish]
Test = Callable[[Finish, float], bool]


@dataclass(frozen=True, slots=True)
class Tip:
    """What is said beside the drop line: what the drop is, and what comes of it."""

    title: str
    effect: str = ""
    is_harmful: bool = False
    """Somebody would miss a promise."""

    def __str__(self) -> str:
        """Return both as one sentence."""
        return f"{self.title}: {self.effect}" if self.effect else self.title


def title(rows: Rows, move: Move) -> str:
    """Return 'sh0040 before sh0010', '3 shots to the top'."""
    what = _names(rows, move.shots)
    if move.place == "before":
        target = rows.get(move.before)
        return f"{what} before {target.name}" if target else what
    return f"{what} to the {move.place}"


def known(rows: Rows) -> dict[int, Finish]:
    """Return the finishes that the rows themselves hold: the base until a fresher one is here."""
    return {row.id: Finish(row.id, row.finish_p50, row.finish_p90) for row in rows.values()}


def change(base: Finish | None, trial: Finish | None) -> float:
    """Return by how many seconds the p50 moves; 0 where one of both is not known."""
    return trial.p50 - base.p50 if base and trial and base.p50 and trial.p50 else 0.0


def sentence(rows: Rows, base: Finishes, trial: Finishes, now: float) -> tuple[str, bool]:
    """Return who is later and whose promise changes, and whether somebody would now miss one."""
    missed = _crossed(rows, base, trial, is_missed)
    risked = [row for row in _crossed(rows, base, trial, is_at_risk) if row not in missed]
    saved = _crossed(rows, trial, base, is_missed)
    parts = [_later(rows, base, trial)]
    parts += _each(missed, "misses", now) + _each(risked, "at risk for", now)
    parts += _each(saved, "makes", now)
    if not missed and not risked and not saved:
        parts += _unharmed(rows, trial, now)
    return ", ".join(filter(None, parts)), bool(missed)


def is_missed(finish: Finish, due: float) -> bool:
    """Whether the shot is more likely late than not."""
    return bool(finish.p50) and finish.p50 > due


def is_at_risk(finish: Finish, due: float) -> bool:
    """Whether more than one time in ten it would be late."""
    return bool(finish.p90) and finish.p90 > due


def _crossed(rows: Rows, base: Finishes, trial: Finishes, test: Test) -> list[ShotRow]:
    """Return the promised shots of which it is so in ``trial`` and was not in ``base``, soonest first."""
    found = [
        row
        for row in _promised(rows)
        if row.id in base
        and row.id in trial
        and test(trial[row.id], row.due)
        and not test(base[row.id], row.due)
    ]
    return sorted(found, key=lambda row: row.due)


def _promised(rows: Rows) -> Iterable[ShotRow]:
    return (row for row in rows.values() if row.due and row.state not in ("done", "cancelled"))


def _later(rows: Rows, base: Finishes, trial: Finishes) -> str:
    changes = {shot: change(base.get(shot), finish) for shot, finish in trial.items()}
    later = {shot: by for shot, by in changes.items() if by >= LATER_S and shot in rows}
    if not later:
        return "nobody later"
    worst = max(later, key=lambda shot: later[shot])
    one = f"{rows[worst].name} {text.shift(later[worst])}"
    return one if len(later) == 1 else f"{text.plural(len(later), 'shot')} later, most {one}"


def _each(rows: Sequence[ShotRow], verb: str, now: float) -> list[str]:
    if not rows:
        return []
    first = f"{rows[0].name} {verb} {text.clock(rows[0].due, now)}"
    return [f"{first} and {len(rows) - 1} more" if len(rows) > 1 else first]


def _unharmed(rows: Rows, trial: Finishes, now: float) -> list[str]:
    """Say of the next promise that it holds, or that it is missed either way."""
    coming = sorted((row for row in _promised(rows) if row.due > now), key=lambda row: row.due)
    if not coming:
        return []
    due = coming[0].due
    same = [row for row in coming if row.due == due and row.id in trial]
    still = [row for row in same if is_missed(trial[row.id], due)]
    if still:
        return _each(still, "still misses", now)
    return [f"nobody misses {text.clock(due, now)}"] if same else []


def _names(rows: Rows, shots: Sequence[int]) -> str:
    row = rows.get(shots[0]) if len(shots) == 1 else None
    return row.name if row else text.plural(len(shots), "shot")
