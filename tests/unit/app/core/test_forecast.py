"""When shots finish: against arithmetic that can be done on paper."""

from random import Random

import pytest

from app.core import actions as act
from app.core import commands as cmd
from app.core.estimates import independent
from app.core.events import ClientAsked
from node_agent.wire import messages as m
from node_agent.wire.job import Needs
from tests.unit.app.core.bench import ADMIN, CPU, GPU, WALL, Bench, command_work, of, only


def about(seconds: float):
    """Of a shot of which no frame is known the mean is expected, which is more than what is most likely."""
    return pytest.approx(seconds, rel=0.25)


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
    assert finishes(bench) == {2: about(40), 3: about(60)}


def test_a_move_is_answered_without_being_made():
    bench = Bench()
    learn(bench, bench.node("n1"), 10.0)
    bench.submit("a", "1-4", work=command_work())
    bench.submit("b", "1-2", work=command_work())
    moved = finishes(bench, cmd.Move(shots=[3], place="top"))
    assert moved == {3: about(30), 2: about(60)}
    rows = bench.ask(cmd.Forecast(move=cmd.Move(shots=[3], place="top"))).rows
    changes = {row.shot: row.change_s for row in rows}
    assert changes == {3: about(-30), 2: about(20)}
    assert [shot for _, shot in bench.state.order] == [1, 2, 3]
    answer = bench.ask(cmd.Forecast(move=cmd.Move(shots=[9], place="top")))
    assert answer == cmd.Refusal(sentence="There is no shot 9.")


def test_two_devices_take_half_the_time():
    bench = Bench()
    learn(bench, bench.node("n1", GPU), 10.0)
    bench.node("n2", GPU)
    bench.submit("a", "1-20", work=command_work())
    assert finishes(bench)[2] == about(100)


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


def done(bench: Bench, key: str, ref: m.AttemptRef, wall_s: float) -> None:
    bench.report(key, m.Done, ref, files=[], usage=m.Usage(wall_s=wall_s))


def run_out(bench: Bench, keys: dict[str, float]) -> None:
    """Let every node end what it runs, in its own time, once."""
    for number, (key, wall_s) in enumerate(keys.items(), 1):
        attempts = [a for a in bench.core._turn.live.attempts.values() if a.node == number]
        for attempt in attempts:
            done(bench, key, attempt.ref, wall_s)


def test_fast_devices_are_known_by_what_they_render():
    bench = Bench(lease_s=1e9)
    slow, fast = (m.DeviceInfo(kind="cuda", name=n, memory_bytes=1) for n in ("slow", "fast"))
    keys = {bench.node("n1", slow): 40.0, bench.node("n2", fast): 10.0}
    bench.submit("a", "1-100", work=command_work())
    for _ in range(8):
        bench.mono += 40
        run_out(bench, keys)
    bench.ask(cmd.Forecast())
    learned = bench.core._forecaster.learned
    assert learned.speed(2, "cuda") / learned.speed(1, "cuda") == pytest.approx(4, rel=0.25)
    # 84 left for devices of 40 s and 10 s a frame: 8 s a frame together.
    assert finishes(bench)[1] == pytest.approx(84 * 8, rel=0.15)


def test_scouts_tell_where_a_shot_is_heading():
    bench = Bench(lease_s=1e9)
    key = bench.node("n1")
    bench.submit("a", "1-99", work=command_work())
    # First, middle, last: it gets longer and longer.
    for task, wall_s in ((0, 10.0), (49, 60.0), (98, 110.0)):
        done(bench, key, m.AttemptRef(1, task, 1), wall_s)
    for task in range(1, 20):
        done(bench, key, m.AttemptRef(1, task, 1), 10.0 + task)
    # The mean of those that are done is some 26 s, of those that are left some 65 s.
    assert finishes(bench)[1] == pytest.approx(77 * 65, rel=0.25)


def test_a_shot_is_expected_to_be_as_long_as_all_frames_were_not_as_the_last_to_end():
    bench = Bench(lease_s=1e9)
    key = bench.node("n1")
    bench.submit("a", "1-200", work=command_work(), scouts=False)
    for task in range(200):
        done(bench, key, m.AttemptRef(1, task, 1), 10.0 if task < 136 else 30.0)
    bench.submit("b", "1-41", work=command_work())
    mean = (136 * 10 + 64 * 30) / 200
    assert finishes(bench)[2] == pytest.approx(41 * mean, rel=0.25)


def shots_of_sequences(between: float) -> list[tuple[int, float]]:
    rng = Random(1)
    levels = [rng.gauss(0, between) for _ in range(10)]
    return [(n, level + rng.gauss(0, 0.3)) for n, level in enumerate(levels) for _ in range(20)]


