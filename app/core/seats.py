"""Where a task fits now: the free devices, cores and RAM of a node that it would take together.

PURE; looks, changes nothing. A *seat* is a device with what a task of a class takes beside it.
"""

from __future__ import annotations

from typing import NamedTuple

from app.core.live import WHOLE, Attempt, Live, Session, Slot
from app.core.ready import Klass


class Seat(NamedTuple):
    """A device that a task begins on, and the further devices of the node that it lies on."""

    slot: Slot
    more: tuple[int, ...] = ()


def seat_at(live: Live, slot: Slot, klass: Klass) -> Seat | None:
    """Return what a task of this class would take with this device, of those that can serve it; None where
    there is no room now."""
    if not klass.is_large:
        return None if slot.attempts else Seat(slot)
    session = live.sessions[slot.node]
    if klass.ram_bytes > session.free_ram():
        return None
    if slot.is_cpu:
        is_free = slot.free_cores >= klass.cores if klass.cores else not slot.attempts
        return Seat(slot) if is_free else None
    return None if slot.attempts else _beside(session, slot, klass)


def _beside(session: Session, slot: Slot, klass: Klass) -> Seat | None:
    """Find the other GPUs, the smallest that do, and the cores."""
    others = sorted(
        (other.info.memory_bytes, other.device)
        for other in session.slots
        if other is not slot
        and not other.is_cpu
        and not other.attempts
        and other.info.memory_bytes >= klass.card_bytes
    )
    if len(others) < klass.gpus - 1:
        return None
    more = tuple(device for _, device in others[: klass.gpus - 1])
    if klass.cores:
        cores = [one.device for one in session.slots if one.free_cores >= klass.cores]
        if not cores:
            return None
        more += (cores[0],)
    return Seat(slot, more)


def weight_of(session: Session, attempt: Attempt) -> int:
    """Return what an attempt counts for shares, in thousandths of a device."""
    if not attempt.more and not attempt.cores:
        return WHOLE
    slots = [session.slots[device] for device in attempt.devices]
    gpus = sum(not slot.is_cpu for slot in slots)
    if gpus:
        return gpus * WHOLE
    return max(1, WHOLE * attempt.cores // slots[0].cores) if attempt.cores else WHOLE


def least_weight(klass: Klass) -> int:
    """Return the least that a task of a class counts for shares."""
    shares = klass.cores and klass.gpus == 1 and klass.device != "cuda"
    return 1 if shares else klass.gpus * WHOLE
