"""What the children that look into scene files do alike: one file in, JSON or one sentence out."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from app.errors import UserMistake, WindfireError


def answer(arguments: Sequence[str], kind: str, inspect: Callable[[Path], msgspec.Struct]) -> int:
    """Print what ``inspect`` finds in the one named file of ``kind``, or why not. Returns the exit status."""
    try:
        if len(arguments) != 1:
            raise UserMistake(f"Name one {kind} file.")
        info = inspect(Path(arguments[0]).absolute())
    except WindfireError as fault:
        sys.stderr.write(f"{fault.sentence}\n")
        return fault.exit_code
    sys.stdout.buffer.write(msgspec.json.encode(info))
    return 0
