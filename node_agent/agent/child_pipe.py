"""Our ends of a child's pipes, which never block: read what is there, write what fits."""

from __future__ import annotations

from node_agent.agent.system import platform

READ_BYTES = 1 << 16


def read_some(descriptor: int) -> bytes | None:
    """What is there, at most ``READ_BYTES``; b'' at the end, None where nothing has come."""
    try:
        return platform.read(descriptor, READ_BYTES)
    except BlockingIOError:
        return None
    except OSError:
        return b""


def write_some(descriptor: int, unsent: bytearray) -> None:
    """Write what the pipe takes now and cut it off ``unsent``; a dead reader takes all (its stdout will tell)."""
    try:
        while unsent:
            del unsent[: platform.write(descriptor, unsent)]
    except BlockingIOError:
        return
    except OSError:
        unsent.clear()
