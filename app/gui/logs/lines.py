"""What a log's text tells: where the error is, and what of it may be shown.

No Qt. A log is bytes that some program wrote: it is shown as plain text, never as markup.
"""

from __future__ import annotations

import re
import unicodedata

ERROR = re.compile(
    r"\b(error|exception|traceback|fatal|failed|failure|cannot|can't|segmentation fault|"
    r"out of memory|killed|panic|assert(?:ion)?)\b",
    re.IGNORECASE,
)
NOT_AN_ERROR = re.compile(
    r"\b(0 errors?|no errors?|error(?:s)?[:=] ?0|without error)\b", re.IGNORECASE
)
COMMAND = "$ "
"""How a worker begins the line of the command that it starts."""
ESCAPES = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]")
"""Colours and cursor moves of terminals."""


def is_error(line: str) -> bool:
    """Tell whether the line looks like the cause of a failure."""
    if line.startswith(COMMAND):
        return False  # what was run, whatever words it has
    return bool(ERROR.search(line)) and not NOT_AN_ERROR.search(line)


def error_line(lines: list[str]) -> int:
    """Return the number of the line to open a failed task's log at: of the last block of error lines
    its first, since what follows a cause is consequences; -1 where there is none."""
    marked = [at for at, line in enumerate(lines) if is_error(line)]
    if not marked:
        return -1
    first = marked[-1]
    for at in reversed(marked[:-1]):
        if first - at > 3:
            break
        first = at
    return first


def readable(data: bytes) -> str:
    """Return the bytes as text of lines: no escapes, no carriage returns, no control characters."""
    text = ESCAPES.sub("", data.decode("utf-8", "replace"))
    text = text.replace("\r\n", "\n").replace("\r", "\n").expandtabs(4)
    return "".join(
        sign for sign in text if sign == "\n" or unicodedata.category(sign) not in ("Cc", "Cf")
    )


def whole_lines(data: bytes) -> tuple[bytes, int]:
    """Cut a piece that may begin in the middle of a line to whole lines; return it and what was cut."""
    at = data.find(b"\n") + 1
    return data[at:], at
