"""Another version of the agent: installs it, and starts it in this process's place.

Called when all work is over and every child is gone. Where the installation fails the agent starts anew all
the same, as it was, and says why in its log: a node must not be lost for an update.
"""

from __future__ import annotations

import logging
import os
import re
import subprocess
import sys
from collections.abc import Sequence

INSTALL_S = 1800.0
PIP = (sys.executable, "-m", "pip", "install", "--upgrade", "windfire=={version}")
_VERSION = re.compile(r"[0-9][0-9A-Za-z.+!-]{0,63}")

_log = logging.getLogger("agent")


def install(version: str, command: Sequence[str] = ()) -> bool:
    """Run the installer; whether it ended well. A version that is none is not put into a command line."""
    if not _VERSION.fullmatch(version):
        _log.error("%r is no version: nothing is installed", version)
        return False
    argv = [word.replace("{version}", version) for word in (command or PIP)]
    _log.info("installing version %s: %s", version, " ".join(argv))
    try:
        code = subprocess.run(argv, timeout=INSTALL_S, check=False).returncode
    except (OSError, subprocess.SubprocessError) as error:
        _log.error("version %s cannot be installed: %s", version, error)
        return False
    if code:
        _log.error("version %s was not installed: the installer ended with %d", version, code)
    return code == 0


def start_anew() -> None:
    """Become a new agent with the same command line. Does not return."""
    os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])  # noqa: S606 -- no shell is wanted
