"""Checks that a person asks for on the command line."""

import pytest

from app.core.commands import StepRequest, Submit
from app.errors import UserMistake
from app.submit.checks import with_checks, with_log_rules
from node_agent.wire.job import CommandWork, LogRule, Output

OUTPUT = Output(directory="/films")


def request(output=OUTPUT):
    step = StepRequest(work=CommandWork(argv=["x"], output=output))
    return Submit(project="P", sequence="q", shot="s", name="n", steps=[step])


def test_checks_reach_the_steps_output():
    made = with_checks(request(), ["not-black", "no-nan", "size=64x48", "bytes=100"])
    assert made.steps[0].work.output == Output(
        directory="/films", not_black=True, no_nan=True, width=64, height=48, bytes_min=100
    )
    assert with_checks(request(), []) == request()


@pytest.mark.parametrize("check", ["black", "size=64", "bytes=-1", "size=0x"])
def test_what_is_no_check_is_named(check):
    with pytest.raises(UserMistake, match="is no check: there are not-black"):
        with_checks(request(), [check])


def test_a_step_without_files_has_nothing_to_check():
    with pytest.raises(UserMistake, match="say where they go"):
        with_checks(request(Output()), ["no-nan"])


def test_a_step_gets_log_rules_of_its_own():
    made = with_log_rules(request(), ["out of memory"])
    assert made.steps[0].work.log_rules == [LogRule(pattern="out of memory")]
    with pytest.raises(UserMistake, match="is no regular expression"):
        with_log_rules(request(), ["("])
