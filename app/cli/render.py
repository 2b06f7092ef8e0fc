"""`windfire render SCENE`: render here and now in one process, without a farm.

The same worker child as a node's, driven by its pipe: what it renders is bit for bit what a farm would.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from app.cli.console import Live, bar, note, say
from app.cli.processes import module_command
from app.cli.report import write_report
from app.cli.scene_options import add_scene_options
from app.cli.text import duration, plural, whole_number
from app.cli.worker import Worker
from app.submit.frames import frame_numbers
from app.submit.from_usd import SceneChoice, scene_work
from node_agent.wire import pipe
from node_agent.wire.job import Frames, KernelWork
from node_agent.wire.messages import AttemptRef

BAR = 24


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The scene, what of it, and with what."""
    parser.add_argument(
        "scene", metavar="SCENE", help="a .usd, .usda, .usdc, .usdz, .gltf or .glb file"
    )
    add_scene_options(parser)
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu", help="(default: cpu)")
    parser.add_argument("--threads", type=whole_number, metavar="N", help="(default: all cores)")


def run(options: argparse.Namespace) -> int:
    """Render frame by frame; a failed one does not keep the others from being tried."""
    choice = SceneChoice(
        frames=options.frames,
        spp=options.spp,
        size=options.size,
        camera=options.camera,
        options=dict(options.option),
        out=options.out,
    )
    work, frames = scene_work(options.scene, choice)
    threads = options.threads or _cores()
    command = module_command("node_agent.worker")
    with Worker(options.device, threads, command) as worker, Live() as live:
        return Rendering(worker, work, frame_numbers(frames), live, options.home).run()


@dataclass(slots=True)
class Rendering:
    """A run over frames, one after the other."""

    worker: Worker
    work: KernelWork
    frames: Sequence[int]
    live: Live
    home: str | None = None
    """Where bug reports go."""
    traceback: list[str] = field(default_factory=list[str])
    started_at: float = field(default_factory=time.monotonic)
    failed: int = 0
    done: int = 0

    def run(self) -> int:
        """Render all; return the exit status."""
        self._show(self.frames[0], 0.0, "starting the renderer")
        for index, frame in enumerate(self.frames):
            ref = AttemptRef(1, index, 1)
            try:
                self._render(ref, frame)
            except KeyboardInterrupt:
                self.worker.cancel(ref)
                self.live.leave()
                note(f"Interrupted after {self.done} of {plural(len(self.frames), 'frame')}.")
                return 130
        return self._tell_end()

    def _render(self, ref: AttemptRef, frame: int) -> None:
        self.worker.send(pipe.RunTask(ref=ref, work=self.work, frames=Frames(frame, frame)))
        for message in self.worker.messages():
            match message:
                case pipe.TaskProgress():
                    self._show(frame, message.done / max(1, message.total), message.text)
                case pipe.TaskLog():
                    self._take_lines(message.lines)
                case pipe.TaskReady():
                    self.worker.grant(message)
                case pipe.TaskDone():
                    self.done += 1
                    self._show(frame, 1.0, "")
                    return
                case pipe.TaskFailed():
                    self._take_failure(frame, message.sentence)
                    return
                case _:
                    continue

    def _take_lines(self, lines: list[str]) -> None:
        """Show what the renderer says; a traceback is for a file."""
        for line in lines:
            if self.traceback or line.startswith("Traceback "):
                self.traceback.append(line)
            else:
                self.live.say(f"    {line}")

    def _take_failure(self, frame: int, sentence: str) -> None:
        self.failed += 1
        self.live.leave()
        details = ""
        if self.traceback:
            details = f" Details are in {write_report(chr(10).join(self.traceback), self.home)}."
            self.traceback.clear()
        note(f"Frame {frame} failed: {sentence}{details}")

    def _show(self, frame: int, share: float, text: str) -> None:
        ended = self.done + self.failed
        whole = (ended + (share if share < 1.0 else 0.0)) / len(self.frames)
        seconds = time.monotonic() - self.started_at
        left = f"  {duration(seconds / whole - seconds)} left" if ended and whole < 1.0 else ""
        line = f"frame {frame}  {bar(whole, BAR)} {ended}/{len(self.frames)}{left}  {text}".rstrip()
        self.live.update([line], f"{ended} of {plural(len(self.frames), 'frame')} done{left}")

    def _tell_end(self) -> int:
        self.live.leave()
        seconds = duration(time.monotonic() - self.started_at)
        if self.failed:
            note(f"{self.failed} of {plural(len(self.frames), 'frame')} failed.")
            return 1
        say(f"{plural(self.done, 'frame')} in {seconds}: {self.work.output.directory}")
        return 0


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
