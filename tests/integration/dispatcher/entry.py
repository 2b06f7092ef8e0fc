"""A dispatcher process for tests: short leases, and deaths at chosen points of the store's work.

``DIE_AT=before_commit:17`` kills this process with SIGKILL the 17th time it is about to commit.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from app.core.changes import Change
from app.core.state import FarmState
from app.dispatcher.serve import ServeConfig, serve
from app.store.home import Home
from app.store.repository import Repository
from tests.integration.dispatcher.farm import QUICK


class DyingRepository(Repository):
    """Kills its process before or after the n-th commit or snapshot, or within the transaction."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self._point, _, number = os.environ.get("DIE_AT", ":0").partition(":")
        self._left = int(number)

    def commit(self, changes: Sequence[Change], at: float) -> int:
        self._pass("before_commit")
        seq = super().commit(changes, at)
        self._pass("after_commit")
        return seq

    def snapshot(self, state: FarmState) -> None:
        self._pass("before_snapshot")
        super().snapshot(state)
        self._pass("after_snapshot")

    def snapshot_due(self) -> bool:
        return super().snapshot_due() or ("snapshot" in self._point and self.seq % 5 == 0)

    def idle(self) -> None:
        super().idle()
        self._pass("after_checkpoint")

    def _pass(self, point: str) -> None:
        if point != self._point:
            return
        self._left -= 1
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO)
    sys.exit(serve(ServeConfig(home=Home(Path(sys.argv[1])), core=QUICK), DyingRepository))
