"""What a panel shows while it has nothing to show: what this is, and what to do about it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget

from app.gui import icons
from app.gui.widgets.make import bare, label


class Empty(QWidget):
    """An icon, a title, a sentence and perhaps a button, in the middle."""

    def __init__(
        self,
        icon: str,
        title: str,
        sentence: str,
        action: QAction | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.title = label(title, "Title")
        self.sentence = label(sentence, "Hint", wraps=True)
        self.sentence.setAccessibleName(sentence)
        self.sentence.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        column = QVBoxLayout(self)
        column.setSpacing(8)
        column.addStretch(2)
        if icon:
            picture = QLabel()
            picture.setPixmap(icons.pixmap(icon, 40, "line_strong"))
            column.addWidget(picture, alignment=Qt.AlignmentFlag.AlignHCenter)
        for line in (self.title, self.sentence):
            line.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            line.setVisible(bool(line.text()))
            column.addWidget(line)
        if action is not None:
            column.addSpacing(6)
            column.addWidget(self._button(action), alignment=Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(3)

    def say(self, title: str, sentence: str) -> None:
        """Show other words."""
        for line, words in ((self.title, title), (self.sentence, sentence)):
            line.setText(words)
            line.setAccessibleName(words)
            line.setVisible(bool(words))

    def _button(self, action: QAction) -> QPushButton:
        button = QPushButton(bare(action.text()))
        button.setAccessibleName(bare(action.text()))
        button.setEnabled(action.isEnabled())
        button.clicked.connect(action.trigger)
        action.changed.connect(lambda: button.setEnabled(action.isEnabled()))
        return button
