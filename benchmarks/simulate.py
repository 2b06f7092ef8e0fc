"""How much of a farm's time a whole film uses: the production core on a virtual clock.

A tenth of the film (190 shots, 122,000 frames) on a tenth of the farm (71 nodes, 120 GPUs), with frames of 5 s
and of 10 min, and with what goes wrong in practice: 1 % of the nodes lost an hour, 2 % of the frames failing, a
supervisor dragging every minute. `windfire simulate` plays the whole of it.
"""

from __future__ import annotations

import time
from dataclasses import replace

from app.simulate.faults import LOSSES
from app.simulate.film import Film, Run
from app.simulate.report import Figures, figures


def run(quick: bool) -> dict[str, float]:
    """Measure; see the module."""
    film = Film().tenth().tenth() if quick else Film().tenth()
    short, began = _play(film), time.perf_counter()
    long = _play(replace(film, frame_s=600.0))
    bad = _play(replace(film, frame_s=600.0, faults=LOSSES))
    return {
        "utilisation_5s_ratio": short.utilisation,
        "utilisation_5s_to_last_start_ratio": short.utilisation_to_last,
        "utilisation_10min_ratio": long.utilisation,
        "utilisation_10min_to_last_start_ratio": long.utilisation_to_last,
        "utilisation_losses_ratio": bad.utilisation,
        "utilisation_losses_to_last_start_ratio": bad.utilisation_to_last,
        "published_losses_ratio": bad.useful,
        "lost_samples": float(bad.lost_samples),
        "yields": float(bad.yields),
        "invariant_violations": float(
            sum(found.invariant_violations for found in (short, long, bad))
        ),
        "forecast_p90_held_ratio": short.forecast_coverage,
        "simulated_frames": float(short.frames),
        "simulation_s": short.wall_s,
        "simulations_of_long_frames_s": time.perf_counter() - began,
    }


def _play(film: Film) -> Figures:
    began = time.perf_counter()
    simulation = Run(film)
    simulation.run()
    return figures(simulation, time.perf_counter() - began)
