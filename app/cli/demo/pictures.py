"""From finished frames to what people look at: a contact sheet, and a movie of each shot.

``node_agent.worker.media`` makes them, in children: image libraries are none of the command line's, and a
picture that cannot be made is no reason to call the demo failed.
"""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from app.cli.console import note
from app.cli.demo.folder import DemoFolder
from app.cli.demo.shots import DemoShot
from app.cli.processes import child_environment, module_command
from app.cli.text import plural

MEDIA = "node_agent.worker.media"
MEDIA_S = 300.0
TITLE = "Windfire demo"
AT_ONCE = 2
FRAMES_OF_A_MOVIE_MIN = 2


def make_pictures(folder: DemoFolder, shots: Sequence[DemoShot]) -> list[str]:
    """Make them; return a line for each that came out, and say on stderr why one did not."""
    frames = {shot: found for shot in shots if (found := _frames(folder.frames / shot.folder))}
    folder.movies.mkdir(exist_ok=True)
    with ThreadPoolExecutor(AT_ONCE, "pictures") as pool:
        sheet = pool.submit(_sheet, folder, frames)
        movies = [
            pool.submit(_movie, folder.movies / f"{shot.folder}.mp4", shot, files)
            for shot, files in frames.items()
            if len(files) >= FRAMES_OF_A_MOVIE_MIN
        ]
        return [*sheet.result(), *(line for movie in movies for line in movie.result())]


def _frames(folder: Path) -> list[Path]:
    """Published frames in order; temporary ones begin with a dot."""
    return sorted(path for path in folder.glob("*.exr") if not path.name.startswith("."))


def _sheet(folder: DemoFolder, frames: dict[DemoShot, list[Path]]) -> list[str]:
    cells = [
        f"{_plain(shot.label)}|{plural(len(files), 'frame')}={files[len(files) // 2]}"
        for shot, files in frames.items()
    ]
    made = _run("contact-sheet", "--out", folder.sheet, "--title", TITLE, *cells)
    return [f"  contact sheet  {folder.sheet}"] if made else []


def _movie(out: Path, shot: DemoShot, files: list[Path]) -> list[str]:
    made = _run("movie", "--fps", shot.fps, "--out", out, *files)
    return [f"  movie          {out}"] if made else []


def _plain(label: str) -> str:
    """The tool's own marks may not stand in a label."""
    return label.replace("=", "-").replace("|", "-")


def _run(*arguments: object) -> bool:
    try:
        done = subprocess.run(
            module_command(MEDIA, *arguments),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            env=child_environment(),
            timeout=MEDIA_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        note(f"The {arguments[0]} took over {MEDIA_S:.0f} s and was given up.")
        return False
    if done.returncode != 0:
        lines = done.stderr.decode("utf-8", "replace").strip().splitlines()
        note(f"No {arguments[0]}: {lines[-1] if lines else f'status {done.returncode}'}")
    return done.returncode == 0
