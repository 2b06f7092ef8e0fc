"""`windfire explain SHOT [FRAME] [--do N]`: why it is not running, what would change that, and do it."""

from __future__ import annotations

import argparse

import msgspec

from app.cli.console import say
from app.cli.undoing import remember
from app.client.api import Farm, connect
from app.core.commands import Explanation, Remedy
from app.errors import UserMistake


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """A shot, or one frame of it."""
    parser.add_argument("shot", metavar="SHOT", help="PROJ/SEQ/SHOT, or its end, or an id")
    parser.add_argument("frame", nargs="?", type=int, metavar="FRAME", help="one frame of it")
    parser.add_argument("--do", type=int, metavar="N", help="carry out remedy [N] of those listed")
    parser.add_argument("--json", action="store_true", help="one JSON object, for programs")


def run(options: argparse.Namespace) -> int:
    """Print the reasons, each with what would change it; or do that."""
    with connect(options.home) as farm:
        answer = farm.explain(options.shot, frame=options.frame)
        if options.do is not None:
            say(_do(farm, answer, options.do, options.home))
            return 0
    if options.json:
        say(msgspec.json.format(msgspec.json.encode(answer), indent=2).decode())
        return 0
    for line in lines(answer):
        say(line)
    return 0


def lines(answer: Explanation) -> list[str]:
    """Lay an explanation out for a terminal; remedies are numbered through."""
    out, number = [answer.title], 0
    for reason in answer.reasons:
        count = f"  ({_frames(reason.tasks)})" if reason.tasks else ""
        out.append(f"  {reason.sentence}{count}")
        for remedy in reason.remedies:
            number += 1
            out.append(f"    [{number}] {remedy.text}")
    if number:
        out.append("`--do N` carries out what is listed as [N].")
    return out


def _frames(count: int) -> str:
    return f"{count} frame{'s' if count != 1 else ''}"


def _do(farm: Farm, answer: Explanation, number: int, home: str | None) -> str:
    remedies: list[Remedy] = [each for reason in answer.reasons for each in reason.remedies]
    if not 1 <= number <= len(remedies):
        there = f"1 to {len(remedies)}" if remedies else "nothing"
        raise UserMistake(f"There is no remedy {number} to carry out: {there} is listed.")
    remedy = remedies[number - 1]
    if remedy.command is None:
        raise UserMistake(f"No command does that: {remedy.text}.")
    receipt = farm.give(remedy.command)
    return f"{remedy.text}: done.{remember(home, receipt.command)}{_text(receipt.text)}"


def _text(text: str) -> str:
    return f"\n{text}" if text else ""
