"""`windfire token [--valid 1h]`: make a token by which one new node joins."""

from __future__ import annotations

import argparse

from app.cli.console import note, say
from app.cli.text import duration, span
from app.client.api import connect

VALID_S = 3600.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """How long it is good."""
    parser.add_argument(
        "--valid", type=span, default=VALID_S, metavar="TIME", help="90s, 15m, 1h, 2d (default: 1h)"
    )


def run(options: argparse.Namespace) -> int:
    """Print the token alone on stdout, and what to do with it beside."""
    with connect(options.home) as farm:
        token = farm.token(options.valid)
    say(token)
    note(f"On the new node: windfire-agent --join TOKEN (once, within {duration(options.valid)})")
    return 0
