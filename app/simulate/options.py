"""How a simulated farm behaves, and what a seed of the tests draws before anything runs."""

from __future__ import annotations

from dataclasses import dataclass, fields
from random import Random


@dataclass(frozen=True)
class Options:
    """Probabilities are per frame of the wire or per event; rates are events a simulated second, 0 for never."""

    nodes: int = 3
    devices: int = 2
    shots: int = 4
    frames: int = 8
    chaos_s: float = 300.0
    frame_s: float = 6.0
    delay_s: float = 0.02
    duplicates: float = 0.0
    fails: float = 0.0
    crashes: float = 0.0
    hangs: float = 0.0
    slow_kills: float = 0.0
    link_breaks: float = 0.0
    link_stalls: float = 0.0
    agent_crashes: float = 0.0
    agent_stops: float = 0.0
    agent_pauses: float = 0.0
    dispatcher_crashes: float = 0.0
    commands: float = 0.05
    reorders: float = 0.0
    is_steady: bool = False
    """Every frame of the wire takes exactly ``delay_s``, and none comes twice."""
    turn_s: float = 0.005
    """The dispatcher's turn begins at most this long after the first message for it."""
    start_s: float = 0.05
    """From StartChild until the child renders."""
    rename_s: float = 0.5
    """Mean seconds from the grant until the files have their names; exactly so where it is steady."""
    tell_s: float = 0.0
    """On a steady farm a child says how far it is this often; 0: never."""
    is_checked: bool = True
    """Look for contradictions after every event, instead of now and then."""

    def __str__(self) -> str:
        return " ".join(f"{field.name}={getattr(self, field.name):g}" for field in fields(self))


def draw(rng: Random) -> Options:
    """Most faults are absent from most seeds: a farm with one kind of trouble shows what that one does."""

    def sometimes(high: float) -> float:
        return rng.uniform(0, high) if rng.random() < 0.5 else 0.0

    return Options(
        nodes=rng.randint(1, 6),
        devices=rng.randint(1, 3),
        shots=rng.randint(1, 6),
        frames=rng.randint(1, 12),
        chaos_s=rng.choice([60.0, 200.0, 400.0]),
        frame_s=rng.choice([0.5, 3.0, 10.0, 40.0]),
        delay_s=rng.choice([0.001, 0.05, 1.0, 3.0]),
        duplicates=sometimes(0.2),
        fails=sometimes(0.3),
        crashes=sometimes(0.1),
        hangs=sometimes(0.05),
        slow_kills=sometimes(0.3),
        link_breaks=sometimes(0.05),
        link_stalls=sometimes(0.05),
        agent_crashes=sometimes(0.02),
        agent_stops=sometimes(0.005),
        agent_pauses=sometimes(0.02),
        dispatcher_crashes=sometimes(0.05),
        commands=sometimes(0.3),
        reorders=sometimes(0.02),
    )
