#!/usr/bin/env python3
"""Make the demo scenes of resources/scenes anew: `scripts/make_scenes.py [name ...]`.

Deterministic: two runs give the same bytes, so that what is committed can be checked against this.
"""

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from scenes import atrium, skyport, still_life

FOLDER = Path(__file__).resolve().parent.parent / "resources" / "scenes"
SCENES = {"atrium": atrium, "still_life": still_life, "skyport": skyport}


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("scenes", nargs="*", metavar="NAME", help=f"one of {', '.join(SCENES)}")
    parser.add_argument("--out", type=Path, default=FOLDER, help="folder to write to")
    given = parser.parse_args(arguments)
    unknown = sorted(set(given.scenes) - set(SCENES))
    if unknown:
        parser.error(f"there is no scene {unknown[0]}; there are {', '.join(SCENES)}")
    (given.out / "textures").mkdir(parents=True, exist_ok=True)
    for name in given.scenes or SCENES:
        path = given.out / f"{name}.usda"
        # A layer lives as long as its stage.
        stage = SCENES[name].build(given.out)
        stage.GetRootLayer().Export(str(path))
        print(f"{path.name}: {path.stat().st_size / 1024:.0f} KiB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
