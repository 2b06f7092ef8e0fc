"""One frame of a glTF 2.0 file as a ``PackedScene``: by way of a USD stage in memory.

The parts: ``gltf_file`` reads and checks, ``gltf_pose`` moves, ``gltf_stage`` and ``gltf_materials`` say it in
USD. A frame is 1/24 s of the file's animation, frame 0 its beginning.
"""

# usd-core has no type stubs, and fills its modules when they are imported.
# pyright: reportAttributeAccessIssue=false

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

from pxr import Tf

from node_agent.kernels.interface import KernelRefusal
from node_agent.kernels.pathtracer.gltf_file import GltfFile
from node_agent.kernels.pathtracer.gltf_pose import Pose
from node_agent.kernels.pathtracer.gltf_stage import StageMaker
from node_agent.kernels.pathtracer.scene import PackedScene
from node_agent.kernels.pathtracer.texture_files import TEXTURE_BYTES
from node_agent.kernels.pathtracer.usd_reader import Warnings, quiet_usd, read_stage

SUFFIXES = (".gltf", ".glb")
FRAMES_A_SECOND = 24.0


def read_gltf(
    path: Path,
    frame: float,
    camera: str,
    aspect: float,
    warn: Callable[[str], None],
    texture_bytes: int = TEXTURE_BYTES,
) -> PackedScene:
    """Everything that ``path`` shows at ``frame``, seen through ``camera`` (its node's name, or '').

    ``aspect`` is the image's width / height. ``warn`` is called with each sentence once.
    ``texture_bytes``: what all textures may take. Raises KernelRefusal, one sentence that
    names the file, for whatever cannot be rendered at all."""
    warnings = Warnings(path.name, warn)
    if camera and not camera.startswith("/"):
        camera = f"/cameras/{Tf.MakeValidIdentifier(camera)}"
    with quiet_usd(path.name), tempfile.TemporaryDirectory() as folder:
        try:
            file = GltfFile(path)
            pose = Pose(file, frame / FRAMES_A_SECOND, warnings)
            stage = StageMaker(file, pose, Path(folder), warnings).run()
        except (KeyError, TypeError, ValueError, OverflowError, RecursionError) as error:
            raise KernelRefusal(f"{path.name} is no whole glTF: {error}.") from error
        return read_stage(stage, path.name, frame, camera, aspect, warnings, texture_bytes)
