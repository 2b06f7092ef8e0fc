"""The farm's history on disk: a few thousand rows, however many years it runs."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from msgspec import Struct


class Bucket(Struct):
    """One step of history. All but the counts are sums of value times seconds, so that steps of any length
    add up: divided by ``seen_s`` they are means."""

    step_s: int
    at: int
    seen_s: float = 0.0
    gpus: float = 0.0
    gpus_busy: float = 0.0
    cores: float = 0.0
    cores_busy: float = 0.0
    ready: float = 0.0
    waiting: float = 0.0
    nodes: float = 0.0
    power_w: float = 0.0
    done: int = 0
    failed: int = 0
    lost: int = 0


_FIELDS = Bucket.__struct_fields__
_WRITE = (
    f"INSERT OR REPLACE INTO history ({', '.join(_FIELDS)})"  # noqa: S608 -- constants
    f" VALUES ({', '.join('?' * len(_FIELDS))})"
)
_READ = f"SELECT {', '.join(_FIELDS)} FROM history ORDER BY step_s, at"  # noqa: S608 -- constants


def read_history(connection: sqlite3.Connection) -> list[Bucket]:
    """Return all steps, in order of length and time."""
    return [Bucket(*row) for row in connection.execute(_READ)]


def write_history(
    connection: sqlite3.Connection, buckets: Iterable[Bucket], oldest: dict[int, int]
) -> None:
    """Write these steps, and drop those that are older than ``oldest`` of their length."""
    rows = [tuple(getattr(bucket, name) for name in _FIELDS) for bucket in buckets]
    connection.executemany(_WRITE, rows)
    for step_s, at in oldest.items():
        connection.execute("DELETE FROM history WHERE step_s = ? AND at < ?", (step_s, at))
