"""What a person may choose about an agent: the command line before the config file before the defaults.

The config file is JSON with the names of ``Settings``, as ``--print-config`` prints them; it lies in the
data folder (``agent.json``) or where ``--config`` says.
"""

from __future__ import annotations

import argparse
import socket
from pathlib import Path
from typing import Annotated, Any

import msgspec
import platformdirs
from msgspec import Meta, Struct, field

from node_agent import __version__
from node_agent.agent.hours import EXAMPLE, HoursFault, parse_hours
from node_agent.agent.presence import POLICIES, Rules

NAME_MAX = 64
KINDS = ("cpu", "cuda")
CONFIG_NAME = "agent.json"


class SettingsFault(ValueError):
    """The command line or the config file makes no sense; the message is one sentence."""


class Settings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the command line, the config file and the defaults come to."""

    name: str = field(default_factory=socket.gethostname)
    data: str = ""
    kernel_cache: str = ""
    devices: list[str] = field(default_factory=lambda: list(KINDS))
    threads: Annotated[int, Meta(ge=0, le=4096)] = 0
    tags: list[str] = field(default_factory=list[str])
    join: str = ""
    log_level: str = "info"
    self_check: bool = True
    allow_root: bool = False
    worker_user: str = ""
    niceness: Annotated[int, Meta(ge=0, le=19)] = 0
    pass_on: list[str] = field(default_factory=list[str])
    """Further names of the agent's environment that its children get."""
    workstation: str = ""
    """One of ``POLICIES``; '': a render node, which is nobody's."""
    idle_after_s: Annotated[float, Meta(ge=0)] = 300.0
    busy_percent: Annotated[float, Meta(ge=0, le=100)] = 0.0
    hours: str = ""
    input_devices: list[str] = field(default_factory=list[str])
    update_command: list[str] = field(default_factory=list[str])
    """What installs another version, ``{version}`` in its words; empty: pip, into the agent's own environment."""
    sleep_command: list[str] = field(default_factory=list[str])
    """What suspends the machine when the dispatcher says so; empty: the system's own, where it has one."""
    may_sleep: bool = True
    hold_to_ram: bool = False
    """Kill a command that takes more RAM than its step asked for, where the system lets us count it."""
    cache_gb: Annotated[float, Meta(gt=0)] = 50.0
    """Of staged files that this node keeps."""

    def rules(self) -> Rules | None:
        """How it leaves its machine to others; None where it never does."""
        if not (self.workstation or self.hours or self.busy_percent):
            return None
        return Rules(
            policy=self.workstation or "finish",
            watches_input=bool(self.workstation),
            idle_after_s=self.idle_after_s,
            busy_percent=self.busy_percent,
            hours=parse_hours(self.hours) if self.hours else None,
        )


def parser() -> argparse.ArgumentParser:
    """The command line; what is not given is not in its namespace."""
    made = argparse.ArgumentParser(
        prog="windfire-agent",
        description="Render on this machine for a Windfire dispatcher.",
        argument_default=argparse.SUPPRESS,
    )
    _add_common(made)
    _add_workstation(made.add_argument_group("workstations, which somebody else uses too"))
    _add_security(made.add_argument_group("what children may do"))
    return made


def _add_common(made: argparse.ArgumentParser) -> None:
    add = made.add_argument
    add("action", nargs="?", choices=["run", "install"], default="run", help="run, or be a service")
    add("--join", metavar="TOKEN", help="the line that `windfire token` printed")
    add("--name", help="how people call this node (default: its host name)")
    add("--data", metavar="DIR", help="where keys and notes are kept")
    add("--config", metavar="FILE", help=f"settings as JSON (default: {CONFIG_NAME} in DIR)")
    add("--devices", type=_kinds, help="cpu, cuda or both (cpu,cuda)")
    add("--threads", type=_threads, help="of the CPU (default: all that no GPU needs)")
    add("--tag", action="append", dest="tags", help="what this node can do; repeatable")
    add("--no-self-check", dest="self_check", action="store_false", help="measure nothing at start")
    add("--log-level", choices=["debug", "info", "warning", "error"])
    add("--cache-gb", type=float, metavar="GB", help="of staged files to keep (default: 50)")
    add("--no-sleep", dest="may_sleep", action="store_false", help="never suspend this machine")
    add("--print-config", action="store_true", help="print the settings in effect, and end")
    add("--version", action="version", version=f"windfire-agent {__version__}")


