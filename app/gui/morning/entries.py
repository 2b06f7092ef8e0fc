"""The farm's ``Morning`` as entries for cards: what each says, and what a click on it would do. No Qt.

Entries have keys that stay the same from one answer of the farm to the next, so that a card stays where it
is while its numbers change.
"""

from __future__ import annotations

from dataclasses import dataclass

from app.core.command_set import Remedy
from app.core.reports import (
    Morning,
    MorningFailure,
    MorningIdle,
    MorningShot,
    MorningSlip,
    MorningStuck,
)
from app.gui import text
from app.gui.said import spoken
from app.gui.words import mark, tr

SECTIONS = (
    ("failed", mark("Failed, by cause"), "error", "bad"),
    ("stuck", mark("Stuck"), "clock", "warn"),
    ("slips", mark("Later than they were"), "warning", "warn"),
    ("idle", mark("Idle nodes"), "nodes", "text_dim"),
    ("finished", mark("Finished"), "check", "good"),
)
"""Name, title, icon and ink."""
NAMED_MAX = 3


@dataclass(frozen=True, slots=True)
class Entry:
    """What one card shows."""

    section: str
    key: str
    title: str
    detail: str = ""
    remedies: tuple[Remedy, ...] = ()
    task: tuple[int, int] | None = None
    """Whose log and picture tell more."""
    shot: int = 0


def of(morning: Morning, names: dict[int, str], now: float) -> dict[str, list[Entry]]:
    """Return the entries of each section, worst first; ``names`` are the shots' by id."""
    return {
        "failed": [_failure(each, names) for each in morning.failures],
        "stuck": [_stuck(each, names, now) for each in morning.stuck],
        "slips": [_slip(each, now) for each in morning.slips],
        "idle": [_idle(each, now) for each in morning.idle],
        "finished": [_finished(each, now) for each in morning.finished],
    }


def headline(morning: Morning) -> str:
    """Return the night in a line, in the window's language."""
    late = sum(1 for slip in morning.slips if slip.due and slip.p50 > slip.due)
    parts = [
        _some(tr("{n} shot(s) finished", "", len(morning.finished)), len(morning.finished)),
        _some(tr("{n} frame(s) done", "", morning.frames_done), morning.frames_done),
        _some(tr("{n} attempt(s) failed", "", morning.attempts_failed), morning.attempts_failed),
        _some(tr("{n} promise(s) in danger", "", late), late),
        _some(tr("{n} frame(s) stuck", "", len(morning.stuck)), len(morning.stuck)),
    ]
    return _joined(parts) or tr("A quiet night: nothing happened.")


def _some(words: str, count: int) -> str:
    return words if count else ""


def _failure(each: MorningFailure, names: dict[int, str]) -> Entry:
    shots = _listed([names[shot] for shot in each.shots if shot in names])
    parts = [
        tr("{n} failed", "attempts", each.count),
        tr("{n} frame(s) left", "", each.left) if each.left else tr("nothing left to do"),
        tr("in {shots}").format(shots=shots) if shots else "",
        tr("on {nodes}").format(nodes=_listed(each.nodes)) if each.nodes else "",
    ]
    return Entry(
        "failed",
        f"{each.cause}\n{each.sentence}",
        spoken(each.sentence),
        _joined(parts),
        tuple(each.remedies),
        each.tasks[0] if each.tasks else None,
        each.shots[0] if each.shots else 0,
    )


def _stuck(each: MorningStuck, names: dict[int, str], now: float) -> Entry:
    title = tr("{shot} frame {frame} on {node}").format(
        shot=names.get(each.shot, ""), frame=each.frame, node=each.node_name
    )
    parts = [
        tr("running for {time}").format(time=text.duration(now - each.since)),
        tr("its like take {time}").format(time=text.duration(each.expected_s))
        if each.expected_s
        else "",
    ]
    key = f"{each.step}/{each.task}/{each.epoch}"
    task = (each.step, each.task)
    remedies = tuple(each.remedies)
    return Entry(
        "stuck", key, title, spoken(each.sentence) or _joined(parts), remedies, task, each.shot
    )


def _slip(each: MorningSlip, now: float) -> Entry:
    name = short(each.name)
    title = f"{name}  {text.shift(each.slip_s)}".rstrip() if each.slip_s else name
    finish = text.clock(each.p50, now)
    detail = spoken(each.sentence) or tr("Now at {finish}.").format(finish=finish)
    return Entry("slips", str(each.shot), title, detail, tuple(each.remedies), None, each.shot)


def _idle(each: MorningIdle, now: float) -> Entry:
    since = tr("for {time}").format(time=text.duration(now - each.since)) if each.since else ""
    return Entry(
        "idle",
        str(each.node),
        f"{each.name}  {since}".rstrip(),
        spoken(each.sentence),
        tuple(each.remedies),
    )


def _finished(each: MorningShot, now: float) -> Entry:
    parts = [
        text.clock(each.finished_at, now),
        tr("{n} frame(s)", "", each.frames),
        tr("{n} failed", "attempts", each.failed) if each.failed else "",
        _kept(each),
    ]
    return Entry("finished", str(each.shot), short(each.name), _joined(parts), shot=each.shot)


def _kept(each: MorningShot) -> str:
    if not each.due:
        return ""
    by = each.finished_at - each.due
    return tr("in time") if by <= 0 else tr("late by {time}").format(time=text.duration(by))


def short(name: str) -> str:
    """Return 'sq010 / sh0040' of 'NZ2/sq010/sh0040'."""
    return " / ".join(name.split("/")[-2:])


def _listed(names: list[str]) -> str:
    """Return the first few names, and how many there are beyond."""
    shown = ", ".join(names[:NAMED_MAX])
    more = len(names) - NAMED_MAX
    return tr("{names} and {n} more", "", more).format(names=shown) if more > 0 else shown


def _joined(parts: list[str]) -> str:
    return " \N{MIDDLE DOT} ".join(filter(None, parts))
