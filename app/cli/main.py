"""From argv to an exit status: finds the command, imports it alone, and turns faults into sentences.

A command is a module of ``app.cli`` with ``add_arguments(parser)`` and ``run(options) -> int``. Whatever
it raises ends here: nobody who uses the command line ever sees a traceback.
"""

from __future__ import annotations

import argparse
import contextlib
import difflib
import importlib
import os
import re
import sys
import traceback
from collections.abc import Sequence
from typing import NoReturn, Protocol

import app
from app.cli.console import note, prepare_streams, say
from app.cli.report import write_report
from app.errors import BugFault, UserMistake, WindfireError

OK, FAILED, INTERRUPTED = 0, 1, 130

COMMANDS: dict[str, tuple[str, str]] = {
    "demo": ("demo.command", "render a small film on this machine, from nothing"),
    "submit": ("submit", "hand in a scene, or any program, as a shot"),
    "ls": ("ls", "list shots, jobs, tasks, nodes or attempts"),
    "move": ("move", "change the order of the queue"),
    "due": ("plans", "promise shots for a time"),
    "order": ("plans", "sort the queue by due dates"),
    "start": ("plans", "let shots start no earlier than a time"),
    "pause": ("shots", "start nothing more of shots"),
    "resume": ("shots", "let paused shots go on"),
    "cancel": ("shots", "end what is unfinished of shots"),
    "retry": ("shots", "try failed and cancelled frames again"),
    "skip": ("frames", "go on without frames that failed"),
    "kill": ("frames", "end frames that run; they are tried again"),
    "undo": ("undo", "take a command back"),
    "audit": ("audit", "list who asked what of the farm, and what can be taken back"),
    "wait": ("wait", "wait until shots are finished"),
    "explain": ("explain", "say why a shot or a frame is not running, and what would change it"),
    "log": ("log", "show the log of a frame"),
    "render": ("render", "render a scene here and now, without a farm"),
    "movie": ("movie", "make a movie of a shot's finished frames"),
    "addon": ("addon", "write the Blender add-on that submits from within Blender"),
    "export": ("export", "write a job as an OpenJD bundle"),
    "usage": ("usage", "sum what the farm was used for, by project, month, user, ..."),
    "morning": ("morning", "say what the night brought: finished, failed, stuck, idle, late"),
    "score": ("score", "show how forecasts did against what came"),
    "history": ("history", "show how busy the farm was, over an hour, a day or a quarter"),
    "nodes": ("ls", "list the nodes"),
    "drain": ("drain", "assign nothing more to nodes"),
    "sleep": ("node_power", "put idle nodes' machines to sleep"),
    "wake": ("node_power", "wake nodes' machines"),
    "idle-sleep": ("node_power", "after how long of idling nodes are put to sleep"),
    "update": ("node_care", "have nodes install the dispatcher's version"),
    "maintain": ("node_care", "run a program once on each node"),
    "reserve": ("node_rules", "keep nodes for a project, or for an artist, until a time"),
    "node": ("node_rules", "set the pools and tags of nodes"),
    "block": ("node_rules", "keep the jobs of shots away from nodes"),
    "limit": ("rules", "set how many there are of a licence"),
    "share": ("rules", "set a project's part of the farm"),
    "paths": ("farm_rules", "name a shared folder for Linux, Windows and macOS"),
    "log-rule": ("farm_rules", "say by a line of a log why a program failed"),
    "budget": ("budget", "bound what a project may use, and see what it has used"),
    "token": ("token", "make a token by which a new node joins"),
    "simulate": ("simulate", "play a whole film on a farm in this process, and measure it"),
    "replay": ("replay", "run a recorded incident again, and say what is decided otherwise"),
    "backup": ("backup", "save the farm in one file"),
    "restore": ("restore", "bring back a farm from a backup"),
    "serve": ("serve", "run the dispatcher of a farm"),
    "stop": ("stop", "end the farm that `windfire` started on this machine"),
}
"""Command to its module and its line in the help, in the order of the help."""

EPILOG = """\
exit status: 0 done; 1 something failed, such as a frame; 2 a mistake in what was asked; 3 the machine,
the network or the farm does not give what is needed; 4 another process broke the protocol; 70 a bug of
Windfire; 130 interrupted.

`windfire COMMAND --help` tells more of each; docs/cli.md has examples."""


