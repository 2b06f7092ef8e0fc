"""OpenJD steps in a real worker: environments that stay open, messages, path mapping, failures, cancels."""

import json
import time

import psutil
import pytest

from node_agent.wire import pipe
from node_agent.wire.job import CommandWork, Frames, LogRule, OpenJDWork, Output, PathRoots
from node_agent.wire.messages import AttemptRef
from tests.unit.node_agent.worker.child import Child

PATHS = [PathRoots(linux="/films", windows="Z:\\films", mac="/Volumes/films")]


def bash(text):
    return {"command": "bash", "args": ["-c", text]}


def template(run, *, step="render", environments=(), step_environments=(), parameters=(), **more):
    """A job template with one step over frames 1 to 4."""
    made = {
        "specificationVersion": "jobtemplate-2023-09",
        "name": "test",
        "steps": [
            {
                "name": step,
                "parameterSpace": {
                    "taskParameterDefinitions": [{"name": "Frame", "type": "INT", "range": "1-4"}]
                },
                "script": {"actions": {"onRun": run}},
                **more,
            }
        ],
    }
    if environments:
        made["jobEnvironments"] = list(environments)
    if step_environments:
        made["steps"][0]["stepEnvironments"] = list(step_environments)
    if parameters:
        made["parameterDefinitions"] = list(parameters)
    return made


def environment(name, enter, leave):
    actions = {"onEnter": bash(enter), "onExit": bash(leave)}
    return {"name": name, "script": {"actions": actions}}


def work(made, **more):
    """A step; those without environments share a session."""
    session = made["jobEnvironments"][0]["name"] if "jobEnvironments" in made else "shared"
    return OpenJDWork(template=json.dumps(made), session=session, paths=PATHS, **more)


@pytest.fixture(scope="module")
def worker(tmp_path_factory):
    with Child(tmp_path_factory.mktemp("work")) as worker:
        yield worker


@pytest.fixture
def child(worker):
    """The one worker: importing OpenJD costs most of a second."""
    worker.said.clear()
    return worker


def run(child, task_work, task=0, frames=None):
    child._epoch += 1
    ref = AttemptRef(1, task, child._epoch)
    frames = frames or Frames(task + 1, task + 1)
    child.send(pipe.RunTask(ref=ref, work=task_work, frames=frames))
    return child.ending(ref)


def start(child, task_work):
    child._epoch += 1
    ref = AttemptRef(1, 0, child._epoch)
    child.send(pipe.RunTask(ref=ref, work=task_work, frames=Frames(1, 1)))
    return ref


def lines(child):
    return [line for log in child.all_of(pipe.TaskLog) for line in log.lines]


