"""The plots: built when first seen, fed by samples, still while nobody looks."""

import numpy as np
import pyqtgraph  # imported here, so that the panel's thread finds it done
import pytest
from PySide6.QtGui import QColor

from app.gui import style
from app.gui.plots.heatmap import HeatMap, image_of
from app.gui.plots.panel import PlotPanel
from tests.gui.fakes import NOW, node_row, sample
from tests.gui.fixtures import settle


@pytest.fixture
def panel(qtbot, farm, bridge):
    made = PlotPanel(farm, bridge)
    qtbot.addWidget(made)
    made.resize(900, 200)
    made.show()
    qtbot.waitUntil(lambda: made._heat is not None)
    yield made
    made.hide()


def test_samples_become_curves_bars_and_a_heat_map(panel, farm, link):
    link.change(node_row(1, done=10), node_row(2))
    settle(farm)
    for at in range(60):
        link.change(samples=[sample(1, NOW + at * 5, 40.0, [80.0], 30.0)])
        settle(farm)
    link.change(node_row(1, done=14))
    settle(farm)
    panel.paint_now()
    _, cpu = panel._curves["cpu"].getData()
    assert np.nanmax(cpu) == 40.0
    assert sum(panel._bars.opts["height"]) == 4
    assert panel._heat._names == ["node01", "node02"]
    assert pyqtgraph.__version__


def test_a_new_snapshot_begins_anew_from_its_history(panel, farm, link):
    from tests.gui.fakes import snapshot

    link.show(snapshot(nodes=[node_row(3)], samples=[sample(3, NOW, 55.0, [], 10.0)]))
    settle(farm)
    assert panel.load.farm("cpu")[-1] == 55.0
    panel.paint_now()
    assert panel._heat._names == ["node03"]


def test_nothing_is_painted_while_it_is_hidden(panel):
    assert panel._timer.isActive()
    panel.hide()
    assert not panel._timer.isActive()


def test_a_heat_map_has_a_pixel_a_value_and_gaps_are_clear(qtbot):
    values = np.array([[0, 100], [np.nan, 50]], dtype=np.float32)
    image = image_of(values)
    assert QColor(image.pixel(0, 0)).name() == style.theme().heat[0]
    assert QColor(image.pixel(1, 0)).name() == style.theme().heat[-1]
    assert image.pixelColor(0, 1).alpha() == 0
    assert image_of(np.zeros((0, 5), dtype=np.float32)).isNull()
    widget = HeatMap()
    qtbot.addWidget(widget)
    widget.resize(200, 100)
    widget.show_values(values, ["one", "two"])
    assert not widget.grab().isNull()
