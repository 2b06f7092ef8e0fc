"""`windfire restore FILE`: a farm as it was when it was backed up."""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path

from app.cli.backup import progress
from app.cli.console import Live, say
from app.store.archive import restore_backup
from app.store.home import find_home


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """From where, and over what."""
    parser.add_argument("file", type=Path, metavar="FILE", help="made by `windfire backup`")
    parser.add_argument(
        "--force", action="store_true", help="move the farm that is there into its folder backups"
    )


def run(options: argparse.Namespace) -> int:
    """Restore while no dispatcher runs; nothing is touched before the whole backup was checked."""
    path: Path = options.file.expanduser().absolute()
    home = find_home(options.home)
    with Live(sys.stderr) as live:
        manifest = restore_backup(path, home, progress(live), force=options.force)
    made = datetime.fromtimestamp(manifest.made_at, UTC).strftime("%Y-%m-%d %H:%M UTC")
    say(f"{home.root} is the farm of {made}: {len(manifest.members):,} files, checked")
    return 0
