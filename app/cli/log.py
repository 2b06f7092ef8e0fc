"""`windfire log SHOT --frame N [--follow]`: show the log of a frame's newest attempt."""

from __future__ import annotations

import argparse
import sys

from app.client.api import connect


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which frame of which shot."""
    parser.add_argument("shot", metavar="SHOT", help="PROJ/SEQ/SHOT, or its end, or an id")
    parser.add_argument("--frame", type=int, required=True, metavar="N", help="the frame's number")
    parser.add_argument("--follow", action="store_true", help="go on until the frame is over")


def run(options: argparse.Namespace) -> int:
    """Copy the log to stdout as it is, but for control characters, which could steer the terminal."""
    with connect(options.home) as farm:
        for piece in farm.log(options.shot, options.frame, follow=options.follow):
            sys.stdout.write(_harmless(piece.decode("utf-8", "replace")))
            sys.stdout.flush()
    return 0


def _harmless(text: str) -> str:
    return "".join(letter for letter in text if letter in "\n\t" or letter.isprintable())
