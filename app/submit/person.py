"""Who submits, for the queue's column; identity itself comes from the key."""

from __future__ import annotations

import getpass


def user_name() -> str:
    """Return the login name, or '' where the system has none for us (a container, a service)."""
    try:
        return getpass.getuser()[:64]
    except (OSError, KeyError, ImportError):
        return ""
