"""The program's version, without importing what is slow."""

from __future__ import annotations


def version() -> str:
    """Return the installed version, or that of a source tree that was never installed."""
    from importlib.metadata import PackageNotFoundError
    from importlib.metadata import version as installed

    try:
        return installed("windfire")
    except PackageNotFoundError:
        return "0 (not installed)"
