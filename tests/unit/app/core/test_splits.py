"""The last frames of a step, in pieces over idle devices: when, into what, and how each may end."""

from msgspec.structs import replace

from app.core import actions as act
from app.core import commands as cmd
from app.core.events import NodeSaid, Tick
from app.core.ids import TaskState
from app.core.tasks import unpack
from node_agent.wire import messages as m
from node_agent.wire.job import Needs
from tests.unit.app.core.bench import GPU, USAGE, WALL, Bench, kernel_work, of, only, sent
from tests.unit.app.core.test_placing import assigns, why

LONG = m.Usage(wall_s=100.0)


class Split:
    """Two frames of 100 passes (step 1), four cards; the first frame took 100 s, and the second is at half."""

    def __init__(self, needs: Needs | None = None, split_s=8.0, **options) -> None:
        self.bench = bench = Bench(split_s=split_s, split_look_s=2.0)
        self.options = {"work": kernel_work(samples=100, samples_per_pass=1), **options}
        step = {"needs": needs or Needs(device="cuda")}
        bench.submit("a", "1-2", step=step, **self.options)
        self.key = bench.node("n1", GPU)
        (first,) = assigns(bench.said)
        (second,) = assigns(bench.report(self.key, m.Done, first.ref, files=[], usage=LONG))
        self.second = second.ref
        self.others = [bench.node(name, GPU) for name in ("n2", "n3", "n4")]
        for done in (10, 30, 50):
            bench.mono += 10
            bench.turn(NodeSaid(self.key, m.Heartbeat([self.second])))
            bench.say(self.key, m.Progress(self.second, done, 100))
            for key in self.others:
                bench.say(key, m.Heartbeat([]))

    def look(self) -> list[act.Action]:
        return self.bench.sleep(2.5)

    def split(self) -> list[m.Assign]:
        self.look()
        yielded = self.bench.report(
            self.key, m.Yielded, self.second, checkpoint="/c/2", passes_done=52, usage=USAGE
        )
        self.pieces = assigns(yielded)
        return self.pieces

    def finish(self, assign: m.Assign) -> list[act.Action]:
        node, _, _ = self.bench.state.steps[assign.ref.step].running[assign.ref.task]
        key = self.bench.state.nodes[node].public_key
        return self.bench.report(key, m.Done, assign.ref, files=[])


def test_a_running_frame_yields_and_is_split_over_idle_devices():
    scene = Split()
    (asked,) = sent(scene.look(), scene.key)
    assert asked == m.Revoke(scene.second, "yield")
    pieces = scene.split()
    assert [(one.first_sample, one.samples) for one in pieces] == [
        (52, 12),
        (64, 12),
        (76, 12),
        (88, 12),
    ]
    assert {one.ref.step for one in pieces} == {2}
    assert scene.bench.states(1) == "DW"


def test_a_staged_frame_stays_whole():
    scene = Split(work=kernel_work(samples=100, samples_per_pass=1, staged="a" * 64))
    assert sent(scene.look(), scene.key) == []


def test_the_pieces_are_merged_with_what_the_frame_had():
    scene = Split()
    *pieces, last = scene.split()
    for piece in pieces:
        assert assigns(scene.finish(piece)) == []
    (merge,) = assigns(scene.finish(last))
    name = scene.bench.state.steps[1].work.output.directory
    assert (merge.ref.step, merge.ref.task, merge.checkpoint) == (1, 1, "/c/2")
    assert merge.parts == [
        f"{name}/frame.0002.exr.{first}-{first + 12}.part" for first in (52, 64, 76, 88)
    ]
    scene.finish(merge)
    assert scene.bench.states(1) == "DD"
    assert scene.bench.state.jobs[1].pieces == []
    # Neither the merge nor a piece says what a frame takes.
    assert scene.bench.state.steps[1].walls == {"cuda": [100.0]}


def test_a_frame_that_begins_beside_idle_devices_is_split_at_once():
    """The step's first frame said how long they take; the pause kept the second from beginning meanwhile."""
    bench = Bench(split_s=10.0)
    bench.ask(cmd.SetLimit(name="karma", count=1))
    needs = Needs(device="cuda", limits={"karma": 1})
    bench.submit(
        "a", "1-2", step={"needs": needs}, work=kernel_work(samples=40, samples_per_pass=4)
    )
    key = bench.node("n1", GPU, GPU, GPU)
    (first,) = assigns(bench.said)
    bench.ask(cmd.Pause(shots=[1]))
    bench.report(key, m.Done, first.ref, files=[], usage=m.Usage(wall_s=100.0))
    bench.ask(cmd.SetLimit(name="karma", count=3))
    pieces = assigns(bench.turn(*_asked(cmd.Resume(shots=[1]))))
    assert [(one.first_sample, one.samples) for one in pieces] == [(0, 12), (12, 12), (24, 16)]


