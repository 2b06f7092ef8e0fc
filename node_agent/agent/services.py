"""``windfire-agent install``: keeps the settings, and makes the agent a service of this system.

Linux gets a systemd unit, for the machine where root installs and for the user elsewhere; macOS a launchd
property list; Windows is told what to type. Only the unit is proved by running it.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import msgspec

from node_agent.agent.settings import CONFIG_NAME, Settings

NAME = "windfire-agent"
STOP_S = 60
"""Kernels yield and commands finish within 20 s; reports go out; then whatever is left is killed."""


def command(settings: Settings) -> list[str]:
    """What the service runs; all else is in the config file."""
    return [sys.executable, "-P", "-m", "node_agent", "--data", settings.data]


def systemd_unit(argv: list[str], user: str, *, is_users_own: bool) -> str:
    """The unit's text. ``KillMode=mixed``: the agent ends its children itself."""
    start = " ".join(_quoted(word) for word in argv)
    who = f"User={user}\n" if user else ""
    target = "default.target" if is_users_own else "multi-user.target"
    return f"""[Unit]
Description=Windfire render node
After=network-online.target
Wants=network-online.target

[Service]
ExecStart={start}
{who}Restart=on-failure
RestartSec=5
RestartPreventExitStatus=2 4
KillMode=mixed
TimeoutStopSec={STOP_S}
Delegate=yes

[Install]
WantedBy={target}
"""


def _quoted(word: str) -> str:
    word = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")
    return f'"{word}"' if set(word) & set(" \"'") else word


def launchd_plist(argv: list[str]) -> str:
    """The property list's text."""
    words = "\n".join(f"    <string>{_escaped(word)}</string>" for word in argv)
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0"><dict>
  <key>Label</key><string>org.windfire.agent</string>
  <key>ProgramArguments</key><array>
{words}
  </array>
  <key>RunAtLoad</key><true/>
  <key>KeepAlive</key><dict><key>SuccessfulExit</key><false/></dict>
  <key>ExitTimeOut</key><integer>{STOP_S}</integer>
</dict></plist>
"""


def _escaped(word: str) -> str:
    """For XML; the library's own function loads OpenSSL with it."""
    return word.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def windows_note(argv: list[str]) -> str:
    """What to type there: Python is no Windows service by itself, a task at logon is one for an artist."""
    line = " ".join(f'\\"{word}\\"' if " " in word else word for word in argv)
    return f'schtasks /Create /TN {NAME} /SC ONLOGON /TR "{line}"'


def install(settings: Settings, units: Path | None = None) -> str:
    """Write the config and the service (into ``units``, the system's folder by default); return what to
    do next. Raises OSError."""
    data = Path(settings.data)
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    kept = msgspec.structs.replace(settings, join="")
    text = msgspec.json.format(msgspec.json.encode(kept), indent=2)
    (data / CONFIG_NAME).write_bytes(text + b"\n")
    argv = command(settings)
    if sys.platform == "win32":
        return f"Settings are in {data / CONFIG_NAME}. Now type:\n  {windows_note(argv)}"
    if sys.platform == "darwin":
        return _installed(
            Path.home() / "Library/LaunchAgents/org.windfire.agent.plist",
            launchd_plist(argv),
            "launchctl load -w {path}",
        )
    is_users_own = os.geteuid() != 0
    own, machine = Path.home() / ".config/systemd/user", Path("/etc/systemd/system")
    folder = units or (own if is_users_own else machine)
    flag = "--user " if is_users_own else ""
    return _installed(
        folder / f"{NAME}.service",
        systemd_unit(argv, "", is_users_own=is_users_own),
        f"systemctl {flag}daemon-reload && systemctl {flag}enable --now {NAME}",
    )


def _installed(path: Path, text: str, hint: str) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return f"Wrote {path}. Now type:\n  {hint.format(path=path)}"
