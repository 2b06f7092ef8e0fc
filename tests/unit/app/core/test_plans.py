"""Limits, shares, reservations, promises, blocked nodes, preemption: what each does to the next assignment."""

import pytest

from app.core import commands as cmd
from app.core.ids import Role
from node_agent.wire import messages as m
from node_agent.wire.job import Needs
from tests.unit.app.core.bench import (
    CPU,
    GPU,
    WALL,
    Bench,
    assigned,
    command_work,
    sent,
)


def submit(bench, shot, project="NZ2", frames="1-4", **options):
    """A shot of a project; return its id."""
    step = {"work": options.pop("work", command_work(shot)), "frames": frames}
    step |= {"needs": options.pop("needs", Needs())}
    body = cmd.Submit(
        project=project,
        sequence="q",
        shot=shot,
        name="v",
        steps=[cmd.StepRequest(**step)],
        **options,
    )
    return bench.ask(body).ids[0]


def running(bench):
    """The shots' names of what runs, sorted."""
    steps = bench.state.steps
    return sorted(
        bench.state.shots[step.shot].name for step in steps.values() for _ in step.running
    )


NUKE = Needs(limits={"nuke": 1})


class TestLimits:
    def test_a_full_limit_lets_the_next_shot_go_first(self):
        bench = Bench()
        bench.ask(cmd.SetLimit(name="nuke", count=1))
        submit(bench, "comp", needs=NUKE)
        submit(bench, "other")
        key = bench.node("n1", GPU, GPU, GPU)
        assert running(bench) == ["comp", "other", "other"]
        # Its end wakes what waited for the licence.
        bench.finish(key, m.AttemptRef(1, 0, 1))
        assert running(bench) == ["comp", "other", "other"]

    def test_a_raised_limit_is_used_at_once_and_undone(self):
        bench = Bench()
        bench.ask(cmd.SetLimit(name="nuke", count=1))
        submit(bench, "comp", needs=NUKE)
        bench.node("n1", GPU, GPU, GPU)
        raised = bench.ask(cmd.SetLimit(name="nuke", count=2))
        assert running(bench) == ["comp"] * 2
        bench.ask(cmd.Undo(command=raised.command))
        assert bench.state.limits["nuke"].count == 1
        assert running(bench) == ["comp"] * 2  # what runs goes on
        bench.ask(cmd.SetLimit(name="nuke", count=-1))
        assert running(bench) == ["comp"] * 3

    def test_a_task_may_hold_several(self):
        bench = Bench()
        bench.ask(cmd.SetLimit(name="nuke", count=5))
        submit(bench, "comp", needs=Needs(limits={"nuke": 2}))
        bench.node("n1", *[GPU] * 4)
        assert running(bench) == ["comp"] * 2

    def test_a_killed_attempt_holds_its_licence_until_it_is_gone(self):
        bench = Bench()
        bench.ask(cmd.SetLimit(name="nuke", count=1))
        submit(bench, "comp", needs=NUKE)
        key = bench.node("n1", GPU, GPU)
        bench.ask(cmd.Kill(tasks=[(1, 0)]))
        assert running(bench) == []
        bench.report(key, m.Released, m.AttemptRef(1, 0, 1))
        assert running(bench) == ["comp"]

    def test_a_lost_node_gives_its_licences_back(self):
        bench = Bench()
        bench.ask(cmd.SetLimit(name="nuke", count=1))
        submit(bench, "comp", needs=NUKE)
        bench.node("n1")
        other = bench.node("n2")
        bench.mono += 20
        bench.say(other, m.Heartbeat([]))
        bench.sleep(15)
        assert running(bench) == ["comp"]
        assert {node for node, _, _ in bench.state.steps[1].running.values()} == {2}

    def test_what_an_owner_does_not_use_is_lent_and_comes_back(self):
        bench = Bench()
        bench.ask(cmd.SetLimit(name="nuke", count=4, owned={"A": 3}))
        submit(bench, "b", project="B", needs=NUKE, frames="1-9", scouts=False)
        key = bench.node("n1", *[GPU] * 4)
        assert running(bench) == ["b"] * 4  # nobody else wants them
        submit(bench, "a", project="A", needs=NUKE, frames="1-9")
        for task in range(3):
            bench.finish(key, m.AttemptRef(1, task, 1))
        assert running(bench) == ["a"] * 3 + ["b"]
        # And no more: the last one is not A's before B's shot in the queue.
        bench.finish(key, m.AttemptRef(1, 3, 1))
        assert running(bench) == ["a"] * 3 + ["b"]

    @pytest.mark.parametrize("end", [cmd.Pause, cmd.Cancel])
    def test_what_an_owner_no_longer_wants_is_lent_at_once(self, end):
        bench = Bench()
        bench.ask(cmd.SetLimit(name="nuke", count=1, owned={"A": 1}))
        shot = submit(bench, "a", project="A", needs=Needs(limits={"nuke": 1}, device="cuda"))
        submit(bench, "b", project="B", needs=NUKE)
        bench.node("n1", CPU)
        assert running(bench) == []  # kept for A
        bench.ask(end(shots=[shot]))
        assert running(bench) == ["b"]

    def test_an_owners_last_task_lends_the_rest_in_the_same_pass(self):
        bench = Bench()
        bench.ask(cmd.SetLimit(name="nuke", count=3, owned={"A": 2}))
        submit(bench, "b", project="B", needs=NUKE)
        last = Needs(limits={"nuke": 1}, device="cpu")
        submit(bench, "a", project="A", needs=last, frames="1")
        # Graphics cards look first, and the second finds the rest kept for A.
        bench.node("n1", GPU, GPU, CPU)
        assert running(bench) == ["a", "b", "b"]

    def test_a_restart_counts_what_runs(self):
        bench = Bench()
        bench.ask(cmd.SetLimit(name="nuke", count=1))
        submit(bench, "comp", needs=NUKE)
        key = bench.node("n1", GPU, GPU)
        other = bench.restart()
        other.hello(key, GPU, GPU, running=[m.AttemptRef(1, 0, 1)])
        assert running(other) == ["comp"]


