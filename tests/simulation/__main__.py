"""``python -m tests.simulation --seeds 1000`` runs many farms, ``--seed 7 --story`` tells one.

`make chaos` calls it: each seed draws a farm and its troubles; first anything may break and nothing may be
wrong, then all heals and everything must end.
"""

import argparse
import os
import sys
import time
from concurrent.futures import ProcessPoolExecutor, as_completed

from tests.simulation.world import Broken, World

BATCH = 20


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("--seed", type=int, help="run this one")
    parser.add_argument("--seeds", type=int, default=100, help="run so many, from --first on")
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="processes (all cores)")
    parser.add_argument("--story", action="store_true", help="print what happened")
    options = parser.parse_args()
    if options.seed is not None:
        return tell(options.seed, options.story)
    return run_many(range(options.first, options.first + options.seeds), options.jobs)


def tell(seed: int, is_story: bool) -> int:
    """Run one; its story goes to stdout."""
    world = World(seed)
    try:
        world.run()
    except Broken as error:
        print(error)
        return 1
    finally:
        if is_story:
            print("\n".join(world.story))
    print(f"seed {seed} holds: {world.ledger.accepted} results in {world.clock.now:.0f} s")
    return 0


def run_batch(seeds: range) -> tuple[float, list[tuple[int, str]]]:
    """Return simulated seconds, and the seeds that broke something, each with its story's end."""
    simulated, broken = 0.0, []
    for seed in seeds:
        world = World(seed)
        try:
            world.run()
        except Broken as error:
            broken.append((seed, str(error)))
        simulated += world.clock.now
    return simulated, broken


def run_many(seeds: range, jobs: int) -> int:
    """Run all, several at a time, with a line of progress."""
    started, simulated, broken, done = time.perf_counter(), 0.0, [], 0
    batches = [seeds[at : at + BATCH] for at in range(0, len(seeds), BATCH)]
    with ProcessPoolExecutor(jobs) as pool:
        for future in as_completed(pool.submit(run_batch, batch) for batch in batches):
            hours, faults = future.result()
            simulated, done = simulated + hours, min(len(seeds), done + BATCH)
            for seed, story in faults:
                broken.append(seed)
                print(story, flush=True)
            spent = time.perf_counter() - started
            print(
                f"{done} of {len(seeds)} farms, {spent:.0f} s, broken: {broken or 'none'}",
                flush=True,
            )
    print(
        f"{len(seeds)} farms, {simulated / 3600:.1f} simulated hours; broken: {sorted(broken) or 'none'}"
    )
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
