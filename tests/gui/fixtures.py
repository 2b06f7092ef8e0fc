"""A window on a farm that is a plain object; tests/gui/conftest.py imports these."""

import pytest

from app.client.replica import Batch
from app.gui.bridge import Bridge, Farm
from app.gui.operations import Operations
from tests.gui.fakes import NOW, FakeLink, small_farm


@pytest.fixture(scope="session")
def qapp(qapp_args, qapp_cls, pytestconfig):
    """The application as a person gets it, theme and all."""
    from app.gui.application import make_application

    return make_application()


@pytest.fixture
def bridge(qapp):
    return Bridge()


@pytest.fixture
def link():
    return FakeLink()


@pytest.fixture
def farm(qapp, link):
    """A live farm of eight ready shots and two nodes."""
    made = Farm()
    made.now = lambda: NOW
    made.attach(link)
    link.show(small_farm())
    link.start()
    settle(made)
    yield made
    made._teller.stop()
    made._summer.stop()


@pytest.fixture
def operations(farm):
    return Operations(farm)


@pytest.fixture
def window(qtbot, farm, bridge, tmp_path):
    """The whole window, shown, on that farm."""
    from app.gui.main_window import MainWindow
    from app.gui.settings import Settings

    made = MainWindow(farm, bridge, Settings(str(tmp_path / "window.ini")))
    qtbot.addWidget(made)
    made.docks["plots"].hide()  # it would import pyqtgraph on a thread of its own
    farm.changed.emit(Batch(reset=True, order_changed=True))
    made.show()
    yield made
    made.hide()
    made.shut_down()


def settle(farm):
    """Tell what changed now, instead of at the next tick of the timer."""
    farm._teller.stop()
    farm._tell()
    farm._summer.stop()
    farm.summary_due.emit()
