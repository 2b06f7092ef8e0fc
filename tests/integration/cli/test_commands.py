"""Every command against a fake farm: what it asks, what it says, and how it ends."""

import io
import json
import threading
from datetime import datetime

import msgspec
import pytest

from app.cli.main import run
from app.core import commands
from app.core.commands import Attempts, LogText, Receipt, Refusal, Tasks
from app.core.views import AttemptCell, AttemptRow, DeviceRow, JobRow, TaskRow
from node_agent.wire.job import Needs
from tests.integration.cli.fake_farm import (
    SILENT,
    FakeFarm,
    make_node,
    make_shot,
    make_snapshot,
    make_step,
)

SHOTS = [
    make_shot(1, "sh0010", state="running", done=4, running=2, ready=4, progress=0.45, nodes=2),
    make_shot(2, "sh0020", reason="No node has a GPU."),
    make_shot(3, "sh0030", state="failed", done=9, ready=0, failed=1, progress=0.9, error="The lamp is out."),
]  # fmt: skip


@pytest.fixture
def farm(tmp_path):
    with FakeFarm(tmp_path) as farm:
        farm.snapshot = make_snapshot(
            shots=SHOTS,
            jobs=[make_job(1), make_job(2)],
            steps=[make_step(1), make_step(2, shot=2)],
            nodes=[
                make_node(1, "kea", state="busy", devices=[make_device()]),
                make_node(2, "kaka"),
            ],
        )
        yield farm


def make_job(number):
    return JobRow(
        id=number, shot=number, name="a.usda", user="ana", state="ready", total=10, done=4, failed=0,
        running=2, submitted_at=900.0, steps=[number],
    )  # fmt: skip


def make_device():
    return DeviceRow(
        kind="cpu", name="8 cores", memory_bytes=1 << 30, cores=8,
        attempts=[
            AttemptCell(step=1, task=0, epoch=1, frame=1, shot=1, progress=0.5, since=1.0)
        ],
    )  # fmt: skip


def windfire(farm, capsys, *argv):
    """Run a command; return status, stdout, stderr."""
    status = run(["--home", str(farm.home.root), *argv])
    captured = capsys.readouterr()
    assert "Traceback" not in captured.err
    return status, captured.out, captured.err


def changes(farm):
    """The asks that change something."""
    return [ask for ask in farm.asks if isinstance(ask, commands.Command)]


TEN = datetime(2030, 1, 2, 10).timestamp()  # noqa: DTZ001 -- as people type it: local


