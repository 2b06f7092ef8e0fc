"""The agent of a render node: installs alone and never imports app."""

__version__ = "0.1.0"