class TestSessions:
    def test_environments_stay_open_from_task_to_task_and_are_left_for_another_job(
        self, child, tmp_path
    ):
        note = tmp_path / "note"
        job = environment(
            "job",
            f"echo enter-job >> {note}; echo openjd_env: COLOUR=red",
            f"echo exit-job >> {note}",
        )
        step = environment("step", f"echo enter-step >> {note}", f"echo exit-step >> {note}")
        text = f"echo $COLOUR {{{{Task.Param.Frame}}}} >> {note}"
        one = work(template(bash(text), environments=[job], step_environments=[step]))
        other = work(template(bash(f"echo other >> {note}"), step="comp", environments=[job]))
        assert isinstance(run(child, one, 0), pipe.TaskDone)
        assert isinstance(run(child, one, 3), pipe.TaskDone)
        assert isinstance(run(child, other, 0), pipe.TaskDone)
        ended = run(child, CommandWork(argv=["bash", "-c", f"echo command >> {note}"]))
        assert isinstance(ended, pipe.TaskDone)
        assert note.read_text().split("\n") == [
            *("enter-job", "enter-step", "red 1", "red 4", "exit-step", "other", "exit-job"),
            *("command", ""),
        ]

    def test_messages_of_a_task_are_its_progress_and_its_failure(self, child):
        text = "echo openjd_progress: 40; echo openjd_status: halfway; echo openjd_fail: no licence"
        ended = run(child, work(template(bash(f"{text}; exit 3"))))
        assert isinstance(ended, pipe.TaskFailed)
        assert (ended.cause, ended.sentence) == ("user", "no licence")
        told = [(p.done, p.total, p.text) for p in child.all_of(pipe.TaskProgress)]
        assert (40, 100, "halfway") in told
        ended = run(child, work(template(bash("exit 3"))))
        assert (ended.cause, ended.sentence) == (
            "crash",
            "The task of step render ended with exit code 3.",
        )

    def test_a_session_goes_on_after_a_failure_with_its_environments_entered_anew(
        self, child, tmp_path
    ):
        note = tmp_path / "note"
        job = environment("job0", f"echo in >> {note}", f"echo out >> {note}")
        made = work(template(bash("exit {{Task.Param.Frame}}"), environments=[job]))
        assert isinstance(run(child, made), pipe.TaskFailed)
        made = work(template(bash("true"), environments=[job]))
        assert isinstance(run(child, made), pipe.TaskDone)
        assert note.read_text() == "in\nout\nin\n"

    def test_a_log_rule_ends_the_program_and_names_the_cause(self, child):
        rule = LogRule(pattern="licence", cause="environment", sentence="No licence was free.")
        made = template({**bash("echo no licence; sleep 60"), "cancelation": {"mode": "TERMINATE"}})
        ended = run(child, work(made, log_rules=[rule]))
        assert (ended.cause, ended.sentence) == ("environment", "No licence was free.")

    def test_a_bad_template_is_the_users_and_a_missing_program_the_nodes(self, child):
        ended = run(child, work({"specificationVersion": "jobtemplate-2023-09", "name": "x"}))
        assert ended.cause == "user"
        assert "OpenJD template cannot be used" in ended.sentence
        ended = run(child, work(template({"command": "/nowhere/nuke"})))
        assert ended.cause == "environment"


class TestWhatTasksGet:
    def test_path_parameters_have_this_systems_names(self, child):
        parameter = {"name": "Scene", "type": "PATH"}
        made = template(bash("echo scene={{Param.Scene}}"), parameters=[parameter])
        given = {"Scene": json.dumps("Z:\\films\\nz2\\a.blend")}
        assert isinstance(run(child, work(made, parameters=given)), pipe.TaskDone)
        assert "scene=/films/nz2/a.blend" in lines(child)

    def test_chunks_are_counted_out_by_the_library(self, child):
        made = self._chunked("1-10", "CONTIGUOUS")
        assert isinstance(run(child, work(made, chunk=3), 1), pipe.TaskDone)
        assert "chunk=4-5" in lines(child)

    @pytest.mark.parametrize(
        ("values", "constraint", "picks", "frames", "said"),
        [
            ("1-10", "CONTIGUOUS", "values", Frames(4, 10), "4-10"),
            ("1-9:2", "NONCONTIGUOUS", "values", Frames(3, 7, 2), "3-7:2"),
            ([1, 2, 5, 9, 13, 40], "NONCONTIGUOUS", "places", Frames(3, 6), "5-13:4,40"),
        ],
    )
    def test_the_farms_own_chunks_are_values_or_places(
        self, child, values, constraint, picks, frames, said
    ):
        made = self._chunked(values, constraint)
        chunked = work(made, chunk=3, target_s=60.0, picks=picks)
        assert isinstance(run(child, chunked, 7, frames), pipe.TaskDone)
        assert f"chunk={said}" in lines(child)

    def _chunked(self, values, constraint):
        made = template(bash("echo chunk={{Task.Param.Frame}}"))
        made["extensions"] = ["TASK_CHUNKING"]
        chunks = {
            "defaultTaskCount": 3,
            "targetRuntimeSeconds": 60,
            "rangeConstraint": constraint,
        }
        made["steps"][0]["parameterSpace"]["taskParameterDefinitions"] = [
            {"name": "Frame", "type": "CHUNK[INT]", "range": values, "chunks": chunks}
        ]
        return made

    def test_expressions_and_short_scripts_are_understood(self, child):
        made = template(bash("true"))
        made["extensions"] = ["EXPR", "FEATURE_BUNDLE_1"]
        del made["steps"][0]["script"]
        made["steps"][0] |= {
            "let": ["words = 'of ' + Step.Name"],
            "bash": {"script": "echo frame {{Task.Param.Frame + 100}} {{words}}"},
        }
        # Its own session: a session has the extensions of its job.
        made["jobEnvironments"] = [{"name": "expr", "variables": {"A": "b"}}]
        assert isinstance(run(child, work(made), 2), pipe.TaskDone)
        assert "frame 103 of render" in lines(child)

    def test_files_that_a_step_promises_are_looked_at(self, child, tmp_path):
        output = Output(directory=str(tmp_path / "out"), pattern="f.{frame:04d}.txt", bytes_min=2)
        made = template(bash(f"echo hello > {tmp_path}/out/f.000{{{{Task.Param.Frame}}}}.txt"))
        done = run(child, work(made, output=output), 1)
        assert [file.size for file in done.files] == [6]
        ended = run(child, work(template(bash("true")), output=output), 2)
        assert (ended.cause, "is missing" in ended.sentence) == ("output", True)


