"""What a program's lines tell beside being kept: why it failed, and how far it is."""

from __future__ import annotations

import re
from collections.abc import Sequence

from node_agent.wire.job import LogRule
from node_agent.worker.output import TaskFault

MATCHED_CHARACTERS = 1000
"""Of a line; a pattern that backtracks must not cost a minute a line."""
SENTENCE_MAX = 500
_PERCENT = re.compile(r"(\d{1,3})(?:\.\d+)?\s?%(?!.*\d\s?%)")
_BLENDER_FRAME = re.compile(r"^Fra:(-?\d+)\s")
_BLENDER_SAMPLES = re.compile(
    r"(?:Sample (\d+)/(\d+)|Rendered (\d+)/(\d+) Tiles|Rendering\s+(\d+)\s*/\s*(\d+)\s+samples)"
)


CARD_IS_FULL = LogRule(
    pattern=(
        r"CUDA_ERROR_OUT_OF_MEMORY|OPTIX_ERROR_\w*OUT_OF_MEMORY|VK_ERROR_OUT_OF_DEVICE_MEMORY|hipErrorOutOfMemory"
        r"|(?:CUDA|HIP|OptiX|OPTIX|GPU)\b.{0,80}\b[Oo]ut of memory|[Oo]ut of (?:GPU|VRAM|device) memory"
        r"|[Oo]ut of GPU and shared host memory|[Oo]ut of memory in (?:CUDA|HIP|OptiX|(?:cu|hip|optix)[A-Z])"
    ),
    cause="gpu_memory",
    sentence="The frame does not fit into the GPU's memory.",
    ends=False,
)
"""How drivers, Cycles, Redshift and others say it; looked at after the rules that people gave. It explains a program that
fails, and ends none: some go on with less."""


class LogWatch:
    """Feed it lines. The first rule that matches, of the first line that any matches, counts."""

    def __init__(self, rules: Sequence[LogRule]) -> None:
        self._rules = [(re.compile(rule.pattern), rule) for rule in rules]
        self._full = re.compile(CARD_IS_FULL.pattern)
        self.fault: TaskFault | None = None
        """Why the attempt fails, if it does."""
        self.must_end = False
        """Whether the program is to be ended for it."""

    def feed(self, lines: Sequence[str]) -> None:
        """Look at what was written."""
        if self.must_end:
            return
        for line in lines:
            rule = self._match(line)
            if rule is not None and (self.fault is None or rule.ends):
                self.fault = TaskFault(rule.cause, _sentence(rule, line))
                self.must_end = rule.ends
                if self.must_end:
                    return

    def _match(self, line: str) -> LogRule | None:
        text = line[:MATCHED_CHARACTERS]
        for pattern, rule in self._rules:
            if pattern.search(text):
                return rule
        # Nearly no line speaks of memory: that is looked for first, for it costs a thousandth of the pattern.
        speaks = "emory" in text or "MEMORY" in text
        return CARD_IS_FULL if speaks and self._full.search(text) else None


def _sentence(rule: LogRule, line: str) -> str:
    said = rule.sentence or f"The program said: {' '.join(line.split())}"
    return said[:SENTENCE_MAX]


class ProgressReader:
    """How far the present call is, by its lines: 0..1."""

    def __init__(self, kind: str, frames: Sequence[int]) -> None:
        self._read = {"percent": self._percent, "blender": self._blender}.get(kind)
        self._frames = {frame: index for index, frame in enumerate(frames)}
        self._index = 0

    def feed(self, lines: Sequence[str]) -> float | None:
        """Return the newest progress that ``lines`` tell; None where they tell none."""
        if self._read is None:
            return None
        told = [part for part in map(self._read, lines) if part is not None]
        return told[-1] if told else None

    def _percent(self, line: str) -> float | None:
        match = _PERCENT.search(line[:MATCHED_CHARACTERS])
        return min(int(match[1]), 100) / 100 if match else None

    def _blender(self, line: str) -> float | None:
        """Cycles and EEVEE name the frame in each line, and the samples in most."""
        frame = _BLENDER_FRAME.match(line)
        if frame:
            self._index = self._frames.get(int(frame[1]), self._index)
        samples = _BLENDER_SAMPLES.search(line[:MATCHED_CHARACTERS])
        if samples is None:
            return None
        done, total = (int(number) for number in samples.groups() if number is not None)
        return (self._index + min(done, total) / max(total, 1)) / max(len(self._frames), 1)
