"""`windfire backup FILE`: the farm's database, keys and settings in one file, checked."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

import app
from app.cli.console import Live, bar, say
from app.errors import UserMistake
from app.store.archive import make_backup
from app.store.home import find_home


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Where to, and how much."""
    parser.add_argument("file", type=Path, metavar="FILE", help="a tar archive; holds secret keys")
    parser.add_argument("--whole", action="store_true", help="with logs and pictures of frames")
    parser.add_argument("--force", action="store_true", help="replace FILE if it is there")


def run(options: argparse.Namespace) -> int:
    """Make it; a dispatcher may run meanwhile."""
    target: Path = options.file.expanduser().absolute()
    if target.exists() and not options.force:
        raise UserMistake(f"{target} is there already: --force replaces it.")
    if not target.parent.is_dir():
        raise UserMistake(f"There is no folder {target.parent}.")
    with Live(sys.stderr) as live:
        manifest = make_backup(
            find_home(options.home), target, app.__version__, progress(live), whole=options.whole
        )
    files, size = len(manifest.members), manifest.size
    say(f"{target}: {files:,} files, {size / 1e6:,.1f} MB, read back and checked")
    return 0


def progress(live: Live) -> Callable[[str, int, int], None]:
    """Return what shows how much of a copy is done."""

    def show(what: str, done: int, total: int) -> None:
        line = f"{what}: {done / 1e6:,.1f} of {total / 1e6:,.1f} MB"
        live.update([f"{bar(done / max(1, total), 30)}  {line}"], line)

    return show
