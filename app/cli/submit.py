"""`windfire submit FILE`, `windfire submit BUNDLE` and `windfire submit -- PROGRAM ARGS`: hand in a shot."""

from __future__ import annotations

import argparse
from pathlib import Path

from app.cli.console import note, say
from app.cli.scene_options import add_scene_options
from app.cli.text import size_of, whole_number
from app.cli.undoing import remember
from app.cli.wait import wait_and_tell
from app.client.api import Farm, Submitted, connect
from app.client.lookup import full_name
from app.errors import UserMistake
from app.submit import (
    SceneChoice,
    from_blend,
    submit_blend,
    submit_bundle,
    submit_command,
    submit_file,
)
from app.submit.bundle import is_bundle
from app.submit.checks import CHECKS
from node_agent.wire.job import Needs


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """A scene, or a program after --."""
    parser.usage = (
        f"{parser.prog} [options] SCENE\n       {parser.prog} [options] BUNDLE\n"
        f"       {parser.prog} [options] -- PROGRAM ARG..."
    )
    parser.epilog = (
        "A program runs once a frame; in its arguments {frame} is the frame's number and {output} the\n"
        "file that is published into --out. Example:\n"
        "  windfire submit --shot NZ2/sq010/sh0010 --frames 1-48 --out /films/nz2/comp -- \\\n"
        "      oiiotool /films/nz2/raw.{frame:04d}.exr --resize 50% -o {output}"
    )
    parser.add_argument(
        "scenes",
        nargs="*",
        metavar="SCENE",
        help="a .usd, .usda, .usdc, .usdz, .gltf, .glb or .blend file, or an OpenJD job bundle's folder",
    )
    parser.add_argument(
        "--shot", metavar="PROJ/SEQ/SHOT", help="(default: the folder's and the file's names)"
    )
    add_scene_options(parser)
    parser.add_argument("--before", metavar="SHOT", help="queue it in front of this shot")
    parser.add_argument(
        "--pattern",
        metavar="NAME",
        help="file name of a program's output (default: SHOT.{frame:04d}.exr)",
    )
    parser.add_argument(
        "--stage",
        action="store_true",
        help="bring the scene's files to the farm: its nodes share no disk with this machine",
    )
    _add_program_options(parser)
    _add_bundle_options(parser)
    _add_needs(parser)
    parser.add_argument("--wait", action="store_true", help="wait until it is finished")


def _add_program_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--chunk",
        type=whole_number,
        metavar="N",
        help="frames a task, of a program or of Blender (default: 1)",
    )
    parser.add_argument(
        "--check",
        action="append",
        default=[],
        metavar="NAME",
        help=f"what each image of a program or of Blender must pass: {', '.join(CHECKS)}; may be repeated",
    )
    parser.add_argument(
        "--fail-on",
        action="append",
        default=[],
        metavar="REGEX",
        help="a program fails at the first line of its output with this; may be repeated",
    )
    parser.add_argument(
        "--blender", default="blender", metavar="PROGRAM", help="(default: blender, by PATH)"
    )


def _add_bundle_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "-p",
        "--parameter",
        action="append",
        default=[],
        type=_parameter,
        metavar="NAME=VALUE",
        help="value of a job parameter, in place of the bundle's; may be repeated",
    )
    parser.add_argument(
        "--environment",
        action="append",
        default=[],
        metavar="FILE",
        help="an OpenJD environment template around the bundle's job; may be repeated",
    )


def _add_needs(parser: argparse.ArgumentParser) -> None:
    takes = parser.add_argument_group("what each task of a program takes (default: a whole device)")
    takes.add_argument("--cores", type=whole_number, metavar="N", help="so many cores of a node")
    takes.add_argument("--ram", type=whole_number, metavar="GIB", help="a part of a node's RAM")
    takes.add_argument("--gpus", type=whole_number, metavar="N", help="GPUs of one node together")
    takes.add_argument(
        "--gang",
        action="store_true",
        help="all tasks begin together, each on a node of its own, or none; {rank} is its number",
    )


def run(options: argparse.Namespace) -> int:
    """Submit; with --wait the exit status tells how it ended."""
    with connect(options.home) as farm:
        submitted = _submit(farm, options)
        row = next((row for row in farm.list("shots") if row.id == submitted.shot), None)
        name = full_name(row) if row else f"shot {submitted.shot}"
        frames = f", {row.total} frames in all" if row else ""
        undo = remember(options.home, submitted.command)
        say(f"Submitted {name} as job {submitted.job}{frames}.{undo}")
        return wait_and_tell(farm, [submitted.shot]) if options.wait else 0


