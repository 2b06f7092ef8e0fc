"""Bytes of a program's output to lines of text, bounded.

PURE. A program may write anything: no newline for a gigabyte, half a character at the end of a read,
carriage returns of a progress bar.
"""

from __future__ import annotations

LINE_BYTES_MAX = 4096
CUT = " [cut]"


class LineSplitter:
    """Feed it what was read; it gives whole lines of at most ``LINE_BYTES_MAX`` bytes."""

    def __init__(self) -> None:
        self._rest = b""
        self._skips = False
        """The present line was given, cut; what follows up to its end is dropped."""

    def feed(self, data: bytes) -> list[str]:
        """Return the lines that ``data`` completes."""
        lines: list[str] = []
        pieces = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
        pieces[0] = self._rest + pieces[0]
        for piece in pieces[:-1]:
            if not self._skips:
                lines.append(_text(piece))
            self._skips = False
        self._rest = pieces[-1]
        if len(self._rest) > LINE_BYTES_MAX:
            if not self._skips:
                lines.append(_text(self._rest))
            self._rest, self._skips = b"", True
        return lines

    def end(self) -> list[str]:
        """Return the last line where the output ended without a newline."""
        rest, self._rest = self._rest, b""
        skips, self._skips = self._skips, False
        return [_text(rest)] if rest and not skips else []


def _text(line: bytes) -> str:
    if len(line) <= LINE_BYTES_MAX:
        return line.decode("utf-8", "replace")
    # Half a character at the cut is dropped rather than shown as a question mark.
    return line[: LINE_BYTES_MAX - len(CUT)].decode("utf-8", "ignore") + CUT
