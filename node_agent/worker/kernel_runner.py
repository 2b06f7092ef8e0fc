"""Renders a chunk of frames with a kernel: passes, pictures, checkpoints, whole files.

Orders are looked at between calls of ``advance``, each of which takes about ``ADVANCE_S``; the first pass
of a frame is a call of its own, for it is the first picture that somebody waits for.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from node_agent.kernels import registry
from node_agent.kernels.interface import Kernel, KernelRefusal, KernelSpec, Target
from node_agent.wire import pipe
from node_agent.wire.job import KernelWork
from node_agent.wire.templates import (
    file_name,
    part_name,
    part_range,
    preview_name,
    temporary_name,
)
from node_agent.worker import checkpoint_file, picture
from node_agent.worker.channel import Channel, Orders
from node_agent.worker.output import (
    Pending,
    TaskFault,
    discard,
    pend,
    prepare_directories,
    publish,
)
from node_agent.worker.runner import Finished, Meter, Yielded

ADVANCE_S = 0.2
PREVIEW_S = 2.0
PROGRESS_S = 0.5


class Kernels:
    """The kernels of this process, each made once: they keep compiled code and scenes."""

    def __init__(self, target: Target) -> None:
        self.target = target
        self._loaded: dict[str, Kernel] = {}

    def get(self, name: str) -> Kernel:
        """A kernel by name. Raises TaskFault where it is not installed."""
        if name not in self._loaded:
            try:
                self._loaded[name] = registry.load(name)
            except registry.UnknownKernel as error:
                raise TaskFault("environment", str(error)) from error
        return self._loaded[name]

    def run(
        self, task: pipe.RunTask, work: KernelWork, orders: Orders, channel: Channel, meter: Meter
    ) -> Finished | Yielded:
        """Render the task's frames. Raises Cancelled, TaskFault, TemplateFault, OSError."""
        target = replace(self.target, threads=task.cores or self.target.threads)
        run = _Chunk(task, work, orders, channel, meter, self.get(work.kernel), target)
        try:
            return run.render()
        except KernelRefusal as error:
            raise TaskFault("user", str(error)) from error
        finally:
            run.clean_up()


