"""The queue's order: a drag is what a person means by it, for any selection, any number of times."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core import commands as cmd
from tests.unit.app.core.bench import Bench


def farm(shots: int) -> Bench:
    bench = Bench()
    for number in range(1, shots + 1):
        bench.submit(f"sh{number:04d}", "1")
    return bench


def order(bench: Bench) -> list[int]:
    return [shot for _, shot in bench.state.order]


def specified(before: list[int], move: cmd.Move) -> list[int]:
    """Take the moved out, keep their order, put them back in before the target (or the next that stays)."""
    moved = [shot for shot in before if shot in set(move.shots)]
    stay = [shot for shot in before if shot not in set(move.shots)]
    if move.place == "top":
        return moved + stay
    if move.place == "bottom":
        return stay + moved
    target = before.index(move.before)
    below = next((shot for shot in before[target:] if shot in set(stay)), None)
    at = len(stay) if below is None else stay.index(below)
    return stay[:at] + moved + stay[at:]


def any_move(rng: Random, shots: list[int]) -> cmd.Move:
    chosen = rng.sample(shots, rng.randint(1, min(6, len(shots))))
    place = rng.choice(["before", "before", "before", "top", "bottom"])
    return cmd.Move(shots=chosen, place=place, before=rng.choice(shots))


def test_a_thousand_random_moves_are_as_specified():
    bench, rng = farm(25), Random(7)
    for _ in range(1000):
        expected = order(bench)
        move = any_move(rng, expected)
        bench.ask(move)
        assert order(bench) == specified(expected, move), move


def test_moves_into_one_gap_renumber_and_stay_right():
    """Some fifty halvings exhaust a float; then all ranks are new, and older moves cannot be undone."""
    bench = farm(4)
    first = bench.ask(cmd.Move(shots=[4], before=1))
    for turn in range(120):
        expected = order(bench)
        move = cmd.Move(shots=[expected[3]], before=expected[2])
        bench.ask(move)
        assert order(bench) == specified(expected, move), turn
    assert any(getattr(change, "renumbered", False) for change in bench.saved)
    refused = bench.ask(cmd.Undo(command=first.command))
    assert isinstance(refused, cmd.Refusal)


@given(st.integers(0, 10_000))
def test_undo_and_redo_restore_the_order(seed):
    bench, rng = farm(7), Random(seed)
    before = order(bench)
    moves = [bench.ask(any_move(rng, before)).command for _ in range(4)]
    after = order(bench)
    undone = [bench.ask(cmd.Undo(command=number)).command for number in reversed(moves)]
    assert order(bench) == before
    for number in reversed(undone):
        assert isinstance(bench.ask(cmd.Undo(command=number)), cmd.Receipt)
    assert order(bench) == after


@given(st.integers(0, 10_000))
def test_two_supervisors_who_move_different_shots_agree(seed):
    """Whoever comes first: when neither moves the other's shots or targets, the order is the same."""
    rng = Random(seed)
    shots = list(range(1, 9))
    rng.shuffle(shots)
    one = cmd.Move(shots=shots[:2], place="before", before=shots[2])
    two = cmd.Move(shots=shots[3:5], place="before", before=shots[5])
    results = []
    for moves in ((one, two), (two, one)):
        bench = farm(8)
        for move in moves:
            bench.ask(move)
        results.append(order(bench))
    assert results[0] == results[1]


@pytest.mark.parametrize("place", ["before", "top", "bottom"])
def test_moving_all_or_nowhere_changes_nothing(place):
    bench = farm(3)
    bench.ask(cmd.Move(shots=[1, 2, 3], place=place, before=2))
    bench.ask(cmd.Move(shots=[2], before=3))
    assert order(bench) == [1, 2, 3]


def test_two_drags_cross_and_the_last_wins():
    bench = farm(3)
    first = bench.ask(cmd.Move(shots=[3], before=1)).command
    bench.ask(cmd.Move(shots=[3], before=2))
    refused = bench.ask(cmd.Undo(command=first))
    assert isinstance(refused, cmd.Refusal)
    assert refused.sentence == (
        "Shot sh0003 was changed since by Ada, so this can no longer be undone."
    )
    assert order(bench) == [1, 3, 2]
