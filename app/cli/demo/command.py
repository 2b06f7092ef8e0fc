"""The course of the demo: folder, farm, shots, wait, pictures; what was started ends whatever happens."""

from __future__ import annotations

import argparse
import os
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from app.cli.console import Live, note, say
from app.cli.demo.board import Board
from app.cli.demo.folder import DemoFolder, open_folder
from app.cli.demo.pictures import make_pictures
from app.cli.demo.shots import DemoShot, SceneReader, demo_shots
from app.cli.embedded import await_dispatcher, spawn_dispatcher, start_agent
from app.cli.processes import Interrupts, end, module_command, start, tail
from app.cli.text import duration, plural
from app.cli.window import has_display
from app.client.api import Farm, connect
from app.client.connection import Connection
from app.client.settings import load_settings
from app.core.views import ShotRow
from app.errors import EnvironmentFault
from app.store.home import Home

NODES = ("demo-node-1", "demo-node-2")
NODE_START_S = 60.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Where to, and which scenes."""
    parser.add_argument("--out", default="out/demo", metavar="DIR", help="(default: out/demo)")
    parser.add_argument(
        "--scene",
        action="append",
        default=[],
        metavar="FILE",
        help="a USD file of yours; may be repeated",
    )
    parser.add_argument(
        "--headless", action="store_true", help="no window, even where one could be shown"
    )


def run(options: argparse.Namespace) -> int:
    """Render the film; exit 1 when a frame failed."""
    started_at = time.monotonic()
    folder = open_folder(Path(options.out))
    show_window = not options.headless and has_display()
    with Interrupts() as interrupts:
        demo = Demo(folder, started_at, interrupts, show_window=show_window)
        try:
            return demo.run([Path(scene) for scene in options.scene])
        finally:
            with interrupts.held():
                demo.end()


@dataclass
class Demo:
    """What is running, so that it can be ended."""

    folder: DemoFolder
    started_at: float
    interrupts: Interrupts
    show_window: bool
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list[subprocess.Popen[bytes]])
    window: subprocess.Popen[bytes] | None = None

    def run(self, scenes: list[Path]) -> int:
        """The whole course."""
        shots = demo_shots(scenes, self.folder)
        # Scenes are read while the farm starts: both take seconds, and neither needs the other.
        scenes_once = SceneReader()
        with ThreadPoolExecutor(1, "read-scenes") as reader:
            requests = [reader.submit(scenes_once.request_of, shot) for shot in shots]
            try:
                with self._start_farm() as farm:
                    self._start_nodes(farm)
                    for request in requests:
                        farm.submit(request.result())
                    if self.show_window:
                        self._open_window()
                    rows = self._watch(shots)
            finally:
                reader.shutdown(wait=True, cancel_futures=True)
        return self._finish(shots, rows)

    def end(self) -> None:
        """End everything that was started: window, nodes, dispatcher."""
        if self.window is not None:
            end([self.window])
        end(self.processes[1:])
        end(self.processes[:1])

    # --- parts --------------------------------------------------------------------------------------

    def _start_farm(self) -> Farm:
        home = Home(self.folder.farm)
        say(f"Starting a farm in {self.folder.farm} ...")
        with self.interrupts.held():
            self.processes.append(spawn_dispatcher(home, "--port", 0))
        await_dispatcher(home, self.processes[0])
        return connect(home.root)

    def _start_nodes(self, farm: Farm) -> None:
        threads = max(1, cores() // len(NODES))
        # Both would list the machine's one GPU as theirs; the demo is about the farm, not about speed.
        devices = ("--devices", "cpu", "--threads", threads)
        home = Home(self.folder.farm)
        for name in NODES:
            data = self.folder.farm / "nodes" / name
            with self.interrupts.held():
                process = start_agent(home, farm, name, data, *devices)
                self.processes.append(process)
        say(f"{len(NODES)} nodes of {plural(threads, 'core')} each are starting.")

    def _open_window(self) -> None:
        command = module_command("app", "--home", self.folder.farm)
        with self.interrupts.held():
            self.window = start(command, self.folder.farm / "logs" / "window.log")

    def _watch(self, shots: list[DemoShot]) -> list[ShotRow]:
        home = Home(self.folder.farm)
        board = Board(self.folder, len(shots), self.started_at)
        connection = Connection(lambda: load_settings(home.root))
        with Live() as live:
            try:
                return board.watch(connection, live, self._check_alive)
            finally:
                connection.close()

    def _check_alive(self) -> None:
        """Raises EnvironmentFault when a process of the farm has ended under us."""
        names = ("dispatcher", *NODES)
        for name, process in zip(names, self.processes, strict=True):
            if process.poll() is not None:
                log = self.folder.farm / "logs" / f"{name}.log"
                raise EnvironmentFault(f"The {name} ended: {tail(log) or log}")

    def _finish(self, shots: list[DemoShot], rows: list[ShotRow]) -> int:
        rendered_s = time.monotonic() - self.started_at
        failed = sum(row.failed + row.cancelled for row in rows)
        done = sum(row.done for row in rows)
        pictures = make_pictures(self.folder, shots) if done else []
        self._tell(done, rendered_s, pictures)
        for row in rows:
            if row.failed:
                note(f"{row.name}: {plural(row.failed, 'frame')} failed. {row.error}".rstrip())
        self._wait_for_window()
        return 1 if failed else 0

    def _tell(self, done: int, rendered_s: float, pictures: list[str]) -> None:
        first = self.folder.first_picture_s
        after = f", the first picture after {first:.1f} s" if first else ""
        say(f"\n{plural(done, 'frame')} in {duration(rendered_s)}{after}.")
        for line in pictures:
            say(line)
        say(f"  frames         {self.folder.frames}")

    def _wait_for_window(self) -> None:
        if self.window is None:
            return
        if self.window.poll() is None:
            say("Close the window, or press Ctrl-C, to end the demo's farm.")
        if self.window.wait() != 0:
            note(f"The window ended early: {tail(self.folder.farm / 'logs' / 'window.log')}")


def cores() -> int:
    """Return how many cores we may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
