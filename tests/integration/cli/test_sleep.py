"""`windfire sleep`, `wake` and `idle-sleep`, against a fake farm."""

import pytest

from app.core import commands
from tests.integration.cli.fake_farm import FakeFarm, make_node, make_snapshot
from tests.integration.cli.test_farm_rules import windfire


@pytest.fixture
def farm(tmp_path):
    with FakeFarm(tmp_path) as farm:
        farm.snapshot = make_snapshot(nodes=[make_node(1, "kea"), make_node(2, "kaka")])
        rules = commands.FarmRules(paths=[], log_rules=[], sleep={"": 30.0, "day": 0.0})
        farm.on[commands.GetRules] = lambda _: rules
        for kind in (commands.SetSleep, commands.SleepNodes, commands.WakeNodes):
            farm.on[kind] = lambda _: commands.Receipt(command=17)
        yield farm


@pytest.mark.parametrize(
    ("argv", "asked", "said"),
    [
        (["sleep", "kea"], commands.SleepNodes(nodes=[1]),
         "kea: told to sleep, until somebody wakes it."),
        (["wake", "kea", "kaka"], commands.WakeNodes(nodes=[1, 2]), "kea and kaka: sent for."),
        (["idle-sleep", "45"], commands.SetSleep(minutes=45),
         "the farm: nodes sleep after 45 idle minutes."),
        (["idle-sleep", "never", "--pool", "day"], commands.SetSleep(minutes=0, pool="day"),
         "pool day: nodes never sleep."),
        (["idle-sleep", "--off"], commands.SetSleep(minutes=-1), "the farm: no rule any more."),
    ],
)  # fmt: skip
def test_it_asks_and_says_what_happens(farm, capsys, argv, asked, said):
    assert windfire(farm, capsys, *argv) == (0, said, [asked])


def test_without_a_number_it_shows_the_rules(farm, capsys):
    _, said, _ = windfire(farm, capsys, "idle-sleep")
    assert said == "the farm: nodes sleep after 30 idle minutes\npool day: nodes never sleep"


@pytest.mark.parametrize("minutes", ["soon", "nan"])
def test_what_is_no_time_is_refused(farm, capsys, minutes):
    status, said, given = windfire(farm, capsys, "idle-sleep", minutes)
    assert (status, given) == (2, [])
    assert "is no number of minutes" in said
