"""What the submit dialog holds, as plain data: the fields, what is wrong with them, what they will make.

No Qt. Every rule of what may be submitted is ``app.submit``'s; here its sentences are put to the fields.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from app.core.views import ShotRow
from app.errors import UserMistake
from app.gui.said import spoken
from app.gui.words import tr
from app.submit.frames import check_frames, frame_numbers
from app.submit.from_usd import SIZE, SPP, SceneChoice
from app.submit.inspection import Scene
from app.submit.naming import ShotName, default_shot, parse_shot

SIDE_MAX = 16_384
SAMPLES_MAX = 65_536
BOTTOM, TOP = "bottom", "top"
SCENE, BLEND, BUNDLE, PROGRAM = "scene", "blend", "bundle", "program"
FIELDS = {
    SCENE: frozenset({"frames", "camera", "size", "samples"}),
    BLEND: frozenset({"frames", "camera", "size", "samples"}),
    BUNDLE: frozenset({"parameters"}),
    PROGRAM: frozenset({"command", "frames", "out", "pattern"}),
}
"""What is asked of each kind, besides the shot's name and its place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmitForm:
    """The fields as the person sees them."""

    file: Path
    kind: str = SCENE
    project: str = ""
    sequence: str = ""
    shot: str = ""
    frames: str = "1"
    camera: str = ""
    """'' leaves it to the scene: its first camera, or one that sees everything."""
    cameras: list[str] = field(default_factory=list)
    width: int = SIZE[0]
    height: int = SIZE[1]
    samples: int = SPP
    parameters: dict[str, str] = field(default_factory=dict)
    """Of a bundle, by name."""
    steps: list[str] = field(default_factory=list)
    command: str = ""
    """A line as in a shell, with {frame} and {output}; never given to one."""
    out: str = ""
    """Folder of what the program makes; '' where it publishes nothing."""
    pattern: str = ""
    place: int | str = BOTTOM
    """A shot's id to stand before it, or 'top' or 'bottom'."""

    @property
    def name(self) -> str:
        """The shot as ``app.submit`` reads it."""
        return f"{self.project.strip()}/{self.sequence.strip()}/{self.shot.strip()}"

    def problems(self) -> dict[str, str]:
        """Return what is wrong, by field; empty when it can be submitted."""
        found: dict[str, str] = {}
        try:
            parse_shot(self.name)
        except UserMistake as mistake:
            found["shot"] = spoken(mistake.sentence)
        asked = FIELDS[self.kind]
        try:
            if "frames" in asked:
                check_frames(self.frames)
        except UserMistake as mistake:
            found["frames"] = spoken(mistake.sentence)
        if "command" in asked and not self.command.strip():
            found["command"] = tr("Say what to run, such as: oiiotool in.{frame}.exr -o {output}")
        if "{output}" in self.command and not self.out.strip():
            found["out"] = tr("Say into which folder {output} goes.")
        if not (1 <= self.width <= SIDE_MAX and 1 <= self.height <= SIDE_MAX):
            found["size"] = tr("A picture is 1 to {most} pixels wide and high.").format(
                most=SIDE_MAX
            )
        if not 1 <= self.samples <= SAMPLES_MAX:
            found["samples"] = tr("A pixel takes 1 to {most} samples.").format(most=SAMPLES_MAX)
        return found

    def promise(self, queue: Sequence[ShotRow]) -> str:
        """Say what submitting will make: '24 frames of 960 x 540, 64 samples, at the bottom'."""
        if self.problems():
            return ""
        if self.kind == BUNDLE:
            steps = ", ".join(self.steps)
            said = tr("{n} step(s): {steps}; {place}.", "", len(self.steps))
            return said.format(steps=steps, place=self._where(queue))
        count = len(frame_numbers(self.frames))
        if self.kind == PROGRAM:
            return tr("{n} task(s), {place}.", "", count).format(place=self._where(queue))
        if self.kind == BLEND:
            said = tr("{n} frame(s) of {width} × {height} pixels by Blender, {place}.", "", count)
            return said.format(width=self.width, height=self.height, place=self._where(queue))
        said = tr(
            "{n} frame(s) of {width} × {height} pixels, {samples} samples each, {place}.", "", count
        )
        fields = {"width": self.width, "height": self.height, "samples": self.samples}
        return said.format(**fields, place=self._where(queue))

    def before(self, queue: Sequence[ShotRow]) -> int:
        """Return the shot that the new one stands before; 0 for the bottom."""
        if self.place == TOP:
            return queue[0].id if queue else 0
        return self.place if isinstance(self.place, int) else 0

    def choice(self) -> SceneChoice:
        """Return what of the scene is to be rendered, for ``app.submit``."""
        return SceneChoice(
            frames=self.frames,
            spp=self.samples,
            size=(self.width, self.height),
            camera=self.camera or None,
        )

    def _where(self, queue: Sequence[ShotRow]) -> str:
        row = next((row for row in queue if row.id == self.before(queue)), None)
        if row is None:
            return tr("at the bottom of the queue")
        if self.place == TOP:
            return tr("at the top of the queue")
        return tr("before {shot}").format(shot=f"{row.sequence} / {row.name}")


def filled_from(file: Path, scene: Scene, known: ShotName | None = None) -> SubmitForm:
    """Return the form for a scene that was just inspected."""
    name = known or default_shot(file)
    has_range = scene.last >= scene.first
    is_single = scene.first == scene.last
    frames = str(scene.first) if is_single else f"{scene.first}-{scene.last}"
    has_size = scene.width > 0 and scene.height > 0
    return SubmitForm(
        file=file,
        project=name.project,
        sequence=name.sequence,
        shot=name.shot,
        frames=frames if has_range else "1",
        camera=scene.cameras[0] if scene.cameras else "",
        cameras=list(scene.cameras),
        width=scene.width if has_size else SIZE[0],
        height=scene.height if has_size else SIZE[1],
        samples=scene.samples or SPP,
    )


def changed(form: SubmitForm, **fields: object) -> SubmitForm:
    """Return the form with some fields changed."""
    return replace(form, **fields)
