"""What a seed draws before anything runs: the farm's shape and how badly it is treated."""

from dataclasses import dataclass, fields
from random import Random


@dataclass(frozen=True)
class Options:
    """Probabilities are per message or per event; rates are events a simulated second, 0 for never."""

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
