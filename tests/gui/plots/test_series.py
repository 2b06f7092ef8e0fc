"""The history as arrays: parts of what was there, gaps where nobody watched."""

import numpy as np

from app.core.commands import History
from app.core.reports import HistoryPoint
from app.gui.plots.charts import ticks_of
from app.gui.plots.series import series_of


def point(at, **fields) -> HistoryPoint:
    given = {"at": at, "seen": 1.0, "gpus": 10.0, "gpus_busy": 5.0, "cores": 0.0, "cores_busy": 0.0}
    given |= {"done": 6, "failed": 2, "lost": 1, "ready": 40.0, "waiting": 4.0, "nodes": 3.0}
    given |= {"power_w": 0.0, "tasks_per_minute": 3.0}
    return HistoryPoint(**(given | fields))


def test_measures_are_parts_and_rates():
    made = series_of(History(span="day", step_s=60.0, points=[point(0.0), point(60.0, seen=0.5)]))
    assert made.at.tolist() == [30.0, 90.0]
    assert made.values["gpus"].tolist() == [50.0, 50.0]
    assert made.values["failed"].tolist() == [3.0, 6.0]  # in half of the second minute
    assert not made.has("cores")  # none were there: not the same as none at work
    assert made.has("ready")


def test_what_nobody_watched_is_a_gap():
    points = [point(0.0), point(60.0), point(360.0), point(420.0, seen=0.0)]
    made = series_of(History(span="day", step_s=60.0, points=points))
    assert np.isnan(made.values["done"]).tolist() == [False, False, True, False]
    assert made.at.tolist() == [30.0, 90.0, 150.0, 390.0]
    assert made.near(170.0) == 1  # never the gap itself
    assert made.near(9e9) == 3


def test_no_history_is_no_point():
    made = series_of(History(span="hour", step_s=10.0, points=[]))
    assert len(made) == 0
    assert made.near(1.0) == -1


def test_ticks_stand_at_round_times():
    assert ticks_of(0.0, 3600.0, 600.0) == [600.0 * at for at in range(6)]