class TestShares:
    def test_a_cap_is_never_exceeded(self):
        bench = Bench()
        bench.ask(cmd.SetShare(project="A", cap=0.5))
        submit(bench, "a", project="A", frames="1-9")
        submit(bench, "b", project="B", frames="1-9")
        bench.node("n1", *[GPU] * 4)
        assert running(bench) == ["a", "a", "b", "b"]

    def test_a_guarantee_comes_before_the_order(self):
        bench = Bench()
        bench.ask(cmd.SetShare(project="B", guarantee=0.25))
        submit(bench, "a", project="A", frames="1-9")
        submit(bench, "b", project="B", frames="1-9")
        bench.node("n1", *[GPU] * 4)
        assert running(bench) == ["a", "a", "a", "b"]

    def test_guarantees_fit_the_farm(self):
        bench = Bench()
        bench.ask(cmd.SetShare(project="A", guarantee=0.7))
        refused = bench.ask(cmd.SetShare(project="B", guarantee=0.4))
        assert "110%" in refused.sentence


class TestReservations:
    def test_a_reserved_node_serves_its_project_until_then(self):
        bench = Bench()
        bench.node("n1")
        bench.ask(cmd.ReserveNodes(nodes=[1], until=WALL + bench.mono + 25, project="B"))
        submit(bench, "a", project="A")
        assert running(bench) == []
        bench.mono += 20
        bench.say("n1".ljust(40, "0"), m.Heartbeat([]))
        assert assigned(bench.sleep(6))

    def test_an_artist_takes_a_node_and_gives_it_back(self):
        bench = Bench()
        bench.node("n1")
        done = bench.ask(cmd.ReserveNodes(nodes=[1], until=WALL + bench.mono + 3600))
        submit(bench, "a")
        assert running(bench) == []
        bench.ask(cmd.Undo(command=done.command))
        assert running(bench) == ["a"]

    def test_its_own_work_runs(self):
        bench = Bench()
        bench.node("n1")
        bench.ask(cmd.ReserveNodes(nodes=[1], until=WALL + bench.mono + 3600, project="B"))
        submit(bench, "b", project="B")
        assert running(bench) == ["b"]


def test_pools_and_tags_by_people():
    bench = Bench()
    bench.node("n1")
    submit(bench, "a", needs=Needs(pool="film", tags=["fast"]))
    assert running(bench) == []
    done = bench.ask(cmd.SetNode(nodes=[1], pools=["film"], tags=["fast"]))
    assert running(bench) == ["a"]
    bench.ask(cmd.Undo(command=done.command))
    assert not bench.state.nodes[1].pools


