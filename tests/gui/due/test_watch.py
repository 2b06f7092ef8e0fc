"""A pinned promise that slips is told once, again only when it grows worse or had been fine."""

import pytest

from app.gui import text
from app.gui.due.watch import PromiseWatch
from tests.gui.fakes import NOW, replaced

DUE = NOW + 3600


@pytest.fixture
def told(farm, link):
    watch = PromiseWatch(farm)
    heard = []
    watch.slipped.connect(lambda shot, words: heard.append((shot, words)))

    def expect(minutes, **fields):
        """Show shot 1 with that finish, look, and return what was said."""
        heard.clear()
        p50 = NOW + minutes * 60
        given = {"due": DUE, "due_pinned": True, "finish_p50": p50, "finish_p90": p50 + 60} | fields
        link.change(replaced(link.replica.shots[1], **given))
        watch.look()
        return list(heard)

    return expect


def test_ux14_a_pinned_promise_that_slips_is_told_once(told):
    assert told(30) == []
    due, finish = text.clock(DUE, NOW), text.clock(NOW + 70 * 60, NOW)
    words = f"sq010 / sh0010 was promised for {due}, and will be done at {finish}."
    assert told(70) == [(1, words)]
    assert told(71) == []
    assert told(59) == []
    assert told(70) == []  # it wavers
    assert len(told(86)) == 1  # a quarter of an hour worse
    assert told(87) == []


def test_after_it_was_fine_for_a_while_it_is_news_again(told, farm):
    assert told(70)
    told(30)
    farm.now = lambda: NOW + 11 * 60
    told(30)
    assert told(70)


def test_a_new_promise_is_watched_anew(told):
    assert told(70)
    assert len(told(70, due=DUE + 60)) == 1


def test_what_is_not_pinned_or_is_over_or_may_be_old_is_not_told(told, farm, link):
    assert told(70, due_pinned=False) == []
    assert told(70, state="done") == []
    farm.show_link(type(farm.link_state)("lost", 9.0, "Lost."))
    assert told(70) == []
