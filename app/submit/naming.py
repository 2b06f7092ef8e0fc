"""Which shot a submission is for, and the folder that its frames go to.

Names become folders and file names on every kind of machine of a studio, so that they are held to
letters, digits, dot, dash and underscore of any script.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from app.errors import EnvironmentFault, UserMistake

NAME_LENGTH_MAX = 64
VERSIONS_MAX = 100_000
DEFAULT_SEQUENCE = "main"


@dataclass(frozen=True, slots=True)
class ShotName:
    """Project, sequence and shot, as in production tracking."""

    project: str
    sequence: str
    shot: str

    def __str__(self) -> str:
        return f"{self.project}/{self.sequence}/{self.shot}"


def parse_shot(text: str) -> ShotName:
    """Read "PROJ/SEQ/SHOT". Raises UserMistake."""
    parts = text.strip().split("/")
    if len(parts) != 3 or not all(parts):
        raise UserMistake(
            f"A shot is written PROJ/SEQ/SHOT, such as NZ2/sq010/sh0040, not {text!r}."
        )
    for part in parts:
        _check(part, text)
    return ShotName(*parts)


def default_shot(file: Path) -> ShotName:
    """Name a shot after a file and the folder it is in: film/teapot.usda is film/main/teapot."""
    return ShotName(_tidy(file.parent.name, "project"), DEFAULT_SEQUENCE, _tidy(file.stem, "shot"))


def claim_version(base: Path, name: ShotName) -> Path:
    """Make and return the next free folder ``base/PROJ/SEQ/SHOT/v001``: no version is written twice.

    Making it is the claim, so that two submissions at one moment get two folders. Raises
    EnvironmentFault.
    """
    folder = base / name.project / name.sequence / name.shot
    try:
        folder.mkdir(parents=True, exist_ok=True)
        number = 1 + max((_version(each.name) for each in folder.iterdir()), default=0)
        while number < VERSIONS_MAX:
            try:
                (folder / f"v{number:03d}").mkdir()
            except FileExistsError:
                number += 1
                continue
            return folder / f"v{number:03d}"
    except OSError as error:
        raise EnvironmentFault(
            f"The folder for the frames, {folder}, cannot be made ({error.strerror}): say another with --out."
        ) from error
    raise EnvironmentFault(f"{folder} has no version left: say another folder with --out.")


def output_folder(given: str | Path | None, base: Path, name: ShotName) -> Path:
    """Return an absolute folder: the given one, made where it is missing, or the next free version."""
    if given is None:
        return claim_version(base, name)
    folder = Path(given).expanduser().absolute()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise EnvironmentFault(f"The folder {folder} cannot be made: {error.strerror}.") from error
    return folder


def _check(part: str, text: str) -> None:
    if not re.fullmatch(r"\w[\w.\-]*", part) or part.endswith("."):
        raise UserMistake(
            f"The shot {text!r} has a part {part!r} that is no good name: letters, digits, . - and _ alone."
        )
    if len(part) > NAME_LENGTH_MAX:
        raise UserMistake(
            f"The shot {text[:80]!r} has a part of over {NAME_LENGTH_MAX} characters."
        )


def _tidy(text: str, instead: str) -> str:
    """Make a name of any text: what may not stand becomes an underscore."""
    tidy = re.sub(r"[^\w.\-]+", "_", text).strip("._-")[:NAME_LENGTH_MAX].rstrip(".")
    return tidy or instead


def _version(name: str) -> int:
    match = re.fullmatch(r"v(\d{1,6})", name, re.ASCII)
    return int(match[1]) if match else 0
