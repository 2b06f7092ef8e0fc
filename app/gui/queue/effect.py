"""What a drop would do to everybody's finish, in one sentence for the tag beside the drop line.

No Qt, no clock. ``base`` is the forecast of the queue as it is, ``trial`` of the queue after the move.
A shot *misses* its promise when it is as likely as not to be late (p50), and is *at risk* from its p90.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from app.core.commands import Finish, Move, SetDue
from app.core.views import ShotRow
from app.gui import text
from app.gui.queue.drops import Drop
from app.gui.words import tr

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

    def __str__(self) -> str:
        """Return both as one sentence."""
        return f"{self.title}: {self.effect}" if self.effect else self.title


def title(rows: Rows, drop: Drop, now: float) -> str:
    """Return 'sh0040 before sh0010', '3 shots to the top', 'sh0040 for 10:00'."""
    if drop.due is None:
        return _place(rows, drop.move) if drop.move else ""
    shots = _names(rows, drop.due.shots)
    if not drop.due.due:
        return tr("{shots}: no promise").format(shots=shots)
    due = text.clock(drop.due.due, now)
    target = rows.get(drop.move.before) if drop.move else None
    if target is None:
        return tr("{shots} for {due}").format(shots=shots, due=due)
    return tr("{shots} for {due}, before {other}").format(shots=shots, due=due, other=target.name)


def _place(rows: Rows, move: Move) -> str:
    target = rows.get(move.before)
    if move.place == "top":
        words = tr("{shots} to the top, now") if move.preempt else tr("{shots} to the top")
    elif move.place == "bottom" or target is None:
        words = tr("{shots} to the bottom")
    else:
        words = tr("{shots} before {other}, now") if move.preempt else tr("{shots} before {other}")
    return words.format(shots=_names(rows, move.shots), other=target.name if target else "")


def known(rows: Rows) -> dict[int, Finish]:
    """Return the finishes that the rows themselves hold: the base until a fresher one is here."""
    return {row.id: Finish(row.id, row.finish_p50, row.finish_p90) for row in rows.values()}


def change(base: Finish | None, trial: Finish | None) -> float:
    """Return by how many seconds the p50 moves; 0 where one of both is not known."""
    return trial.p50 - base.p50 if base and trial and base.p50 and trial.p50 else 0.0


def sentence(rows: Rows, base: Finishes, trial: Finishes, now: float) -> str:
    """Return who is later, and whose promise would be missed, at risk or made."""
    missed = _crossed(rows, base, trial, is_missed)
    risked = [row for row in _crossed(rows, base, trial, is_at_risk) if row not in missed]
    saved = _crossed(rows, trial, base, is_missed)
    parts = [_later(rows, base, trial)]
    parts += _each(missed, tr("{shot} misses {due}"), now)
    parts += _each(risked, tr("{shot} at risk for {due}"), now)
    parts += _each(saved, tr("{shot} makes {due}"), now)
    if not missed and not risked and not saved:
        parts += _unharmed(rows, trial, now)
    return tr(", ", "between clauses").join(filter(None, parts))


def promise(rows: Rows, trial: Finishes, due: SetDue, now: float) -> str:
    """Return whether the promise that a drop gives would be kept, as far as that is known."""
    rest = known({shot: rows[shot] for shot in due.shots if shot in rows})
    finishes = [trial.get(shot, finish) for shot, finish in rest.items()]
    if not due.due or not finishes or not all(each.p90 for each in finishes):
        return ""
    last = max(each.p90 for each in finishes)
    words = tr("done by {last}, in time") if last <= due.due else tr("done by {last}, too late")
    return words.format(last=text.clock(last, now))


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
        return tr("nobody later")
    worst = max(later, key=lambda shot: later[shot])
    one = f"{rows[worst].name} {text.shift(later[worst])}"
    if len(later) == 1:
        return one
    return tr("{n} shot(s) later, most {shot}", "", len(later)).format(shot=one)


def _each(rows: Sequence[ShotRow], words: str, now: float) -> list[str]:
    if not rows:
        return []
    first = words.format(shot=rows[0].name, due=text.clock(rows[0].due, now))
    if len(rows) == 1:
        return [first]
    return [tr("{clause} and {n} more", "", len(rows) - 1).format(clause=first)]


def _unharmed(rows: Rows, trial: Finishes, now: float) -> list[str]:
    """Say of the next promise that it holds, or that it is missed either way."""
    coming = sorted((row for row in _promised(rows) if row.due > now), key=lambda row: row.due)
    if not coming:
        return []
    due = coming[0].due
    same = [row for row in coming if row.due == due and row.id in trial]
    still = [row for row in same if is_missed(trial[row.id], due)]
    if still:
        return _each(still, tr("{shot} still misses {due}"), now)
    return [tr("nobody misses {due}").format(due=text.clock(due, now))] if same else []


def _names(rows: Rows, shots: Sequence[int]) -> str:
    row = rows.get(shots[0]) if len(shots) == 1 else None
    return row.name if row else tr("{n} shot(s)", "", len(shots))
