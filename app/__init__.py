"""Windfire: the window, the dispatcher and all that stands between them. Imports nothing."""

__version__ = "0.1.0"
