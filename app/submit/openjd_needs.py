"""What a step of an OpenJD template asks of a host, in the words of this farm.

| OpenJD | here |
|---|---|
| amount.worker.vcpu | cores; without a GPU, of the node's cores and not beside a GPU |
| amount.worker.memory (MiB) | RAM |
| amount.worker.gpu | GPUs, on a CUDA device |
| amount.worker.gpu.memory (MiB) | memory of each GPU |
| any other amount, such as amount.license.vray | a limit of its name without 'amount.' |
| attr.pool | the pool |
| attr.worker.os.family, attr.worker.cpu.arch | tags 'linux', 'x86_64', ... |
| any other attribute, such as attr.renderer: [vray] | the tag 'renderer:vray' |
| several values of anyOf | one tag that any of them meets: 'linux|macos' |
"""

# pyright: basic

from __future__ import annotations

import math
from typing import Any

from app.errors import UserMistake
from node_agent.wire.job import Needs

MIB = 1 << 20
PLAIN = ("worker.os.family", "worker.cpu.arch")
"""Attributes whose values say enough by themselves."""


def needs_of(step: Any) -> Needs:
    """Return the needs of a step of the library's Job. Raises UserMistake."""
    host = step.hostRequirements
    amounts = {amount.name.lower(): amount for amount in (host.amounts or ())} if host else {}
    asked = {name: float(amount.min or 0) for name, amount in amounts.items()}
    asked.pop("amount.worker.disk.scratch", None)
    gpus = math.ceil(asked.pop("amount.worker.gpu", 0))
    memory = math.ceil(asked.pop("amount.worker.gpu.memory", 0) * MIB)
    cores = math.ceil(asked.pop("amount.worker.vcpu", 0))
    ram = math.ceil(asked.pop("amount.worker.memory", 0) * MIB)
    pool, tags = _attributes(step)
    limits = {
        name.removeprefix("amount."): math.ceil(count) for name, count in asked.items() if count
    }
    return Needs(
        device="cuda" if gpus or memory else "cpu" if cores else "any",
        memory_bytes=memory,
        gpus=max(gpus, 1),
        cores=cores,
        ram_bytes=ram,
        limits=limits,
        pool=pool,
        tags=tags,
    )


def _attributes(step: Any) -> tuple[str, list[str]]:
    pool, tags = "", list[str]()
    host = step.hostRequirements
    for attribute in (host.attributes or ()) if host else ():
        name = attribute.name.lower().removeprefix("attr.")
        wanted = [str(value) for value in attribute.allOf or ()]
        choice = [str(value) for value in attribute.anyOf or ()]
        if name == "pool":
            pool = _one_pool(step, [*wanted, *choice])
            continue
        words = [[value] for value in wanted] + ([choice] if choice else [])
        tags += ["|".join(_tag(name, value) for value in values) for values in words]
    return pool, tags


def _tag(name: str, value: str) -> str:
    return value if name in PLAIN else f"{name}:{value}"


def _one_pool(step: Any, names: list[str]) -> str:
    if len(set(names)) != 1:
        raise UserMistake(f"The step {step.name} asks for several pools: name one.")
    return names[0]
