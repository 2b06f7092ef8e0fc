"""The demo reads a scene once, however many of its shots are of it."""

from functools import cache
from pathlib import Path

from app.cli.demo.shots import DemoShot, SceneReader
from app.submit import SceneChoice
from app.submit.inspection import Scene


def test_two_shots_of_one_scene_cost_one_reading(tmp_path):
    readings = []

    def read(path: Path) -> tuple[Path, Scene]:
        readings.append(path)
        return path, Scene(first=1, last=2, cameras=["/A", "/B"])

    reader = SceneReader(cache(read))
    for name, camera in (("sh0010", "/A"), ("sh0020", "/B")):
        choice = SceneChoice(frames="1-2", camera=camera, out=tmp_path / name)
        shot = DemoShot(f"DEMO/sq010/{name}", Path("/scenes/box.usda"), choice)
        request = reader.request_of(shot)
        assert (request.shot, request.steps[0].work.camera) == (name, camera)

    assert readings == [Path("/scenes/box.usda")]