def _add_workstation(group: Any) -> None:
    add = group.add_argument
    add("--workstation", choices=POLICIES, help="what running work does when the artist returns")
    add("--idle-after", dest="idle_after_s", type=float, metavar="SECONDS", help="default: 300")
    add("--busy", dest="busy_percent", type=float, metavar="PERCENT", help="others' load")
    add("--hours", help=f"when it may render, {EXAMPLE}")
    add("--input-device", dest="input_devices", action="append", metavar="PATH", help="repeatable")


def _add_security(group: Any) -> None:
    add = group.add_argument
    add("--allow-root", action="store_true", help="run as root, and every job's commands with it")
    add("--worker-user", metavar="USER", help="run the children as this user (needs root)")
    add("--hold-to-ram", action="store_true", help="kill commands that take more RAM than asked")
    add("--niceness", type=int, help="of the children, 0 to 19")
    add("--pass-on", action="append", metavar="NAME", help="a variable for them; repeatable")


def _kinds(text: str) -> list[str]:
    kinds = [kind.strip() for kind in text.split(",") if kind.strip()]
    wrong = [kind for kind in kinds if kind not in KINDS]
    if wrong or not kinds:
        raise argparse.ArgumentTypeError(f"{text!r} is not cpu, cuda or cpu,cuda.")
    return [kind for kind in KINDS if kind in kinds]


def _threads(text: str) -> int:
    if not text.isdigit() or not 1 <= int(text) <= 4096:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of threads from 1 to 4096.")
    return int(text)


def settings_of(options: argparse.Namespace) -> Settings:
    """Put command line, file and defaults together. Raises SettingsFault."""
    given = {name: value for name, value in vars(options).items() if name in _NAMES}
    data = Path(given.get("data") or platformdirs.user_data_path("windfire-agent")).absolute()
    config: str | None = getattr(options, "config", None)
    filed = _filed(Path(config) if config else data / CONFIG_NAME, is_asked=config is not None)
    try:
        settings = msgspec.convert({**filed, **given, "data": str(data)}, Settings)
    except msgspec.ValidationError as error:
        raise SettingsFault(f"The settings make no sense: {error}.") from error
    return _checked(settings)


_NAMES = frozenset(Settings.__struct_fields__)


def _filed(path: Path, *, is_asked: bool) -> dict[str, Any]:
    try:
        return msgspec.json.decode(path.read_bytes(), type=dict[str, Any])
    except FileNotFoundError as error:
        if is_asked:
            raise SettingsFault(f"There is no config file {path}.") from error
        return {}
    except OSError as error:
        raise SettingsFault(f"The config file {path} cannot be read: {error}.") from error
    except msgspec.MsgspecError as error:
        raise SettingsFault(f"The config file {path} is no JSON object: {error}.") from error


def _checked(settings: Settings) -> Settings:
    if any(kind not in KINDS for kind in settings.devices) or not settings.devices:
        raise SettingsFault(f"devices are of {', '.join(KINDS)}, not {settings.devices}.")
    if settings.workstation not in ("", *POLICIES):
        raise SettingsFault(f"workstation is one of {', '.join(POLICIES)}.")
    try:
        settings.rules()
    except HoursFault as error:
        raise SettingsFault(str(error)) from error
    name = "".join(c for c in settings.name if c.isprintable()).strip()[:NAME_MAX] or "node"
    cache = settings.kernel_cache or str(platformdirs.user_cache_path("windfire") / "kernels")
    tags = sorted(set(settings.tags))
    return msgspec.structs.replace(settings, name=name, kernel_cache=cache, tags=tags)


def printed(settings: Settings) -> str:
    """The settings as a config file; a token is no setting for the eyes of others."""
    shown = msgspec.structs.replace(settings, join="(given)" if settings.join else "")
    return msgspec.json.format(msgspec.json.encode(shown), indent=2).decode()
