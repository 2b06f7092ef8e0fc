"""What is saved is enough: sections and the changes after them give the live state, at any moment."""

from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.folding import Folder
from app.core.state import FarmState
from app.simulate.checkers import host_sections
from app.simulate.options import Options
from node_agent.wire.job import Frames, fold
from tests.simulation.world import World


@settings(max_examples=25)
@given(st.integers(0, 2**32))
def test_sections_and_later_changes_give_the_live_state(seed):
    """A farm with much trouble for a minute; sections taken at random moments, only the dirty ones."""
    rng = Random(seed)
    options = Options(
        nodes=2, frames=5, chaos_s=40, fails=0.3, commands=0.5, agent_crashes=0.02, reorders=0.2
    )
    world = World(seed, options)
    blobs: dict[str, bytes] = {}
    upto = 0
    world.host.store.snapshot = lambda _: None  # sections are taken here alone
    world.host.start()
    for agent in world.agents.values():
        agent.start()
    world.people.submit_film()
    world._plan_trouble()
    for moment in sorted(rng.uniform(0, 40) for _ in range(5)):
        world.clock.run_until(moment)
        state, changes = world.host.core.state, world.host.store.changes
        replayed = FarmState.from_sections(blobs)
        for change in changes[upto:]:
            replayed.apply(change)
        assert host_sections(replayed) == host_sections(state)
        _assert_folded_alike(blobs, changes[upto:], replayed)
        blobs |= state.sections(only_dirty=bool(blobs))
        upto = len(changes)


def _assert_folded_alike(blobs, changes, replayed: FarmState):
    """Folded at once, counts and all."""
    folded = FarmState.from_sections(blobs)
    folder = Folder(folded)
    folder.fold(changes)
    folder.end()
    assert host_sections(folded) == host_sections(replayed)
    assert folded.counts == replayed.counts
    assert folded.queue.lists == replayed.queue.lists
    assert folded.queue._counts == replayed.queue._counts
    assert folded.queue._totals == replayed.queue._totals
    for step, other in zip(folded.steps.values(), replayed.steps.values(), strict=True):
        assert (step.counts, step.next_ready()) == (other.counts, other.next_ready())


@given(st.lists(st.tuples(st.integers(-50, 50), st.integers(0, 5), st.integers(1, 3))))
def test_folded_tasks_unfold(tasks):
    """Runs are a shorter way to write a list of tasks, whatever the list."""
    frames = [Frames(first, first + span, step) for first, span, step in tasks]
    runs = fold(frames)
    unfolded = [
        Frames(run.first + k * run.stride, run.first + k * run.stride + run.span, run.step)
        for run in runs
        for k in range(run.count)
    ]
    assert unfolded == frames


def test_a_million_frames_are_one_run():
    assert len(fold([Frames(frame, frame) for frame in range(1, 100_001)])) == 1