def _submit(farm: Farm, options: argparse.Namespace) -> Submitted:
    if options.program is not None:
        return _submit_program(farm, options)
    if options.fail_on:
        raise UserMistake("--fail-on is for programs; `windfire log-rule` is for the whole farm.")
    _refuse_needs(options)
    if len(options.scenes) != 1:
        raise UserMistake("Submit one scene at a time; a program and its arguments come after --.")
    if is_bundle(options.scenes[0]):
        return _submit_bundle(farm, options)
    if options.parameter or options.environment:
        raise UserMistake("--parameter and --environment are for OpenJD job bundles.")
    if Path(options.scenes[0]).suffix.lower() == from_blend.SUFFIX:
        return _submit_blend(farm, options)
    if options.chunk or options.check:
        raise UserMistake(
            "--chunk and --check are for programs and for Blender: our own renderer needs neither."
        )
    if options.pattern:
        raise UserMistake("--pattern is for programs; a scene's frames are named after the shot.")
    note("Reading the scene ...")
    return submit_file(
        farm,
        options.scenes[0],
        shot=options.shot,
        frames=options.frames,
        spp=options.spp,
        size=options.size,
        camera=options.camera,
        options=dict(options.option),
        out=options.out,
        before=options.before,
        warn=note,
        stage=options.stage,
        progress=_staged if options.stage else None,
    )


def _submit_blend(farm: Farm, options: argparse.Namespace) -> Submitted:
    if options.stage:
        raise UserMistake("--stage is for USD and glTF; a .blend is for a shared disk.")
    if options.option or options.pattern:
        raise UserMistake("--option and --pattern are not for Blender: its own file says that.")
    note("Asking Blender ...")
    return submit_blend(
        farm,
        options.scenes[0],
        SceneChoice(
            frames=options.frames,
            spp=options.spp,
            size=options.size,
            camera=options.camera,
            out=options.out,
        ),
        shot=options.shot,
        chunk=options.chunk or 1,
        blender=options.blender,
        checks=options.check,
        before=options.before,
        warn=note,
    )


def _submit_bundle(farm: Farm, options: argparse.Namespace) -> Submitted:
    if options.stage:
        raise UserMistake("--stage is for scenes; a job bundle's files are for a shared disk.")
    for name in ("spp", "size", "camera", "frames", "out", "pattern", "chunk", "check"):
        if getattr(options, name) not in (None, []):
            raise UserMistake(
                f"--{name} is not for a job bundle: its own parameters say that (--parameter NAME=VALUE)."
            )
    return submit_bundle(
        farm,
        options.scenes[0],
        shot=options.shot,
        parameters=dict(options.parameter),
        environments=options.environment,
        before=options.before,
        warn=note,
    )


def _parameter(text: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not sign or not name:
        raise argparse.ArgumentTypeError(f"must be NAME=VALUE, not {text!r}")
    return name, value


def _staged(done: int, total: int) -> None:
    if done == total:
        note(f"Staged {size_of(total)}.")


def _submit_program(farm: Farm, options: argparse.Namespace) -> Submitted:
    if options.scenes:
        raise UserMistake("Submit either a scene or, after --, a program; not both.")
    for name in ("spp", "size", "camera"):
        if getattr(options, name) is not None:
            raise UserMistake(f"--{name} is for scenes; a program gets its own arguments after --.")
    if options.stage:
        raise UserMistake("--stage is for scenes; a program's files are for a shared disk.")
    if not options.shot:
        raise UserMistake("Say which shot the program is for: --shot PROJ/SEQ/SHOT.")
    return submit_command(
        farm,
        options.program,
        shot=options.shot,
        frames=options.frames or "1",
        out=options.out,
        pattern=options.pattern,
        chunk=options.chunk or 1,
        checks=options.check,
        fail_on=options.fail_on,
        before=options.before,
        needs=_needs(options),
    )


def _refuse_needs(options: argparse.Namespace) -> None:
    """Refuse what only a program's tasks may ask for. Raises UserMistake."""
    for name in ("cores", "ram", "gpus", "gang"):
        if getattr(options, name):
            raise UserMistake(f"--{name} is for programs: our own renderer takes a whole device.")


def _needs(options: argparse.Namespace) -> Needs:
    """Return what a task takes: GPUs or, where cores alone are named, some of these."""
    return Needs(
        device="cuda" if options.gpus else "cpu" if options.cores else "any",
        gpus=options.gpus or 1,
        cores=options.cores or 0,
        ram_bytes=(options.ram or 0) << 30,
        gang=options.gang,
    )
