"""From finished frames to what people look at: a contact sheet, and a movie of each shot.

``node_agent.worker.media`` makes them, in a child: image libraries are none of the command line's.
"""

from __future__ import annotations

from collections.abc import Sequence

from app.cli.demo.folder import DemoFolder
from app.cli.demo.shots import DemoShot

MEDIA = "node_agent.worker.media"
MEDIA_S = 120.0


def make_pictures(folder: DemoFolder, shots: Sequence[DemoShot]) -> list[str]:
    """Make them; return a line for each that came out, and say on stderr why one did not."""
    raise NotImplementedError