# --- commands -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("argv", "asked", "said"),
    [
        (["move", "sh0030", "--top"], commands.Move(shots=[3], place="top"), "Moved sh0030 to the top."),
        (["move", "sh0010", "2", "--bottom"], commands.Move(shots=[1, 2], place="bottom"),
         "Moved sh0010 and 2 to the bottom."),
        (["move", "sh0030", "--before", "sh0010"], commands.Move(shots=[3], before=1),
         "Moved sh0030 before sh0010."),
        (["pause", "NZ2/sq010/sh0010"], commands.Pause(shots=[1]), "Paused NZ2/sq010/sh0010."),
        (["resume", "1", "2"], commands.Resume(shots=[1, 2]), "Resumed 1 and 2."),
        (["cancel", "sh0020"], commands.Cancel(shots=[2]), "Cancelled sh0020."),
        (["retry", "sh0030"], commands.Retry(shots=[3]), "Retrying what failed of sh0030."),
        (["move", "sh0030", "--top", "--preempt"],
         commands.Move(shots=[3], place="top", preempt=True), "Moved sh0030 to the top."),
        (["move", "sh0030", "--top", "--kill"],
         commands.Move(shots=[3], place="top", preempt=True, kill=True), "Moved sh0030 to the top."),
        (["due", "sh0010", "--off"], commands.SetDue(shots=[1], due=0.0),
         "sh0010: promised for no time any more."),
        (["due", "sh0010", "--at", "2030-01-02 10:00", "--pin"],
         commands.SetDue(shots=[1], due=TEN, pinned=True), "sh0010: due 2030-01-02 10:00."),
        (["start", "sh0010", "2", "--at", "2030-01-02 10:00"], commands.SetStart(jobs=[1, 2], at=TEN),
         "sh0010 and 2: starts after 2030-01-02 10:00."),
        (["order", "--by-due"], commands.OrderByDue(), "The queue: ordered by due date."),
        (["limit", "nuke", "9", "--own", "NZ2=4"],
         commands.SetLimit(name="nuke", count=9, owned={"NZ2": 4}),
         "There are 9 of nuke, 4 of them NZ2's."),
        (["limit", "nuke", "--off"], commands.SetLimit(name="nuke", count=-1),
         "The limit nuke is gone."),
        (["share", "NZ2", "--guarantee", "20", "--cap", "50%"],
         commands.SetShare(project="NZ2", guarantee=0.2, cap=0.5),
         "NZ2 gets 20% to 50% of the devices."),
        (["reserve", "kea", "--until", "2030-01-02 10:00", "--project", "NZ2"],
         commands.ReserveNodes(nodes=[1], until=TEN, project="NZ2"),
         "kea: reserved for NZ2 until 2030-01-02 10:00."),
        (["reserve", "kea", "--off"], commands.ReserveNodes(nodes=[1], until=0.0),
         "kea: free for all."),
        (["node", "kea", "--pool", "film", "--tag", "fast"],
         commands.SetNode(nodes=[1], pools=["film"], tags=["fast"]), "kea: pool film and tag fast."),
        (["block", "sh0010", "--node", "kea"], commands.BlockNodes(jobs=[1], nodes=[1]),
         "kea: gets no more jobs of sh0010."),
        (["skip", "sh0010", "2"], commands.Skip(tasks=[(1, 1)]), "Skipped 2 of sh0010."),
        (["drain", "kea"], commands.DrainNode(nodes=[1], on=True),
         "kea: get nothing more; what runs there ends in peace."),
        (["drain", "kea", "kaka", "--off"], commands.DrainNode(nodes=[1, 2], on=False),
         "kea and kaka: work again."),
    ],
)  # fmt: skip
def test_a_command_asks_once_and_says_how_to_take_it_back(farm, capsys, argv, asked, said):
    farm.on[type(asked)] = lambda _: Receipt(command=17)
    status, out, err = windfire(farm, capsys, *argv)
    assert (status, err) == (0, "")
    assert out == f"{said} (`windfire undo` takes it back; command 17)\n"
    assert changes(farm) == [asked]


REASONS = commands.Explanation(
    title="NZ2/sq010/sh0030: nothing of it runs.",
    reasons=[
        commands.Reason(
            kind="limit",
            sentence="1 of 1 of the limit nuke are in use.",
            tasks=1,
            remedies=[
                commands.Remedy(text="Raise it", command=commands.SetLimit(name="nuke", count=2)),
            ],
        ),
        commands.Reason(
            kind="busy",
            sentence="All nodes that can run it are busy with earlier shots.",
            tasks=9,
            remedies=[
                commands.Remedy(text="Move up", command=commands.Move(shots=[3], place="top"))
            ],
        ),
    ],
)


def test_explain_lists_what_would_change_it(farm, capsys):
    farm.on[commands.Explain] = lambda _: REASONS
    status, out, _ = windfire(farm, capsys, "explain", "sh0030")
    assert status == 0
    assert out.splitlines() == [
        "NZ2/sq010/sh0030: nothing of it runs.",
        "  1 of 1 of the limit nuke are in use.  (1 frame)",
        "    [1] Raise it",
        "  All nodes that can run it are busy with earlier shots.  (9 frames)",
        "    [2] Move up",
        "`--do N` carries out what is listed as [N].",
    ]
    assert farm.asks[-1] == commands.Explain(shot=3)


def test_explain_does_what_it_lists(farm, capsys):
    farm.on[commands.Explain] = lambda _: REASONS
    farm.on[commands.Move] = lambda _: Receipt(command=4)
    _, out, _ = windfire(farm, capsys, "explain", "sh0030", "--do", "2")
    assert out == "Move up: done. (`windfire undo` takes it back; command 4)\n"
    assert changes(farm) == [commands.Move(shots=[3], place="top")]
    status, _, err = windfire(farm, capsys, "explain", "sh0030", "--do", "3")
    assert (status, err) == (
        2, "There is no remedy 3 to carry out: 1 to 2 is listed.\n"
    )  # fmt: skip


