"""The path tracer as a kernel: the five functions of ``node_agent.kernels.interface`` and merge.

``prepare`` picks a reader by the scene's suffix from READERS; ``prepare_scene`` takes a scene that is
already packed. Everything else is the same for both.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from node_agent.kernels import denoise
from node_agent.kernels.interface import KernelRefusal, KernelSpec, Planes, Target
from node_agent.kernels.pathtracer import film as films
from node_agent.kernels.pathtracer import launch_cpu
from node_agent.kernels.pathtracer.adaptive import PILOT, sample_limits
from node_agent.kernels.pathtracer.arrays import SceneArrays
from node_agent.kernels.pathtracer.camera_attributes import camera_attributes
from node_agent.kernels.pathtracer.checkpoint import Header, decode, encode
from node_agent.kernels.pathtracer.identity import identity_attributes, identity_planes
from node_agent.kernels.pathtracer.motion import forward_plane, over_a_frame
from node_agent.kernels.pathtracer.options import Options, check_spec, image_hash, spec_hash
from node_agent.kernels.pathtracer.pack import pack
from node_agent.kernels.pathtracer.preview import preview
from node_agent.kernels.pathtracer.ranges import add_range, holds_any, reach
from node_agent.kernels.pathtracer.scene import Names, PackedScene
from node_agent.kernels.pathtracer.trees_kept import Keeper
from node_agent.kernels.pathtracer.warm import collection_paused, smallest_scene

USD = "node_agent.kernels.pathtracer.usd_reader:read_usd"
GLTF = "node_agent.kernels.pathtracer.gltf_reader:read_gltf"
READERS = {".usd": USD, ".usda": USD, ".usdc": USD, ".usdz": USD, ".gltf": GLTF, ".glb": GLTF}
"""Suffix to 'module:function', imported when first needed; the function is called with (path, frame,
camera, aspect, warn, texture_bytes) and returns a PackedScene."""


def _ignore(_warning: str) -> None:
    """For callers that do not want warnings."""


@dataclass(slots=True)
class State:
    """One frame in the making. Opaque to the caller."""

    spec: KernelSpec
    options: Options
    target: Target
    scene: SceneArrays
    digest: str
    film: NDArray[np.int64]
    """(height * width, planes) int64, see ``film``; on a GPU, as of the last ``_fetch``."""
    names: Names
    materials_of: NDArray[np.int32]
    """(triangles,) rows of ``names.materials``."""
    attributes: dict[str, object]
    """Of the camera and the time, for the frame's file."""
    ranges: list[tuple[int, int]] = field(default_factory=list)
    """Sample ranges [first, end) that the film holds."""
    is_limited: bool = False
    """The film says at how many samples each pixel stops."""
    reader: Callable[[float], PackedScene] | None = None
    """Reads the scene at a frame, for the plane of motion; None of a scene that was packed elsewhere."""
    warn: Callable[[str], None] = _ignore
    device: Any = None
    """What ``launch_cuda`` keeps on the GPU; None on the CPU."""


