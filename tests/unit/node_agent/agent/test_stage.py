"""Staged attempts between loop and supervisor, with a supervisor and couriers that only note what they hear."""

from pathlib import Path

import msgspec
import pytest

from node_agent.agent import session_types as t
from node_agent.agent import stage as module
from node_agent.agent.cache import tree_of
from node_agent.agent.errand import Errand, Said
from node_agent.agent.stage import Place, Stage
from node_agent.wire import staging as s
from node_agent.wire.job import CommandWork, Frames, KernelWork, Output
from node_agent.wire.messages import AttemptRef, OutputFile, Usage

REF = AttemptRef(1, 0, 1)
ROOT, KEPT = "a" * 64, "b" * 64
USAGE = Usage(wall_s=2.0)


class FakeSupervisor:
    def __init__(self) -> None:
        self.done: list = []
        self.events: list = []

    def perform(self, action) -> None:
        self.done.append(action)

    def turn(self):
        events, self.events = self.events, []
        return events


class FakeCourier:
    """Says what the test makes it say."""

    all: list["FakeCourier"]
    has_ended = has_unsent = False
    pid, stdout, errors = 7, 8, "Traceback\nOh no"

    def __init__(self, argv, environment, directory) -> None:
        self.lines: list[str] = []
        self.heard: list[str] = []
        self.is_closed = False
        FakeCourier.all.append(self)

    @property
    def errand(self) -> Errand:
        return msgspec.json.decode(self.heard[0], type=Errand)

    def say(self, line: str) -> None:
        self.heard.append(line)

    def says(self, **said) -> None:
        self.lines.append(msgspec.json.encode(Said(**said)).decode())

    def read_lines(self):
        lines, self.lines = self.lines, []
        return lines

    def close(self) -> int:
        self.is_closed = True
        return 0


@pytest.fixture
def rig(tmp_path, monkeypatch):
    FakeCourier.all = []
    monkeypatch.setattr(module, "SideProcess", FakeCourier)
    return Rig(tmp_path)


class Rig:
    def __init__(self, folder: Path) -> None:
        self.cache, self.scratch = folder / "cache", folder / "scratch"
        self.supervisor = FakeSupervisor()
        place = Place(
            host="tcp://host",
            server_key="k",
            public="p",
            secret="s",
            cache=self.cache,
            scratch=self.scratch,
            limit_bytes=1,
        )
        self.stage = Stage(self.supervisor, place)
        self.stage.port = 17153
        self.own = self.scratch / "1.0.1"

    def have(self, root: str, *names: str) -> None:
        tree_of(self.cache, root).mkdir(parents=True)
        for name in names:
            (tree_of(self.cache, root) / name).touch()

    def start(self, **more) -> None:
        output = Output(directory="/farm/out", preview_directory="/farm/out/small")
        work = KernelWork(kernel="noop", scene="a/b.usda", output=output, staged=ROOT)
        fields = {"work": work, **more}
        self.stage.perform(t.StartChild(ref=REF, device=0, frames=Frames(1, 1), **fields))

    def child(self, *events):
        self.supervisor.events += events
        return self.stage.turn()

    def run_to_offered(self) -> FakeCourier:
        self.have(ROOT)
        self.start()
        files = [
            OutputFile(f"{self.own}/f.exr", 5, "x"),
            OutputFile(f"{self.own}/preview/f.png", 3, "y"),
        ]
        assert self.child(t.ChildReady(REF, files)) == []
        assert isinstance(self.supervisor.done[-1], t.PublishChild), "its scratch is its own"
        assert self.child(t.ChildDone(REF, files, USAGE)) == []
        courier = FakeCourier.all[-1]
        made = [s.Produced("f.exr", 0, 5, "x", []), s.Produced("f.png", 1, 3, "y", [])]
        courier.says(word="brought", files=made)
        return courier


FINAL = [OutputFile("/farm/out/f.exr", 5, "x"), OutputFile("/farm/out/small/f.png", 3, "y")]


