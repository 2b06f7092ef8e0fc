"""What a simulated film is measured by: how busy the devices were, and what was lost."""

from __future__ import annotations

from array import array
from collections import Counter

from app.simulate.children import Child, Observer, Outcome
from node_agent.agent.session_types import StartChild
from node_agent.wire.messages import AttemptRef

LOSSES = ("failed", "killed", "lost")


class Measure(Observer):
    """Follows the children of all nodes; times are seconds of the virtual clock."""

    def __init__(self) -> None:
        self.idles = array("d")
        """Seconds of a device between two children, in the order in which they ended."""
        self.busy = 0
        """Devices that render now."""
        self.busy_s = 0.0
        """Integral of that up to ``_at``."""
        self.busy_s_at_last_start = self.last_start = 0.0
        self.useful_s = 0.0
        """Rendered for what was published or kept."""
        self.lost_s = dict.fromkeys(LOSSES, 0.0)
        self.lost_samples = 0
        """Samples a pixel that a kernel had when it was asked to yield, and that were rendered again."""
        self.ends: Counter[Outcome] = Counter()
        self._at = 0.0
        self._free_since: dict[tuple[str, int], float] = {}
        self._kept: dict[tuple[int, int], dict[int, int]] = {}
        """Of each task: passes of its checkpoints by epoch."""
        self._void: set[AttemptRef] = set()
        """Attempts that the dispatcher gave up: what they report after that is nobody's."""
        self._rendering: set[Child] = set()

    def began(self, node: str, child: Child, now: float) -> None:
        for device in child.devices:
            since = self._free_since.pop((node, device), None)
            if since is not None:
                self.idles.append(now - since)
        self._count(now, len(child.devices))
        self._rendering.add(child)
        self.busy_s_at_last_start, self.last_start = self.busy_s, now

    def rendered(self, child: Child, now: float) -> None:
        if child in self._rendering:
            self._rendering.discard(child)
            self._count(now, -len(child.devices))

    def ended(self, node: str, child: Child, outcome: Outcome, now: float) -> None:
        self.rendered(child, now)
        self.ends[outcome] += 1
        spent_s = child.left_s if child.is_ready else now - child.started_at
        if outcome in LOSSES:
            self.lost_s[outcome] += spent_s * len(child.devices)
        else:
            self.useful_s += spent_s * len(child.devices)
        if outcome in ("done", "failed"):  # what failed begins anew: its checkpoint may be why
            self._kept.pop((child.ref.step, child.ref.task), None)
        for device in child.devices if outcome != "lost" else ():
            self._free_since[node, device] = now

    def yielded(self, child: Child, path: str, passes: int) -> None:
        ref = child.ref
        if ref not in self._void:
            self._kept.setdefault((ref.step, ref.task), {})[ref.epoch] = passes

    def gave_up(self, ref: AttemptRef) -> None:
        """The dispatcher takes the attempt for lost, with its node: that is no preemption's loss."""
        self._void.add(ref)
        self._kept.get((ref.step, ref.task), {}).pop(ref.epoch, None)

    def resumed(self, start: StartChild, child: Child) -> None:
        kept = self._kept.get((start.ref.step, start.ref.task), {})
        expected = max(kept.values(), default=0)
        if child.first < expected:
            self.lost_samples += (expected - child.first) * child.pass_samples

    def went_away(self, node: str) -> None:
        """The node is lost: its devices do not idle, they are not there."""
        for key in [key for key in self._free_since if key[0] == node]:
            del self._free_since[key]

    def _count(self, now: float, devices: int) -> None:
        self.busy_s += self.busy * (now - self._at)
        self._at = now
        self.busy += devices

    def settle(self, now: float) -> None:
        """Bring the integral up to now."""
        self._count(now, 0)


def percentile(values: array[float], percent: float) -> float:
    """Return a percentile of the values; 0.0 of none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))] if ordered else 0.0
