"""What a drop, a key or a menu means: against a slow, obvious spec, over random queues."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.commands import Move
from app.gui.queue import order

queues = st.lists(st.integers(1, 60), unique=True, min_size=1, max_size=20)


@st.composite
def queue_and_chosen(draw):
    queue = draw(queues)
    return queue, draw(st.sets(st.sampled_from(queue), min_size=1))


def spec(queue, chosen, target):
    """Write the others down; when the target comes, write the chosen first."""
    result = []
    for shot in queue:
        if shot == target:
            result += [each for each in queue if each in chosen]
        if shot not in chosen:
            result.append(shot)
    return result


@given(queue_and_chosen(), st.data())
def test_ux01_before_gives_what_the_spec_gives(case, data):
    queue, chosen = case
    target = data.draw(st.sampled_from(queue))
    move = order.before(queue, chosen, target)
    result = order.moved(queue, move) if move else queue
    if target not in chosen:
        assert result == spec(queue, chosen, target)
    assert sorted(result) == sorted(queue)
    assert [each for each in result if each in chosen] == [each for each in queue if each in chosen]


@given(queue_and_chosen(), st.data())
def test_after_puts_the_block_behind_its_target(case, data):
    queue, chosen = case
    others = [shot for shot in queue if shot not in chosen]
    if not others:
        return
    target = data.draw(st.sampled_from(others))
    move = order.after(queue, chosen, target)
    result = order.moved(queue, move) if move else queue
    at = result.index(target)
    assert result[at + 1 : at + 1 + len(chosen)] == [each for each in queue if each in chosen]


@given(queue_and_chosen())
def test_top_and_bottom_gather_at_the_ends(case):
    queue, chosen = case
    block = [each for each in queue if each in chosen]
    for make, expected in ((order.top, "head"), (order.bottom, "tail")):
        move = make(queue, chosen)
        result = order.moved(queue, move) if move else queue
        there = result[: len(block)] if expected == "head" else result[-len(block) :]
        assert there == block


@given(queue_and_chosen())
def test_a_move_that_changes_nothing_is_no_move(case):
    queue, chosen = case
    for make in (order.top, order.bottom):
        move = make(queue, chosen)
        assert move is None or order.moved(queue, move) != queue


@given(queue_and_chosen(), st.integers(1, 30))
def test_the_first_chosen_gets_the_position_asked_for(case, position):
    queue, chosen = case
    move = order.to_position(queue, queue, chosen, position)
    result = order.moved(queue, move) if move else queue
    first = next(each for each in queue if each in chosen)
    assert result.index(first) == min(position - 1, len(queue) - len(chosen))


@pytest.mark.parametrize(
    ("chosen", "up", "down"),
    [
        ({3}, [1, 3, 2, 4, 5], [1, 2, 4, 3, 5]),
        ({1}, None, [2, 1, 3, 4, 5]),
        ({5}, [1, 2, 3, 5, 4], None),
        ({2, 4}, [2, 4, 1, 3, 5], [1, 3, 5, 2, 4]),
        ({1, 3}, [1, 3, 2, 4, 5], [2, 4, 1, 3, 5]),
    ],
)
def test_a_step_by_key(chosen, up, down):
    queue = [1, 2, 3, 4, 5]
    for step, expected in ((order.step_up, up), (order.step_down, down)):
        move = step(queue, queue, chosen)
        assert (order.moved(queue, move) if move else None) == expected


def test_a_step_goes_over_what_a_search_hides():
    assert order.step_up([1, 5], [1, 2, 3, 4, 5], {5}) == Move(shots=[5], before=1)
    assert order.step_down([1, 5], [1, 2, 3, 4, 5, 6], {1}) == Move(shots=[1], before=6)


def test_a_move_of_what_is_gone_changes_nothing_else():
    assert order.moved([1, 2, 3], Move(shots=[9], place="top")) == [1, 2, 3]
    assert order.moved([1, 2, 3], Move(shots=[1], before=9)) == [1, 2, 3]
