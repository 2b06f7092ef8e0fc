"""Makers of small widgets: the style sheet knows widgets by name, screen readers by accessible name."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TypeVar

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QLabel, QToolButton, QWidget

from app.gui import icons

W = TypeVar("W", bound=QWidget)
BUTTON_PX = 24
ICON_PX = 16


def named(widget: W, name: str) -> W:
    """Give the widget the name by which the style sheet knows it."""
    widget.setObjectName(name)
    return widget


def label(words: str, name: str = "", *, wraps: bool = False) -> QLabel:
    """Return a label of plain text: what another process wrote is shown, never interpreted."""
    made = named(QLabel(words), name)
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setWordWrap(wraps)
    return made


def bare(text: str) -> str:
    """Return an action's words without the mark of its menu key: '&Add' and '添加(&A)' alike."""
    return re.sub(r"\(&.\)", "", text).replace("&", "")


def tool(icon: str, tip: str, slot: Callable[[], object], ink: str = "text_dim") -> QToolButton:
    """Return a small button with an icon, whose tip is also its name."""
    button = QToolButton()
    button.setIcon(icons.icon(icon, ink))
    button.setToolTip(tip)
    button.setAccessibleName(tip)
    _shrink(button)
    button.clicked.connect(slot)
    return button


def tool_for(action: QAction, icon_px: int = ICON_PX) -> QToolButton:
    """Return a small button for an action of the window."""
    button = QToolButton()
    button.setDefaultAction(action)
    button.setAccessibleName(bare(action.text()))
    _shrink(button, icon_px)
    return button


def _shrink(button: QToolButton, icon_px: int = ICON_PX) -> None:
    side = icon_px + BUTTON_PX - ICON_PX
    button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
    button.setIconSize(QSize(icon_px, icon_px))
    button.setFixedSize(side, side)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
