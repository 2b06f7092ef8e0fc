"""What people ask: what it changes, what undoes it, and the sentence where it cannot be done."""

import pytest

from app.core import actions as act
from app.core import commands as cmd
from app.core.events import ClientAsked, TokenMade
from app.core.ids import Role
from node_agent.wire import messages as m
from node_agent.wire.job import CommandWork, KernelWork, Needs, Output
from tests.unit.app.core.bench import ADMIN, Bench, assigned, command_work, kernel_work, only, sent

PERSON = "p" * 40


def request(**fields) -> cmd.Submit:
    steps = fields.pop("steps", None) or [cmd.StepRequest(work=kernel_work())]
    names = {"project": "P", "sequence": "q", "shot": "s", "name": "v1"}
    return cmd.Submit(**(names | fields), steps=steps)


def step(**fields) -> list[cmd.StepRequest]:
    return [cmd.StepRequest(**({"work": kernel_work()} | fields))]


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (request(shot=""), "The name of the shot is empty"),
        (request(project="a/b"), "The name of the project has a slash"),
        (request(sequence=".."), "The name of the sequence has a slash"),
        (request(name="x" * 101), "The name of the job is longer than 100"),
        (request(attempts=0), "A job has 1 to 100 attempts"),
        (request(before=9), "There is no shot 9"),
        (request(steps=step(frames="")), "'' is not a frame range"),
        (request(steps=step(frames="1-")), "'1-' is not a frame range"),
        (request(steps=step(frames="10-1")), "runs backwards: write 1-10"),
        (request(steps=step(frames="1-10x0")), "has a step of 0"),
        (request(steps=step(frames="1-1000001")), "more than 1,000,000 frames"),
        (request(steps=step(chunk=0)), "A chunk has at least 1 frame, not 0"),
        (request(steps=step(after=["sim"])), "is after sim, which does not exist"),
        (request(steps=step(after=["render"])), "which must come before it"),
        (request(steps=step() * 2), "Two steps are named render"),
        (request(steps=step(needs=Needs(memory_bytes=-1))), "a negative amount of memory"),
        (request(steps=step(needs=Needs(gpus=0))), "takes 1 to 64 GPUs, not 0."),
        (request(steps=step(needs=Needs(gpus=2, device="cpu"))), "and for the cores: name one."),
        (request(steps=step(needs=Needs(cores=-1))), "or 0 for all, not -1."),
        (request(steps=step(needs=Needs(ram_bytes=-1))), "a negative amount of RAM."),
        (request(steps=step(needs=Needs(gang=True))), "frames need no gang: leave gang out."),
        (
            request(steps=step(needs=Needs(limits={"nuke": 0}))),
            "holds 1 to 1,000,000 of each limit",
        ),
        (request(due=-1.0), "is no time in seconds"),
        (
            request(steps=step(name="a") + step(name="b", frame_after=[cmd.FrameAfter("a", 2, 1)])),
            "needs frames 2 to 1 of a",
        ),
        (request(steps=step(frame_after=[cmd.FrameAfter("sim")])), "is after sim, which does not"),
        (request(steps=step(work=CommandWork(argv=[]))), "has no program to run"),
        (request(steps=step(work=command_work("x", "{no}"))), "may use {frame}"),
        (request(steps=step(work=kernel_work(width=0))), "an image of 0 x 540 pixels"),
        (request(steps=step(work=kernel_work(samples=0))), "has no samples"),
        (request(steps=step(work=KernelWork(kernel="", scene=""))), "names no kernel"),
        (
            request(steps=step(work=kernel_work(output=Output(directory="out")))),
            "'out' is not absolute",
        ),
        (
            request(
                steps=step(
                    frames="1-2",
                    work=kernel_work(output=Output(directory="/o", pattern="a.exr")),
                )
            ),
            "writes all frames to one file",
        ),
        (cmd.Move(shots=[]), "No shot is named"),
        (cmd.Move(shots=[7], place="top"), "There is no shot 7"),
        (cmd.Move(shots=[1], before=7), "There is no shot 7"),
        (cmd.Restore(ranks=[(1, float("nan"))]), "A rank is not a number"),
        (cmd.Pause(shots=[7]), "There is no shot 7"),
        (cmd.Cancel(jobs=[7]), "There is no job 7"),
        (cmd.Cancel(), "No shot is named"),
        (cmd.Retry(shots=[1]), "nothing to retry"),
        (cmd.Retry(tasks=[(1, 99)]), "There is no task 99 of step 1"),
        (cmd.DrainNode(nodes=[5], on=True), "There is no node 5"),
        (cmd.Undo(command=99), "too old to be undone, or was never given"),
        (cmd.AddKey(public_key="x", role=Role.VIEWER, name="Bo"), "not a CURVE public key"),
        (cmd.AddKey(public_key=PERSON, role=Role.NODE, name="Bo"), "A person is a viewer"),
        (cmd.AddKey(public_key=PERSON, role=Role.VIEWER, name=" "), "A key's name has"),
        (cmd.RevokeKey(public_key=PERSON), "not on the list"),
        (cmd.RevokeKey(public_key=ADMIN), "the last admin's key"),
        (cmd.MakeToken(valid_s=1), "one minute to 30 days"),
        (cmd.GetTasks(shot=7), "There is no shot 7"),
        (cmd.GetTasks(shot=1, count=10**6), "A window has 0 to 10,000"),
    ],
)
def test_what_cannot_be_done_is_refused_in_a_sentence(body, sentence):
    bench = Bench()
    bench.submit()
    saved = len(bench.saved)
    answer = bench.ask(body)
    assert isinstance(answer, cmd.Refusal)
    assert sentence in answer.sentence
    assert answer.sentence.endswith(".")
    assert len(bench.saved) == saved


