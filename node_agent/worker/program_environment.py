"""The environment of a program: a short list of ours, the device that it may see, and what its job names."""

from __future__ import annotations

import os
from collections.abc import Mapping

from node_agent.wire import pipe
from node_agent.worker.output import TaskFault

PASSED_ON = ("HOME", "LANG", "LC_ALL", "LC_CTYPE", "LOGNAME", "PATH", "TMPDIR", "TZ", "USER")
DEVICE = ("CUDA_VISIBLE_DEVICES",)
FORBIDDEN = frozenset(
    {"BASH_ENV", "ENV", "LD_AUDIT", "LD_PRELOAD", "PYTHONHOME", "PYTHONPATH", "PYTHONSTARTUP"}
)
"""They would run code in programs that the job does not name, the guardian first."""


def own_environment(task: pipe.RunTask) -> dict[str, str]:
    """What a program may want to know of its place: its cores, and its gang."""
    own: dict[str, str] = {}
    if task.cores:
        own.update(WINDFIRE_CORES=str(task.cores), OMP_NUM_THREADS=str(task.cores))
    if task.peers:
        own.update(
            WINDFIRE_RANK=str(task.ref.task),
            WINDFIRE_GANG_SIZE=str(len(task.peers)),
            WINDFIRE_GANG_PEERS=",".join(task.peers),
        )
    return own


def program_environment(wanted: Mapping[str, str]) -> dict[str, str]:
    """Return the whole environment. Raises TaskFault where a job names what it may not."""
    bad = sorted(name for name in wanted if name.upper() in FORBIDDEN or "=" in name)
    if bad:
        raise TaskFault("user", f"A job may not set the environment variable {bad[0]}.")
    passed = {name: os.environ[name] for name in PASSED_ON + DEVICE if name in os.environ}
    return {**passed, **wanted}
