"""Searches as one types, by more than the row says, kept by name; columns chosen, ordered and kept."""

import pytest
from PySide6.QtCore import Qt

from app.gui.main_window import MainWindow
from app.gui.queue.cells import Column
from app.gui.queue.saved import NameDialog
from app.gui.settings import Settings
from tests.gui.fakes import NOW, attempt_cell, device_row, node_row, replaced
from tests.gui.fixtures import settle


@pytest.fixture
def shown(window, farm):
    def shown(words):
        window.queue.search.setText(words)
        return window.queue.model.visible_shots()

    return shown


def test_ux19_a_search_knows_artist_state_node_and_promise(link, farm, shown):
    link.change(
        replaced(link.replica.shots[2], user="jonas", state="failed"),
        replaced(link.replica.shots[3], due=NOW + 60),
        replaced(link.replica.shots[4], due=NOW + 2700),
        replaced(link.replica.shots[5], due=NOW + 90_000),
        node_row(2, [device_row(attempts=[attempt_cell(shot=7)])], name="ember-02"),
    )
    settle(farm)
    assert shown("jonas") == [2]
    assert shown("state:fail") == [2]
    assert shown("user:jonas,mia sq010") == [1, 2, 3, 4]
    assert shown("due:late") == [3]
    assert shown("due:late,risk") == [3, 4]
    assert shown("due:ontime") == [5]
    assert shown("node:ember") == [7]
    assert shown("node:forge") == []
    assert len(shown("")) == 8


def test_ux19_a_search_is_kept_by_name_and_found_the_next_day(
    qtbot, farm, bridge, window, tmp_path
):
    window.queue._chips["failed"].click()
    window.queue.search.setText("  mia ")
    window.searches._ask_name()
    dialog = window.findChild(NameDialog)
    dialog.field.setText("Mine that failed")
    dialog.accept()
    window.settings.save()
    qtbot.waitUntil((tmp_path / "window.ini").exists, timeout=30_000)
    again = MainWindow(farm, bridge, Settings(str(tmp_path / "window.ini")))
    qtbot.addWidget(again)
    again.searches.fill()
    entry = again.searches.menu().actions()[0]
    assert entry.text() == "Mine that failed\tmia state:failed"
    entry.trigger()
    assert again.queue.search.text() == "mia state:failed"
    assert again.queue.model.is_filtered
    again.searches.forget("Mine that failed")
    assert again.searches.searches == {}
    again.shut_down()


def test_what_was_kept_wrongly_is_no_search(qtbot, tmp_path):
    from app.gui.queue.saved import SavedSearches

    settings = Settings(str(tmp_path / "window.ini"))
    for wrong in ("no json", "[1]", None):
        settings.set("queue/searches", wrong)
        button = SavedSearches(settings)
        qtbot.addWidget(button)
        assert button.searches == {}
    settings.shut_down()


def test_ux25_columns_are_chosen_ordered_and_kept(qtbot, farm, bridge, window, tmp_path):
    header, columns = window.queue.view.header(), window.queue.columns
    titles = {action.text(): action for action in columns.menu().actions() if action.text()}
    assert "Shot" not in titles  # a line without its name is no line
    titles["Artist"].trigger()
    assert header.isSectionHidden(Column.USER)
    header.moveSection(header.visualIndex(Column.FINISH), 2)
    window.settings.save()
    qtbot.waitUntil((tmp_path / "window.ini").exists, timeout=30_000)
    again = MainWindow(farm, bridge, Settings(str(tmp_path / "window.ini")))
    qtbot.addWidget(again)
    assert again.queue.view.header().isSectionHidden(Column.USER)
    assert again.queue.view.header().visualIndex(Column.FINISH) == 2
    again.queue.columns.reset()
    assert not again.queue.view.header().isSectionHidden(Column.USER)
    assert again.queue.view.header().visualIndex(Column.FINISH) == Column.FINISH
    again.shut_down()
    index = window.queue.model.index(0, 0)
    assert index.data(Qt.ItemDataRole.DisplayRole) == "1"
