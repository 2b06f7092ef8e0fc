"""The ledger's sums: kept by the hour and by the day, read by whatever people want to know.

An attempt counts in the hour and on the day in which it ended; its seconds are split over the hours that it
lasted, by time. Sums are brought up to date from the attempts since the last time, in one transaction, so
that they never miss or double one. Days and months are UTC.
"""

from __future__ import annotations

import math
import sqlite3

from app.core.commands import GetUsage, UsageTable
from app.errors import UserMistake

HOUR_S, DAY_S = 3600, 86400
LONGEST_S = 90 * DAY_S
"""An attempt that seems to have lasted longer was begun by a clock that was wrong: the rest is not split."""
ROWS_MAX = 100_000
COLUMNS = ("attempts", "gpu_hours", "core_hours", "energy_kwh", "lost_hours")

_KEYS = {
    "project": "shot.project",
    "sequence": "shot.project || '/' || shot.sequence",
    "shot": "shot.project || '/' || shot.sequence || '/' || shot.name",
    "user": "sums.user",
    "node": "node.name",
    "pool": "node.pools",
    "outcome": "sums.outcome",
    "hour": "strftime('%Y-%m-%d %H:00', sums.hour * 3600, 'unixepoch')",
    "day": "date(sums.hour * 3600, 'unixepoch')",
    "month": "strftime('%Y-%m', sums.hour * 3600, 'unixepoch')",
}
_DAY_KEYS = {
    "project": "sums.project",
    "user": "sums.user",
    "outcome": "sums.outcome",
    "day": "date(sums.day * 86400, 'unixepoch')",
    "month": "strftime('%Y-%m', sums.day * 86400, 'unixepoch')",
}
"""What the sums by the day can answer, some hundred times as fast."""

_SUMS = """sum(attempts), sum(CASE kind WHEN 'cuda' THEN wall_s ELSE 0 END) / 3600, sum(cpu_s) / 3600,
sum(energy_j) / 3.6e6,
sum(CASE WHEN outcome IN ('failed', 'lost', 'killed') THEN wall_s ELSE 0 END) / 3600"""


def read_usage(connection: sqlite3.Connection, query: GetUsage) -> UsageTable:
    """Answer from what is rolled up. Raises UserMistake."""
    _check(query)
    by = list(dict.fromkeys(query.by))
    is_daily = query.since % DAY_S == query.until % DAY_S == 0 and set(by) <= set(_DAY_KEYS)
    keys = [(_DAY_KEYS if is_daily else _KEYS)[key] for key in by]
    unit = DAY_S if is_daily else HOUR_S
    source = "usage_day AS sums" if is_daily else _HOURS
    column = "day" if is_daily else "hour"
    named = [f"coalesce({key}, '?')" for key in keys]
    # Of constants of this module alone.
    text = (
        f"SELECT {', '.join([*named, _SUMS])} FROM {source}"  # noqa: S608
        f" WHERE sums.{column} >= ? AND sums.{column} < ?"
    )
    if keys:
        numbers = ", ".join(str(place + 1) for place in range(len(keys)))
        text += f" GROUP BY {numbers} ORDER BY {numbers} LIMIT {ROWS_MAX}"
    until = query.until / unit if query.until else 2**53
    rows = connection.execute(text, (query.since / unit, until)).fetchall()
    # A sum over nothing is one row of nothing.
    kept = [list(row) for row in rows if row[len(keys)] is not None]
    return UsageTable(columns=[*by, *COLUMNS], rows=kept)


_HOURS = """usage_hour AS sums LEFT JOIN shot ON shot.id = sums.shot
LEFT JOIN node ON node.id = sums.node"""


def _check(query: GetUsage) -> None:
    for what, at in (("beginning", query.since), ("end", query.until)):
        if not math.isfinite(at) or at < 0 or at % HOUR_S:
            raise UserMistake(
                f"The {what} of a usage report is the full hour of a time since 1970."
            )
    if query.until and query.until <= query.since:
        raise UserMistake("A usage report ends after it begins.")