def test_shots_of_few_sequences_count_for_less_the_more_these_differ():
    alike, apart = (independent(shots_of_sequences(between)) for between in (0.0, 0.5))
    assert 2 * apart < alike <= 200
    assert apart > 8
    assert independent([]) == 0
    assert 0 < independent(shots_of_sequences(0.0)[:1]) < 2


def test_what_runs_long_already_tells_before_it_is_done():
    bench = Bench(lease_s=1e9)
    key = bench.node("n1", GPU, GPU, GPU, GPU)
    bench.submit("a", "1-40", work=command_work(), scouts=False)
    done(bench, key, m.AttemptRef(1, 0, 1), 10.0)
    early = finishes(bench)[1]
    bench.sleep(100)
    assert finishes(bench)[1] > 3 * early


def test_a_limit_lets_one_run_at_a_time():
    bench = Bench()
    key = bench.node("n1", GPU, GPU, GPU, GPU)
    learn(bench, key, 10.0)
    bench.ask(cmd.SetLimit(name="nuke", count=1))
    step = {"needs": Needs(limits={"nuke": 1})}
    bench.submit("a", "1-20", work=command_work(), step=step)
    assert finishes(bench)[2] == pytest.approx(200, rel=0.3)


def test_a_step_that_follows_frame_by_frame_ends_soon_after():
    bench = Bench()
    learn(bench, bench.node("n1", GPU, GPU), 10.0)
    steps = [
        cmd.StepRequest(name="render", work=command_work(), frames="1-20"),
        cmd.StepRequest(
            name="comp", work=command_work(), frames="1-20", frame_after=[cmd.FrameAfter("render")]
        ),
    ]
    bench.submit("a", steps=steps)
    assert finishes(bench)[2] == pytest.approx(200, rel=0.3)


def test_what_waits_in_vain_is_promised_for_no_time():
    bench = Bench()
    key = bench.node("n1")
    steps = [
        cmd.StepRequest(name="sim", work=command_work(), frames="1"),
        cmd.StepRequest(name="render", work=command_work(), frames="1-3", after=["sim"]),
    ]
    bench.submit("a", steps=steps, attempts=1)
    bench.report(key, m.Failed, m.AttemptRef(1, 0, 1), cause="user", sentence="No.")
    assert finishes(bench) == {1: 0}


class TestPatience:
    """The dispatcher's process makes forecasts in slices, between other things."""

    def farm(self) -> Bench:
        bench = Bench(is_patient=True, lease_s=1e9)
        learn(bench, bench.node("n1"), 10.0)
        for number in range(200):
            bench.submit(f"s{number}", "1-4", work=command_work())
        return bench

    def think(self, bench: Bench) -> tuple[int, list]:
        slices, actions = 0, []
        while bench.core.is_thinking:
            actions += bench.core.think(bench.now)
            slices += 1
        return slices, actions

    def test_a_look_is_many_slices_and_rows_follow(self):
        bench = self.farm()
        bench.sleep(3)
        slices, _ = self.think(bench)
        assert slices > 10
        assert len(bench.core.finishes()) == 200

    def test_an_answer_comes_from_the_last_look_before_the_next(self):
        bench = self.farm()
        bench.sleep(3)
        self.think(bench)
        bench.sleep(3)
        assert bench.core.is_thinking
        move = cmd.Move(shots=[150], place="top")
        asked = ClientAsked(ADMIN, b"r", 9, cmd.Forecast(move=move))
        assert of(act.AnswerClient, bench.turn(asked)) == []
        slices = 0
        answers: list[act.AnswerClient] = []
        while not answers:
            answers = of(act.AnswerClient, bench.core.think(bench.now))
            slices += 1
        rows = {row.shot: row for row in answers[0].body.rows}
        assert rows[150].change_s < -1000
        assert rows[149].change_s > 10
        assert 1 < slices < 30
        assert bench.core.is_thinking

    def test_commands_since_the_look_are_in_the_answer(self):
        bench = self.farm()
        bench.sleep(3)
        self.think(bench)
        bench.ask(cmd.Move(shots=[150], place="top"))
        shot, _ = bench.submit("late", "1", work=command_work())
        bench.turn(ClientAsked(ADMIN, b"r", 9, cmd.Forecast()))
        _, actions = self.think(bench)
        rows = {row.shot: row for row in only(act.AnswerClient, actions).body.rows}
        assert rows[150].p50 < rows[2].p50 < rows[shot].p50

    def test_a_move_that_cannot_be_made_is_refused_at_once(self):
        bench = self.farm()
        answer = bench.ask(cmd.Forecast(move=cmd.Move(shots=[999], place="top")))
        assert answer == cmd.Refusal(sentence="There is no shot 999.")