@pytest.mark.parametrize(
    ("role", "body", "is_allowed"),
    [
        (Role.VIEWER, cmd.GetTasks(shot=1), True),
        (Role.VIEWER, request(), False),
        (Role.ARTIST, request(), True),
        (Role.ARTIST, cmd.Move(shots=[1], place="top"), False),
        (Role.SUPERVISOR, cmd.Move(shots=[1], place="top"), True),
        (Role.SUPERVISOR, cmd.MakeToken(), False),
        (Role.NODE, cmd.GetTasks(shot=1), False),
    ],
)
def test_each_role_may_do_its_part(role, body, is_allowed):
    bench = Bench()
    bench.submit()
    bench.keep(bench.core.admit(PERSON, role, "Bo", bench.now))
    answer = bench.ask(body, PERSON)
    assert isinstance(answer, cmd.Refusal) != is_allowed


def test_a_stranger_is_refused():
    answer = Bench().ask(cmd.GetTasks(shot=1), "s" * 40)
    assert answer == cmd.Refusal(sentence="This key is not on the dispatcher's list.")


def test_a_submission_makes_shot_job_and_steps():
    bench = Bench()
    comp = cmd.StepRequest(name="comp", work=command_work(), frames="1-4", after=["render"])
    render = cmd.StepRequest(work=kernel_work(), frames="1-4", chunk=2)
    assert bench.submit(steps=[render, comp]) == (1, 1)
    assert bench.states(1) == "RR"
    assert bench.states(2) == "WWWW"
    key = bench.node("n1")
    for task in (0, 1):
        bench.finish(key, m.AttemptRef(1, task, 1))
    assert bench.states(2) == "URRR"


def test_a_new_version_of_a_shot_goes_before_the_old_one():
    bench = Bench()
    bench.submit("sh010", "1-3")
    assert bench.submit("sh010", "1-3") == (1, 2)
    bench.node("n1")
    assert assigned(bench.said) == [m.AttemptRef(2, 0, 1)]


def test_a_new_shot_may_be_put_before_another():
    bench = Bench()
    bench.submit("a")
    bench.submit("b", before=1)
    assert [shot for _, shot in bench.state.order] == [2, 1]


def test_a_paused_shot_gets_nothing_and_what_runs_goes_on():
    bench = Bench()
    bench.submit(frames="1-3")
    key = bench.node("n1")
    bench.ask(cmd.Pause(shots=[1]))
    bench.finish(key, m.AttemptRef(1, 0, 1))
    assert bench.states() == "DRR"
    bench.ask(cmd.Resume(shots=[1]))
    assert bench.states() == "DUR"


def test_cancel_kills_what_runs_and_frees_the_device_when_it_is_gone():
    bench = Bench()
    bench.submit("a", "1-2")
    bench.submit("b", "1")
    key = bench.node("n1")
    actions = bench.turn(ClientAsked(ADMIN, b"", 1, cmd.Cancel(shots=[1])))
    assert sent(actions, key) == [m.Revoke(m.AttemptRef(1, 0, 1), "kill")]
    assert bench.states() == "CC"
    assert bench.states(2) == "R"
    bench.report(key, m.Released, m.AttemptRef(1, 0, 1))
    assert bench.states(2) == "U"


def test_a_kill_that_got_lost_is_sent_again_and_a_silent_end_frees_the_device():
    bench = Bench()
    bench.submit(frames="1")
    key, ref = bench.node("n1"), m.AttemptRef(1, 0, 1)
    bench.ask(cmd.Cancel(shots=[1]))
    bench.sleep(6)
    beat = bench.say(key, m.Heartbeat([ref]))
    assert sent(beat, key) == [m.Beat([]), m.Revoke(ref, "kill")]
    bench.ask(cmd.Retry(shots=[1]))
    bench.sleep(6)
    assert assigned(bench.say(key, m.Heartbeat([]))) == [m.AttemptRef(1, 0, 2)]


