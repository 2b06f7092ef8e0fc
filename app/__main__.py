"""`windfire` and `python -m app`: hand over to the command line."""

from __future__ import annotations

import sys
from collections.abc import Sequence


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; return the exit status."""
    try:
        from app.cli.main import run

        return run(sys.argv[1:] if argv is None else argv)
    except KeyboardInterrupt:  # while Python was still importing, or again while run said so
        return 130


if __name__ == "__main__":
    sys.exit(main())
