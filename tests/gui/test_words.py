"""Texts: their plural, their language, and that a stretched one is longer."""

import pytest

from app.gui import words


@pytest.fixture(autouse=True)
def english_after():
    yield
    words.use("en")


def test_a_count_chooses_its_form_and_is_filled_in():
    words.use("en")
    assert words.tr("{n} wheelbarrow(s)", "", 1) == "1 wheelbarrow"
    assert words.tr("{n} wheelbarrow(s)", "", 12_400) == "12\N{THIN SPACE}400 wheelbarrows"


def test_a_text_without_translation_stays_english():
    words.use("zh_CN")
    assert words.tr("A wheelbarrow {name}").format(name="x") == "A wheelbarrow x"


def test_the_desktop_chooses_where_the_person_did_not(monkeypatch):
    monkeypatch.setattr(words.QLocale, "system", lambda: words.QLocale("zh_CN"))
    assert words.chosen("system") == "zh_CN"
    monkeypatch.setattr(words.QLocale, "system", lambda: words.QLocale("de_DE"))
    assert words.chosen("system") == "en"
    assert words.chosen("klingon") == "en"


def test_the_pseudo_language_is_two_fifths_longer():
    words.use("pseudo")
    assert len(words.tr("Twenty letters, such")) == 28
