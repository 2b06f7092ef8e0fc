"""The sign in the desktop's tray: how the farm is at a glance, and where notices come from."""

from __future__ import annotations

from PySide6.QtCore import QObject, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtWidgets import QMenu, QSystemTrayIcon

from app.gui import icons, states, style
from app.gui.bridge import Farm
from app.gui.notices import Notice
from app.gui.widgets.link import sentence_of
from app.gui.widgets.top_bar import farm_sentence, finish_sentence
from app.gui.words import tr

SHOWN_MS = 10_000
SIDE = 64
MARKS = {"finished": "done", "failed": "failed", "late": "failed", "lost": "failed"}


class Tray(QObject):
    """The sign and its menu; on a desktop without a tray it does nothing."""

    opened = Signal()
    """The window is wanted."""
    target_wanted = Signal(object)
    """The ``Notice`` that was clicked."""
    preferences_wanted = Signal()
    quit_wanted = Signal()

    def __init__(self, farm: Farm, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._farm = farm
        self._newest: Notice | None = None
        self.icon = QSystemTrayIcon(self)
        self.menu = QMenu()
        self.dress()
        self.icon.setContextMenu(self.menu)
        self.icon.activated.connect(self._activated)
        self.icon.messageClicked.connect(self._clicked)
        farm.summary_due.connect(self.show_state)
        farm.link_changed.connect(self.show_state)

    def start(self) -> None:
        """Appear, where there is a tray; a desktop that starts its tray late is asked once more."""
        if QSystemTrayIcon.isSystemTrayAvailable():
            self.icon.show()
        else:
            QTimer.singleShot(SHOWN_MS, self, self._try_again)

    def _try_again(self) -> None:
        if QSystemTrayIcon.isSystemTrayAvailable():
            self.icon.show()

    def dress(self) -> None:
        """Say everything anew: in another language, or in another theme's colours."""
        self.menu.clear()
        for words, wanted in (
            (tr("Show Windfire"), self.opened),
            (tr("Settings…"), self.preferences_wanted),
            (tr("Quit"), self.quit_wanted),
        ):
            self.menu.addAction(words).triggered.connect(lambda _=False, to=wanted: to.emit())
        self.show_state()

    def show_state(self, _change: object = None) -> None:
        """Show how the farm is now: a mark when it cannot be heard, or when something failed."""
        self.icon.setIcon(sign(self.mark()))
        self.icon.setToolTip(self.words())

    def mark(self) -> str:
        """Return the state whose mark the sign carries; '' for none."""
        if self._farm.link_state.name in ("lost", "refused"):
            return "waiting"
        has_failed = any(row.state == "failed" for row in self._farm.replica.shots.values())
        return "failed" if has_failed else ""

    def words(self) -> str:
        """Return the farm in two lines."""
        if not self._farm.is_live:
            return sentence_of(self._farm.link_state) or "Windfire"
        replica = self._farm.replica
        lines = ["Windfire", finish_sentence(replica, self._farm.now()), farm_sentence(replica)]
        return "\n".join(filter(None, lines))

    def tell(self, notice: Notice) -> None:
        """Have the desktop show a notice; a click on it leads to what it is about."""
        self._newest = notice
        picture = sign(MARKS.get(notice.kind, ""))
        self.icon.showMessage(notice.title, notice.sentence, picture, SHOWN_MS)

    def _clicked(self) -> None:
        if self._newest is not None:
            self.target_wanted.emit(self._newest)

    def _activated(self, why: QSystemTrayIcon.ActivationReason) -> None:
        if why != QSystemTrayIcon.ActivationReason.Context:
            self.opened.emit()

    def shut_down(self) -> None:
        """Leave the tray."""
        self.icon.hide()
        self.menu.deleteLater()


def sign(mark: str) -> QIcon:
    """Return the program's sign, with a state's mark at its corner."""
    picture = QPixmap(SIDE, SIDE)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.drawPixmap(0, 0, icons.pixmap("windfire", SIDE, scale=1.0))
    if mark:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(style.colour("panel"))
        painter.drawEllipse(QRectF(30, 30, 34, 34))
        states.paint_glyph(painter, QRectF(34, 34, 26, 26), mark)
    painter.end()
    return QIcon(picture)
