"""`windfire`: the window, on a farm of this machine that is started where none runs."""

from __future__ import annotations

import argparse
import os
import sys

from app.cli.console import note
from app.cli.embedded import ensure_farm, is_running, stop_farm
from app.client.settings import load_settings
from app.errors import EnvironmentFault
from app.store.home import Home, find_home


def run(options: argparse.Namespace) -> int:
    """Open the window; closing it leaves the farm rendering, unless the person says otherwise there."""
    check_display()
    home = find_home(options.home)
    started = ensure_farm(home, note)
    status = open_window(home)
    for process in started:
        process.poll()  # they go on without us
    return status


def open_window(home: Home) -> int:
    """Show the farm of ``home`` until the window closes."""
    from app.gui.application import run as run_window

    is_ours = is_running(home, "dispatcher")
    end = (lambda: _end(home)) if is_ours else None
    return run_window(lambda: load_settings(home.root), stop_farm=end)


def _end(home: Home) -> None:
    stop_farm(home)


def has_display() -> bool:
    """Tell whether a window can be shown; Qt would abort the process where it cannot."""
    if sys.platform != "linux":
        return True
    return any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"))


def check_display() -> None:
    """Raise EnvironmentFault where no window can be shown."""
    if not has_display():
        raise EnvironmentFault(
            "There is no display for the window: use the commands of `windfire --help` instead."
        )
