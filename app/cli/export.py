"""`windfire export JOB FOLDER`: a job as an OpenJD bundle, for another farm or for `openjd run`."""

from __future__ import annotations

import argparse

from app.cli.console import say
from app.client.api import Farm, connect
from app.client.lookup import find_shots
from app.errors import UserMistake
from app.submit.to_openjd import export_bundle


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which job, and where to."""
    parser.add_argument(
        "job", metavar="JOB", help="a job's number, or a shot, whose newest job is meant"
    )
    parser.add_argument("folder", metavar="FOLDER", help="made where it is missing")


def run(options: argparse.Namespace) -> int:
    """Write the bundle, and say how to run it."""
    with connect(options.home) as farm:
        request = farm.submission(_job(farm, options.job))
    target = export_bundle(request, options.folder)
    say(f"Wrote {target}; `openjd run {target / 'template.json'}` or `windfire submit` takes it.")
    return 0


def _job(farm: Farm, named: str) -> int:
    if named.isdecimal():
        return int(named)
    (row,) = find_shots(farm.list("shots"), [named])
    if not row.jobs:
        raise UserMistake(f"The shot {named} has no job.")
    return row.jobs[-1]
