"""The score of forecasts: what is judged, what is dropped, and that it is there after a restart."""

import pytest

from app.core import commands as cmd
from node_agent.wire import messages as m
from tests.unit.app.core.bench import Bench, command_work


def rows(bench: Bench) -> dict:
    return {row.name: row for row in bench.core.snapshot(bench.now, None, 0).scores}


def farm() -> tuple[Bench, str]:
    """Two shots on one node that takes 60 s a frame, as is expected of what is not known."""
    bench = Bench(lease_s=1e9, forecast_s=1.0)
    key = bench.node("n1")
    for shot in "ab":
        bench.submit(shot, "1-4", work=command_work(), scouts=False)
    bench.sleep(2)
    return bench, key


def render(bench: Bench, key: str, seconds: float) -> None:
    bench.mono += seconds
    (attempt,) = bench.core._turn.live.attempts.values()
    bench.report(key, m.Done, attempt.ref, files=[], usage=m.Usage(wall_s=seconds))


def test_forecasts_are_judged_when_the_shot_is_finished():
    bench, key = farm()
    assert rows(bench) == {}
    for _ in range(4):
        render(bench, key, 60.0)
    first = rows(bench)
    assert set(first) == {"all", "under 1 h"}
    # At first, when half was over, and again: each of them a little late or early.
    assert 2 <= first["all"].forecasts <= 4
    assert first["all"].error < 0.5
    for _ in range(4):
        render(bench, key, 60.0)
    assert rows(bench)["all"].forecasts > first["all"].forecasts


def test_the_shares_are_those_of_what_came():
    bench, key = farm()
    for _ in range(8):
        render(bench, key, 200.0)
    row = rows(bench)["all"]
    late = sum(one.ended_at > one.p90 for one in bench.state.judged) / row.forecasts
    assert row.by_p90 == pytest.approx(1 - late)
    assert row.between == pytest.approx(row.by_p90 - row.by_p50)
    assert row.by_p50 < 1


def test_what_people_overrule_is_not_judged():
    bench, _ = farm()
    kept = bench.core._turn.scores._made
    assert set(kept) == {1, 2}
    bench.ask(cmd.SetDue(shots=[1], due=2e9))
    bench.submit("late", "1", work=command_work())
    assert set(kept) == {1, 2}
    bench.ask(cmd.Move(shots=[3], before=2))
    assert set(kept) == {1}
    bench.ask(cmd.Pause(shots=[1]))
    assert set(kept) == set()


def test_a_shot_with_cancelled_frames_is_no_proof():
    bench, key = farm()
    render(bench, key, 60.0)
    bench.ask(cmd.Cancel(shots=[1]))
    assert rows(bench) == {}


def test_it_survives_a_restart():
    bench, key = farm()
    for _ in range(4):
        render(bench, key, 60.0)
    assert rows(bench.restart()) == rows(bench)