class Command(Protocol):
    """What a module of a command has."""

    def add_arguments(self, parser: argparse.ArgumentParser) -> None: ...
    def run(self, options: argparse.Namespace) -> int: ...


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one sentence instead of a usage text."""

    def error(self, message: str) -> NoReturn:
        raise UserMistake(f"{_sentence(self.prog, message)} See `{self.prog} --help`.")


def run(argv: Sequence[str]) -> int:
    """Run the command; return the exit status. Prints what went wrong, never raises."""
    prepare_streams()
    home: list[str] = []
    try:
        return _run_command(argv, home)
    except WindfireError as fault:
        if isinstance(fault, BugFault):
            return _report_bug(fault, home)
        note(fault.sentence)
        return fault.exit_code
    except KeyboardInterrupt:
        note("Interrupted.")
        return INTERRUPTED
    except BrokenPipeError:
        return _end_quietly()
    except Exception as error:
        return _report_bug(error, home)


def _run_command(argv: Sequence[str], home: list[str]) -> int:
    try:
        status = _dispatch(argv, home)
    except SystemExit as end:  # argparse's --help
        status = int(end.code or 0)
    # Here, where a closed pipe is caught; Python's own flush at the exit would complain of it.
    sys.stdout.flush()
    return status


def _dispatch(argv: Sequence[str], home: list[str]) -> int:
    # What stands after -- is a program's own and none of argparse's business.
    cut = argv.index("--") if "--" in argv else len(argv)
    options = _parser().parse_args(argv[:cut])
    home += [options.home] if options.home else []
    if options.version:
        say(f"windfire {app.__version__}")
        return OK
    if options.command is None:
        return _module("window").run(options)
    if options.command not in COMMANDS:
        raise UserMistake(_unknown(options.command))
    module = _module(COMMANDS[options.command][0])
    parser = _command_parser(options.command)
    module.add_arguments(parser)
    program = list(argv[cut + 1 :]) if cut < len(argv) else None
    given = argparse.Namespace(home=options.home, command=options.command, program=program)
    parsed = parser.parse_args(options.rest, given)
    if program is not None and options.command not in ("submit", "maintain"):
        raise UserMistake(f"`windfire {options.command}` takes no program after --.")
    return module.run(parsed)


def _module(name: str) -> Command:
    module: object = importlib.import_module(f"app.cli.{name}")
    return module  # type: ignore[return-value] - modules satisfy protocols, importlib's type does not say so


def _parser() -> Parser:
    width = max(map(len, COMMANDS))
    lines = [f"  {name:{width}}  {text}" for name, (_, text) in COMMANDS.items()]
    parser = Parser(
        prog="windfire",
        description="Windfire, a render-queue manager. Without a command: the window.\n\ncommands:\n"
        + "\n".join(lines),
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
        usage="windfire [--home DIR] [COMMAND ...]",
    )
    _add_home(parser, None)
    parser.add_argument("--version", action="store_true", help="print the version")
    parser.add_argument("command", nargs="?", help=argparse.SUPPRESS)
    parser.add_argument("rest", nargs=argparse.REMAINDER, help=argparse.SUPPRESS)
    return parser


def _command_parser(name: str) -> Parser:
    parser = Parser(
        prog=f"windfire {name}",
        description=COMMANDS[name][1].capitalize() + ".",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    _add_home(parser, argparse.SUPPRESS)
    return parser


def _add_home(parser: Parser, default: str | None) -> None:
    parser.add_argument(
        "--home",
        metavar="DIR",
        default=default,
        help="the farm's folder (default: $WINDFIRE_HOME, else the user's own)",
    )


def _sentence(prog: str, message: str) -> str:
    """Turn argparse's words into a sentence: "argument --spp: must be ..." into "`--spp` must be ..."."""
    if match := re.fullmatch(r"argument ([^:]+): (.*)", message, re.DOTALL):
        name, text = match.groups()
        if choice := re.fullmatch(r"invalid choice: (.*) \(choose from (.*)\)", text):
            text = f"must be one of {choice[2]}, not {choice[1]}"
        if text.startswith("expected "):
            text = "needs a value"
        return f"`{prog}`: {name} {text}."
    if match := re.fullmatch(r"the following arguments are required: (.*)", message):
        return f"`{prog}` needs {match[1]}."
    if match := re.fullmatch(r"unrecognized arguments: (.*)", message, re.DOTALL):
        return f"`{prog}` does not know {match[1]!r}."
    return f"`{prog}`: {message}."


def _unknown(name: str) -> str:
    near = difflib.get_close_matches(name, COMMANDS, 2, 0.5)
    hint = f"did you mean {' or '.join(near)}?" if near else "`windfire --help` lists them."
    return f"There is no command {name!r}; {hint}"


def _end_quietly() -> int:
    """Whoever read our output has had enough (`windfire ls | head`): that is no failure."""
    # Python flushes at exit and would complain of the same pipe again.
    with contextlib.suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return OK


def _report_bug(error: Exception, home: list[str]) -> int:
    text = "".join(traceback.format_exception(error))
    where = write_report(text, home[0] if home else None)
    what = error.sentence if isinstance(error, BugFault) else f"{type(error).__name__}: {error}"
    note(f"This is a bug in Windfire ({' '.join(what.split())[:200]}); details are in {where}.")
    return BugFault.exit_code
