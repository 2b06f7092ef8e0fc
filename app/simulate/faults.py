"""What goes wrong in a simulated film, as a person writes it: ``nodes=1,frames=2,drags=60``."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

from app.errors import UserMistake

HELP = (
    "some of nodes=PERCENT of the nodes lost an hour, frames=PERCENT of the attempts that fail, "
    "links=BREAKS of each node's connection an hour, dispatcher=DEATHS an hour, drags=SECONDS between "
    "two drags; or: losses (nodes=1,frames=2,drags=60), all, none"
)


@dataclass(frozen=True)
class Faults:
    """Rates of trouble; 0: never."""

    nodes: float = 0.0
    """Percent of the nodes lost an hour; each is back within half an hour."""
    frames: float = 0.0
    """Percent of the attempts that fail."""
    links: float = 0.0
    """Breaks of each node's connection an hour."""
    dispatcher: float = 0.0
    """Deaths of the dispatcher an hour."""
    drags: float = 0.0
    """Seconds between two drags to the top, every second of which preempts."""

    def __str__(self) -> str:
        parts = [
            f"{one.name}={value:g}" for one in fields(self) if (value := getattr(self, one.name))
        ]
        return ",".join(parts) or "none"


LOSSES = Faults(nodes=1.0, frames=2.0, drags=60.0)
NAMED = {
    "none": Faults(),
    "losses": LOSSES,
    "all": replace(LOSSES, links=0.1, dispatcher=1.0),
}


def parse_faults(text: str) -> Faults:
    """Read the faults of a command line. Raises UserMistake."""
    faults = Faults()
    known = [one.name for one in fields(Faults)]
    for part in filter(None, (part.strip() for part in text.split(","))):
        if part in NAMED:
            faults = NAMED[part]
            continue
        name, _, value = part.partition("=")
        if name not in known:
            choices = ", ".join([*(f"{name}=N" for name in known), *NAMED])
            raise UserMistake(f"--faults takes some of {choices}; {part!r} is none of them.")
        faults = replace(faults, **{name: _number(part, value)})
    if faults.frames >= 100:
        raise UserMistake(
            "--faults frames= is a percentage under 100: else nothing is ever finished."
        )
    return faults


def _number(part: str, value: str) -> float:
    try:
        number = float(value)
    except ValueError:
        number = -1.0
    if not 0 <= number < 1e9:
        raise UserMistake(f"--faults {part!r} needs a number of 0 or more after the =.")
    return number
