"""When a workstation is its artist's, from readings of input, load and the clock."""

from node_agent.agent.hours import parse_hours
from node_agent.agent.presence import Presence, Reading, Rules


def why(presence, now=0.0, **reading):
    return presence.why_away(Reading(**reading), now)


def test_a_touch_takes_the_machine_at_once_and_leaving_gives_it_back_late():
    presence = Presence(Rules(watches_input=True, idle_after_s=300.0))
    assert why(presence, idle_s=300.0) == ""
    assert "artist" in why(presence, idle_s=0.1)
    assert "artist" in why(presence, idle_s=299.0)
    assert why(presence, idle_s=300.0) == ""


def test_where_nothing_tells_of_input_the_farm_has_the_machine():
    assert why(Presence(Rules(watches_input=True)), idle_s=None) == ""


def test_others_load_counts_until_it_was_gone_for_a_while():
    presence = Presence(Rules(busy_percent=50.0, idle_after_s=60.0))
    assert why(presence, 0.0, foreign_percent=49.0) == ""
    assert "programs" in why(presence, 10.0, foreign_percent=51.0)
    assert "programs" in why(presence, 69.0, foreign_percent=0.0)
    assert why(presence, 70.0, foreign_percent=0.0) == ""


def test_hours_come_first():
    presence = Presence(Rules(watches_input=True, hours=parse_hours("sat")))
    assert "hours" in why(presence, idle_s=1000.0, weekday=4)
    assert why(presence, idle_s=1000.0, weekday=5) == ""
