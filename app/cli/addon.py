"""`windfire addon FILE.zip`: the Blender add-on, ready to be installed from Blender's preferences."""

from __future__ import annotations

import argparse
import zipfile
from pathlib import Path

from app import resources
from app.cli.console import say
from app.errors import EnvironmentFault, UserMistake

FOLDER = "windfire"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Where to write it."""
    parser.add_argument("out", metavar="FILE", help="the add-on, such as windfire-blender.zip")
    parser.add_argument(
        "--legacy",
        action="store_true",
        help="for Blender before 4.2, whose add-ons are a folder within the archive",
    )


def run(options: argparse.Namespace) -> int:
    """Write the archive, and say where it goes."""
    out = Path(options.out).expanduser().absolute()
    if out.suffix.lower() != ".zip":
        raise UserMistake(f"The add-on is a .zip file, not {options.out}.")
    prefix = f"{FOLDER}/" if options.legacy else ""
    try:
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            for path in sorted(resources.find(f"blender/{FOLDER}").iterdir()):
                if path.is_file():
                    archive.write(path, prefix + path.name)
    except OSError as error:
        raise EnvironmentFault(f"{out} cannot be written: {error.strerror}.") from error
    say(f"Wrote {out}: Edit > Preferences > Add-ons > Install in Blender takes it.")
    return 0
