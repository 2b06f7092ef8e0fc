"""What a command may undo, and whether the farm has moved on since: the bookkeeping behind Undo.

PURE. See ``records.Audited`` for the idea. A stamp is named ``order:12`` (a shot's place), ``flag:12``
(paused or not), ``life:12`` (cancelled or not), ``drain:3`` (a node) and so on: ``touched`` has them all.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

import msgspec

from app.core import commands as a
from app.core.changes import CommandDone
from app.core.records import Audited

_encode = msgspec.msgpack.Encoder().encode


def pack_command(command: a.Command | None) -> bytes:
    """Return the bytes that the audit log keeps; none for None."""
    return _encode(command) if command is not None else b""


def unpack_command(data: bytes) -> a.Command:
    """Read a command of the audit log."""
    return _decoder().decode(data)


@cache
def _decoder() -> msgspec.msgpack.Decoder[a.Command]:
    return msgspec.msgpack.Decoder(a.Command)  # dozens of types: made when it is needed


def touched(command: a.Command) -> list[str]:
    """Name the stamps that a command changes. ``Cancel.jobs`` are those of its shots: see on_client."""
    if isinstance(command, a.Together):
        return list(dict.fromkeys(name for part in command.commands for name in touched(part)))
    if isinstance(command, a.Restore):
        return [f"order:{shot}" for shot, _ in command.ranks]
    if isinstance(command, a.SetPaths):
        return ["farm:paths"]
    if isinstance(command, a.SetLogRules):
        return ["farm:log rules"]
    return [
        f"{prefix}:{named}"
        for field, prefix in _TOUCHED.get(type(command), {}).items()
        for named in _listed(getattr(command, field))
    ]


def _listed(value: str | list[int]) -> list[int] | list[str]:
    return [value] if isinstance(value, str) else value


_TOUCHED: dict[type, dict[str, str]] = {
    a.Move: {"shots": "order"},
    a.OrderByDue: {"shots": "order"},
    a.Pause: {"shots": "flag"},
    a.Resume: {"shots": "flag"},
    a.Cancel: {"shots": "life", "jobs": "job"},
    a.Retry: {"shots": "life", "jobs": "job"},
    a.DrainNode: {"nodes": "drain"},
    a.SetDue: {"shots": "due"},
    a.SetStart: {"jobs": "start"},
    a.BlockNodes: {"jobs": "block"},
    a.ReserveNodes: {"nodes": "reserve"},
    a.SetNode: {"nodes": "node"},
    a.SetLimit: {"name": "limit"},
    a.SetShare: {"project": "share"},
    a.SetBudget: {"project": "budget"},
    a.SetSleep: {"pool": "idle sleep"},
    a.AddKey: {"public_key": "key"},
    a.RevokeKey: {"public_key": "key"},
}
"""Field of a command to the kind of stamp of what it names."""


def restamp(
    stamps: dict[str, int], audit: Iterable[Audited], change: CommandDone, shots: Iterable[int]
) -> Audited:
    """Move the stamps as this command moved the farm; return its line of the log."""
    if change.renumbered:
        # All ranks are new: what older moves would restore means nothing any more.
        stamps.update({f"order:{shot}": -change.number for shot in shots})
    lines = audit if change.undoes else ()
    undone = next((line for line in lines if line.number == change.undoes), None)
    if undone:
        before, after = undone.after, undone.before
    else:
        names = touched(unpack_command(change.command))
        before = {name: stamps.get(name, 0) for name in names}
        after = dict.fromkeys(names, change.number)
    stamps.update(after)
    return Audited(
        *(change.number, change.at, change.user, change.command, change.inverse, change.undoes),
        *(before, after),
    )
