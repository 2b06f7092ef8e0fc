"""Where the details of a bug go: a file, never the terminal."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from app.store.home import find_home


def write_report(text: str, home: str | None) -> str:
    """Write it into the home's logs, else the folder for temporary files; return where it is."""
    name = time.strftime("bug-%Y%m%d-%H%M%S.txt")
    for folder in (find_home(home).logs, Path(tempfile.gettempdir())):
        try:
            folder.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text, encoding="utf-8")
        except OSError:
            continue
        return str(folder / name)
    return "nowhere, since no folder could be written"
