"""The farm over the last hour, day and quarter: watched once a second, kept in steps of a fixed number.

A step holds sums of value times seconds: what was not watched (no dispatcher ran) is no zero in a plot but a gap.
On disk once a minute: a kill loses the newest minute of history and nothing else.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator

from app.core.changes import AttemptEnded, Change
from app.core.events import Now
from app.core.pulse import Pulse
from app.core.reports import History, HistoryPoint, Span
from app.store.faults import StoreFault
from app.store.history import Bucket
from app.store.repository import Repository

log = logging.getLogger("windfire.dispatcher")

STEPS: dict[Span, tuple[int, int]] = {
    "hour": (10, 360),
    "day": (300, 288),
    "quarter": (7200, 1080),
}
"""Seconds of a step, and how many are kept."""
WATCH_S = 1.0
GAP_S = 30.0
"""What lies between two looks that are further apart was not watched."""
WRITE_S = 60.0


class HistoryKeeper:
    """Buckets by length and time, in memory and, a minute later, on disk."""

    def __init__(self, repository: Repository) -> None:
        self._repository = repository
        self._steps: dict[int, dict[int, Bucket]] = {step_s: {} for step_s, _ in STEPS.values()}
        for bucket in repository.history():
            self._steps.setdefault(bucket.step_s, {})[bucket.at] = bucket
        self._dirty: dict[tuple[int, int], Bucket] = {}
        self._counts = {"done": 0, "failed": 0, "lost": 0}
        self._seen_at = float("-inf")
        self._written_at = float("-inf")

    def count(self, changes: Iterable[Change]) -> None:
        """Count what ended in a turn that was committed."""
        for change in changes:
            if isinstance(change, AttemptEnded) and change.outcome in self._counts:
                self._counts[change.outcome] += 1

    def is_due(self, now: Now) -> bool:
        """Tell whether it is time to look again."""
        return now.mono - self._seen_at >= WATCH_S

    def watch(self, seen: Pulse, power_w: float, now: Now) -> None:
        """Add how the farm is now, for the time since the last look."""
        passed = now.mono - self._seen_at
        seconds = passed if passed <= GAP_S else 0.0
        self._seen_at = now.mono
        for step_s, kept in STEPS.values():
            self._add(self._bucket(step_s, kept, now), seen, power_w, seconds)
        self._counts = dict.fromkeys(self._counts, 0)

    def _bucket(self, step_s: int, kept: int, now: Now) -> Bucket:
        at = int(now.wall // step_s) * step_s
        steps = self._steps[step_s]
        bucket = steps.get(at)
        if bucket is None:
            bucket = steps[at] = Bucket(step_s, at)
            for old in [key for key in steps if key < at - kept * step_s]:
                del steps[old]
        self._dirty[step_s, at] = bucket
        return bucket

    def _add(self, bucket: Bucket, seen: Pulse, power_w: float, seconds: float) -> None:
        bucket.seen_s += seconds
        bucket.gpus += seen.gpus * seconds
        bucket.gpus_busy += seen.gpus_busy * seconds
        bucket.cores += seen.cores * seconds
        bucket.cores_busy += seen.cores_busy * seconds
        bucket.ready += seen.ready * seconds
        bucket.waiting += seen.waiting * seconds
        bucket.nodes += seen.nodes * seconds
        bucket.power_w += power_w * seconds
        bucket.done += self._counts["done"]
        bucket.failed += self._counts["failed"]
        bucket.lost += self._counts["lost"]

    def rest(self, now: Now) -> None:
        """Use a quiet moment, once a minute, to write what is new."""
        if now.mono - self._written_at >= WRITE_S:
            self._written_at = now.mono
            self.write(now)

    def write(self, now: Now) -> None:
        """Write what is new; a disk that does not take it gets it the next time."""
        oldest = {step_s: int(now.wall) - (kept + 1) * step_s for step_s, kept in STEPS.values()}
        try:
            if self._dirty:
                self._repository.keep_history(list(self._dirty.values()), oldest)
            self._dirty.clear()
        except StoreFault as fault:
            log.warning("%s The history is written later.", fault.sentence)

    def answer(self, span: Span, now: Now) -> History:
        """Return the points of a span, oldest first; steps that nobody watched are left out."""
        step_s, kept = STEPS[span]
        since = now.wall - kept * step_s
        points = [_point(bucket, now) for bucket in self._since(step_s, since) if bucket.seen_s > 0]
        return History(span=span, step_s=float(step_s), points=points)

    def sums(self, since: float, now: Now) -> Bucket:
        """Return everything from a moment on as one step, as exactly as it is still known."""
        lengths = [step_s for step_s, kept in STEPS.values() if since >= now.wall - kept * step_s]
        step_s = next(iter(lengths), STEPS["quarter"][0])
        total = Bucket(step_s, int(since))
        for bucket in self._since(step_s, since):
            for name in Bucket.__struct_fields__[2:]:
                setattr(total, name, getattr(total, name) + getattr(bucket, name))
        return total

    def _since(self, step_s: int, since: float) -> Iterator[Bucket]:
        steps = self._steps[step_s]
        return (steps[at] for at in sorted(steps) if at + step_s > since)


def _point(bucket: Bucket, now: Now) -> HistoryPoint:
    seen = bucket.seen_s
    length = min(float(bucket.step_s), max(seen, now.wall - bucket.at))
    return HistoryPoint(
        at=float(bucket.at),
        seen=min(1.0, seen / length),
        gpus=bucket.gpus / seen,
        gpus_busy=bucket.gpus_busy / seen,
        cores=bucket.cores / seen,
        cores_busy=bucket.cores_busy / seen,
        done=bucket.done,
        failed=bucket.failed,
        lost=bucket.lost,
        ready=bucket.ready / seen,
        waiting=bucket.waiting / seen,
        nodes=bucket.nodes / seen,
        power_w=bucket.power_w / seen,
        tasks_per_minute=bucket.done / seen * 60,
    )