def test_kill_ends_frames(farm, capsys):
    farm.on[commands.Kill] = lambda _: Receipt(command=4)
    _, out, _ = windfire(farm, capsys, "kill", "sh0010", "2", "3", "--why", "stuck", "--yield")
    assert out == "Ended 2 and 3 of sh0010.\n"
    assert changes(farm) == [commands.Kill(tasks=[(1, 1), (1, 2)], why="stuck", yields=True)]


@pytest.mark.parametrize(
    ("argv", "sentence"),
    [
        (["due", "sh0010", "--at", "noon"], "must be a time such as 18:00"),
        (["limit", "nuke", "-3"], "-3"),
        (["limit", "nuke", "3", "--own", "NZ2"], "must be PROJECT=N"),
        (["share", "NZ2", "--cap", "120"], "a percentage from 0 to 100"),
        (["order"], "--by-due"),
        (["block", "sh0010"], "--node"),
    ],
)
def test_what_is_mistyped_is_said(farm, capsys, argv, sentence):
    status, out, err = windfire(farm, capsys, *argv)
    assert (status, out) == (2, "")
    assert sentence in err


def test_undo_takes_the_newest_first_then_the_one_before(farm, capsys):
    numbers = iter([5, 6, 7, 8])
    farm.on[commands.Pause] = lambda _: Receipt(command=next(numbers))
    farm.on[commands.Undo] = lambda _: Receipt(command=next(numbers))
    windfire(farm, capsys, "pause", "1")
    windfire(farm, capsys, "pause", "2")
    assert (
        windfire(farm, capsys, "undo")[1]
        == "Took command 6 back (`windfire undo 7` does it again).\n"
    )
    assert windfire(farm, capsys, "undo")[0] == 0
    assert changes(farm)[2:] == [commands.Undo(command=6), commands.Undo(command=5)]
    assert windfire(farm, capsys, "undo") == (
        2, "", "Nothing was asked from this command line yet that could be undone.\n",
    )  # fmt: skip


def test_the_token_stands_alone_on_stdout(farm, capsys):
    farm.on[commands.MakeToken] = lambda ask: Receipt(text=f"wf1-{ask.valid_s:.0f}")
    status, out, err = windfire(farm, capsys, "token", "--valid", "2h")
    assert (status, out) == (0, "wf1-7200\n")
    assert err == "On the new node: windfire-agent --join TOKEN (once, within 2:00:00)\n"


def test_a_program_is_submitted(farm, capsys, tmp_path):
    farm.on[commands.Submit] = lambda _: Receipt(command=9, ids=[2, 4])
    status, out, _ = windfire(
        farm, capsys, "submit", "--shot", "NZ2/sq010/sh0020", "--frames", "1-10", "--out", str(tmp_path),
        "--before", "sh0010", "--", "sh", "-c", "echo {frame} --wait", "{output}",
    )  # fmt: skip
    assert status == 0
    assert out.startswith("Submitted NZ2/sq010/sh0020 as job 4, 10 frames in all. (`windfire undo`")
    (asked,) = changes(farm)
    assert asked.before == 1
    assert asked.steps[0].work.argv == ["sh", "-c", "echo {frame} --wait", "{output}"]


def test_a_program_says_what_it_takes(farm, capsys):
    farm.on[commands.Submit] = lambda _: Receipt(command=9, ids=[2, 4])
    gang = ["--frames", "0-3", "--gpus", "8", "--ram", "64", "--gang", "--", "sh", "{rank}"]
    for words in (gang, ["--cores", "4", "--", "sh"]):
        status, _, err = windfire(farm, capsys, "submit", "--shot", "NZ2/sq010/sh0020", *words)
        assert (status, err) == (0, "")
    needs = [asked.steps[0].needs for asked in changes(farm)]
    assert needs == [
        Needs(device="cuda", gpus=8, ram_bytes=64 << 30, gang=True),
        Needs(device="cpu", cores=4),
    ]


# --- what there is --------------------------------------------------------------------------------


