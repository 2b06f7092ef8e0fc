"""What a scene file holds, learned in a child process: a hostile or broken file cannot take us down.

The USD library is native code that reads what anybody made: it may crash, hang or eat memory. The child
(``usd_inspect`` or ``gltf_inspect`` of this package) has a time limit and gives JSON; whatever else happens is one sentence.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import msgspec

import app
from app.errors import EnvironmentFault, UserMistake

INSPECT_S = 60.0
ANSWER_BYTES_MAX = 32 << 20
CHILDREN = {
    **dict.fromkeys((".usd", ".usda", ".usdc", ".usdz"), "app.submit.usd_inspect"),
    **dict.fromkeys((".gltf", ".glb"), "app.submit.gltf_inspect"),
}
"""Suffix to the module that looks into such a file."""
SUFFIXES = tuple(CHILDREN)


class Scene(msgspec.Struct, frozen=True, kw_only=True):
    """What a submission needs to know of a scene."""

    first: int
    last: int
    cameras: list[str] = []
    """Prim paths, in the scene's order."""
    width: int = 0
    height: int = 0
    """Of the scene's render settings; 0 where it says nothing."""
    missing: list[str] = []
    """Files that it names and that are not there."""
    files: list[str] = []
    """Absolute paths of all files that it is made of."""
    absolute: list[str] = []
    """Some of the absolute paths by which it names files, where it does."""
    samples: int = 0
    """A pixel; 0 where it says nothing."""


def inspect(path: str | Path, timeout_s: float = INSPECT_S) -> tuple[Path, Scene]:
    """Return the file's absolute path and what it holds. Raises UserMistake or EnvironmentFault."""
    file = check_file(path)
    try:
        done = subprocess.run(
            [sys.executable, "-P", "-m", CHILDREN[file.suffix.lower()], str(file)],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=timeout_s,
            env=_environment(),
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise UserMistake(f"{file} could not be read within {timeout_s:.0f} s.") from error
    if done.returncode != 0 or len(done.stdout) > ANSWER_BYTES_MAX:
        raise _fault(file, done.returncode, done.stderr)
    return file, _read(file, done.stdout)


def check_file(path: str | Path) -> Path:
    """Return the absolute path of a scene that exists. Raises UserMistake."""
    file = Path(path).expanduser().absolute()
    if "\0" in str(path) or not file.exists():
        raise UserMistake(f"There is no file {str(path)!r}.")
    if file.is_dir():
        raise UserMistake(f"{path} is a folder; name a scene file in it.")
    if file.suffix.lower() not in SUFFIXES:
        kinds = ", ".join(SUFFIXES)
        raise UserMistake(f"{path} is no scene that Windfire reads: {kinds}.")
    return file


def _read(file: Path, answer: bytes) -> Scene:
    try:
        return msgspec.json.decode(answer, type=Scene)
    except msgspec.MsgspecError as error:
        raise UserMistake(f"{file} gives no sense as a scene: {error}.") from error


def _fault(file: Path, status: int, errors: bytes) -> UserMistake | EnvironmentFault:
    """The child exits 2 for the file's fault and 3 for the machine's, with its sentence last."""
    lines = errors.decode("utf-8", "replace").strip().splitlines()
    said = lines[-1].strip() if lines else ""
    if status == EnvironmentFault.exit_code:
        return EnvironmentFault(said or f"{file} cannot be read on this machine.")
    if status == UserMistake.exit_code and said:
        return UserMistake(said)
    if status < 0:
        return UserMistake(f"Reading {file} crashed what reads it (signal {-status}).")
    return UserMistake(f"{file} cannot be read as a scene{f': {said}' if said else '.'}")


def _environment() -> dict[str, str]:
    root = str(Path(app.__file__).resolve().parent.parent)
    path = os.pathsep.join(filter(None, [root, os.environ.get("PYTHONPATH", "")]))
    return os.environ | {"PYTHONPATH": path}
