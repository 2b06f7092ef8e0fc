"""What a step of an OpenJD template asks of a host, in the words of this farm.

| OpenJD | here |
|---|---|
| amount.worker.vcpu | cores |
| amount.worker.memory (MiB) | RAM |
| amount.worker.gpu | GPUs, on a CUDA device |
| amount.worker.gpu.memory (MiB) | memory of each GPU |
| any other amount, such as amount.license.vray | a limit of its name without 'amount.' |
| attr.pool | the pool |
| attr.worker.os.family, attr.worker.cpu.arch | tags 'linux', 'x86_64', ... |
| any other attribute, such as attr.renderer: [vray] | the tag 'renderer:vray' |
"""

# pyright: basic

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from app.errors import UserMistake
from node_agent.wire.job import Needs

MIB = 1 << 20
PLAIN = ("worker.os.family", "worker.cpu.arch")
"""Attributes whose values say enough by themselves."""


def needs_of(step: Any, warn: Callable[[str], None]) -> Needs:
    """Return the needs of a step of the library's Job. Raises UserMistake."""
    host = step.hostRequirements
    amounts = {amount.name.lower(): amount for amount in (host.amounts or ())} if host else {}
    asked = {name: float(amount.min or 0) for name, amount in amounts.items()}
    asked.pop("amount.worker.disk.scratch", None)
    gpus = math.ceil(asked.pop("amount.worker.gpu", 0))
    memory = math.ceil(asked.pop("amount.worker.gpu.memory", 0) * MIB)
    cores = math.ceil(asked.pop("amount.worker.vcpu", 0))
    ram = math.ceil(asked.pop("amount.worker.memory", 0) * MIB)
    pool, tags = _attributes(step, warn)
    limits = {
        name.removeprefix("amount."): math.ceil(count) for name, count in asked.items() if count
    }
    return Needs(
        device="cuda" if gpus or memory else "any",
        memory_bytes=memory,
        gpus=max(gpus, 1),
        cores=cores,
        ram_bytes=ram,
        limits=limits,
        pool=pool,
        tags=tags,
    )


def _attributes(step: Any, warn: Callable[[str], None]) -> tuple[str, list[str]]:
    pool, tags = "", list[str]()
    host = step.hostRequirements
    for attribute in (host.attributes or ()) if host else ():
        name = attribute.name.lower().removeprefix("attr.")
        wanted = [str(value) for value in attribute.allOf or ()]
        choice = [str(value) for value in attribute.anyOf or ()]
        if len(choice) == 1:
            wanted += choice
        elif choice and name == "pool":
            raise UserMistake(f"The step {step.name} asks for one of several pools: name one.")
        elif choice:
            warn(
                f"The step {step.name} takes {name} {' or '.join(choice)}; which of them is not looked at."
            )
        if name == "pool":
            pool = wanted[0] if wanted else ""
        else:
            tags += [value if name in PLAIN else f"{name}:{value}" for value in wanted]
    return pool, tags