def test_ls_shows_the_queue_in_order(farm, capsys):
    status, out, _ = windfire(farm, capsys, "ls")
    assert status == 0
    lines = out.splitlines()
    assert lines[0].split() == ["#", "shot", "state", "done", "failed", "nodes", "why"]
    assert [line.split()[1] for line in lines[1:]] == [
        "NZ2/sq010/sh0010",
        "NZ2/sq010/sh0020",
        "NZ2/sq010/sh0030",
    ]
    assert lines[2].endswith("No node has a GPU.")
    assert lines[3].endswith("The lamp is out.")


def test_ls_fits_a_terminal_of_80_columns(farm, capsys, monkeypatch):
    class Terminal(io.StringIO):
        encoding = "utf-8"

        def isatty(self):
            return True

    out = Terminal()
    monkeypatch.setattr("sys.stdout", out)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "80")
    assert run(["--home", str(farm.home.root), "ls"]) == 0
    assert max(map(len, out.getvalue().splitlines())) <= 80


TASK = TaskRow(
    step=1, step_name="render", task=0, first=1, last=1, state=2, epoch=1, node="kea", started_at=950.0,
    seconds=12.0, progress=0.5, error="",
)  # fmt: skip
ATTEMPT = AttemptRow(
    step=1, task=0, epoch=1, shot=1, job=1, first=1, last=1, node=1, node_name="kea", device=0,
    started_at=950.0, ended_at=960.0, outcome="failed", cause="user", sentence="No lamp.", wall_s=10.0,
    cpu_s=9.0, peak_memory_bytes=1, samples=4, energy_j=0.0,
)  # fmt: skip


def test_ls_of_everything(farm, capsys):
    farm.on[commands.GetTasks] = lambda _: Tasks(rows=[TASK], total=1)
    farm.on[commands.GetAttempts] = lambda _: Attempts(rows=[ATTEMPT])
    assert "a.usda" in windfire(farm, capsys, "ls", "jobs")[1]
    assert "running 50%" in windfire(farm, capsys, "ls", "tasks", "sh0010")[1]
    steps = windfire(farm, capsys, "ls", "steps", "sh0010")[1]
    assert "sh0010" in steps
    assert "sh0020" not in steps
    assert "No lamp." in windfire(farm, capsys, "ls", "attempts")[1]
    nodes = windfire(farm, capsys, "nodes")[1]
    assert nodes == windfire(farm, capsys, "ls", "nodes")[1]
    assert "8 cores" in nodes


@pytest.mark.parametrize("kind", ["shots", "jobs", "steps", "tasks", "nodes", "attempts"])
def test_ls_json_is_the_rows_of_the_api(farm, capsys, kind):
    """Programs read this: a field that is renamed or lost breaks them."""
    farm.on[commands.GetTasks] = lambda _: Tasks(rows=[TASK], total=1)
    farm.on[commands.GetAttempts] = lambda _: Attempts(rows=[ATTEMPT])
    expected = {
        "shots": SHOTS,
        "jobs": farm.snapshot.jobs,
        "steps": farm.snapshot.steps,
        "tasks": [TASK],
        "nodes": sorted(farm.snapshot.nodes, key=lambda row: row.name),
        "attempts": [ATTEMPT],
    }
    shot = ["sh0010"] if kind == "tasks" else []
    status, out, _ = windfire(farm, capsys, "ls", kind, *shot, "--json")
    assert status == 0
    assert json.loads(out) == json.loads(msgspec.json.encode(expected[kind]))


def test_an_empty_list_is_an_empty_array_or_a_sentence(farm, capsys):
    farm.snapshot = make_snapshot()
    assert windfire(farm, capsys, "ls", "--json")[1] == "[]\n"
    assert windfire(farm, capsys, "ls") == (0, "", "There are no shots.\n")


def test_a_log_is_shown_without_what_could_steer_the_terminal(farm, capsys):
    text = "a line\n\x1b]0;evil\x07 é \x9b2J\n".encode()

    def answer(ask):
        piece = text[ask.offset : ask.offset + ask.size]
        return LogText(text=piece, offset=ask.offset, size=len(text), path="x", epoch=3)

    farm.on[commands.GetLog] = answer
    status, out, _ = windfire(farm, capsys, "log", "sh0010", "--frame", "4")
    assert (status, out) == (0, "a line\n]0;evil é 2J\n")
    assert next(ask.task for ask in farm.asks if isinstance(ask, commands.GetLog)) == 3


