"""The program with a window: makes the application, the window and the connection, and runs them.

``run`` is what ``app.cli`` calls. Everything that could wait (reading the home's files, the sockets) is on
other threads; the window is there first, and says that it is connecting.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from app.client.connection import Connection
from app.client.replica import Batch
from app.client.settings import ClientSettings
from app.gui import icons, style, words
from app.gui.bridge import Bridge, Farm
from app.gui.dialogs.close import CloseDialog
from app.gui.dialogs.fault import FaultCatcher
from app.gui.dialogs.preferences import PreferencesDialog
from app.gui.due.watch import PromiseWatch
from app.gui.main_window import MainWindow
from app.gui.notices import Notice, Notices
from app.gui.operations import Operations
from app.gui.preferences import Preferences, stored_scale
from app.gui.probe import Probe
from app.gui.settings import Settings
from app.gui.tray import Tray

GOES_ON = "close/goes_on"


class Session(QObject):
    """One run of the window; another theme or language makes the window anew, on the same farm."""

    def __init__(
        self,
        load_settings: Callable[[], ClientSettings],
        settings: Settings,
        stop_farm: Callable[[], None] | None,
    ) -> None:
        super().__init__()
        self._load_settings = load_settings
        self._stop_farm = stop_farm
        self._settings = settings
        self._link: Connection | None = None
        self.is_farm_to_stop = False
        self.bridge = Bridge()
        self.farm = Farm()
        self.farm.keeps_rows = True
        self.operations = Operations(self.farm)
        self.preferences = Preferences.load(settings)
        self.dress()
        self.window = self._make_window()
        self.promises = PromiseWatch(self.farm, self)
        self.notices = Notices(self.farm, lambda: self.preferences, self)
        self.tray = Tray(self.farm, self)
        self._connect_tray()
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._follow_desktop)

    def _make_window(self) -> MainWindow:
        window = MainWindow(self.farm, self.bridge, self._settings, self.operations)
        window.may_close = self._may_close
        window.actions_["preferences"].triggered.connect(self.open_preferences)
        self._catcher = FaultCatcher(window)
        self._catcher.install()
        return window

    def _connect_tray(self) -> None:
        self.promises.slipped.connect(self.notices.add_slip)
        self.notices.told.connect(self.tray.tell)
        self.tray.opened.connect(self.come_forward)
        self.tray.target_wanted.connect(self.open_target)
        self.tray.preferences_wanted.connect(self.open_preferences)
        self.tray.quit_wanted.connect(self.close)

    def close(self) -> None:
        """Close the window that there is now."""
        self.window.close()

    def come_forward(self) -> None:
        """Show the window in front of all others."""
        self.window.setWindowState(self.window.windowState() & ~Qt.WindowState.WindowMinimized)
        self.window.show()
        self.window.raise_()
        self.window.activateWindow()

    def open_target(self, notice: Notice) -> None:
        """Show what a notice is about."""
        self.come_forward()
        if not notice.target:
            return
        if notice.kind == "lost":
            self.window.show_node(notice.target)
        else:
            self.window.pages.show_page("queue")
            self.window.queue.view.choose([notice.target])

    # --- how it looks -----------------------------------------------------------------------------------

    def dress(self) -> bool:
        """Take on the preferred theme and language; return whether either is another one than before."""
        application, before = QApplication.instance(), words.language()
        assert isinstance(application, QApplication)
        words.use(self.preferences.language, application)
        is_other = style.use(self.preferences.theme)
        if is_other:
            icons.forget()
            style.apply(application)
        return is_other or before != words.language()

    def open_preferences(self) -> None:
        """Settings…"""
        is_known = self._settings.get(GOES_ON) is not None
        dialog = PreferencesDialog(
            self.farm, self.preferences, self.window, is_close_known=is_known
        )
        dialog.chosen.connect(self.prefer)
        dialog.asks_again.connect(lambda: self._settings.forget(GOES_ON))
        dialog.open()

    def prefer(self, preferences: Preferences) -> None:
        """Take on new preferences, and keep them."""
        self.preferences = preferences
        preferences.keep(self._settings)
        self._redress()

    def _follow_desktop(self, _scheme: object = None) -> None:
        self._redress()

    def _redress(self) -> None:
        if self.dress():
            self.tray.dress()
            # After the dialog has closed: it is a child of the window that goes.
            QTimer.singleShot(0, self, self.make_anew)

    def make_anew(self) -> None:
        """Put a new window in the place of the old one: every text, icon and colour is made from the start."""
        old = self.window
        old.remember()
        chosen, is_shown = old.queue.view.chosen_shots(), old.isVisible()
        self.window = self._make_window()
        self.farm.changed.emit(Batch(reset=True, order_changed=True))
        self.farm.summary_due.emit()
        self.window.queue.view.choose(chosen)
        self.window.resize(old.size())
        if is_shown:
            self.window.show()
        old.hide()
        old.let_go()
        old.deleteLater()

    def connect(self) -> None:
        """Connect on a thread of its own, and go on trying for as long as there is no farm."""
        self._link = Connection(self._load_settings, post=self.bridge.post)
        self.farm.attach(self._link)
        self._link.start()

    def _may_close(self) -> bool:
        """Ask, the first time, whether the farm that this desktop started goes on."""
        if self._stop_farm is None:
            return True
        known = self._settings.get(GOES_ON)
        if known is not None:
            self.is_farm_to_stop = not self._settings.flag(GOES_ON, default=True)
            return True
        dialog = CloseDialog(self.window)
        dialog.chosen.connect(self._choose)
        dialog.open()
        return False

    def _choose(self, goes_on: bool, is_remembered: bool) -> None:
        if is_remembered:
            self._settings.set(GOES_ON, goes_on)
        self.is_farm_to_stop = not goes_on
        self.window.may_close = lambda: True
        QTimer.singleShot(0, self.window, self.window.close)

    def shut_down(self) -> None:
        """End what still runs; the window has closed."""
        self.notices.shut_down()
        self.tray.shut_down()
        if self._link is not None:
            self._link.close()
        self.window.shut_down()
        if self.is_farm_to_stop and self._stop_farm is not None:
            self._stop_farm()


def run(
    load_settings: Callable[[], ClientSettings],
    *,
    stop_farm: Callable[[], None] | None = None,
    settings_file: str = "",
) -> int:
    """Show the farm until the window closes; return the exit status.

    ``load_settings`` may read files and raise a WindfireError; it runs on a thread of its own.
    ``stop_farm`` ends the farm that this desktop started: given, the first close asks whether to.
    """
    set_scale(settings_file)
    application = make_application()
    session = Session(load_settings, Settings(settings_file), stop_farm)
    session.window.show()
    session.tray.start()
    session.connect()
    probe = Probe.from_environment(session.window)
    status = application.exec()
    if probe is not None:
        probe.shut_down()
    session.shut_down()
    return status


def set_scale(settings_file: str = "") -> None:
    """Have Qt draw everything larger, as the person prefers; what the environment says comes first."""
    percent = stored_scale(settings_file)
    if percent != 100:
        os.environ.setdefault("QT_SCALE_FACTOR", f"{percent / 100:g}")


def make_application() -> QApplication:
    """Return the application, dressed; one there is already is dressed too."""
    present = QApplication.instance()
    application = present if isinstance(present, QApplication) else QApplication(sys.argv[:1])
    application.setApplicationName("Windfire")
    application.setDesktopFileName("windfire")
    application.setWindowIcon(icons.icon("windfire"))
    style.apply(application)
    return application
