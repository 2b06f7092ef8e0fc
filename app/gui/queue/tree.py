"""The shape of the list: which lines there are, in which order, under which parents.

No Qt. Three shapes from one order: *flat*, where the list is the queue; *grouped*, where shots stand under
their sequence and project, all by their first place in the queue; and *lanes*, where they stand under what
they are promised for. Keys are ('shot', id), ('sequence', 'NZ2/sq010'), ('project', 'NZ2') and
('lane', 'dailies').
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from app.core.views import ShotRow
from app.gui.due.lanes import Lane, lane_of
from app.gui.keyed import Branch, Key
from app.gui.queue.lines import FINISHED


def flat(rows: Iterable[ShotRow], *, finished_last: bool) -> list[Branch]:
    """Return one branch a shot, in queue order."""
    return [Branch(("shot", row.id)) for row in _sorted(rows, finished_last)]


def grouped(rows: Iterable[ShotRow], *, finished_last: bool) -> list[Branch]:
    """Return projects, with their sequences, with their shots."""
    projects: dict[Key, Branch] = {}
    sequences: dict[Key, Branch] = {}
    for row in _sorted(rows, finished_last):
        project_key, sequence_key = keys_above(row)
        project = projects.setdefault(project_key, Branch(project_key))
        if sequence_key not in sequences:
            sequences[sequence_key] = Branch(sequence_key)
            project.children.append(sequences[sequence_key])
        sequences[sequence_key].children.append(Branch(("shot", row.id)))
    return list(projects.values())


def in_lanes(rows: Iterable[ShotRow], lanes: Sequence[Lane], now: float) -> list[Branch]:
    """Return the lanes, empty ones too where something can be dropped there, with their shots."""
    made = {lane.key: Branch(("lane", lane.key)) for lane in lanes}
    for row in rows:
        made[lane_of(row, lanes, now)].children.append(Branch(("shot", row.id)))
    return [made[lane.key] for lane in lanes if lane.is_always or made[lane.key].children]


def keys_above(row: ShotRow) -> tuple[Key, Key]:
    """Return the keys of the shot's project and sequence."""
    return ("project", row.project), ("sequence", f"{row.project}/{row.sequence}")


def _sorted(rows: Iterable[ShotRow], finished_last: bool) -> list[ShotRow]:
    return sorted(rows, key=lambda row: row.state in FINISHED) if finished_last else list(rows)
