"""The replica against the plainest model: whatever the network does, it ends as the farm's snapshot.

The model is a farm of dictionaries that publishes a delta a turn; the network loses, repeats and delays.
"""

from copy import deepcopy

from hypothesis import given
from hypothesis import strategies as st

from app.client.replica import Batch, Feed, Gap, Replica
from app.core.ids import TaskState
from app.core.views import Delta, NodeSample, ShotRow, Snapshot, StepRow, TaskChange
from tests.integration.cli.fake_farm import make_node, make_shot, make_snapshot, make_step

TASKS = 4
ON_A_NODE = {TaskState.RUNNING, TaskState.PUBLISHING}

shots = st.builds(
    lambda number, rank, done: make_shot(number, rank=rank + number / 100, done=done),
    st.integers(1, 5),
    st.integers(0, 9),
    st.integers(0, 10),
)
steps = st.builds(
    lambda number, state: make_step(
        number, shot=number, tasks=TASKS, states=bytes([state] * TASKS)
    ),
    st.integers(1, 5),
    st.sampled_from([TaskState.WAITING, TaskState.READY, TaskState.DONE]),
)
tasks = st.builds(
    TaskChange,
    step=st.integers(1, 6),
    task=st.integers(0, TASKS),  # one too many, and a step too many: the replica must not fall over
    state=st.sampled_from(list(TaskState)).map(int),
    epoch=st.integers(0, 3),
    node=st.integers(0, 2),
    progress=st.sampled_from([0.0, 0.5]),
)
turns = st.fixed_dictionaries(
    {
        "rows": st.lists(
            st.one_of(shots, steps, st.builds(make_node, st.integers(1, 3))), max_size=4
        ),
        "tasks": st.lists(tasks, max_size=6),
        "removed_shots": st.lists(st.integers(1, 5), max_size=1),
    }
)


class Farm:
    """What a dispatcher knows, and the deltas it has published."""

    def __init__(self):
        self.instance, self.seq = "one", 0
        self.shots, self.steps, self.nodes = {}, {}, {}
        self.running = {}

    def turn(self, change) -> Delta:
        self.seq += 1
        gone = set(change["removed_shots"])
        for row in change["rows"]:
            if isinstance(row, ShotRow):
                self.shots[row.id] = row
            elif isinstance(row, StepRow):
                self.steps[row.id] = row
                self.running = {
                    key: value for key, value in self.running.items() if key[0] != row.id
                }
            else:
                self.nodes[row.id] = row
        for task in change["tasks"]:
            self.move(task)
        for shot in gone & set(self.shots):
            del self.shots[shot]
            self.steps = {key: row for key, row in self.steps.items() if row.shot != shot}
        return Delta(instance=self.instance, seq=self.seq, at=float(self.seq), **change)

    def move(self, task):
        row = self.steps.get(task.step)
        if row is None or task.task >= TASKS:
            return
        states = bytearray(row.states)
        states[task.task] = task.state
        self.steps[task.step] = make_step(
            task.step, shot=row.shot, tasks=TASKS, states=bytes(states)
        )
        self.running.pop((task.step, task.task), None)
        if task.state in ON_A_NODE:
            self.running[task.step, task.task] = task

    def snapshot(self) -> Snapshot:
        return make_snapshot(
            self.instance,
            self.seq,
            shots=list(self.shots.values()),
            steps=list(self.steps.values()),
            nodes=list(self.nodes.values()),
            tasks=[task for (step, _), task in self.running.items() if step in self.steps],
        )


def contents(replica: Replica) -> tuple:
    """Everything that a window can see; the row of a step only by what does not change."""
    steps = {
        step: (state.row.shot, bytes(state.states), dict(state.running))
        for step, state in replica.steps.items()
    }
    return replica.shots, replica.jobs, steps, replica.nodes, [row.id for row in replica.queue()]


def fresh(snapshot: Snapshot) -> Replica:
    replica = Replica()
    replica.apply_snapshot(snapshot)
    return replica


def take(replica: Replica, items) -> Batch:
    whole = Batch()
    for item in items:
        batch = replica.apply(item) if isinstance(item, Delta) else replica.apply_snapshot(item)
        assert not isinstance(batch, Gap)
        whole.merge(batch)
    return whole


@given(st.lists(turns, max_size=12), st.integers(0, 12))
def test_snapshot_and_deltas_equal_a_later_snapshot(changes, first):
    """A snapshot of any moment, and the deltas after it, give what a snapshot of the end gives."""
    farm = Farm()
    snapshots, deltas = [farm.snapshot()], []
    for change in changes:
        deltas.append(farm.turn(change))
        snapshots.append(deepcopy(farm.snapshot()))
    start = min(first, len(changes))
    replica = fresh(snapshots[start])
    # Rows of a step that comes again forget the nodes, as the farm's model does: compare states alone.
    take(replica, deltas[start:])
    assert contents(replica)[0] == contents(fresh(farm.snapshot()))[0]
    assert contents(replica)[3:] == contents(fresh(farm.snapshot()))[3:]
    assert {key: value[:2] for key, value in contents(replica)[2].items()} == {
        key: value[:2] for key, value in contents(fresh(farm.snapshot()))[2].items()
    }


