"""When shots finish: against arithmetic that can be done on paper."""

import pytest

from app.core import commands as cmd
from node_agent.wire import messages as m
from tests.unit.app.core.bench import CPU, GPU, WALL, Bench, command_work


def finishes(bench: Bench, move: cmd.Move | None = None) -> dict[int, float]:
    """Seconds from now, by shot; 0 where nothing can be said."""
    answer = bench.ask(cmd.Forecast(move=move))
    now = WALL + bench.mono
    return {row.shot: row.p50 and row.p50 - now for row in answer.rows}


def learn(bench: Bench, key: str, seconds: float) -> None:
    """Render one frame of a first shot that took so long."""
    bench.submit("learn", "1", work=command_work())
    usage = m.Usage(wall_s=seconds)
    bench.report(key, m.Done, m.AttemptRef(1, 0, 1), files=[], usage=usage)


def test_one_device_does_the_shots_one_after_another():
    bench = Bench()
    learn(bench, bench.node("n1"), 10.0)
    bench.submit("a", "1-4", work=command_work())
    bench.submit("b", "1-2", work=command_work())
    # One frame of a has just begun.
    assert finishes(bench) == {2: pytest.approx(40, abs=2), 3: pytest.approx(60, abs=2)}


def test_a_move_is_answered_without_being_made():
    bench = Bench()
    learn(bench, bench.node("n1"), 10.0)
    bench.submit("a", "1-4", work=command_work())
    bench.submit("b", "1-2", work=command_work())
    moved = finishes(bench, cmd.Move(shots=[3], place="top"))
    assert moved == {3: pytest.approx(30, abs=2), 2: pytest.approx(60, abs=2)}
    rows = bench.ask(cmd.Forecast(move=cmd.Move(shots=[3], place="top"))).rows
    changes = {row.shot: row.change_s for row in rows}
    assert changes == {3: pytest.approx(-30, abs=2), 2: pytest.approx(20, abs=2)}
    assert [shot for _, shot in bench.state.order] == [1, 2, 3]
    answer = bench.ask(cmd.Forecast(move=cmd.Move(shots=[9], place="top")))
    assert answer == cmd.Refusal(sentence="There is no shot 9.")


def test_two_devices_take_half_the_time():
    bench = Bench()
    learn(bench, bench.node("n1", GPU), 10.0)
    bench.node("n2", GPU)
    bench.submit("a", "1-20", work=command_work())
    assert finishes(bench)[2] == pytest.approx(100, rel=0.1)


def test_nothing_is_promised_where_nothing_can_be():
    bench = Bench()
    bench.submit("a", "1-4", work=command_work())
    assert finishes(bench) == {1: 0}
    bench.node("n1", CPU)
    bench.ask(cmd.Pause(shots=[1]))
    assert finishes(bench)[1] == 0


def test_a_step_begins_when_what_it_waits_for_is_done():
    bench = Bench()
    learn(bench, bench.node("n1", GPU, GPU, GPU, GPU), 10.0)
    steps = [
        cmd.StepRequest(name="sim", work=command_work(), frames="1"),
        cmd.StepRequest(name="render", work=command_work(), frames="1-3", after=["sim"]),
    ]
    bench.submit("a", steps=steps)
    assert finishes(bench)[2] == pytest.approx(20, abs=3)


def test_p90_is_later_than_p50_and_learns():
    bench = Bench()
    key = bench.node("n1")
    bench.submit("a", "1-60", work=command_work())
    unsure = bench.ask(cmd.Forecast()).rows[0]
    for task in (0, 30, 59, 1, 2, 3):
        usage = m.Usage(wall_s=60.0)
        ref = m.AttemptRef(1, task, 1)
        bench.report(key, m.Done, ref, files=[], usage=usage)
    sure = bench.ask(cmd.Forecast()).rows[0]
    now = WALL + bench.mono
    assert unsure.p90 - unsure.p50 > 5 * (sure.p90 - sure.p50) > 0
    assert sure.p50 - now == pytest.approx(54 * 60, rel=0.05)


def test_rows_carry_the_finish():
    bench = Bench()
    learn(bench, bench.node("n1"), 10.0)
    bench.submit("a", "1-4", work=command_work())
    bench.sleep(3)
    bench.sleep(3)
    row = bench.core.snapshot(bench.now, None, 0).shots[1]
    assert row.finish_p50 - WALL - bench.mono == pytest.approx(34, abs=5)
