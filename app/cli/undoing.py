"""Which commands this home's command line gave, newest last, so that `windfire undo` needs no number."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from app.store.home import find_home, read_connection

KEPT_MAX = 100


def remember(home: str | None, command: int) -> str:
    """Note the command's number; return the words that tell how to take it back."""
    if not command:
        return ""
    _write(home, [*numbers(home), command][-KEPT_MAX:])
    return f" (`windfire undo` takes it back; command {command})"


def numbers(home: str | None) -> list[int]:
    """Return the numbers that can be undone without being named."""
    try:
        found: Any = json.loads(_file(home).read_text("utf-8"))
        return [int(number) for number in found["commands"] if found["farm"] == _farm(home)]
    except (OSError, ValueError, TypeError, KeyError):
        return []


def forget(home: str | None, command: int) -> None:
    """It was undone."""
    _write(home, [number for number in numbers(home) if number != command])


def _write(home: str | None, kept: list[int]) -> None:
    text = json.dumps({"farm": _farm(home), "commands": kept})
    try:
        _file(home).write_text(text, encoding="utf-8")
    except OSError:
        return  # a home that cannot be written costs the convenience, not the command


def _file(home: str | None) -> Path:
    return find_home(home).root / "command_line.json"


def _farm(home: str | None) -> str:
    """Another farm in the same home has other numbers; its key tells it apart."""
    found = read_connection(find_home(home))
    return found.server_key if found else ""
