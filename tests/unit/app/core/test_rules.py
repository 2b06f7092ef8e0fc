"""Paths and log rules of the whole farm, and a job as one could submit it again."""

import pytest

from app.core import commands as cmd
from node_agent.wire import messages as m
from node_agent.wire.job import CommandWork, LogRule, OpenJDWork, PathRoots
from tests.unit.app.core.bench import CPU, Bench, command_work, sent

FILMS = PathRoots(linux="/films", windows="Z:\\films")
LICENCE = LogRule(pattern="no licen[cs]e", cause="environment", sentence="No licence was free.")


class TestFarmRules:
    def test_agents_are_told_them_with_the_step_and_again_when_they_change(self):
        bench = Bench()
        bench.ask(cmd.SetPaths(paths=[FILMS]))
        bench.submit(work=command_work(), frames="1-3")
        key = bench.node("n1", CPU)
        (told,) = described(bench.said, key)
        assert (told.paths, told.log_rules) == ([FILMS], [])
        bench.ask(cmd.SetLogRules(rules=[LICENCE]))
        (told,) = described(bench.finish(key, m.AttemptRef(1, 0, 1)), key)
        assert (told.paths, told.log_rules) == ([FILMS], [LICENCE])

    def test_they_survive_a_restart_and_can_be_undone(self):
        bench = Bench()
        bench.ask(cmd.SetPaths(paths=[FILMS]))
        number = bench.ask(cmd.SetPaths(paths=[])).command
        bench = bench.restart()
        assert bench.ask(cmd.GetRules()).paths == []
        bench.ask(cmd.Undo(command=number))
        assert bench.ask(cmd.GetRules()) == cmd.FarmRules(paths=[FILMS], log_rules=[])

    @pytest.mark.parametrize(
        ("command", "words"),
        [
            (cmd.SetPaths(paths=[PathRoots(linux="/films")]), "two systems"),
            (cmd.SetPaths(paths=[PathRoots(linux="films", mac="/f")]), "not an absolute path"),
            (cmd.SetLogRules(rules=[LogRule(pattern="(")]), "no regular expression"),
            (cmd.SetLogRules(rules=[LogRule(pattern="x", cause="odd")]), "cause 'odd'"),
            (cmd.SetLogRules(rules=[LogRule(pattern="")]), "no pattern"),
        ],
    )
    def test_what_could_not_work_is_refused(self, command, words):
        answer = Bench().ask(command)
        assert isinstance(answer, cmd.Refusal)
        assert words in answer.sentence


class TestSubmission:
    def test_a_job_comes_back_as_it_was_submitted(self):
        bench = Bench()
        steps = [
            cmd.StepRequest(name="a", work=command_work("a"), frames="1-10", chunk=4),
            cmd.StepRequest(name="b", work=command_work("b"), frames="1-10", after=["a"]),
        ]
        _, job = bench.submit(steps=steps, attempts=2)
        request = bench.ask(cmd.GetSubmission(job=job)).request
        assert request.steps == steps
        assert (request.project, request.shot, request.name) == ("NZ2", "sh010", "v001")
        assert request.attempts == 2

    def test_a_job_that_is_not_there_is_said(self):
        assert "no job 9" in bench_refusal(cmd.GetSubmission(job=9))


class TestWorks:
    @pytest.mark.parametrize(
        ("work", "words"),
        [
            (OpenJDWork(template="", session="s"), "no OpenJD template"),
            (CommandWork(argv=["x"], progress="odd"), "progress lines 'odd'"),
            (
                CommandWork(argv=["x"], log_rules=[LogRule(pattern="[")]),
                "Step render has a log rule",
            ),
        ],
    )
    def test_what_could_not_work_is_refused(self, work, words):
        request = cmd.Submit(
            project="P", sequence="q", shot="s", name="v", steps=[cmd.StepRequest(work=work)]
        )
        assert words in bench_refusal(request)

    def test_an_openjd_step_is_shown_by_its_kind(self):
        bench = Bench()
        bench.submit(work=OpenJDWork(template="{}", session="s"))
        assert bench.ask(cmd.GetSubmission(job=1)).request.steps[0].work.session == "s"


def bench_refusal(body):
    answer = Bench().ask(body)
    assert isinstance(answer, cmd.Refusal), answer
    return answer.sentence


def described(actions, key):
    return [message for message in sent(actions, key) if isinstance(message, m.Describe)]
