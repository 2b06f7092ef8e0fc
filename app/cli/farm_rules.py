"""`windfire paths` and `windfire log-rule`: what holds for every program of the farm."""

from __future__ import annotations

import argparse
from typing import get_args

from app.cli.console import say
from app.cli.undoing import remember
from app.client.api import connect
from app.core import commands
from app.errors import UserMistake
from node_agent.wire.job import LogRule, PathRoots
from node_agent.wire.messages import FAILURE_CAUSES
from node_agent.wire.paths import System

SYSTEMS: tuple[str, ...] = get_args(System)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """A shared folder's names, or a rule; without any, what there is."""
    if parser.prog.endswith(" paths"):
        for system in SYSTEMS:
            parser.add_argument(
                f"--{system}", default="", metavar="DIR", help=f"its name on {system}"
            )
        parser.add_argument("--remove", metavar="DIR", help="the folder that has this name")
        return
    parser.add_argument(
        "pattern",
        nargs="?",
        metavar="REGEX",
        help="searched for in each line of a program's output",
    )
    parser.add_argument(
        "--cause", default="user", choices=FAILURE_CAUSES, help="whose fault it is (default: user)"
    )
    parser.add_argument(
        "--sentence", default="", metavar="TEXT", help="for people (default: the line itself)"
    )
    parser.add_argument(
        "--explain-only", action="store_true", help="do not end the program at the line"
    )
    parser.add_argument("--remove", metavar="REGEX", help="the rule with this pattern")


def run(options: argparse.Namespace) -> int:
    """Change the farm's list, or show it."""
    with connect(options.home) as farm:
        rules = farm.rules()
        change = _paths if options.command == "paths" else _log_rules
        command, said = change(options, rules)
        if command is None:
            say(said)
            return 0
        number = farm.give(command).command
    say(f"{said}{remember(options.home, number)}")
    return 0


def _paths(
    options: argparse.Namespace, rules: commands.FarmRules
) -> tuple[commands.Command | None, str]:
    names = {system: getattr(options, system) for system in SYSTEMS}
    if options.remove:
        kept = [one for one in rules.paths if options.remove not in _named(one)]
        if len(kept) == len(rules.paths):
            raise UserMistake(f"No shared folder has the name {options.remove}.")
        return commands.SetPaths(paths=kept), "The folder is no longer mapped."
    if any(names.values()):
        added = PathRoots(**names)
        return commands.SetPaths(paths=[*rules.paths, added]), "Every node now maps it."
    lines = [" = ".join(filter(None, _named(one))) for one in rules.paths]
    return None, "\n".join(lines) or "No shared folder has names for several systems."


def _named(roots: PathRoots) -> list[str]:
    return [roots.linux, roots.windows, roots.mac]


def _log_rules(
    options: argparse.Namespace, rules: commands.FarmRules
) -> tuple[commands.Command | None, str]:
    if options.remove:
        kept = [rule for rule in rules.log_rules if rule.pattern != options.remove]
        if len(kept) == len(rules.log_rules):
            raise UserMistake(f"No log rule has the pattern {options.remove}.")
        return commands.SetLogRules(rules=kept), "The rule is gone."
    if options.pattern:
        added = LogRule(
            pattern=options.pattern,
            cause=options.cause,
            sentence=options.sentence,
            ends=not options.explain_only,
        )
        return commands.SetLogRules(rules=[*rules.log_rules, added]), "Every program is held to it."
    lines = [f"{rule.pattern}    {rule.cause}    {rule.sentence}" for rule in rules.log_rules]
    return None, "\n".join(lines) or "The farm has no log rules."
