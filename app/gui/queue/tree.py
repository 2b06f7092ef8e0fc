"""The shape of the list: which lines there are, in which order, under which parents.

No Qt. Two shapes from one order: *flat*, where the list is the queue, and *grouped*, where shots stand
under their sequence and project, all three by their first place in the queue. Keys are
('shot', id), ('sequence', 'NZ2/sq010') and ('project', 'NZ2').
"""

from __future__ import annotations

from collections.abc import Iterable

from app.core.views import ShotRow
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


def keys_above(row: ShotRow) -> tuple[Key, Key]:
    """Return the keys of the shot's project and sequence."""
    return ("project", row.project), ("sequence", f"{row.project}/{row.sequence}")


def _sorted(rows: Iterable[ShotRow], finished_last: bool) -> list[ShotRow]:
    return sorted(rows, key=lambda row: row.state in FINISHED) if finished_last else list(rows)
