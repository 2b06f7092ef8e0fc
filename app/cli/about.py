"""The program's version."""

from __future__ import annotations

import app


def version() -> str:
    """Return the version."""
    return app.__version__
