"""`windfire simulate`: the whole farm in this process, on a virtual clock, with faults from a seed."""

from __future__ import annotations

import argparse
import gc
import sys
import time
from pathlib import Path

import msgspec

from app.cli.console import Live, bar, note, say
from app.errors import BugFault, UserMistake
from app.simulate.faults import HELP, Faults, parse_faults
from app.simulate.film import Film, Run
from app.simulate.real import Load, drive
from app.simulate.real import lines as lines_of_real
from app.simulate.report import figures, lines

INTERRUPTED = 130
GC_EVERY = 200_000
"""Of what is allocated here nearly nothing is garbage in cycles."""
NODES_MAX, GPUS_MAX, SHOTS_MAX = 10_000, 100_000, 100_000
FRAME_S_MAX = 86_400.0
SECONDS_MAX = 86_400.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The farm, the film, and what befalls them."""
    parser.add_argument("--nodes", type=int, default=715, metavar="N", help="(715)")
    parser.add_argument("--gpus", type=int, default=1200, metavar="N", help="of all nodes (1200)")
    parser.add_argument("--shots", type=int, default=1900, metavar="N", help="some 640 frames each")
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="the same gives the same")
    parser.add_argument(
        "--frame-seconds", type=float, default=5.0, metavar="S", help="mean of the film (5)"
    )
    parser.add_argument("--faults", default="none", metavar="LIST", help=HELP)
    parser.add_argument(
        "--real",
        action="store_true",
        help="drive a real dispatcher process by light nodes, over ZeroMQ with CURVE, in real time",
    )
    parser.add_argument("--seconds", type=float, default=30.0, metavar="S", help="of --real (30)")
    parser.add_argument("--quick", action="store_true", help="a tenth of film and farm")
    parser.add_argument(
        "--record", type=Path, metavar="FILE", help="write what `windfire replay` runs again"
    )
    parser.add_argument("--json", action="store_true", help="one JSON object, for programs")


def run(options: argparse.Namespace) -> int:
    """Simulate, and tell what came of it; interrupted, what there is by then."""
    film = film_of(options)
    if options.real:
        return _drive(film, options)
    simulation = Run(film)
    if options.record:
        simulation.record(options.record)
    # Of a process that ends with this command; a farm's objects are many and live long.
    gc.set_threshold(GC_EVERY, 50, 100)
    started = time.perf_counter()
    status = 0
    try:
        _play(simulation, started, is_quiet=options.json)
    except KeyboardInterrupt:
        simulation.stop()
        status = INTERRUPTED
    except BugFault as fault:
        simulation.judge.note("the core contradicts itself nowhere", fault.sentence)
        simulation.stop()
    found = figures(simulation, time.perf_counter() - started)
    if options.json:
        say(msgspec.json.format(msgspec.json.encode(found), indent=2).decode())
    else:
        for line in lines(found):
            say(line)
    if found.invariant_violations:
        note(f"Broken: run it again with --seed {found.seed} --faults {found.faults}.")
        return 1
    return status


def film_of(options: argparse.Namespace) -> Film:
    """Read the film that was asked for. Raises UserMistake."""
    for name, most in (("nodes", NODES_MAX), ("gpus", GPUS_MAX), ("shots", SHOTS_MAX)):
        value = getattr(options, name)
        if not 1 <= value <= most:
            raise UserMistake(f"--{name} is 1 to {most:,}, not {value}.")
    if options.gpus < options.nodes:
        raise UserMistake(f"Every node has a GPU: --gpus is at least {options.nodes}, the nodes.")
    if not 0.01 <= options.frame_seconds <= FRAME_S_MAX:
        raise UserMistake(f"--frame-seconds is 0.01 to {FRAME_S_MAX:,.0f}.")
    film = Film(
        nodes=options.nodes,
        gpus=options.gpus,
        shots=options.shots,
        seed=options.seed,
        frame_s=options.frame_seconds,
        faults=parse_faults(options.faults),
    )
    return film.tenth() if options.quick else film


def _drive(film: Film, options: argparse.Namespace) -> int:
    """Real processes: what was measured, and 1 where a frame was granted twice or a node refused."""
    if not 1 <= options.seconds <= SECONDS_MAX:
        raise UserMistake(f"--seconds is 1 to {SECONDS_MAX:,.0f}.")
    if options.record or film.faults != Faults():
        raise UserMistake("--real takes neither --record nor --faults.")
    load = Load(film.nodes, film.gpus, film.seed, film.frame_s, options.seconds)
    with Live(sys.stderr) as live:
        found = drive(load, lambda news: live.update([news], news))
    if options.json:
        say(msgspec.json.format(msgspec.json.encode(found), indent=2).decode())
    else:
        for line in lines_of_real(found):
            say(line)
    return 1 if found.invariant_violations else 0


def _play(simulation: Run, started: float, *, is_quiet: bool) -> None:
    if is_quiet:
        simulation.run()
        return
    with Live() as live:

        def show(run: Run) -> None:
            share = run.done / max(1, run.total)
            spent = time.perf_counter() - started
            left = spent * (1 - share) / share if share > 0.01 else 0.0
            line = f"{run.done:,} of {run.total:,} frames, {run.clock.now / 60:,.0f} min played"
            line += f", about {left:.0f} s left" if left else ""
            live.update([f"{bar(share, 30)}  {line}"], line)

        simulation.run(show)
