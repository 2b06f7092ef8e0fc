"""The page of trends: asks the farm for its history, and draws it with its spikes and gaps."""

import numpy as np
import pyqtgraph  # imported here, so that the panel's thread finds it done
import pytest

from app.client.connection import LinkState
from app.core import commands as c
from app.core.views import BudgetRow, ScoreRow
from app.gui.plots.charts import CHARTS, Drawing
from app.gui.plots.series import Series
from app.gui.plots.trends import TrendsPanel
from app.gui.plots.usage import ScoreBars, UsageBars, budget_words, score_words, used_of
from app.gui.settings import Settings
from tests.gui.fakes import NOW
from tests.gui.fixtures import settle
from tests.gui.plots.test_series import point

COLUMNS = ["project", "attempts", "gpu_hours", "core_hours", "energy_kwh", "lost_hours"]


def usage(*rows) -> c.UsageTable:
    return c.UsageTable(columns=COLUMNS, rows=list(rows))


def history(ask: c.GetHistory) -> c.History:
    step = {"hour": 10.0, "day": 300.0, "quarter": 7200.0}[ask.span]
    points = [point(NOW - step * (40 - at)) for at in range(40)]
    return c.History(span=ask.span, step_s=step, points=points)


@pytest.fixture
def panel(qtbot, farm, link, bridge, tmp_path):
    link.answers[c.GetHistory] = history
    link.answers[c.GetUsage] = lambda _ask: usage(["NZ2", 9, 120.0, 800.0, 1.0, 0.5])
    settings = Settings(str(tmp_path / "w.ini"))
    made = TrendsPanel(farm, bridge, settings)
    qtbot.addWidget(made)
    made.resize(1000, 500)
    made.show()
    qtbot.waitUntil(lambda: made._stack.count() == 2, timeout=30_000)
    yield made
    made.hide()
    made.drawings.clear()  # pytest holds the panel for a while yet, and it the plots' menus
    settings.shut_down()


def test_the_history_of_the_span_is_asked_for_and_drawn(panel, link):
    assert c.GetHistory(span="day") in link.asked
    at, done = panel.drawings[1].curves["done"].getData()
    assert len(at) == 40
    assert set(done) == {3.0}
    panel.buttons["quarter"].click()
    assert link.asked[-2:] == [
        c.GetHistory(span="quarter"),
        c.GetUsage(since=(NOW - 90 * 86400) // 3600 * 3600, by=["project"]),
    ]
    assert panel._settings.get("trends/span") == "quarter"
    first, last = panel.drawings[0].plot.viewRange()[0]
    assert (round(NOW - first), round(last)) == (90 * 86400, round(NOW))


def test_an_answer_for_another_span_is_dropped(panel, link, farm):
    link.at_once = False
    panel.show_span("hour")
    panel.show_span("quarter")
    link.deliver()
    assert panel.series is not None
    assert panel.series.at[1] - panel.series.at[0] == 7200.0


def test_a_spike_survives_where_there_are_more_points_than_pixels(panel):
    at = np.linspace(NOW - 86400, NOW, 100_000)
    values = {
        name: np.zeros(100_000) for chart in CHARTS for name in (x.measure for x in chart.lines)
    }
    values["done"][54_321] = 900.0
    drawing = panel.drawings[1]
    drawing.show(Series(at, values), "day", NOW)
    _, shown = drawing.curves["done"].getData()
    assert len(shown) < 20_000
    assert shown.max() == 900.0
    assert pyqtgraph.__version__
    assert isinstance(drawing, Drawing)


def test_the_hand_reads_the_values_of_a_time(panel):
    panel.read_at(float(panel.series.at[7]) + 5.0)
    assert "GPUs 50" in panel._legends[0].text()
    assert "Cores" not in panel._legends[0].text()  # nothing is known of them
    assert panel.drawings[2].cursor.isVisible()
    panel.read_at(None)
    assert "50" not in panel._legends[0].text()
    assert not panel.drawings[2].cursor.isVisible()


def test_it_asks_only_while_it_is_seen_and_when_the_farm_is_back(panel, link):
    assert panel._timer.isActive()
    asked = len(link.asked)
    link.tell_state(LinkState("lost", 3.0, "gone"))
    assert len(link.asked) == asked
    link.tell_state(LinkState("live", 0.0, ""))
    assert len(link.asked) == asked + 2
    panel.hide()
    assert not panel._timer.isActive()


def test_projects_are_ordered_by_their_hours_and_budgets_are_said(qtbot):
    budget = BudgetRow(
        name="KESTREL",
        gpu_hours=200.0,
        core_hours=-1.0,
        warn=0.8,
        at_end="hold",
        used_gpu_hours=180.0,
        used_core_hours=0.0,
        state="warned",
    )
    table = usage(["A", 1, 5.0, 1.0, 0.0, 0.0], ["NZ2", 9, 7.0, 8.0, 1.0, 0.5])
    used = used_of(table, {"KESTREL": budget})
    assert [each.project for each in used] == ["NZ2", "A", "KESTREL"]
    assert budget_words(budget) == "90 % of 200 GPU-h"
    bars = UsageBars()
    qtbot.addWidget(bars)
    bars.show_used(used)
    assert bars.words(used[0]) == "NZ2: 7.0 GPU-h"
    bars.show_used(used_of(usage(["A", 1, 0.0, 12.0, 0.0, 0.0]), {}))
    assert bars.words(bars.used[0]) == "A: 12 core-h"
    assert not bars.grab().isNull()


def test_scores_stand_in_order_with_what_was_judged(qtbot, panel, farm):
    rows = {
        name: ScoreRow(name=name, forecasts=count, by_p50=0.48, by_p90=0.9, between=0.4, error=0.1)
        for name, count in (("over 1 d", 0), ("1 h to 8 h", 7), ("all", 9))
    }
    farm.replica.scores.update(rows)
    farm._pending.scores.add("all")
    settle(farm)
    bars: ScoreBars = panel.scores
    assert [row.name for row in bars.scores] == ["all", "1 h to 8 h"]
    assert score_words(rows["all"]) == "All: 48 % done by the first time, 90 % by the second"
    assert "1 h to 8 h" in bars.accessibleDescription()
    assert not bars.grab().isNull()
