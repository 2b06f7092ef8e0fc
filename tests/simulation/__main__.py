"""``python -m tests.simulation --seeds 1000`` runs many farms, ``--seed 7 --story`` tells one."""

import argparse
import sys
import time

from tests.simulation.world import Broken, World


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("--seed", type=int, help="run this one")
    parser.add_argument("--seeds", type=int, default=100, help="run so many, from --first on")
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument("--story", action="store_true", help="print what happened")
    options = parser.parse_args()
    seeds = (
        [options.seed]
        if options.seed is not None
        else range(options.first, options.first + options.seeds)
    )
    started, broken, simulated = time.perf_counter(), [], 0.0
    for seed in seeds:
        world = World(seed)
        try:
            world.run()
        except Broken as error:
            broken.append(seed)
            print(error)
        simulated += world.clock.now
        if options.story:
            print("\n".join(world.story))
    seconds = time.perf_counter() - started
    print(
        f"{len(seeds)} farms, {simulated / 3600:.1f} simulated hours in {seconds:.1f} s; broken: {broken or 'none'}"
    )
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