def test_retry_forgets_the_failures_and_their_marks():
    bench = Bench()
    key = bench.node("n1")
    bench.submit(frames="1", attempts=1)
    bench.report(key, m.Failed, m.AttemptRef(1, 0, 1), cause="crash", sentence="It broke.")
    assert bench.state.jobs[1].marks == {1: 1}
    bench.ask(cmd.Retry(tasks=[(1, 0)]))
    record = bench.state.steps[1]
    assert (bench.states(), record.failures, record.errors) == ("U", {}, {})
    assert bench.state.jobs[1].marks == {}


def test_a_drained_node_finishes_what_it_has_and_takes_no_more():
    bench = Bench()
    bench.submit(frames="1-3")
    key = bench.node("n1")
    bench.ask(cmd.DrainNode(nodes=[1], on=True))
    bench.finish(key, m.AttemptRef(1, 0, 1))
    assert bench.states() == "DRR"
    bench.ask(cmd.DrainNode(nodes=[1], on=False))
    assert bench.states() == "DUR"


@pytest.mark.parametrize(
    "body",
    [cmd.Pause(shots=[1]), cmd.Cancel(shots=[1]), cmd.DrainNode(nodes=[1], on=True)],
)
def test_undo_and_redo(body):
    bench = Bench()
    bench.node("n1", kernels=[])
    bench.submit()

    def look():
        return bench.state.shots[1].paused, bench.states(), bench.state.nodes[1].drained

    before = look()
    done = bench.ask(body)
    after = look()
    assert after != before
    undone = bench.ask(cmd.Undo(command=done.command))
    assert look() == before
    bench.ask(cmd.Undo(command=undone.command))
    assert look() == after


def test_undo_of_a_submission_cancels_its_job():
    bench = Bench()
    bench.submit()
    bench.ask(cmd.Undo(command=1))
    assert bench.states() == "CCCC"


def test_a_join_token_lets_one_node_in():
    bench = Bench()
    asked = only(act.NewKeyPair, bench.turn(ClientAsked(ADMIN, b"r", 5, cmd.MakeToken())))
    made = TokenMade(
        key=ADMIN, route=b"r", id=5, public_key="j" * 40, text="wf1-x", valid_s=asked.valid_s
    )
    receipt = only(act.AnswerClient, bench.turn(made)).body
    assert receipt.text == "wf1-x"
    join = m.Join(protocol=1, name="n7", public_key="7" * 40)
    joined = bench.say("j" * 40, join)
    assert sent(joined, "j" * 40) == [m.Joined(node=1)]
    assert act.KeyChanged("j" * 40, None, 0.0) in joined
    assert act.KeyChanged("7" * 40, Role.NODE, 0.0) in joined
    again = bench.say("j" * 40, m.Join(protocol=1, name="n8", public_key="8" * 40))
    assert isinstance(sent(again, "j" * 40)[0], m.Refused)
    assert b"wf1-x" not in b"".join(bench.state.sections().values())


def test_a_token_that_is_too_old_lets_nobody_in():
    bench = Bench()
    bench.turn(TokenMade(key=ADMIN, route=b"", id=1, public_key="j" * 40, text="t", valid_s=60.0))
    bench.sleep(61)
    refused = bench.say("j" * 40, m.Join(protocol=1, name="n7", public_key="7" * 40))
    assert isinstance(sent(refused, "j" * 40)[0], m.Refused)


def test_a_machine_that_lost_its_key_joins_again_under_its_name():
    bench = Bench()
    old = bench.node("n1")
    bench.sleep(31)
    bench.turn(TokenMade(key=ADMIN, route=b"", id=1, public_key="j" * 40, text="t", valid_s=60.0))
    bench.say("j" * 40, m.Join(protocol=1, name="n1", public_key="7" * 40))
    assert bench.state.nodes[1].public_key == "7" * 40
    assert isinstance(sent(bench.hello(old), old)[0], m.Refused)


def test_a_revoked_node_is_out_at_once():
    bench = Bench()
    key = bench.node("n1")
    bench.submit()
    bench.ask(cmd.RevokeKey(public_key=key))
    assert isinstance(sent(bench.say(key, m.Heartbeat([])), key)[0], m.Refused)
    bench.sleep(31)
    assert bench.states() == "RRRR"


def test_two_shots_may_not_write_the_same_files():
    bench = Bench()
    work = kernel_work(output=Output(directory="/shared/out", pattern="f.{frame}.exr"))
    bench.ask(request(shot="one", steps=step(work=work)))

    refusal = bench.ask(request(shot="two", steps=step(work=work)))

    assert isinstance(refusal, cmd.Refusal)
    assert refusal.sentence == (
        "P/q/one already writes f.{frame}.exr into /shared/out: name another folder."
    )
    assert isinstance(bench.ask(request(shot="one", steps=step(work=work))), cmd.Receipt)
