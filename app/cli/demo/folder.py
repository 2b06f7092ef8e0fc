"""The demo's folder: made fresh each time, and nothing deleted that is not the demo's own."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from app.cli.embedded import dispatcher_runs
from app.errors import EnvironmentFault, UserMistake
from app.store.home import Home

MARK = ".windfire-demo"
OWN = ("farm", "frames", "movies", "contact-sheet.png")
"""All that the demo makes in its folder, and all that it deletes."""


@dataclass
class DemoFolder:
    """Paths of one demo."""

    root: Path
    first_picture_s: float = 0.0
    """Seconds from the start to the first picture on the disk; 0: none yet."""

    @property
    def farm(self) -> Path:
        return self.root / "farm"

    @property
    def frames(self) -> Path:
        return self.root / "frames"

    @property
    def movies(self) -> Path:
        return self.root / "movies"

    @property
    def sheet(self) -> Path:
        return self.root / "contact-sheet.png"


def open_folder(given: Path) -> DemoFolder:
    """Make the folder or clear what an earlier demo left. Raises UserMistake, EnvironmentFault."""
    folder = DemoFolder(given.expanduser().absolute())
    try:
        _check_is_ours(folder)
        for name in OWN:
            _delete(folder.root / name)
        folder.farm.mkdir(parents=True)
        (folder.root / MARK).write_text("Made by `windfire demo`, which clears it at each start.\n")
    except OSError as error:
        raise EnvironmentFault(
            f"The demo's folder {folder.root} cannot be used: {error.strerror}."
        ) from error
    return folder


def _check_is_ours(folder: DemoFolder) -> None:
    root = folder.root
    if root.exists() and not root.is_dir():
        raise UserMistake(f"{root} is a file; say a folder for the demo with --out.")
    if not root.exists() or not any(root.iterdir()):
        return
    if not (root / MARK).is_file():
        raise UserMistake(
            f"{root} has files that are not the demo's: say an empty or a new folder with --out."
        )
    if dispatcher_runs(Home(folder.farm)):
        raise UserMistake(f"A demo is running in {root}: end it, or say another folder with --out.")


def _delete(path: Path) -> None:
    # A link is only unlinked: what it leads to was never the demo's.
    if path.is_symlink() or path.is_file():
        path.unlink()
    elif path.exists():
        shutil.rmtree(path)