class PathTracer:
    """Renders scenes by unidirectional path tracing, on CPU threads or one GPU."""

    name = "pathtracer"
    version = "6"

    def __init__(self) -> None:
        self._keeper = Keeper()
        """The trees of the last frame: the next one of the same scene builds only what it must."""

    def warm_up(self, target: Target) -> None:
        """Compile, or load from the cache, by rendering one pixel of one triangle."""
        spec = KernelSpec(scene=Path(), frame=0.0, width=1, height=1, samples=1)
        with collection_paused():
            state = self.prepare_scene(spec, smallest_scene(), target)
            self.advance(state, 0, 1)

    def prepare(self, spec: KernelSpec, target: Target, warn: Callable[[str], None]) -> State:
        """Read the scene and allocate an empty film. Raises KernelRefusal."""
        options = check_spec(spec)
        suffix = spec.scene.suffix.lower()
        if suffix not in READERS:
            known = ", ".join(sorted(READERS))
            raise KernelRefusal(
                f"{spec.scene.name}: the path tracer reads {known}, not {suffix!r}."
            )
        module, function = READERS[suffix].split(":")
        read = getattr(importlib.import_module(module), function)
        aspect, textures = spec.width / spec.height, options.texture_mib << 20

        def packed_at(frame: float, tell: Callable[[str], None]) -> PackedScene:
            return read(spec.scene, frame, spec.camera, aspect, tell, textures)

        state = self.prepare_scene(spec, packed_at(spec.frame, warn), target, warn)
        state.reader, state.warn = lambda frame: packed_at(frame, _ignore), warn
        return state

    def prepare_scene(
        self,
        spec: KernelSpec,
        packed: PackedScene,
        target: Target,
        warn: Callable[[str], None] = _ignore,
    ) -> State:
        """As ``prepare``, for a scene that is already packed."""
        options = check_spec(spec)
        if target.kind not in ("cpu", "cuda") or target.threads < 1:
            raise KernelRefusal(f"The path tracer runs on 'cpu' or 'cuda', not on {target}.")
        size = (spec.width, spec.height)
        if options.denoise:
            denoise.require()  # now, not after hours of rendering
        threads = target.threads if target.kind == "cpu" else 0
        scene = pack(
            packed, size, spec.seed, options.max_depth, options.clamp, warn, threads, self._keeper
        )
        try:
            groups = len(packed.names.light_groups) if options.light_groups else 0
            film = films.new_film(*size, groups)
        except MemoryError as error:
            raise KernelRefusal(f"No memory for a film of {spec.width} x {spec.height}.") from error
        names, materials = _named(packed), packed.triangle_materials
        seen = camera_attributes(packed.camera, size, spec.frame, packed.frames_per_second)
        state = State(spec, options, target, scene, packed.digest, film, names, materials, seen)
        if target.kind == "cuda":
            from node_agent.kernels.pathtracer import launch_cuda

            state.device = launch_cuda.upload(scene, film)
        return state

    def advance(self, state: State, first_pass: int, passes: int) -> None:
        """Render passes [first_pass, first_pass + passes). ValueError where the state holds one already."""
        spec = state.spec
        if not (0 <= first_pass and 1 <= passes and first_pass + passes <= spec.passes):
            raise ValueError(f"passes {first_pass} to {first_pass + passes} of {spec.passes}")
        first = spec.first_sample + first_pass * spec.samples_per_pass
        end = min(first + passes * spec.samples_per_pass, spec.first_sample + spec.samples)
        if holds_any(state.ranges, first, end):
            raise ValueError(f"the state already holds some of the samples {first} to {end}")
        if state.options.adaptive and end > PILOT and not state.is_limited:
            if first < PILOT:
                self._render(state, first, PILOT)
                first = PILOT
            _limit(state)
        self._render(state, first, end)

    def _render(self, state: State, first: int, end: int) -> None:
        """Add the samples [first, end)."""
        if state.device is None:
            launch_cpu.launch(state.scene, state.film, first, end - first, state.target.threads)
        else:
            from node_agent.kernels.pathtracer import launch_cuda

            launch_cuda.launch(state.device, first, end - first)
        state.ranges = add_range(state.ranges, first, end)

    def preview(self, state: State, max_width: int, max_height: int) -> NDArray[np.uint8]:
        """Display image so far, (h, w, 3) uint8 sRGB, top row first, no larger than asked."""
        size = (state.spec.width, state.spec.height)
        return preview(_fetch(state), size, (max_width, max_height), state.options.exposure)

    def checkpoint(self, state: State) -> bytes:
        """The state as bytes; see ``checkpoint``."""
        return encode(self._header(state), _fetch(state))

    def restore(
        self, spec: KernelSpec, data: bytes, target: Target, warn: Callable[[str], None]
    ) -> State:
        """Continue from a checkpoint; reads the scene anew. Raises KernelRefusal."""
        return self._continue(self.prepare(spec, target, warn), data, warn)

    def restore_scene(
        self,
        spec: KernelSpec,
        packed: PackedScene,
        data: bytes,
        target: Target,
        warn: Callable[[str], None] = _ignore,
    ) -> State:
        """As ``restore``, for a scene that is already packed."""
        return self._continue(self.prepare_scene(spec, packed, target, warn), data, warn)

    def passes_done(self, state: State) -> int:
        """How many passes the state holds without a gap, from its first on."""
        spec = state.spec
        samples = reach(state.ranges, spec.first_sample) - spec.first_sample
        return min(-(-samples // spec.samples_per_pass), spec.passes)

    def merge(self, state: State, other: State) -> None:
        """Add the samples of ``other``, which must be others of the same frame."""
        if image_hash(state.spec) != image_hash(other.spec) or state.digest != other.digest:
            raise KernelRefusal("Samples of different frames cannot be merged.")
        self._add(state, _fetch(other), other.ranges)

    def absorb(self, state: State, spec: KernelSpec, data: bytes) -> None:
        """As ``merge`` of what ``restore`` of this checkpoint would give, without reading the scene again."""
        if image_hash(state.spec) != image_hash(spec):
            raise KernelRefusal("Samples of different frames cannot be merged.")
        wanted = replace(self._header(state), spec=spec_hash(spec))
        header, film = decode(data, wanted, *state.film.shape)
        self._add(state, film, header.ranges)

    def _add(
        self, state: State, film: NDArray[np.int64], ranges: Sequence[tuple[int, int]]
    ) -> None:
        if any(holds_any(state.ranges, *held) for held in ranges):
            raise KernelRefusal("Both states hold some of the same samples.")
        self._put(state, films.merged(_fetch(state), film))
        for first, end in ranges:
            state.ranges = add_range(state.ranges, first, end)

    def finish(self, state: State) -> Planes:
        """Beauty RGBA, albedo, normal, depth along the camera's axis, samples taken; and what was asked for."""
        groups = state.names.light_groups if state.options.light_groups else ()
        planes = films.resolve(_fetch(state), state.spec.width, state.spec.height, groups)
        if state.options.denoise:
            guides = planes["albedo"], planes["normal"]
            planes["denoised"] = denoise.denoised(planes["beauty"], *guides)
        if state.options.cryptomatte:
            threads = state.target.threads
            materials = state.materials_of
            planes |= identity_planes(
                state.scene, state.names, materials, state.spec.width, threads
            )
        if state.options.motion:
            planes["forward"] = self._forward(state)
        return planes

    def _forward(self, state: State) -> NDArray[np.float32]:
        """Where all goes to the next frame; zero where that has other meshes, or is not known."""
        spec, threads = state.spec, state.target.threads
        nothing = np.zeros((spec.height, spec.width, 2), np.float32)
        if state.reader is None:
            return nothing
        both = over_a_frame(state.reader(spec.frame), state.reader(spec.frame + 1))
        if both is None:
            state.warn(
                f"Frame {spec.frame + 1:g} has other meshes than frame {spec.frame:g}, so the plane of "
                "motion is zero."
            )
            return nothing
        size = (spec.width, spec.height)
        scene = pack(both, size, spec.seed, 1, state.options.clamp, _ignore, threads)
        return forward_plane(scene, threads)

    def attributes(self, state: State) -> dict[str, object]:
        """What the file's header says besides: camera, time, lossy compression, the manifests of the mattes."""
        found = dict(state.attributes)
        if state.options.dwaa > 0:
            found["dwaCompressionLevel"] = state.options.dwaa
        return found | (identity_attributes(state.names) if state.options.cryptomatte else {})

    def _header(self, state: State) -> Header:
        return Header(
            version=self.version,
            spec=spec_hash(state.spec),
            scene=state.digest,
            device=state.target.kind,
            ranges=tuple(state.ranges),
        )

    def _continue(self, state: State, data: bytes, warn: Callable[[str], None]) -> State:
        header, film = decode(data, self._header(state), *state.film.shape)
        if header.device != state.target.kind:
            warn(
                f"The checkpoint was made on {header.device}; going on on {state.target.kind}, "
                "the frame is as good, but not the same to the last bit."
            )
        self._put(state, film)
        state.ranges = list(header.ranges)
        return state

    def _put(self, state: State, film: NDArray[np.int64]) -> None:
        """Replace the film."""
        state.film[...] = film
        state.is_limited = bool(film[:, films.LIMIT].any())
        if state.device is not None:
            from node_agent.kernels.pathtracer import launch_cuda

            state.device = launch_cuda.upload(state.scene, state.film)


def _named(packed: PackedScene) -> Names:
    """The scene's names, with one for each material of a scene that came without."""
    names = packed.names
    if len(names.materials) == len(packed.materials):
        return names
    return replace(names, materials=tuple(f"material_{n}" for n in range(len(packed.materials))))


def _limit(state: State) -> None:
    """Write into the film at how many samples each pixel stops, by the frame's pilot samples."""
    size = (state.spec.width, state.spec.height)
    film = _fetch(state)
    film[:, films.LIMIT] = sample_limits(_pilot(state), size, state.options.adaptive)
    state.is_limited = True
    if state.device is not None:
        from node_agent.kernels.pathtracer import launch_cuda

        state.device = launch_cuda.with_film(state.device, film)


def _pilot(state: State) -> NDArray[np.int64]:
    """A film of the samples [0, PILOT): this one where it holds just those, else rendered for the purpose."""
    if state.ranges == [(0, PILOT)]:
        return _fetch(state)
    groups = films.groups_of(state.film)
    film = films.new_film(state.spec.width, state.spec.height, groups)
    if state.device is None:
        launch_cpu.launch(state.scene, film, 0, PILOT, state.target.threads)
        return film
    from node_agent.kernels.pathtracer import launch_cuda

    device = launch_cuda.with_film(state.device, film)
    launch_cuda.launch(device, 0, PILOT)
    launch_cuda.download(device, film)
    return film


def _fetch(state: State) -> NDArray[np.int64]:
    """The film as it is now, on the host."""
    if state.device is not None:
        from node_agent.kernels.pathtracer import launch_cuda

        launch_cuda.download(state.device, state.film)
    return state.film