def test_people_see_one_frame_that_runs():
    scene = Split()
    scene.split()
    rows = [action.row for action in of(act.PublishRow, scene.bench.sleep(1.5))]
    (shot,) = [row for row in rows if type(row).__name__ == "ShotRow"]
    assert (shot.total, shot.done, shot.running, shot.state) == (2, 1, 1, "running")
    snapshot = scene.bench.core.snapshot(scene.bench.now, None, 0)
    assert [row.id for row in snapshot.steps] == [1]
    assert snapshot.steps[0].states == bytes([TaskState.DONE, TaskState.RUNNING])
    cells = [cell for node in snapshot.nodes for device in node.devices for cell in device.attempts]
    assert {(cell.step, cell.task, cell.frame) for cell in cells} == {(1, 1, 2)}
    assert why(scene.bench, 1).sentence == (
        "Frame 2 is rendered in 4 pieces, of which 0 are done and 4 run now."
    )


def test_limits_bound_the_pieces():
    scene = Split(needs=Needs(device="cuda", limits={"karma": 1}))
    scene.bench.ask(cmd.SetLimit(name="karma", count=2))
    assert [one.samples for one in scene.split()] == [24, 24]


def test_a_lost_piece_is_rendered_again_elsewhere():
    scene = Split()
    first, *_ = scene.split()
    node, _, _ = scene.bench.state.steps[2].running[first.ref.task]
    key = scene.bench.state.nodes[node].public_key
    actions = scene.bench.hello(key, GPU, incarnation="2" * 16)
    (again,) = assigns(actions)
    assert (again.ref.task, again.ref.epoch, again.first_sample) == (first.ref.task, 2, 52)


def test_a_cancel_ends_all_and_deletes_their_files_and_its_undo_brings_the_frame_back():
    scene = Split()
    pieces = scene.split()
    scene.finish(pieces[0])
    actions = scene.bench.turn(*_asked(cmd.Cancel(shots=[1])))
    kills = [action.message for action in of(act.SendNode, actions)]
    assert sum(isinstance(message, m.Revoke) for message in kills) == 3
    (clean,) = [message for message in kills if isinstance(message, m.Clean)]
    assert len(clean.paths) == 4
    assert (scene.bench.states(1), scene.bench.states(2)) == ("DC", "DCCC")
    scene.bench.ask(cmd.Retry(shots=[1]))
    assert scene.bench.states(1) == "DU"
    assert scene.bench.states(2) == "DCCC"


def _asked(body: cmd.Command):
    from app.core.events import ClientAsked
    from tests.unit.app.core.bench import ADMIN

    return [ClientAsked(ADMIN, b"r", 1, body)]


def test_nobody_wakes_the_pieces_of_a_frame_that_needs_them_no_more():
    scene = Split()
    scene.split()
    scene.bench.ask(cmd.Cancel(shots=[1]))
    assert scene.bench.states(2) == "CCCC"
    answer = scene.bench.ask(cmd.Retry(tasks=[(2, 0)]))
    assert answer == cmd.Refusal(sentence="There is no task 0 of step 2.")
    assert scene.bench.states(2) == "CCCC"


def test_a_piece_that_fails_for_good_fails_its_frame():
    scene = Split()
    first, *_ = scene.split()
    node, _, _ = scene.bench.state.steps[2].running[first.ref.task]
    key = scene.bench.state.nodes[node].public_key
    scene.bench.report(key, m.Failed, first.ref, cause="user", sentence="No camera.")
    assert scene.bench.states(1) == "DF"
    assert scene.bench.state.steps[1].errors[1] == ("user", "No camera.")


def test_a_merge_that_fails_lets_the_frame_begin_anew_whole():
    scene = Split()
    *pieces, last = scene.split()
    for piece in pieces:
        scene.finish(piece)
    (merge,) = assigns(scene.finish(last))
    node, _, _ = scene.bench.state.steps[1].running[1]
    key = scene.bench.state.nodes[node].public_key
    actions = scene.bench.report(
        key, m.Failed, merge.ref, cause="environment", sentence="A piece is gone."
    )
    assert scene.bench.state.steps[1].kept == {}
    again = assigns(actions)
    assert all(one.parts == [] and one.checkpoint == "" for one in again)
    assert again


