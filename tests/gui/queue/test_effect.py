"""What the tag beside the drop line says of a move, from two forecasts."""

import pytest

from app.core.commands import Finish, Move, SetDue
from app.gui.queue import effect
from app.gui.queue.drops import Drop
from tests.gui.fakes import NOW, shot_row

HOUR, MINUTE = 3600, 60
DUE = NOW + 4 * HOUR


def rows(*given):
    return {row.id: row for row in given}


def finishes(**minutes):
    """Return forecasts by 'sN'; the p90 is ten minutes behind the p50."""
    return {
        int(name[1:]): Finish(
            int(name[1:]), NOW + at * MINUTE if at else 0.0, NOW + (at + 10) * MINUTE if at else 0.0
        )
        for name, at in minutes.items()
    }


def clock(seconds):
    return effect.text.clock(seconds, NOW)


def said(shots, base, trial):
    return effect.sentence(shots, base, trial, NOW)


def test_the_title_names_the_shots_and_their_place():
    shots = rows(shot_row(1), shot_row(4), shot_row(5))
    assert effect.title(shots, Drop(Move(shots=[4], before=1)), NOW) == "sh0040 before sh0010"
    assert effect.title(shots, Drop(Move(shots=[4, 5], place="top")), NOW) == "2 shots to the top"


def test_who_is_later_and_that_nobody_misses_the_next_promise():
    shots = rows(shot_row(1, due=DUE), shot_row(4))
    words = said(shots, finishes(s1=60, s4=120), finishes(s1=74, s4=40))
    assert words == f"sh0010 +14 min, nobody misses {clock(DUE)}"


def test_of_many_that_are_later_the_one_that_loses_most():
    shots = rows(*(shot_row(n) for n in range(1, 5)))
    base, trial = finishes(s1=10, s2=20, s3=30, s4=99), finishes(s1=15, s2=40, s3=31, s4=9)
    assert said(shots, base, trial) == "3 shots later, most sh0020 +20 min"


def test_a_promise_that_would_be_missed_is_the_news():
    shots = rows(shot_row(1, due=DUE), shot_row(2, due=DUE + HOUR), shot_row(4))
    base, trial = finishes(s1=200, s2=200, s4=300), finishes(s1=250, s2=270, s4=10)
    assert said(shots, base, trial) == (
        f"2 shots later, most sh0020 +1 h 10 min, sh0010 misses {clock(DUE)}"
    )


def test_a_promise_at_risk_and_one_that_is_made():
    shots = rows(shot_row(1, due=DUE), shot_row(4, due=DUE + HOUR))
    base, trial = finishes(s1=200, s4=310), finishes(s1=235, s4=10)
    assert said(shots, base, trial) == (
        f"sh0010 +35 min, sh0010 at risk for {clock(DUE)}, sh0040 makes {clock(DUE + HOUR)}"
    )


def test_what_was_missed_before_is_not_blamed_on_the_move():
    shots = rows(shot_row(1, due=DUE), shot_row(4))
    base, trial = finishes(s1=300, s4=400), finishes(s1=300, s4=350)
    assert said(shots, base, trial) == f"nobody later, sh0010 still misses {clock(DUE)}"


@pytest.mark.parametrize("trial", [{}, finishes(s1=0), finishes(s9=50)])
def test_what_cannot_be_known_is_not_said(trial):
    assert said(rows(shot_row(1)), finishes(s1=10), trial) == "nobody later"


@pytest.mark.parametrize(
    ("drop", "words"),
    [
        (Drop(None, SetDue(shots=[4], due=DUE)), f"sh0040 for {effect.text.clock(DUE, NOW)}"),
        (
            Drop(Move(shots=[4], before=1), SetDue(shots=[4], due=DUE)),
            f"sh0040 for {effect.text.clock(DUE, NOW)}, before sh0010",
        ),
        (Drop(None, SetDue(shots=[4], due=0.0)), "sh0040: no promise"),
    ],
)
def test_a_promise_by_drop_is_named(drop, words):
    assert effect.title(rows(shot_row(1), shot_row(4)), drop, NOW) == words


@pytest.mark.parametrize(("minutes", "ends"), [(200, "in time"), (239, "too late")])
def test_whether_a_promise_by_drop_would_be_kept(minutes, ends):
    due = SetDue(shots=[4], due=DUE)
    said_so = effect.promise(rows(shot_row(4)), finishes(s4=minutes), due, NOW)
    assert said_so.endswith(ends)
    assert effect.promise(rows(shot_row(4, finish_p90=0.0)), {}, due, NOW) == ""
