"""From what a person writes ("NZ2/sq010/sh0040", "sh0040", "17") to the rows it means.

PURE. What is not found, or means several things, is refused in one sentence with near matches.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence

from app.core.views import NodeRow, ShotRow, StepRow
from app.errors import UserMistake
from node_agent.wire.job import run_frames

ShotKey = str | int
"""A shot's id, "PROJ/SEQ/SHOT", or any end of it that only one shot has ("sh0040", "sq010/sh0040")."""
NEAR_MAX = 3


def full_name(row: ShotRow) -> str:
    """Return "PROJ/SEQ/SHOT"."""
    return f"{row.project}/{row.sequence}/{row.name}"


def find_shots(rows: Sequence[ShotRow], keys: Iterable[ShotKey]) -> list[ShotRow]:
    """Return the row of each key, in the keys' order, each once. Raises UserMistake."""
    found = {row.id: row for row in (_find_shot(rows, key) for key in keys)}
    return list(found.values())


def _find_shot(rows: Sequence[ShotRow], key: ShotKey) -> ShotRow:
    text = str(key).strip().strip("/")
    if text.isdecimal():
        for row in rows:
            if row.id == int(text):
                return row
    matches = [row for row in rows if _means(row, text)]
    if len(matches) == 1:
        return matches[0]
    if matches:
        names = ", ".join(full_name(row) for row in matches[:NEAR_MAX])
        more = f" and {len(matches) - NEAR_MAX} more" if len(matches) > NEAR_MAX else ""
        raise UserMistake(f"{text!r} means several shots: {names}{more}; write PROJ/SEQ/SHOT.")
    raise UserMistake(f"There is no shot {text!r} in the queue{_near(text, rows)}")


def _means(row: ShotRow, text: str) -> bool:
    name = full_name(row).casefold()
    return name == text.casefold() or name.endswith("/" + text.casefold())


def _near(text: str, rows: Sequence[ShotRow]) -> str:
    if not rows:
        return ", which is empty."
    whole = "/" in text
    names = {(full_name(row) if whole else row.name): full_name(row) for row in rows}
    near = difflib.get_close_matches(text, names, NEAR_MAX, 0.5)
    if not near:
        return "; `windfire ls` lists them."
    return f"; there is {' and '.join(names[each] for each in near)}."


def find_nodes(rows: Sequence[NodeRow], keys: Iterable[str | int]) -> list[NodeRow]:
    """Return the node of each key, which is a name or an id. Raises UserMistake."""
    by_key = {str(row.id): row for row in rows} | {row.name: row for row in rows}
    return [_find_node(by_key, str(key)) for key in keys]


def _find_node(by_key: dict[str, NodeRow], key: str) -> NodeRow:
    if key in by_key:
        return by_key[key]
    if not by_key:
        raise UserMistake(f"There is no node {key!r}: no node has joined yet.")
    near = difflib.get_close_matches(key, by_key, NEAR_MAX, 0.5)
    hint = f"there is {' and '.join(near)}." if near else "`windfire ls nodes` lists them."
    raise UserMistake(f"There is no node {key!r}; {hint}")


def find_task(steps: Iterable[StepRow], frame: int) -> tuple[StepRow, int]:
    """Return the newest step that has this frame, and the index of its task. Raises UserMistake."""
    ranges: list[str] = []
    for step in sorted(steps, key=lambda step: step.id, reverse=True):
        for index, task in enumerate(run_frames(step.runs)):
            if frame in task.numbers():
                return step, index
        ranges.append(step.frames)
    if not ranges:
        raise UserMistake("This shot has no job yet, so that no frame of it has a log.")
    raise UserMistake(f"Frame {frame} is not in this shot, which has {', '.join(ranges)}.")