def test_a_blocked_node_gets_no_more_of_the_job():
    bench = Bench()
    key = bench.node("n1")
    submit(bench, "a")
    done = bench.ask(cmd.BlockNodes(jobs=[1], nodes=[1]))
    bench.finish(key, m.AttemptRef(1, 0, 1))
    assert running(bench) == []
    bench.ask(cmd.Undo(command=done.command))
    assert running(bench) == ["a"]


class TestDue:
    def test_promises_are_shown_and_undone_each(self):
        bench = Bench()
        one, two = submit(bench, "a", due=WALL + 100), submit(bench, "b")
        done = bench.ask(cmd.SetDue(shots=[one, two], due=WALL + 500, pinned=True))
        shots = bench.state.shots
        assert [(shots[s].due, shots[s].due_pinned) for s in (one, two)] == [(WALL + 500, True)] * 2
        bench.ask(cmd.Undo(command=done.command))
        assert [shots[one].due, shots[two].due] == [WALL + 100, 0.0]
        assert bench.restart().state.shots[one].due == WALL + 100

    def test_order_by_due_on_the_places_they_hold(self):
        bench = Bench()
        names = ["late", "free", "soon", "mid"]
        for name, due in zip(names, (900, 0, 100, 500), strict=True):
            submit(bench, name, due=WALL + due if due else 0.0)

        def order():
            return [bench.state.shots[shot].name for _, shot in bench.state.order]

        done = bench.ask(cmd.OrderByDue())
        assert order() == ["soon", "free", "mid", "late"]
        bench.ask(cmd.Undo(command=done.command))
        assert order() == names


class TestPreemption:
    def farm(self, *works):
        bench = Bench()
        for name, work in works:
            submit(bench, name, work=work, frames="1-2")
        return bench

    def test_kernels_of_the_last_shots_yield_just_as_many_as_are_needed(self):
        from tests.unit.app.core.bench import kernel_work

        bench = self.farm(("a", kernel_work()), ("b", kernel_work()))
        key = bench.node("n1", *[GPU] * 4)
        hero = submit(bench, "hero", work=kernel_work(), frames="1")
        cost = bench.ask(cmd.GetPreemption(move=cmd.Move(shots=[hero], place="top", preempt=True)))
        assert (cost.yields, cost.kills, cost.lost_s) == (1, 0, 0.0)
        assert cost.sentence == "1 frame yield, and no sample is lost."
        out = self.drop(bench, hero)
        assert sent(out, key) == [m.Revoke(m.AttemptRef(2, 1, 1), "yield")]
        out = bench.report(key, m.Yielded, m.AttemptRef(2, 1, 1), checkpoint="/c/1", passes_done=7)
        assert assigned(out) == [m.AttemptRef(3, 0, 1)]
        assert bench.state.steps[2].kept[1] == ("/c/1", 7)

    def drop(self, bench, shot, **more):
        from app.core.events import ClientAsked
        from tests.unit.app.core.bench import ADMIN

        move = cmd.Move(shots=[shot], place="top", preempt=True, **more)
        return bench.turn(ClientAsked(ADMIN, b"r", 1, move))

    def test_commands_finish_unless_the_order_says_kill(self):
        bench = self.farm(("a", command_work("x")))
        key = bench.node("n1", GPU)
        hero = submit(bench, "hero", frames="1")
        move = cmd.Move(shots=[hero], place="top", preempt=True)
        assert bench.ask(cmd.GetPreemption(move=move)).sentence == (
            "1 frame of a command is finished first."
        )
        assert not sent(self.drop(bench, hero), key)
        bench.mono += 120
        bench.say(key, m.Heartbeat([m.AttemptRef(1, 0, 1)]))
        bench.ask(cmd.Move(shots=[hero], place="bottom"))
        cost = bench.ask(
            cmd.GetPreemption(move=cmd.Move(shots=[hero], place="top", preempt=True, kill=True))
        )
        assert (cost.kills, round(cost.lost_s)) == (1, 120)
        assert "loses 2 min" in cost.sentence
        out = self.drop(bench, hero, kill=True)
        assert sent(out, key) == [m.Revoke(m.AttemptRef(1, 0, 1), "kill")]
        out = bench.report(key, m.Released, m.AttemptRef(1, 0, 1))
        assert assigned(out) == [m.AttemptRef(2, 0, 1)]

    def test_what_publishes_or_fits_not_is_left_alone(self):
        from tests.unit.app.core.bench import kernel_work

        bench = self.farm(("a", kernel_work()))
        key = bench.node("n1", GPU, CPU)
        bench.report(key, m.Ready, m.AttemptRef(1, 0, 1), files=[])
        hero = submit(bench, "hero", work=kernel_work(), frames="1-2", needs=Needs(device="cuda"))
        move = cmd.Move(shots=[hero], place="top", preempt=True)
        cost = bench.ask(cmd.GetPreemption(move=move))
        assert cost.sentence == "Nothing has to give way."

    def test_a_yield_that_was_lost_on_the_way_is_asked_again(self):
        from tests.unit.app.core.bench import kernel_work

        bench = self.farm(("a", kernel_work()))
        key = bench.node("n1", GPU)
        ref = m.AttemptRef(1, 0, 1)
        bench.say(key, m.Started(ref))
        hero = submit(bench, "hero", work=kernel_work(), frames="1")
        self.drop(bench, hero)
        bench.mono += 6
        assert m.Revoke(ref, "yield") in sent(bench.say(key, m.Heartbeat([ref])), key)