def test_files_are_fetched_and_the_child_sees_this_nodes_folders(rig):
    rig.start(checkpoint=f"{s.CHECKPOINT_PREFIX}{KEPT}")
    (courier,) = FakeCourier.all
    assert (courier.errand.do, courier.errand.roots) == ("fetch", [ROOT, KEPT])
    assert rig.supervisor.done == []
    rig.have(ROOT)
    rig.have(KEPT, "f.checkpoint")
    courier.says(word="fetched")
    assert rig.stage.turn() == []
    (start,) = rig.supervisor.done
    assert start.work.scene == str(tree_of(rig.cache, ROOT) / "a/b.usda")
    assert start.work.output.directory == str(rig.own)
    assert start.checkpoint == str(tree_of(rig.cache, KEPT) / "f.checkpoint")
    assert courier.is_closed


def test_a_command_finds_its_files_by_a_field(rig):
    rig.have(ROOT)
    rig.start(work=CommandWork(argv=["cat", "{assets}/a.txt", "{{frame}}"], staged=ROOT))
    tree = tree_of(rig.cache, ROOT)
    assert rig.supervisor.done[-1].work.argv == ["cat", f"{tree}/a.txt", "{{frame}}"]


def test_outputs_are_brought_then_offered_then_published(rig):
    courier = rig.run_to_offered()
    assert [file.folder for file in courier.errand.files] == [s.OUTPUT, s.PREVIEW]
    assert rig.stage.turn() == [t.ChildReady(REF, FINAL)]
    rig.stage.perform(t.PublishChild(REF, 12.5))
    assert courier.heard[1:] == ["publish 12.5"]
    courier.says(word="late")
    assert rig.stage.turn() == [t.ChildReady(REF, FINAL)]
    courier.says(word="published")
    assert rig.stage.turn() == [t.ChildDone(REF, FINAL, USAGE)]
    assert not rig.own.exists()
    assert courier.is_closed


def test_a_yielded_checkpoint_goes_along(rig):
    rig.have(ROOT)
    rig.start()
    path = f"{rig.own}/.windfire/f.checkpoint"
    assert rig.child(t.ChildYielded(REF, path, 3, USAGE)) == []
    (courier,) = FakeCourier.all
    assert (courier.errand.do, courier.errand.files[0].path) == ("keep", path)
    courier.says(word="kept", text=KEPT)
    assert rig.stage.turn() == [t.ChildYielded(REF, s.CHECKPOINT_PREFIX + KEPT, 3, USAGE)]


def test_a_kill_ends_whatever_is_under_way(rig):
    rig.start()
    rig.stage.perform(t.KillChild(REF))
    assert rig.stage.turn() == [t.ChildKilled(REF, Usage())]
    courier = rig.run_to_offered()
    rig.stage.turn()
    rig.stage.perform(t.KillChild(REF))
    assert rig.stage.turn() == [t.ChildKilled(REF, USAGE)]
    assert courier.is_closed


def test_a_yield_before_the_start_gives_it_back(rig):
    rig.start()
    rig.stage.perform(t.YieldChild(REF))
    assert rig.stage.turn() == [t.ChildYielded(REF, "", 0, Usage())]


def test_a_courier_that_dies_or_refuses_fails_the_attempt(rig):
    rig.start()
    FakeCourier.all[0].says(word="fault", text="It is not here.")
    assert rig.stage.turn() == [t.ChildFailed(REF, "environment", "It is not here.", Usage())]
    rig.start()
    FakeCourier.all[1].has_ended = True
    (failed,) = rig.stage.turn()
    assert failed.sentence == "The courier of staged files died: Oh no."


def test_a_dispatcher_without_the_socket_is_said(rig):
    rig.stage.port = 0
    rig.start()
    (failed,) = rig.stage.turn()
    assert "older version" in failed.sentence


def test_what_is_not_staged_goes_through(rig):
    start = t.StartChild(ref=REF, device=0, work=CommandWork(argv=["x"]), frames=Frames(1, 1))
    for action in (start, t.PublishChild(REF, 1.0), t.YieldChild(REF), t.KillChild(REF)):
        rig.stage.perform(action)
        assert rig.supervisor.done[-1] is action
    assert rig.child(t.ChildStarted(REF)) == [t.ChildStarted(REF)]
    assert rig.child(t.Tick()) == [t.Tick()]