def test_a_restart_goes_on_with_the_pieces():
    scene = Split()
    pieces = scene.split()
    other = scene.bench.restart()
    assert other.states(1) == "DW"
    for piece in pieces:
        node, _, _ = other.state.steps[2].running[piece.ref.task]
        key = other.state.nodes[node].public_key
        other.hello(key, GPU, running=[piece.ref])
    for piece in pieces:
        node, _, _ = other.state.steps[2].running[piece.ref.task]
        key = other.state.nodes[node].public_key
        actions = other.report(key, m.Done, piece.ref, files=[])
    (merge,) = assigns(actions)
    assert len(merge.parts) == 4


def test_a_start_that_is_put_off_and_comes_again_does_not_leave_the_frame_waiting():
    scene = Split()
    pieces = scene.split()
    at = scene.bench.now.wall + 50
    scene.bench.ask(cmd.SetStart(jobs=[1], at=at))
    for piece in pieces:
        scene.finish(piece)
    assert scene.bench.states(1) == "DW"
    for _ in range(6):
        scene.bench.mono += 10
        beats = [NodeSaid(key, m.Heartbeat([])) for key in (scene.key, *scene.others)]
        scene.bench.turn(*beats, Tick())
    assert scene.bench.states(1) == "DU"


def test_short_frames_are_left_alone():
    scene = Split()
    scene.bench.say(scene.key, m.Progress(scene.second, 85, 100))
    assert sent(scene.look(), scene.key) == []
    assert scene.bench.now.wall > WALL
    assert only(act.SendNode, scene.bench.say(scene.key, m.Heartbeat([scene.second])))


def test_cards_of_unlike_nodes_help_and_those_without_the_memory_do_not():
    scene = Split(needs=Needs(device="cuda", memory_bytes=GPU.memory_bytes), split_s=4.0)
    small = replace(GPU, memory_bytes=GPU.memory_bytes // 2)
    big = replace(GPU, memory_bytes=GPU.memory_bytes * 2)
    keys = [scene.bench.node("small", small, small), scene.bench.node("big", big, big)]
    pieces = scene.split()
    # Four cards like its own and two larger ones; none of the small.
    assert len(pieces) == 6
    running = scene.bench.state.steps[2].running.values()
    assert sum(node == 6 for node, _, _ in running) == 2
    assert not any(node == 5 for node, _, _ in running), keys


def test_the_seconds_of_a_frame_are_those_of_its_checkpoint_its_pieces_and_their_merge():
    scene = Split()
    bench, state = scene.bench, scene.bench.state
    for piece in scene.split():
        merges = assigns(scene.finish(piece))
    key = state.nodes[state.steps[1].running[1][0]].public_key
    pieces_s = sum(state.steps[2].seconds)
    bench.report(key, m.Done, merges[0].ref, files=[], usage=m.Usage(wall_s=3.0))
    assert pieces_s > 0
    assert state.steps[1].seconds[1] == USAGE.wall_s + pieces_s + 3.0
    assert state.steps[1].spent == {}


def test_a_frame_that_yielded_twice_took_all_three_attempts_and_one_that_failed_its_last():
    bench = Bench()
    bench.submit("a", "1-2", work=kernel_work(samples=100, samples_per_pass=1), scouts=False)
    key = bench.node("n1", GPU)
    step = bench.state.steps[1]

    def report(kind, epoch, wall_s, **fields):
        usage = m.Usage(wall_s=wall_s)
        bench.report(key, kind, m.AttemptRef(1, 0, epoch), usage=usage, **fields)

    report(m.Yielded, 1, 10.0, checkpoint="/c/1", passes_done=30)
    report(m.Yielded, 2, 20.0, checkpoint="/c/2", passes_done=60)
    assert step.spent == {0: 30.0}
    assert unpack(step.pack()).spent == {0: 30.0}
    report(m.Done, 3, 5.0, files=[])
    assert (step.seconds[0], step.spent, step.walls["cuda"]) == (35.0, {}, [35.0])
    bench.report(
        key, m.Yielded, m.AttemptRef(1, 1, 1), checkpoint="/c/3", passes_done=9, usage=LONG
    )
    bench.report(key, m.Failed, m.AttemptRef(1, 1, 2), cause="crash", sentence="x", usage=LONG)
    assert step.spent == {}