class TestCancelling:
    def test_a_polite_cancel_lets_the_task_and_its_environment_end(self, child, tmp_path):
        note = tmp_path / "note"
        job = environment("job1", "true", f"echo left >> {note}")
        run_action = {
            **bash(f"trap 'echo told >> {note}; exit 1' TERM; echo on; sleep 600 & wait"),
            "cancelation": {"mode": "NOTIFY_THEN_TERMINATE", "notifyPeriodInSeconds": 20},
        }
        ref = start(child, work(template(run_action, environments=[job]), notify_s=60))
        wait_for_line(child, "on")
        child.send(pipe.CancelTask(ref, polite=True))
        assert isinstance(child.ending(ref), pipe.TaskCancelled)
        assert note.read_text() == "told\nleft\n"
        assert no_children(child)

    def test_a_rude_cancel_leaves_no_process(self, child):
        text = "setsid sleep 600 & trap '' TERM; echo on; sleep 600"
        ref = start(child, work(template(bash(text)), notify_s=60))
        wait_for_line(child, "on")
        child.send(pipe.CancelTask(ref, polite=False))
        assert isinstance(child.ending(ref), pipe.TaskCancelled)
        assert no_children(child)

    def test_nothing_of_an_environment_outlives_the_worker(self, tmp_path):
        with Child(tmp_path) as child:
            self._start_a_daemon(child)
            tree = tree_with(child, "sleep")
            child.process.kill()
            _, alive = psutil.wait_procs(tree, timeout=30)
        assert not alive

    def _start_a_daemon(self, child):
        job = environment("job2", "setsid sleep 600 > /dev/null 2>&1 & echo up", "true")
        assert isinstance(
            run(child, work(template(bash("true"), environments=[job]))), pipe.TaskDone
        )


def tree_with(child, name):
    """The child's processes, once one of that name is among them: a daemon may start after its task has ended."""
    deadline = time.monotonic() + 30
    while True:
        tree = psutil.Process(child.process.pid).children(recursive=True)
        if name in {process.name() for process in tree if process.is_running()}:
            return tree
        assert time.monotonic() < deadline, f"no {name} among {tree}"
        time.sleep(0.05)


def wait_for_line(child, line):
    count = 1
    while line not in lines(child):
        child.wait_for(pipe.TaskLog, count=count)
        count += 1


def no_children(child):
    """Nothing that a task started is left; the server of guardians, which earlier tests may have woken, stays."""
    deadline = time.monotonic() + 30
    while any(map(is_of_a_task, psutil.Process(child.process.pid).children(recursive=True))):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def is_of_a_task(process):
    try:
        return "serve" not in process.cmdline()
    except psutil.Error:
        return False
