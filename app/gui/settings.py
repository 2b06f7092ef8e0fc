"""What the window remembers from one day to the next: its place, its panels, a few choices.

Read once before the window shows. Written by a pool's thread a moment after the last change, so that a
window that is killed has kept its layout and the living one has not waited for a disk.
"""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QObject, QRunnable, QSettings, QThreadPool, QTimer

SAVE_MS = 1_500


class Settings(QObject):
    """Values by name; the file is the user's Windfire/window.ini unless another is given."""

    def __init__(self, file: str = "", parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._file = file or default_file()
        stored = QSettings(self._file, QSettings.Format.IniFormat)
        self._values: dict[str, Any] = {key: stored.value(key) for key in stored.allKeys()}
        self._changed: dict[str, Any] = {}
        self._timer = QTimer(self, interval=SAVE_MS, singleShot=True)
        self._timer.timeout.connect(self.save)

    def get(self, name: str, default: Any = None) -> Any:
        """Return a value as it was stored."""
        return self._values.get(name, default)

    def flag(self, name: str, *, default: bool) -> bool:
        """Return a yes or no; an INI file holds it as a word."""
        return str(self._values.get(name, default)).lower() == "true"

    def set(self, name: str, value: Any) -> None:
        """Keep a value, and have it written soon."""
        if self._values.get(name) != value:
            self._values[name] = self._changed[name] = value
            self._timer.start()

    def forget(self, name: str) -> None:
        """Let a value be as if it never was chosen."""
        if self._values.pop(name, None) is not None:
            self._changed[name] = None
            self._timer.start()

    def save(self) -> None:
        """Have a thread of the pool write what changed."""
        self._timer.stop()
        if self._changed:
            changed, self._changed = self._changed, {}
            QThreadPool.globalInstance().start(_Saving(self._file, changed))

    def shut_down(self) -> None:
        """Write what is left, and return when it is written: when the window has closed."""
        self.save()
        QThreadPool.globalInstance().waitForDone(2000)


class _Saving(QRunnable):
    def __init__(self, file: str, values: dict[str, Any]) -> None:
        super().__init__()
        self._file, self._values = file, values

    def run(self) -> None:
        stored = QSettings(self._file, QSettings.Format.IniFormat)
        for name, value in self._values.items():
            if value is None:
                stored.remove(name)
            else:
                stored.setValue(name, value)
        stored.sync()


def default_file() -> str:
    """Return where a person's window keeps its settings."""
    scope, form = QSettings.Scope.UserScope, QSettings.Format.IniFormat
    return QSettings(form, scope, "Windfire", "window").fileName()
