"""What holds for every program of the farm: its shared folders' names, and its log rules.

PURE. Both are whole lists that a command replaces. Agents get them with the description of a step, so every step
is described anew before its next assignment.
"""

from __future__ import annotations

import re

from app.core import changes as c
from app.core import commands as a
from app.core.outcome import Outcome
from app.core.turn import Turn
from app.errors import UserMistake
from node_agent.wire.job import LogRule, PathRoots
from node_agent.wire.messages import FAILURE_CAUSES
from node_agent.wire.paths import is_absolute

RULES_MAX = 200
PATTERN_MAX = 500


def set_paths(turn: Turn, command: a.SetPaths, _user: str) -> Outcome:
    """Carry out a SetPaths."""
    if len(command.paths) > RULES_MAX:
        raise UserMistake(f"A farm has at most {RULES_MAX} shared folders.")
    for roots in command.paths:
        _check_roots(roots)
    before = list(turn.state.paths)
    turn.save(c.PathsSet(command.paths))
    _describe_anew(turn)
    return Outcome(a.SetPaths(paths=before))


def set_log_rules(turn: Turn, command: a.SetLogRules, _user: str) -> Outcome:
    """Carry out a SetLogRules."""
    check_rules("The farm", command.rules)
    before = list(turn.state.log_rules)
    turn.save(c.LogRulesSet(command.rules))
    _describe_anew(turn)
    return Outcome(a.SetLogRules(rules=before))


def check_rules(whose: str, rules: list[LogRule]) -> None:
    """Refuse a rule that could never be applied. Raises UserMistake."""
    if len(rules) > RULES_MAX:
        raise UserMistake(f"{whose} has {len(rules)} log rules; there may be {RULES_MAX}.")
    for rule in rules:
        if rule.cause not in FAILURE_CAUSES:
            causes = ", ".join(FAILURE_CAUSES)
            raise UserMistake(
                f"{whose} has a log rule with the cause {rule.cause!r}: it is one of {causes}."
            )
        if not rule.pattern or len(rule.pattern) > PATTERN_MAX:
            raise UserMistake(
                f"{whose} has a log rule with no pattern, or one of over {PATTERN_MAX} characters."
            )
        try:
            re.compile(rule.pattern)
        except re.error as error:
            raise UserMistake(
                f"{whose} has a log rule whose pattern {rule.pattern!r} is no regular expression: {error}."
            ) from error


def _check_roots(roots: PathRoots) -> None:
    named = [root for root in (roots.linux, roots.windows, roots.mac) if root]
    if len(named) < 2:
        raise UserMistake("A shared folder has a name on two systems at least, or nothing to map.")
    for root in named:
        if not is_absolute(root) or not root.isprintable():
            raise UserMistake(f"The shared folder {root!r} is not an absolute path.")


def _describe_anew(turn: Turn) -> None:
    for session in turn.live.sessions.values():
        session.described.clear()
