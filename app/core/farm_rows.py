"""Rows of limits and projects: what the farm as a whole is held to, and what it holds now.

PURE; builds, decides nothing.
"""

from __future__ import annotations

from msgspec.structs import replace

from app.core import views as v
from app.core.budgets import budget_rows
from app.core.gates import held_by_project, used_of
from app.core.score import Scores
from app.core.turn import Turn


def limit_rows(turn: Turn) -> list[v.LimitRow]:
    """Return a row for each counted limit."""
    rows: list[v.LimitRow] = []
    for limit in turn.state.limits.values():
        used = used_of(turn, limit)
        total = sum(used.values())
        rows.append(
            v.LimitRow(
                name=limit.name, count=limit.count, used=total, owned=limit.owned, used_by=used
            )
        )
    return rows


def project_rows(turn: Turn) -> list[v.ProjectRow]:
    """Return a row for each project that has a share."""
    held = held_by_project(turn)
    return [
        v.ProjectRow(
            name=share.project,
            guarantee=share.guarantee,
            cap=share.cap,
            devices=held.get(share.project, 0),
        )
        for share in turn.state.shares.values()
    ]


FarmRow = v.LimitRow | v.ProjectRow | v.BudgetRow | v.ScoreRow


class FarmRows:
    """Says which of these rows changed since they were last sent."""

    def __init__(self, turn: Turn) -> None:
        self._turn = turn
        self.scores = Scores(turn.state)
        self._sent: dict[tuple[type, str], FarmRow] = {}

    def news(self) -> list[FarmRow]:
        """Return the rows that differ from what was sent; gone ones with a count, or a cap, below 0."""
        turn = self._turn
        rows = [*limit_rows(turn), *project_rows(turn), *budget_rows(turn), *self.scores.rows()]
        now = {(type(row), row.name): row for row in rows}
        gone = [self._gone(row) for key, row in self._sent.items() if key not in now]
        news = [row for key, row in now.items() if self._sent.get(key) != row]
        self._sent = now
        return [*gone, *news]

    def _gone(self, row: FarmRow) -> FarmRow:
        if isinstance(row, v.LimitRow):
            return v.LimitRow(name=row.name, count=-1, used=0, owned={}, used_by={})
        if isinstance(row, v.BudgetRow):
            return replace(row, gpu_hours=-1.0, core_hours=-1.0)
        if isinstance(row, v.ScoreRow):
            return replace(row, forecasts=0)
        return v.ProjectRow(name=row.name, guarantee=0.0, cap=-1.0, devices=0)
