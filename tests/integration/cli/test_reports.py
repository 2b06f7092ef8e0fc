"""Commands about what was, and what it cost: what they ask, what they say."""

import json

import pytest

from app.cli.main import run
from app.core import commands, reports
from app.core.commands import Receipt
from app.core.views import BudgetRow, ScoreRow
from tests.integration.cli.fake_farm import FakeFarm, make_snapshot


@pytest.fixture
def farm(tmp_path):
    with FakeFarm(tmp_path) as farm:
        farm.snapshot = make_snapshot()
        yield farm


def windfire(farm, capsys, *argv):
    """Run a command; return status, stdout, stderr."""
    status = run(["--home", str(farm.home.root), *argv])
    captured = capsys.readouterr()
    assert "Traceback" not in captured.err
    return status, captured.out, captured.err


def test_a_budget_is_set_and_listed(farm, capsys):
    farm.on[commands.SetBudget] = lambda _: Receipt(command=4)
    argv = ("budget", "NZ2", "--gpu-hours", "500", "--then", "hold", "--warn", "90")
    status, out, _ = windfire(farm, capsys, *argv)
    assert (status, out) == (0, "NZ2 has a budget. (`windfire undo` takes it back; command 4)\n")
    asked = farm.asks[-1]
    assert asked == commands.SetBudget(project="NZ2", gpu_hours=500.0, warn=0.9, at_end="hold")
    row = BudgetRow(
        name="NZ2",
        gpu_hours=500.0,
        core_hours=-1.0,
        warn=0.9,
        at_end="hold",
        used_gpu_hours=12.5,
        used_core_hours=3.0,
        state="ok",
    )
    farm.snapshot = make_snapshot(budgets=[row])
    _, out, _ = windfire(farm, capsys, "budget")
    assert out.splitlines()[1].split() == ["NZ2", "12.50", "500.00", "3.00", "ok", "hold"]
    _, out, _ = windfire(farm, capsys, "budget", "--json")
    assert json.loads(out)[0]["used_gpu_hours"] == 12.5


@pytest.mark.parametrize(
    ("argv", "sentence"),
    [
        (["NZ2"], "A budget needs --gpu-hours, --core-hours or both, or --off."),
        (["NZ2", "--gpu-hours", "-1"], "must be hours from 0 to 1e9"),
        (["NZ2", "--gpu-hours", "1", "--warn", "0"], "must be a percentage above 0"),
    ],
)
def test_a_budget_without_sense_is_refused(farm, capsys, argv, sentence):
    status, _, err = windfire(farm, capsys, "budget", *argv)
    assert status == 2
    assert sentence in err


def test_the_audit_log_says_who_and_how_to_take_back(farm, capsys):
    line = reports.AuditLine(
        number=7, at=1.0, user="ana", kind="move", words="Moved a to the top.", can_undo=True
    )
    late = reports.AuditLine(
        number=6, at=1.0, user="bo", kind="kill", words="Ended a.", can_undo=False, why_not="No."
    )
    farm.on[commands.GetAudit] = lambda _: commands.AuditLog(rows=[line, late])
    status, out, _ = windfire(farm, capsys, "audit", "--user", "ana", "--from", "2h")
    assert status == 0
    assert farm.asks[-1].user == "ana"
    assert farm.asks[-1].since > 0
    first, second = out.splitlines()[1:]
    assert first.endswith("ana  Moved a to the top.  windfire undo 7")
    assert second.endswith("Ended a.             No.")


def test_history_is_shown_and_written_for_sheets(farm, capsys):
    point = reports.HistoryPoint(
        *(1_800_000_000.0, 1.0, 8.0, 6.0, 32.0, 0.0, 40, 1, 0, 120.0, 0.0, 2.0, 2400.0, 8.0)
    )
    answer = commands.History(span="day", step_s=300.0, points=[point] * 100)
    farm.on[commands.GetHistory] = lambda _: answer
    status, out, _ = windfire(farm, capsys, "history")
    assert status == 0
    assert len(out.splitlines()) == 1 + 20
    assert "6/8" in out
    assert out.splitlines()[1].split()[-4:] == ["8.0", "1", "120", "2.4"]
    _, out, _ = windfire(farm, capsys, "history", "day", "--csv")
    head, first, *_ = out.splitlines()
    assert head.startswith("at,seen,gpus,gpus_busy")
    assert first.startswith("2027-01-15T08:00:00Z,1.0,8.0,6.0")
    _, out, _ = windfire(farm, capsys, "history", "hour", "--json")
    assert farm.asks[-1].span == "hour"
    assert json.loads(out)["points"][0]["tasks_per_minute"] == 8.0


def test_the_morning_is_a_page(farm, capsys):
    shot = reports.MorningShot(
        shot=1, name="NZ2/a/b", finished_at=1e9, frames=24, failed=0, due=2e9
    )
    slip = reports.MorningSlip(
        shot=2,
        name="NZ2/a/c",
        due=0.0,
        was_p50=1e9,
        p50=2e9,
        p90=2e9,
        slip_s=1e9,
        sentence="NZ2/a/c slipped by 3 h.",
        remedies=[],
    )
    answer = commands.Morning(
        since=1e9,
        at=2e9,
        sentence="1 shot finished.",
        frames_done=24,
        attempts_failed=0,
        utilisation=0.9,
        finished=[shot],
        slips=[slip],
    )
    farm.on[commands.GetMorning] = lambda _: answer
    status, out, _ = windfire(farm, capsys, "morning")
    assert status == 0
    assert ": 1 shot finished." in out.splitlines()[0]
    assert "  NZ2/a/b  2001-09-0" in out
    assert "as promised" in out
    assert "NZ2/a/c slipped by 3 h." in out
    assert farm.asks[-1].since == 0
    _, out, _ = windfire(farm, capsys, "morning", "--from", "12h", "--json")
    assert farm.asks[-1].since > 0
    assert json.loads(out)["finished"][0]["frames"] == 24


def test_the_score_is_a_table(farm, capsys):
    _, _, err = windfire(farm, capsys, "score")
    assert err.startswith("No forecast was judged yet")
    row = ScoreRow(
        name="all",
        forecasts=1200,
        by_p50=0.49,
        by_p90=0.88,
        between=0.39,
        error=0.12,
    )
    farm.snapshot = make_snapshot(scores=[row])
    status, out, _ = windfire(farm, capsys, "score")
    assert status == 0
    assert out.splitlines()[1].split() == ["all", "1,200", "49%", "88%", "39%", "12%"]