@given(st.lists(turns, min_size=1, max_size=8))
def test_applying_a_delta_again_changes_nothing(changes):
    farm, replica = Farm(), fresh(Farm().snapshot())
    deltas = [farm.turn(change) for change in changes]
    take(replica, deltas)
    before = deepcopy(contents(replica))
    assert not any(bool(replica.apply(delta)) for delta in deltas)
    assert contents(replica) == before


@given(st.lists(turns, min_size=3, max_size=8), st.data())
def test_a_lost_delta_is_noticed_and_nothing_of_the_later_is_taken(changes, data):
    farm, replica = Farm(), fresh(Farm().snapshot())
    deltas = [farm.turn(change) for change in changes]
    lost = data.draw(st.integers(0, len(deltas) - 2))
    take(replica, deltas[:lost])
    before = deepcopy(contents(replica))
    gap = replica.apply(deltas[lost + 1])
    assert gap == Gap(expected=lost + 1, got=lost + 2, instance="one")
    assert contents(replica) == before


@given(st.lists(turns, min_size=1, max_size=10), st.data())
def test_the_feed_repairs_whatever_the_network_does(changes, data):
    """Deltas are lost, repeated or early; the dispatcher restarts. In the end both sides agree."""
    farm, feed, replica = Farm(), Feed(), Replica()
    for change in changes:
        if data.draw(st.booleans(), label="restart") and farm.seq > 3:
            farm.instance, farm.seq = farm.instance + "'", 0
        delta = farm.turn(change)
        for _ in range(data.draw(st.integers(0, 2), label="copies")):
            take(replica, feed.on_delta(delta))
        if feed.wants_snapshot and data.draw(st.booleans(), label="snapshot arrives"):
            take(replica, feed.on_snapshot(farm.snapshot()))
    idle = farm.turn({"rows": [], "tasks": [], "removed_shots": []})
    take(replica, feed.on_delta(idle))
    if feed.wants_snapshot:
        take(replica, feed.on_snapshot(farm.snapshot()))
    assert not feed.wants_snapshot
    assert contents(replica)[0] == contents(fresh(farm.snapshot()))[0]
    assert contents(replica)[3:] == contents(fresh(farm.snapshot()))[3:]


@given(st.lists(turns, max_size=10))
def test_a_batch_names_everything_that_changed(changes):
    """A window that repaints only what the merged batch names shows what the replica holds."""
    farm, replica = Farm(), fresh(Farm().snapshot())
    before = deepcopy(contents(replica))
    batch = take(replica, [farm.turn(change) for change in changes])
    now = contents(replica)
    changed = {shot for shot in now[0] if now[0][shot] != before[0].get(shot)}
    assert changed <= batch.shots
    assert set(before[0]) - set(now[0]) <= batch.removed
    assert {node for node in now[3] if now[3][node] != before[3].get(node)} <= batch.nodes
    assert set(now[2]) - set(before[2]) <= batch.step_rows
    assert batch.order_changed or now[4] == before[4]


@given(st.lists(turns, min_size=2, max_size=8), st.data())
def test_merging_batches_in_parts_equals_the_whole(changes, data):
    farm = Farm()
    deltas = [farm.turn(change) for change in changes]
    cut = data.draw(st.integers(0, len(deltas)))
    parts, whole = fresh(Farm().snapshot()), fresh(Farm().snapshot())
    first, second = take(parts, deltas[:cut]), take(parts, deltas[cut:])
    first.merge(second)
    assert first == take(whole, deltas)


def test_reset_swallows_what_came_before_and_after():
    batch = Batch(shots={1}, removed={2}, steps={1: {0}})
    batch.merge(Batch(reset=True, order_changed=True))
    batch.merge(Batch(shots={3}, nodes={1}))
    assert batch == Batch(reset=True, order_changed=True)


def test_samples_are_bounded_to_an_hour():
    replica = fresh(make_snapshot(seq=0))
    for second in range(1, 4001):
        sample = NodeSample(1, float(second), *[0.0] * 8)
        batch = replica.apply(Delta(instance="one", seq=second, at=0.0, samples=[sample]))
        assert batch == Batch(samples={1})
    assert len(replica.samples[1]) == 3600
    assert replica.samples[1][-1].at == 4000


def test_equal_looking_farms_of_another_start_are_not_mixed():
    replica = fresh(make_snapshot("one", 5, shots=[make_shot(1)]))
    gap = replica.apply(Delta(instance="two", seq=6, at=0.0))
    assert gap == Gap(expected=6, got=6, instance="two")
