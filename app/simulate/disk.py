"""The shared file system: who published which task's output, and what checkpoints hold."""

from __future__ import annotations

from array import array
from collections.abc import Callable

from node_agent.wire.messages import AttemptRef


class Disk:
    """The epoch of the attempt that published each task last; 0 for none."""

    def __init__(self) -> None:
        self._epochs: dict[int, array[int]] = {}
        self.checkpoints: dict[str, int] = {}
        """Path to the passes it holds."""
        self.on_rename: Callable[[AttemptRef, str], None] = lambda _ref, _node: None

    def rename(self, ref: AttemptRef, node: str) -> None:
        """The attempt's temporary files get their final names."""
        self.on_rename(ref, node)
        epochs = self._epochs.setdefault(ref.step, array("I"))
        if ref.task >= len(epochs):
            epochs.extend([0] * (ref.task + 1 - len(epochs)))
        epochs[ref.task] = ref.epoch

    def published(self, step: int, task: int) -> int:
        """Return the epoch whose files are there, or 0."""
        epochs = self._epochs.get(step)
        return epochs[task] if epochs is not None and task < len(epochs) else 0