def test_wait_shows_progress_and_ends_with_the_shots(farm, capsys):
    done = make_shot(1, "sh0010", state="done", done=10, ready=0, progress=1.0)
    snapshots = iter([farm.snapshot, farm.snapshot])

    def answer(_):
        # The second is the live connection's; what happens after it comes as a delta, sent until seen.
        found = next(snapshots, None)
        return found or make_snapshot(seq=farm.seq, shots=[done])

    farm.on[commands.GetSnapshot] = answer
    publisher = threading.Timer(0.5, lambda: farm.publish(done, skip=1))
    publisher.start()
    status, out, err = windfire(farm, capsys, "wait", "sh0010")
    publisher.join()
    assert (status, err) == (0, "")
    assert out.splitlines() == [
        "4 of 10 frames done",
        "10 of 10 frames done",
        "All 10 frames are done.",
    ]


def test_wait_exits_1_for_failed_frames_and_names_why(farm, capsys):
    status, _, err = windfire(farm, capsys, "wait", "sh0030")
    assert (status, err) == (1, "NZ2/sq010/sh0030: 1 frame failed. The lamp is out.\n")


def test_wait_ends_when_its_time_is_over(farm, capsys):
    status, _, err = windfire(farm, capsys, "wait", "sh0010", "--timeout", "0.3s")
    assert (status, err) == (3, "The shots were not over in the time that was given to wait.\n")


# --- what goes wrong ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("argv", "sentence"),
    [
        (["lss"], "There is no command 'lss'; did you mean ls?"),
        (["qqqqqq"], "There is no command 'qqqqqq'; `windfire --help` lists them."),
        (["--nonsense"], "`windfire` does not know '--nonsense'. See `windfire --help`."),
        (["ls", "--nonsense"], "`windfire ls` does not know '--nonsense'. See `windfire ls --help`."),
        (["ls", "houses"], "`windfire ls`: KIND must be one of 'shots', 'jobs', 'steps', 'tasks', 'nodes', 'attempts', not 'houses'. See `windfire ls --help`."),
        (["ls", "tasks"], "Say whose tasks: `windfire ls tasks SHOT`."),
        (["ls", "nodes", "x"], "`windfire ls nodes` lists all of them; it takes no shot."),
        (["pause"], "`windfire pause` needs SHOT. See `windfire pause --help`."),
        (["pause", "sh0011"], "There is no shot 'sh0011' in the queue; there is NZ2/sq010/sh0010 and NZ2/sq010/sh0030 and NZ2/sq010/sh0020."),
        (["move", "sh0010"], "`windfire move`: one of the arguments --before --top --bottom is required. See `windfire move --help`."),
        (["move", "1", "--top", "--bottom"], "`windfire move`: --bottom not allowed with argument --top. See `windfire move --help`."),
        (["move", "1", "--before", "1"], "The shot 1 cannot be moved before itself."),
        (["undo", "x"], "`windfire undo`: NUMBER must be a whole number from 1 to 1048576, not 'x'. See `windfire undo --help`."),
        (["token", "--valid", "soon"], "`windfire token`: --valid must be a time such as 90s, 15m, 1h or 2d, not 'soon'. See `windfire token --help`."),
        (["token", "--valid"], "`windfire token`: --valid needs a value. See `windfire token --help`."),
        (["log", "1", "--frame", "99"], "Frame 99 is not in this shot, which has 1-10."),
        (["log", "1"], "`windfire log` needs --frame. See `windfire log --help`."),
        (["drain", "kee"], "There is no node 'kee'; there is kea."),
        (["submit"], "Submit one scene at a time; a program and its arguments come after --."),
        (["submit", "a.usda", "b.usda"], "Submit one scene at a time; a program and its arguments come after --."),
        (["submit", "--"], "Say which shot the program is for: --shot PROJ/SEQ/SHOT."),
        (["submit", "--shot", "a/b/c", "--"], "Say what to run after --, such as: -- oiiotool in.{frame}.exr -o {output}."),
        (["submit", "a.usda", "--", "sh"], "Submit either a scene or, after --, a program; not both."),
        (["submit", "--shot", "a/b/c", "--spp", "4", "--", "sh"], "--spp is for scenes; a program gets its own arguments after --."),
        (["submit", "a.usda", "--gang"], "--gang is for programs: our own renderer takes a whole device."),
        (["submit", "a.usda", "--pattern", "x"], "--pattern is for programs; a scene's frames are named after the shot."),
        (["submit", "/nowhere/a.usda"], "There is no file '/nowhere/a.usda'."),
        (["submit", "a.usda", "--size", "big"], "`windfire submit`: --size must be WIDTHxHEIGHT, such as 1920x1080, not 'big'. See `windfire submit --help`."),
        (["submit", "a.usda", "--spp", "0"], "`windfire submit`: --spp must be a whole number from 1 to 1048576, not '0'. See `windfire submit --help`."),
        (["submit", "a.usda", "--shot", "x"], "A shot is written PROJ/SEQ/SHOT, such as NZ2/sq010/sh0040, not 'x'."),
        (["wait", "nope"], "There is no shot 'nope' in the queue; `windfire ls` lists them."),
        (["ls", "--", "sh"], "`windfire ls` takes no program after --."),
        (["render", "/nowhere/a.usda"], "There is no file '/nowhere/a.usda'."),
        (["render", "/"], "/ is a folder; name a scene file in it."),
        (["serve", "--port", "65535"], "--port 65535 leaves no room for the two ports above it."),
    ],
)  # fmt: skip
def test_a_mistake_is_one_sentence_and_changes_nothing(farm, capsys, argv, sentence):
    status, out, err = windfire(farm, capsys, *argv)
    assert (status, out) == (2, "")
    assert err.removeprefix("Reading the scene ...\n") == f"{sentence}\n"
    assert not changes(farm)