def test_together_is_one_command_and_one_undo():
    bench = Bench()
    key = bench.node("n1")
    bench.node("n2", CPU)
    submit(bench, "a", frames="1")
    for epoch in (1, 2, 3):
        ref = m.AttemptRef(1, 0, epoch)
        node = bench.state.nodes[bench.state.steps[1].running[0][0]]
        bench.report(node.public_key, m.Failed, ref, cause="crash", sentence="x")
    assert bench.states() == "F"
    answer = bench.ask(
        cmd.Together(
            commands=[cmd.BlockNodes(jobs=[1], nodes=[1]), cmd.Retry(tasks=[(1, 0)])],
        )
    )
    assert bench.states() == "U"
    assert bench.state.steps[1].running[0][0] == 2
    assert bench.state.commands == answer.command
    bench.ask(cmd.Undo(command=answer.command))
    assert bench.state.jobs[1].blocked == []
    assert key


def test_together_needs_the_highest_role_of_its_parts():
    bench = Bench()
    bench.node("n1")
    artist = "b" * 40
    bench.ask(cmd.AddKey(public_key=artist, role=Role.ARTIST, name="Bo"))
    parts = [cmd.SetStart(jobs=[1], at=0.0), cmd.SetLimit(name="x", count=1)]
    assert "admin" in bench.ask(cmd.Together(commands=parts), key=artist).sentence


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (cmd.SetLimit(name="", count=1), "The name of the limit is empty"),
        (cmd.SetLimit(name="x", count=2, owned={"A": 3}), "own 3 of x, which has only 2"),
        (cmd.SetLimit(name="x", count=-1), "There is no limit x"),
        (cmd.SetShare(project="A", guarantee=0.5, cap=0.2), "guarantee <= cap"),
        (cmd.ReserveNodes(nodes=[7], until=WALL + 1e6), "There is no node 7"),
        (cmd.ReserveNodes(nodes=[1], until=5.0), "would be over already"),
        (cmd.SetDue(shots=[1], due=1e13), "is no time in seconds"),
        (cmd.SetDue(shots=[9], due=0), "There is no shot 9"),
        (cmd.SetStart(jobs=[9], at=0), "There is no job 9"),
        (cmd.SetNode(nodes=[1], pools=["a/b"]), "The name of the pool has a slash"),
        (cmd.BlockNodes(jobs=[1], nodes=[]), "No node is named"),
        (cmd.Kill(tasks=[(1, 0)]), "None of this runs now"),
        (cmd.OrderByDue(), "None of these shots has a due date"),
        (cmd.Together(commands=[]), "1 to 100 commands go together"),
        (cmd.Together(commands=[cmd.Undo(command=1)]), "goes alone"),
    ],
)
def test_refusals(body, sentence):
    bench = Bench()
    bench.node("n1")
    submit(bench, "a", needs=Needs(tags=["never"]))
    before = bench.state.sections()
    answer = bench.ask(body)
    assert sentence in answer.sentence
    assert bench.state.sections() == before
