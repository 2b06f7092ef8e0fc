"""Moments as names, on a Tuesday at 7:30."""

from datetime import datetime

from app.gui.due import moments


def at(day, hour, minute=0):
    return datetime(2026, 12, day, hour, minute).timestamp()  # noqa: DTZ001 -- local, as typed


TUESDAY = at(1, 7, 30)


def test_the_moments_of_a_morning():
    found = [(moment.key, moment.at) for moment in moments.coming(TUESDAY)]
    assert found == [
        ("dailies", at(1, 10)),
        ("tonight", at(1, 23, 59)),
        ("week", at(4, 18)),
        ("next_week", at(11, 18)),
    ]


def test_in_the_evening_tonight_comes_before_dailies_and_on_friday_night_the_week_is_the_next():
    assert [moment.key for moment in moments.coming(at(1, 19))][:2] == ["tonight", "dailies"]
    friday_night = moments.coming(at(4, 20))
    assert [moment.at for moment in friday_night if moment.key == "week"] == [at(11, 18)]
