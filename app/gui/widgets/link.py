"""How true the window is: a lamp in the status bar, and a banner while the farm cannot be heard."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QWidget

from app.client.connection import LinkState
from app.gui import icons, states, style, text
from app.gui.queue.delegates import write
from app.gui.said import spoken
from app.gui.widgets.make import label
from app.gui.words import mark, tr

LOOKS = {
    "connecting": ("waiting", "text_dim", mark("Connecting…")),
    "live": ("done", "good", mark("Live")),
    "lost": ("failed", "bad", mark("Lost")),
    "refused": ("cancelled", "bad", mark("Not let in")),
}
"""State of the link to glyph, colour and word."""


def sentence_of(state: LinkState) -> str:
    """Return what a link says of itself, in the window's language; a refusal is the farm's own words."""
    if state.name == "lost":
        said = tr("The dispatcher has not been heard for {time}.")
        return said.format(time=text.duration(state.age_s))
    if state.name == "connecting":
        return tr("Connecting to the dispatcher.")
    return spoken(state.sentence)


class Lamp(QWidget):
    """A glyph and a word; the age of what is shown, as long as it is not live."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = LinkState("connecting", 0.0, "")
        self.setFixedHeight(22)
        self.show_state(self._state)

    def show_state(self, state: LinkState) -> None:
        """Show this state."""
        self._state = state
        self.setAccessibleName(tr("Connection: {state}").format(state=self.words))
        self.setToolTip(sentence_of(state) or tr("What is shown is what is."))
        self.updateGeometry()
        self.update()

    @property
    def words(self) -> str:
        """The word beside the glyph."""
        if self._state.name == "lost":
            return tr("Lost, {when}").format(when=text.age(self._state.age_s))
        return tr(LOOKS[self._state.name][2])

    def sizeHint(self) -> QSize:
        return QSize(150, 22)

    def paintEvent(self, event: QPaintEvent) -> None:
        glyph, ink, _ = LOOKS[self._state.name]
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        states.paint_glyph(painter, QRectF(8, 5.5, 11, 11), glyph, style.colour(ink))
        write(painter, QRectF(26, 0, self.width() - 26, 22), self.words, ink, 12)
        painter.end()


class Banner(QFrame):
    """Says across the whole window that what is shown is old, and that nothing can be done to it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("Banner")
        self.label = label("")
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 8, 16, 8)
        row.setSpacing(10)
        picture = QLabel()
        picture.setPixmap(icons.pixmap("link-lost", 18, "banner_text"))
        row.addWidget(picture)
        row.addWidget(self.label, 1)
        self.hide()

    def show_state(self, state: LinkState) -> None:
        """Show the sentence of a link that is lost or refused; hide otherwise."""
        is_cut_off = state.name in ("lost", "refused")
        if is_cut_off:
            end = tr("Nothing can be changed until it is heard again.")
            said = sentence_of(state)
            parts = [said, end] if state.name == "lost" else [said]
            self.label.setText("  ".join(parts))
        self.setVisible(is_cut_off)