def roll_up(connection: sqlite3.Connection) -> None:
    """Add the attempts that ended since the last time to the sums; inside a transaction."""
    row = connection.execute("SELECT value FROM meta WHERE name = 'usage_attempt'").fetchone()
    since = int(row[0]) if row else 0
    last = connection.execute("SELECT max(id) FROM attempt").fetchone()[0]
    if last is None or last <= since:
        return
    connection.execute("CREATE TEMP TABLE IF NOT EXISTS part AS SELECT * FROM usage_hour LIMIT 0")
    connection.execute("DELETE FROM part")
    connection.execute(_SPLIT, (since, last))
    connection.execute(_ADD_HOURS)
    connection.execute(_ADD_DAYS)
    connection.execute("INSERT OR REPLACE INTO meta VALUES ('usage_attempt', ?)", (str(last),))


# Each attempt once for each hour that it touches, with the share of its time in that hour.
_SPLIT = f"""
INSERT INTO part
WITH RECURSIVE
 whole AS (
  SELECT attempt.*, coalesce(job.shot, 0) AS shot, coalesce(job.user, '') AS user,
         min(max(started_at, ended_at - {LONGEST_S}), ended_at) AS begun
  FROM attempt
  LEFT JOIN step ON step.id = attempt.step
  LEFT JOIN job ON job.id = step.job
  WHERE attempt.id > ? AND attempt.id <= ?),
 hours AS (
  SELECT id, CAST(begun AS INTEGER) / {HOUR_S} AS hour, begun, ended_at FROM whole
  UNION ALL
  SELECT id, hour + 1, begun, ended_at FROM hours
  WHERE hour < CAST(ended_at AS INTEGER) / {HOUR_S})
SELECT hours.hour, shot, user, node, device_kind, outcome, sum(is_last), sum(wall_s * gpus * share),
       sum(cpu_s * share), sum(energy_j * share)
FROM (
  SELECT id, hour, hour = CAST(ended_at AS INTEGER) / {HOUR_S} AS is_last,
         CASE WHEN ended_at > begun
              THEN (min(ended_at, (hour + 1) * {HOUR_S}.0) - max(begun, hour * {HOUR_S}.0))
                   / (ended_at - begun)
              ELSE 1.0 END AS share
  FROM hours) AS hours
JOIN whole ON whole.id = hours.id
GROUP BY 1, 2, 3, 4, 5, 6
"""  # noqa: S608 -- constants
_ADD = """ ON CONFLICT DO UPDATE SET
    attempts = attempts + excluded.attempts,
    wall_s = wall_s + excluded.wall_s,
    cpu_s = cpu_s + excluded.cpu_s,
    energy_j = energy_j + excluded.energy_j
"""
_ADD_HOURS = f"INSERT INTO usage_hour SELECT * FROM part WHERE true {_ADD}"  # noqa: S608 -- constants
_ADD_DAYS = f"""
INSERT INTO usage_day
SELECT hour / 24, coalesce(shot.project, ''), user, kind, outcome,
       sum(attempts), sum(wall_s), sum(cpu_s), sum(energy_j)
FROM part LEFT JOIN shot ON shot.id = part.shot
WHERE true GROUP BY 1, 2, 3, 4, 5 {_ADD}
"""  # noqa: S608 -- constants


def ledger_sums(connection: sqlite3.Connection) -> dict[str, tuple[float, float]]:
    """Return GPU-seconds and CPU-seconds of all attempts by project, from the ledger itself."""
    rows = connection.execute(
        "SELECT shot.project, sum(CASE device_kind WHEN 'cuda' THEN wall_s * gpus ELSE 0 END), sum(cpu_s)"
        " FROM attempt JOIN step ON step.id = attempt.step JOIN job ON job.id = step.job"
        " JOIN shot ON shot.id = job.shot GROUP BY 1"
    ).fetchall()
    return {project: (gpu_s, cpu_s) for project, gpu_s, cpu_s in rows}