@pytest.mark.parametrize(
    ("blame", "status"), [("user", 2), ("environment", 3), ("peer", 4), ("bug", 70), ("?", 70)]
)
def test_a_refusal_is_shown_as_it_is_with_the_status_of_its_blame(farm, capsys, blame, status):
    farm.on[commands.Pause] = lambda _: Refusal(sentence="The farm says no.", blame=blame)
    got, out, err = windfire(farm, capsys, "pause", "1")
    assert (got, out) == (status, "")
    assert "The farm says no." in err
    assert err.count("\n") == 1


def test_an_answer_of_another_kind_is_the_peers_fault(farm, capsys):
    farm.on[commands.Pause] = lambda _: Tasks(rows=[], total=0)
    assert windfire(farm, capsys, "pause", "1") == (
        4, "", "The dispatcher answered Pause with Tasks.\n",
    )  # fmt: skip


def test_no_farm_is_a_sentence(tmp_path, capsys):
    status = run(["--home", str(tmp_path), "ls"])
    expected = (
        f"No farm is running in {tmp_path}: start one with `windfire serve --data {tmp_path}`.\n"
    )
    assert (status, capsys.readouterr().err) == (3, expected)


def test_a_silent_farm_is_a_sentence(farm, capsys, monkeypatch):
    monkeypatch.setattr("app.client.api.connect.__kwdefaults__", {"key": None, "timeout_s": 0.3})
    farm.on[commands.GetSnapshot] = lambda _: SILENT
    status, _, err = windfire(farm, capsys, "ls")
    assert status == 3
    assert err == (
        "The dispatcher took the request but has not answered in time: look before you ask again.\n"
    )


def test_a_bug_is_called_one_and_its_details_go_to_a_file(farm, capsys, monkeypatch):
    monkeypatch.setattr("app.client.api.Farm.pause", lambda *_: 1 / 0)
    status, out, err = windfire(farm, capsys, "pause", "1")
    assert (status, out) == (70, "")
    assert err.startswith(
        "This is a bug in Windfire (ZeroDivisionError: division by zero); details are in "
    )
    (report,) = farm.home.logs.glob("bug-*.txt")
    assert "ZeroDivisionError" in report.read_text()


def test_ctrl_c_is_130(farm, capsys, monkeypatch):
    def interrupt(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("app.client.api.Farm.wait", interrupt)
    assert windfire(farm, capsys, "wait") == (130, "", "Interrupted.\n")


@pytest.mark.parametrize("argv", [["--help"], ["ls", "--help"], ["submit", "--help"], ["demo", "--help"], ["--version"]])  # fmt: skip
def test_help_and_version_end_well(argv, capsys):
    assert run(argv) == 0
    assert "indfire" in capsys.readouterr().out