@dataclass(slots=True)
class _Chunk:
    """One task. ``pending`` grows frame by frame and is published at once at the end."""

    task: pipe.RunTask
    work: KernelWork
    orders: Orders
    channel: Channel
    meter: Meter
    kernel: Kernel
    target: Target
    pending: list[Pending] = field(default_factory=list[Pending])
    finished: int = 0
    previewed_at: float = float("-inf")
    progressed_at: float = float("-inf")

    def render(self) -> Finished | Yielded:
        frames = list(self.task.frames.numbers())
        names = [self._name(frame) for frame in frames]
        prepare_directories(self.work.output)
        state_bytes = self._resume(names)
        for index in range(self.finished, len(frames)):
            spec = self._spec(frames[index])
            state = self._prepare(spec, state_bytes)
            state_bytes = b""
            began = time.monotonic()
            if self.task.parts:
                self._merge(spec, state, frames[index])
            elif not self._advance(spec, state, frames[index]):
                return self._yield(state)
            self._finish(spec, state, frames[index], names[index])
            self._tell(f"{names[index]} rendered and written in {time.monotonic() - began:.1f} s")
            self.finished += 1
        files = publish(self.pending, self.orders, self.channel)
        if self.task.checkpoint:
            checkpoint_file.delete_older(Path(self.task.checkpoint).parent, self.task.ref)
        for part in self.task.parts:
            Path(part).unlink(missing_ok=True)
        return Finished(files)

    def clean_up(self) -> None:
        discard(self.pending)

    # --- preparing ---------------------------------------------------------------------------------

    def _name(self, frame: int) -> str:
        name = file_name(self.work.output, frame)
        if self.task.samples:
            return part_name(name, self.task.first_sample, self.task.samples)
        return name

    def _spec(self, frame: int) -> KernelSpec:
        work, task = self.work, self.task
        return KernelSpec(
            scene=Path(work.scene),
            frame=float(frame),
            width=work.width,
            height=work.height,
            samples=task.samples or work.samples,
            samples_per_pass=work.samples_per_pass,
            first_sample=task.first_sample,
            seed=work.seed,
            camera=work.camera,
            options=work.options,
        )

    def _temporary(self, directory: str, name: str) -> Path:
        return Path(directory) / temporary_name(name, self.task.ref.epoch)

    def _resume(self, names: Sequence[str]) -> bytes:
        """Take up what a checkpoint holds; return the kernel's part. A bad one costs a log line."""
        if not self.task.checkpoint:
            return b""
        directory = self.work.output.directory
        place = [(name, self._temporary(directory, name)) for name in names]
        try:
            resumed = checkpoint_file.read(Path(self.task.checkpoint), place if directory else [])
        except (OSError, checkpoint_file.CheckpointFault) as error:
            self._log(f"Begins anew, since the checkpoint cannot be used: {error}")
            return b""
        self.pending = [pend(path, Path(directory) / name) for name, path in resumed.finished]
        self.finished = len(resumed.finished)
        return resumed.state

    def _prepare(self, spec: KernelSpec, state_bytes: bytes) -> Any:
        self.orders.check()
        began = time.monotonic()
        state = self._restore(spec, state_bytes) if state_bytes else None
        if state is None:
            state = self.kernel.prepare(spec, self.target, self._log)
        self._tell(
            f"{spec.scene.name}, frame {spec.frame:g}, read in {time.monotonic() - began:.1f} s; "
            f"{spec.width}x{spec.height}, {spec.samples} samples a pixel in {spec.passes} passes, "
            f"of which {self.kernel.passes_done(state)} are done"
        )
        return state

    def _restore(self, spec: KernelSpec, state_bytes: bytes) -> Any | None:
        try:
            return self.kernel.restore(spec, state_bytes, self.target, self._log)
        except KernelRefusal as error:
            self._log(f"Begins the frame anew: {error}")
            return None

    # --- rendering ---------------------------------------------------------------------------------

    def _advance(self, spec: KernelSpec, state: Any, frame: int, until: int = -1) -> bool:
        """Render what is missing, up to pass ``until`` (-1: all); False when asked to yield before the end."""
        end = spec.passes if until < 0 else until
        done = self.kernel.passes_done(state)
        passes_a_call = 1
        while done < end:
            self.orders.check()
            if self.orders.yield_asked and until < 0:
                return False
            passes = min(passes_a_call, end - done)
            before = time.monotonic()
            self.kernel.advance(state, done, passes)
            took = time.monotonic() - before
            self._count_samples(spec, done, passes)
            done += passes
            passes_a_call = max(1, min(2 * passes, int(ADVANCE_S / max(took / passes, 1e-6))))
            self._say_progress(done, spec.passes)
            self._show(spec, state, frame, done)
        return True

    def _merge(self, spec: KernelSpec, state: Any, frame: int) -> None:
        """Add the pieces of a split frame; what a checkpoint held before them, and was lost, is rendered."""
        parts = sorted((*part_range(path), path) for path in self.task.parts)
        self._advance(spec, state, frame, parts[0][0] // spec.samples_per_pass)
        for first, samples, path in parts:
            self.orders.check()
            try:
                self._absorb(state, replace(spec, first_sample=first, samples=samples), path)
            except (KernelRefusal, OSError) as error:
                sentence = f"The piece {path} of a split frame cannot be used: {error}"
                raise TaskFault("environment", sentence) from error
        if self.kernel.passes_done(state) < spec.passes:
            raise TaskFault("bug", f"The pieces of frame {frame} do not make up the whole of it.")
        self._tell(f"Merged {len(parts)} pieces of the frame.")

    def _absorb(self, state: Any, spec: KernelSpec, path: str) -> None:
        data = Path(path).read_bytes()
        absorb = getattr(self.kernel, "absorb", None)
        if absorb is not None:
            absorb(state, spec, data)
        else:
            other = self.kernel.restore(spec, data, self.target, self._log)
            self.kernel.merge(state, other)

    def _count_samples(self, spec: KernelSpec, done: int, passes: int) -> None:
        first = done * spec.samples_per_pass
        end = min((done + passes) * spec.samples_per_pass, spec.samples)
        self.meter.samples += end - first

    def _say_progress(self, done: int, passes: int) -> None:
        total = passes * len(self.task.frames.numbers())
        done += self.finished * passes
        now = time.monotonic()
        if now - self.progressed_at >= PROGRESS_S or done == total:
            self.progressed_at = now
            self.channel.send(pipe.TaskProgress(self.task.ref, done, total))

    def _show(self, spec: KernelSpec, state: Any, frame: int, done: int) -> None:
        """After the first pass, a picture on disk; while somebody looks, one on the wire."""
        if done == 1 and self.work.output.preview_directory and not self.task.samples:
            self._write_preview(spec, state, frame, is_final=False)
        now = time.monotonic()
        if self.orders.is_watched and now - self.previewed_at >= PREVIEW_S:
            self.previewed_at = now
            self._send_preview(spec, state, frame, done)

    def _send_preview(self, spec: KernelSpec, state: Any, frame: int, done: int) -> None:
        rgb = self.kernel.preview(state, picture.WIRE_WIDTH, picture.WIRE_HEIGHT)
        image = picture.encode_for_wire(rgb)
        preview = pipe.TaskPreview(self.task.ref, frame, done, spec.passes, image)
        self.channel.send(preview)

    def _write_preview(self, spec: KernelSpec, state: Any, frame: int, *, is_final: bool) -> None:
        """The first one is a courtesy and replaces at once; the last is published with the frame."""
        directory = self.work.output.preview_directory
        name = preview_name(file_name(self.work.output, frame))
        item = Pending(self._temporary(directory, name), Path(directory) / name, None)
        picture.write_png(item.temporary, self.kernel.preview(state, spec.width, spec.height))
        if is_final:
            self.pending.append(item)
        else:
            item.temporary.replace(item.final)

    # --- endings ------------------------------------------------------------------------------------

    def _finish(self, spec: KernelSpec, state: Any, frame: int, name: str) -> None:
        output = self.work.output
        if output.directory and self.task.samples:
            self._write_part(state, name)
        elif output.directory:
            self._write_frame(spec, state, name)
        if output.preview_directory and not self.task.samples:
            self._write_preview(spec, state, frame, is_final=True)
        if output.directory or self.orders.is_watched:
            self._send_preview(spec, state, frame, spec.passes)

    def _write_frame(self, spec: KernelSpec, state: Any, name: str) -> None:
        from node_agent.worker import frame_files

        temporary = self._temporary(self.work.output.directory, name)
        try:
            planes, more = self.kernel.finish(state), self.kernel.attributes(state)
            frame_files.write_exr(temporary, planes, self._metadata(spec), more)
            frame_files.verify_exr(temporary, spec.width, spec.height)
            self.pending.append(pend(temporary, Path(self.work.output.directory) / name))
        except frame_files.BadFrame as error:
            temporary.unlink(missing_ok=True)
            raise TaskFault("output", str(error)) from error
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise

    def _write_part(self, state: Any, name: str) -> None:
        """A piece of a split frame: the kernel's own state, for whoever merges the pieces."""
        temporary = self._temporary(self.work.output.directory, name)
        temporary.write_bytes(self.kernel.checkpoint(state))
        self.pending.append(pend(temporary, Path(self.work.output.directory) / name))

    def _metadata(self, spec: KernelSpec) -> dict[str, str]:
        """What a file tells of its making; no times or hosts, so that equal frames are equal files."""
        return {
            **self.work.labels,
            "kernel": f"{self.kernel.name} {self.kernel.version}",
            "scene": str(spec.scene),
            "frame": f"{spec.frame:g}",
            "samples": str(spec.samples),
            "seed": str(spec.seed),
        }

    def _yield(self, state: Any) -> Yielded:
        """Write what there is. Where it cannot be written, what was rendered is lost, and said so."""
        passes = self.kernel.passes_done(state)
        if not self.task.checkpoint_directory or (passes == 0 and self.finished == 0):
            return Yielded("", 0)
        for item in self.pending:
            if item.file is None:  # nobody will draw the pictures of finished frames again
                item.temporary.replace(item.final)
        path = checkpoint_file.path_of(Path(self.task.checkpoint_directory), self.task.ref)
        files = [_kept(item) for item in self.pending if item.file is not None]
        data = self.kernel.checkpoint(state) if passes else b""
        try:
            checkpoint_file.write(path, files, passes, data)
        except OSError as error:
            self._log(f"The checkpoint cannot be written, and the passes are lost: {error}")
            return Yielded("", 0)
        return Yielded(str(path), passes + self.finished * self._spec(0).passes)

    def _tell(self, line: str) -> None:
        """What a person wants to read of a frame; a step without files has nobody who reads."""
        if self.work.output.directory:
            self._log(line)

    def _log(self, line: str) -> None:
        self.channel.send(pipe.TaskLog(self.task.ref, [line]))


def _kept(item: Pending) -> tuple[checkpoint_file.KeptFile, Path]:
    assert item.file is not None
    kept = checkpoint_file.KeptFile(item.final.name, item.file.size, item.file.sha256)
    return kept, item.temporary
